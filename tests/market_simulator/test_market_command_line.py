"""The command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.market_simulator.__main__ import main


def test_the_command_writes_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints progress with remaining time, what each refresh holds, and which events found no place."""
    arguments = [
        "--deliveries",
        str(tmp_path / "d"),
        "--truth",
        str(tmp_path / "t"),
        "--lines-per-month",
        "200",
    ]
    code = main(
        [*arguments, "--history-months", "3", "--refreshes", "2", "--states", "me, nh", "--seed", "5"]
    )
    printed = capsys.readouterr().out
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == [
        "simulated_market.2025-12",
        "simulated_market.2026-01",
    ]
    assert "month 4 of 4" in printed
    assert "0 s remaining" in printed
    assert "planted nothing for ProcedureShift" in printed
    assert printed.count(" original, ") == 2


@pytest.mark.parametrize(
    ("extra", "message"), [(["--states", "ZZ"], "'ZZ'"), (["--lines-per-month", "1"], "at least 100")]
)
def test_bad_arguments_end_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], message: str
) -> None:
    """Exit code 2, the problem on standard error, and no delivery."""
    code = main(["--deliveries", str(tmp_path / "d"), "--truth", str(tmp_path / "t"), *extra])
    assert code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "d").exists()


def test_no_events_plants_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The switch gives the null market."""
    arguments = [
        "--deliveries",
        str(tmp_path / "d"),
        "--truth",
        str(tmp_path / "t"),
        "--lines-per-month",
        "100",
    ]
    assert main([*arguments, "--history-months", "1", "--states", "RI", "--no-events", "--csv"]) == 0
    assert "planted nothing" not in capsys.readouterr().out
    assert (tmp_path / "d" / "simulated_market.2025-12" / "medical_claim.csv").exists()


def test_all_traps_come_in_two_feeds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The switch plants every trap, the open feed among them, and every folder is named."""
    arguments = ["--deliveries", str(tmp_path / "d"), "--truth", str(tmp_path / "t"), "--states", "VT"]
    small = ["--lines-per-month", "200", "--history-months", "1", "--refreshes", "1"]
    assert main([*arguments, *small, "--no-events", "--all-traps"]) == 0
    printed = capsys.readouterr().out
    assert {path.name for path in (tmp_path / "d").iterdir()} == {
        "simulated_market.2025-12",
        "simulated_clearinghouse.2025-12",
    }
    assert all(str(path) in printed for path in (tmp_path / "d").iterdir())
