"""The user's release files and crosswalks: what is read, and what is refused with file, line and remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.code_sets.content import code_sets_content
from pipelines.code_sets.crosswalk_files import CONVERSION_TABLE, read_crosswalks
from pipelines.code_sets.release_files import normal_code, read_release_files, release_day
from pipelines.config.load import PROFILES, load_business_config

Write = Callable[..., Path]


def weights(folder: Path) -> dict[str, float | None]:
    pairs, problems = read_crosswalks(folder)
    assert problems == []
    return {f"{pair.from_code}>{pair.to_code}": pair.weight for pair in pairs}


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2025", date(2025, 1, 1)),
        ("2025-04", date(2025, 4, 1)),
        ("2025-04-15", date(2025, 4, 15)),
        ("fy2025", date(2024, 10, 1)),
        ("2025-13", None),
        ("spring", None),
    ],
)
def test_the_name_says_when_a_release_begins(name: str, day: date | None) -> None:
    """Calendar years, months, days and fiscal years."""
    assert release_day(name) == day


@pytest.mark.parametrize(
    "text", ["M17.11", "m17.11", "M1711", "m1711", " M17.11 ", "M17 .11", "m 1711", "M17. 11"]
)
def test_eight_spellings_are_one_code(text: str) -> None:
    """Dots, case and blanks do not make another code."""
    assert normal_code(text) == "M1711"


def test_a_whole_list_and_a_list_of_changes(write: Write) -> None:
    """`listed` makes a whole list, in which a deleted row is not; CPT is a code set of its own."""
    folder = write(
        {
            "hcpcs_2025-01.csv": "J7321,,,listed\nJ7322,,,deleted\nj7329,2025-01-01,,added\n",
            "cpt_2025.csv": "27447,,,revised\n",
        }
    )
    (cpt, hcpcs), problems = read_release_files(folder)
    assert problems == []
    assert (cpt.code_system, cpt.codes, cpt.lines[0].effective_from) == ("hcpcs", None, date(2025, 1, 1))
    assert hcpcs.codes == {"J7321", "J7329"}
    assert {line.code: line.effective_to for line in hcpcs.lines} == {
        "J7322": date(2024, 12, 31),
        "J7329": None,
    }


def test_bad_rows_are_refused_with_line_and_remedy_and_the_rest_goes_on(write: Write) -> None:
    """A lost zero, an unknown status, dates in the wrong order, a double row, an impossible date."""
    folder = write(
        {
            "hcpcs_2025.csv": "J7321,,,listed\n7321,,,listed\nJ7322,,,gone\nJ7323,2025-02-01,2025-01-01,added\n"
            "J7321,,,listed\nJ7324,2025-02-30,,added\n"
        }
    )
    (release,), problems = read_release_files(folder)
    assert release.codes == {"J7321"}
    assert [(problem.file, problem.place) for problem in problems] == [
        ("code_sets/hcpcs_2025.csv", "line 3, column code"),
        ("code_sets/hcpcs_2025.csv", "line 4, column status"),
        ("code_sets/hcpcs_2025.csv", "line 5, column effective_to"),
        ("code_sets/hcpcs_2025.csv", "line 6, column code"),
        ("code_sets/hcpcs_2025.csv", "line 7, column effective_from"),
    ]
    assert all(problem.remedy for problem in problems)


def test_a_file_that_does_not_say_its_release_is_refused(write: Write) -> None:
    """An unknown code set and an unreadable release; nothing of them is read."""
    releases, problems = read_release_files(write({"hcpc_2025.csv": "J7321,,,listed\n", "cpt_new.csv": ""}))
    assert releases == []
    assert [problem.file for problem in problems] == ["code_sets/cpt_new.csv", "code_sets/hcpc_2025.csv"]
    assert "hcpcs" in problems[0].remedy


def test_weights_of_renamed_parted_and_merged_codes(write: Write) -> None:
    """1:1 and parted codes go on whole; merged codes share alike where no weight is given, or take what is left."""
    rows = (
        "hcpcs,J0001,J0002,2025-01-01,\n"
        "hcpcs,J0003,J0004,2025-01-01,\nhcpcs,J0003,J0005,2025-01-01,\n"
        "hcpcs,J0006,J0008,2025-01-01,\nhcpcs,J0007,J0008,2025-01-01,\n"
        "hcpcs,J0010,J0012,2025-01-01,0.7\nhcpcs,J0011,J0012,2025-01-01,\n"
        "hcpcs,J0013,J0014,2025-01-01,0.4\nhcpcs,J0013,J0015,2025-01-01,0.6\n"
    )
    assert weights(write({"crosswalk.csv": rows})) == pytest.approx(
        {
            "J0001>J0002": 1.0,
            "J0003>J0004": 1.0,
            "J0003>J0005": 1.0,
            "J0006>J0008": 0.5,
            "J0007>J0008": 0.5,
            "J0010>J0012": 0.7,
            "J0011>J0012": 0.3,
            "J0013>J0014": 0.4,
            "J0013>J0015": 0.6,
        }
    )


def test_weights_that_make_or_lose_services_are_refused(write: Write) -> None:
    """Two codes that both go on whole in one, and two successors that together carry 60 %."""
    folder = write(
        {
            "crosswalk_2025.csv": "hcpcs,J0001,J0003,2025-01-01,1\nhcpcs,J0002,J0003,2025-01-01,1\n"
            "hcpcs,J0004,J0005,2025-01-01,0.3\nhcpcs,J0004,J0006,2025-01-01,0.3\n"
            "hcpcs,J0007,J0008,2025-01-01,1\nhcpcs,J0007,J0007,2025-01-01,1\nhcpcs,J0009,J0010,,1\n"
            "hcpcs,J0007,J0008,2025-01-01,1\n"
        }
    )
    pairs, problems = read_crosswalks(folder)
    assert [(pair.from_code, pair.to_code) for pair in pairs] == [("J0007", "J0008")]
    places = {problem.place: problem.message for problem in problems}
    assert (
        places["line 2, column weight"]
        == places["line 3, column weight"]
        == "the weights to J0003 add up to 2"
    )
    assert "add up to 0.6" in places["line 4, column weight"]
    assert set(places) == {f"line {line}, column weight" for line in (2, 3, 4, 5)} | {
        "line 7, column to_code",
        "line 8, column effective_from",
        "line 9, column to_code",
    }


def test_the_conversion_table_of_cms_is_read_as_it_comes(write: Write) -> None:
    """New code, fiscal year or day, one or several previous codes; a bad date is refused."""
    header = ",".join(CONVERSION_TABLE)
    folder = write(
        {
            "crosswalk_icd10cm.csv": f"{header}\nM54.50,2022,M54.5\nM54.51,10/1/2021,M54.5\n"
            'C84.AA,2025,"C84.A0, C84.A1"\nE11.A,soon,E11.9\n'
        }
    )
    pairs, problems = read_crosswalks(folder)
    assert [(pair.from_code, pair.to_code, pair.effective_from, pair.weight) for pair in pairs] == [
        ("C84A0", "C84AA", date(2024, 10, 1), 0.5),
        ("C84A1", "C84AA", date(2024, 10, 1), 0.5),
        ("M545", "M5450", date(2021, 10, 1), 1.0),
        ("M545", "M5451", date(2021, 10, 1), 1.0),
    ]
    assert [problem.place for problem in problems] == ["line 5, column effective date"]


def test_a_new_release_makes_everything_due_again(tmp_path: Path) -> None:
    """The hash of the configuration moves with a byte of a release file, and comes back with it."""
    folder = tmp_path / "config"
    import shutil

    shutil.copytree(PROFILES / "device_maker", folder)
    before = load_business_config(folder)[0].config_hash
    (folder / "code_sets" / "cpt_2025.csv").write_text("code,effective_from,effective_to,status\n")
    changed = load_business_config(folder)[0].config_hash
    (folder / "code_sets" / "cpt_2025.csv").unlink()
    assert changed != before == load_business_config(folder)[0].config_hash


def test_no_profile_ships_cpt() -> None:
    """CPT is licensed: no code that begins with a digit ships in any file of codes, and what ships can be read."""
    for profile in sorted(PROFILES.glob("*/profile.yml")):
        folder = profile.parent
        releases, problems = read_release_files(folder)
        pairs, crosswalk_problems = read_crosswalks(folder)
        assert problems == crosswalk_problems == []
        shipped = {line.code for release in releases for line in release.lines}
        shipped |= {code for release in releases for code in release.codes or ()}
        shipped |= {code for pair in pairs for code in (pair.from_code, pair.to_code)}
        assert not {code for code in shipped if code[0].isdigit()}
        assert not [name for name in code_sets_content(folder) if name.startswith("cpt")]
