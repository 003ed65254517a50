"""Capture rates and market lives: what is read, what is refused, and that nothing is made up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.config.capture import read_capture_rates, read_market_lives

RATES = "payer_channel,state,from_month,to_month,capture_rate,low,high,source"
LIVES = "payer_channel,state,from_month,to_month,lives,source"


def write(folder: Path, name: str, *lines: str) -> Path:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_rates_are_read_by_channel_state_and_month(tmp_path: Path) -> None:
    """An empty state is the nation, an empty end is open, a rate without ends is exact."""
    write(
        tmp_path,
        "capture_rates.csv",
        RATES,
        "medicare,ny,2025-01,2025-06,0.6,0.5,0.7,vendor letter",
        "medicare,NY,2025-07,,0.65,,,vendor letter",
        "medicare,,,,0.4,,,vendor letter",
    )
    rows, problems = read_capture_rates(tmp_path)
    assert problems == []
    assert [(row["state"], row["from_month"], row["to_month"]) for row in rows] == [
        ("", date(1900, 1, 1), None),
        ("NY", date(2025, 1, 1), date(2025, 6, 1)),
        ("NY", date(2025, 7, 1), None),
    ]
    assert [(row["capture_rate_low"], row["capture_rate_high"]) for row in rows] == [
        (0.4, 0.4),
        (0.5, 0.7),
        (0.65, 0.65),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("medicare,NY,2025-01,,1.2,,,v", "capture_rate"),
        ("medicare,NY,2025-01,,0,,,v", "capture_rate"),
        ("medicare,NY,2025-01,,,,,v", "capture_rate"),
        ("medicare,NY,2025-01,,0.5,0.6,0.7,v", "capture_rate"),
        ("medicare,NY,2025-13,,0.5,,,v", "from_month"),
        ("medicare,NY,2025-02,2025-01,0.5,,,v", "to_month"),
        ("medicare,XX,2025-02,,0.5,,,v", "state"),
        ("private,NY,2025-02,,0.5,,,v", "payer_channel"),
        ("medicare,NY,2025-02,,0.5,,,", "source"),
        ("medicaid,NY,2025-06,,0.5,,,v", "from_month"),
    ],
)
def test_a_bad_rate_is_refused_with_its_place_and_the_rest_goes_on(
    tmp_path: Path, row: str, column: str
) -> None:
    """Also a second rate for months that have one."""
    write(tmp_path, "capture_rates.csv", RATES, "medicaid,NY,2025-01,,0.5,,,v", row)
    rows, (problem,) = read_capture_rates(tmp_path)
    assert [entry["payer_channel"] for entry in rows] == ["medicaid"]
    assert problem.place == f"line 3, column {column}"


def test_lives_are_whole_people(tmp_path: Path) -> None:
    """Half a person and nobody are refused."""
    write(
        tmp_path,
        "market_lives.csv",
        LIVES,
        "medicare,NY,2025-01,,3500000,enrolment dashboard",
        "medicaid,NY,2025-01,,12.5,x",
        "medicaid,NJ,2025-01,,0,x",
        "medicaid,CT,2025-01,,,x",
    )
    rows, problems = read_market_lives(tmp_path)
    assert [(row["state"], row["lives"]) for row in rows] == [("NY", 3500000)]
    assert [problem.place for problem in problems] == [f"line {line}, column lives" for line in (3, 4, 5)]


def test_a_folder_without_the_files_says_nothing(tmp_path: Path) -> None:
    """No default rates."""
    assert read_capture_rates(tmp_path) == ([], [])
    assert read_market_lives(tmp_path) == ([], [])
