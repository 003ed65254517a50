"""Periods of validity and changes, worked out by hand from releases."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pipelines.code_sets.release import CodeLine, Release
from pipelines.code_sets.tables import code_set_tables, with_package
from pipelines.code_sets.validity import ONE_DAY, code_changes, code_windows
from pipelines.config.csv_rows import SINCE_ALWAYS

YEARS = [date(year, 1, 1) for year in (2022, 2023, 2024, 2025)]


def whole(day: date, codes: str, *lines: CodeLine) -> Release:
    return Release("hcpcs", f"hcpcs_{day:%Y-%m}", day, frozenset(codes.split()), lines)


def listed_changes(day: date, *lines: CodeLine) -> Release:
    return Release("hcpcs", f"hcpcs_{day:%Y-%m}", day, None, lines)


def periods(*releases: Release) -> dict[str, list[tuple[date, date | None]]]:
    found: dict[str, list[tuple[date, date | None]]] = {}
    for window in code_windows(list(releases)):
        found.setdefault(window.code, []).append((window.effective_from, window.effective_to))
    return found


def test_a_code_that_is_not_in_the_next_list_ended_the_day_before() -> None:
    """A was always there, B came with the second list, C went with it and came back with the third."""
    found = periods(
        whole(date(2023, 10, 1), "A C"), whole(date(2024, 10, 1), "A B"), whole(date(2025, 4, 1), "A B C")
    )
    assert found == {
        "A": [(SINCE_ALWAYS, None)],
        "B": [(date(2024, 10, 1), None)],
        "C": [(SINCE_ALWAYS, date(2024, 9, 30)), (date(2025, 4, 1), None)],
    }


def test_a_list_of_changes_says_nothing_of_other_codes() -> None:
    """B comes and A goes within the year; C is not spoken of and stays. The next whole list changes nothing more."""
    april = listed_changes(
        date(2024, 4, 1),
        CodeLine("A", "deleted", None, date(2024, 3, 31)),
        CodeLine("B", "added", date(2024, 4, 1)),
    )
    expected = {
        "A": [(SINCE_ALWAYS, date(2024, 3, 31))],
        "B": [(date(2024, 4, 1), None)],
        "C": [(SINCE_ALWAYS, None)],
    }
    assert periods(whole(date(2024, 1, 1), "A C"), april) == expected
    assert periods(whole(date(2024, 1, 1), "A C"), april, whole(date(2025, 1, 1), "B C")) == expected


def test_a_code_deleted_by_mistake_comes_back_with_the_list_that_has_it() -> None:
    """The later release wins: what the change list ended is there again from the next whole list on."""
    wrong = listed_changes(date(2024, 4, 1), CodeLine("A", "deleted", None, date(2024, 3, 31)))
    found = periods(whole(date(2024, 1, 1), "A"), wrong, whole(date(2025, 1, 1), "A"))
    assert found["A"] == [(SINCE_ALWAYS, date(2024, 3, 31)), (date(2025, 1, 1), None)]


def test_dates_of_the_release_itself_come_first() -> None:
    """A list that gives a code's own first and last day is believed, also for a code that had ended before the list."""
    found = periods(
        whole(
            date(2024, 1, 1),
            "A B",
            CodeLine("A", "listed", date(2008, 1, 1)),
            CodeLine("B", "listed", date(2010, 1, 1), date(2019, 12, 31)),
        ),
        whole(date(2025, 1, 1), "A B", CodeLine("B", "listed", date(2010, 1, 1), date(2019, 12, 31))),
    )
    assert found == {"A": [(date(2008, 1, 1), None)], "B": [(date(2010, 1, 1), date(2019, 12, 31))]}


def test_the_unknown_past_of_a_code_that_only_a_change_list_names() -> None:
    """A deleted code was there until then, a revised one is there, an added one begins."""
    found = periods(
        listed_changes(
            date(2025, 1, 1),
            CodeLine("A", "deleted", None, date(2024, 12, 31)),
            CodeLine("B", "revised", date(2025, 1, 1)),
            CodeLine("C", "added", date(2025, 1, 1)),
        )
    )
    assert found == {
        "A": [(SINCE_ALWAYS, date(2024, 12, 31))],
        "B": [(SINCE_ALWAYS, None)],
        "C": [(date(2025, 1, 1), None)],
    }


def test_changes_name_the_day_and_the_release() -> None:
    """Added on the first day, deleted on the first day on which the code may not be used, revised as the release says."""
    releases = [
        whole(date(2024, 1, 1), "A C"),
        whole(date(2025, 1, 1), "B C", CodeLine("C", "revised", date(2025, 1, 1))),
    ]
    assert [tuple(change) for change in code_changes(releases, code_windows(releases))] == [
        ("A", date(2025, 1, 1), "deleted", "hcpcs_2025-01"),
        ("B", date(2025, 1, 1), "added", "hcpcs_2025-01"),
        ("C", date(2025, 1, 1), "revised", "hcpcs_2025-01"),
    ]


@given(st.lists(st.frozensets(st.sampled_from("ABCDE")), min_size=1, max_size=4), st.randoms())
def test_periods_give_the_lists_back(lists: list[frozenset[str]], order: object) -> None:
    """On each list's day exactly its codes are valid, whatever the order in which the releases were read."""
    releases = [Release("hcpcs", f"r{day:%Y}", day, codes) for day, codes in zip(YEARS, lists, strict=False)]
    shuffled = list(releases)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    windows = code_windows(shuffled)
    assert windows == code_windows(releases)
    for release in releases:
        for day in (release.effective_from, release.effective_from + 100 * ONE_DAY):
            valid = {
                window.code
                for window in windows
                if window.effective_from <= day
                and (window.effective_to is None or window.effective_to >= day)
            }
            assert valid == release.codes


def test_icd10cm_of_the_package_knows_its_fiscal_years() -> None:
    """M54.5 gave way to M54.50 and others on 1 October 2021, E11.A came on 1 October 2025; V to Y are not covered."""
    tables = code_set_tables(with_package([]), [])
    validity = tables["code_validity"].to_pandas().set_index("code")
    assert validity.at["M545", "effective_to"] == date(2021, 9, 30)
    assert validity.at["M5450", "effective_from"] == date(2021, 10, 1)
    assert validity.at["M5450", "release"] == "icd10cm_fy2022"
    assert validity.at["E11A", "effective_from"] == date(2025, 10, 1)
    assert validity.at["M1711", "effective_from"] == SINCE_ALWAYS
    assert not validity.index.str.match("[V-Y]").any()
    releases = tables["code_release"].to_pandas()
    assert len(releases) == 11
    assert releases["is_complete"].all()
    assert not releases["first_characters"].str.contains("[V-Y]").any()
    changes = tables["code_change"].to_pandas()
    gone = changes[(changes["change"] == "deleted") & (changes["release"] == "icd10cm_fy2022")]
    assert "M545" in set(gone["code"])


def test_a_list_of_the_user_takes_the_place_of_the_package() -> None:
    """A whole list of the same day replaces the package's; one of another day joins them."""
    own = Release("icd10cm", "icd10cm_fy2026", date(2025, 10, 1), frozenset({"A000"}))
    later = Release("icd10cm", "icd10cm_fy2027", date(2026, 10, 1), frozenset({"A000"}))
    releases = with_package([own, later])
    assert [release for release in releases if release.effective_from == date(2025, 10, 1)] == [own]
    assert len(releases) == 12
