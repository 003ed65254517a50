"""The counts of services, from raw lines through the project's own SQL in one run over one small lake.

Each case is a patient of its own, so one build answers them all: the table of modifiers (T18), the traps of section 2 of
docs/methods/claims.md one by one, and random cases against the second opinion of counting_cases.py.
"""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pandas as pd
import pytest
import small_lake
from counting_cases import (
    DAY,
    GROUP,
    HOSPITAL,
    PA,
    SECOND,
    SURGEON,
    THIRD,
    Line,
    counts,
    denied_first,
    line,
    random_case,
    rows,
)
from dbt_runs import Build, Warehouse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

HALF, THIRD_PART = Decimal("0.5"), Decimal(1) / 3
FACTS = [
    "+fct_provider_opportunity",
    "+fct_geography_opportunity",
    "+fct_account_opportunity",
    "+mart_source_overlap",
]

# name: (lines, procedures, sides, credit of each)
MODIFIER_TABLE: dict[str, tuple[list[Line], int, int, dict[str, Decimal | int]]] = {
    "plain": ([line("p")], 1, 1, {SURGEON: 1}),
    "surgeon and hospital": ([line("p"), line("i")], 1, 1, {SURGEON: 1}),
    "26 and TC": ([line("p 26"), line("p TC", person=SECOND)], 1, 1, {SURGEON: 1}),
    "TC alone": ([line("p TC")], 1, 1, {SURGEON: 1}),
    "50": ([line("p 50")], 1, 2, {SURGEON: 1}),
    "LT and RT": ([line("p LT", claim_name="a"), line("p RT", claim_name="a")], 1, 2, {SURGEON: 1}),
    "LT alone": ([line("p LT"), line("i LT")], 1, 1, {SURGEON: 1}),
    "62 twice": ([line("p 62"), line("p 62", person=SECOND)], 1, 1, {SURGEON: HALF, SECOND: HALF}),
    "66 three times": (
        [line("p 66", person=npi) for npi in (SURGEON, SECOND, THIRD)],
        1,
        1,
        dict.fromkeys((SURGEON, SECOND, THIRD), THIRD_PART),
    ),
    "80": ([line("p"), line("p 80", person=SECOND)], 1, 1, {SURGEON: 1}),
    "81": ([line("p"), line("p 81", person=SECOND)], 1, 1, {SURGEON: 1}),
    "82": ([line("p"), line("p 82", person=SECOND)], 1, 1, {SURGEON: 1}),
    "AS": ([line("p"), line("p AS", person=PA)], 1, 1, {SURGEON: 1}),
    "54 and 55": ([line("p 54"), line("p 55", person=SECOND)], 1, 1, {SURGEON: 1}),
    "55 alone": ([line("p 55")], 0, 0, {}),
    "56 alone": ([line("p 56")], 0, 0, {}),
    "53": ([line("p 53")], 1, 1, {SURGEON: 1}),
    "73": ([line("i 73")], 0, 0, {}),
    "74": ([line("i 74"), line("p 53")], 1, 1, {SURGEON: 1}),
    "76": ([line("p"), line("p 76"), line("i"), line("i 76")], 2, 2, {SURGEON: 2}),
    "77 by another": ([line("p"), line("p 77", person=SECOND)], 2, 2, {SURGEON: 1, SECOND: 1}),
    "JW alone": ([line("p JW")], 0, 0, {}),
    "JZ is nothing": ([line("p JZ")], 1, 1, {SURGEON: 1}),
}
OTHER_CASES: dict[str, tuple[str, list[Line]]] = {
    # T16: both knees in three billing styles of a code that is billed by the knee
    "style one line": ("J7321", [line("p 50")]),
    "style two lines": ("J7321", [line("p RT", claim_name="a"), line("p LT", claim_name="a")]),
    "style two units": ("J7321", [line("p", units=2)]),
    # T17: 400 units of a drug of 10 mg each; more units than are believed of one of 0.1 mg; a vial with waste
    "400 units": ("J3301", [line("p", units=150, claim_name="a"), line("p", units=250, claim_name="a")]),
    "too many units": ("J7328", [line("p", units=400)]),
    "waste": ("J7325", [line("p", units=40, claim_name="a"), line("p JW", units=8, claim_name="a")]),
    # T4
    "denied and paid": ("C1776", [line("p", is_denied=True, units=3), line("p", units=3)]),
    "denied only": ("C1776", [line("p", is_denied=True)]),
    # T15: an assistant whose modifier is missing, and a pair of which one is silent
    "missing modifier": ("C1776", [line("p", amount=900.0), line("p", person=PA)]),
    "silent second": ("C1776", [line("p 62"), line("p", person=SECOND)]),
    # T27: nobody but a group
    "group only": ("C1776", [line("p", person=GROUP)]),
    "add-on": ("G2211", [line("p")]),
}
T6_YEAR, T13_DAY = 2023, date(2024, 7, 9)


class Counted:
    """What one build made of some cases, by the patient's token."""

    def __init__(self, built: Build):
        self.built = built
        claims = built.table("intermediate.int_claims__current")[["patient_token", "patient_key"]]
        services = built.table("intermediate.int_services__deduplicated")
        services = services.merge(claims.drop_duplicates(), on="patient_key")
        self.services = {str(token): frame for token, frame in services.groupby("patient_token")}
        self.involved = built.table("intermediate.int_services__involved")

    def one(self, patient: str) -> dict[str, object]:
        """The only service of a patient."""
        assert len(self.services[patient]) == 1
        return self.services[patient].iloc[0].to_dict()

    def total(self, patient: str, column: str) -> Decimal:
        return sum((Decimal(str(value)) for value in self.services[patient][column]), Decimal(0))

    def credit(self, patient: str) -> dict[str, Decimal]:
        """Credit by person, to four digits: what others have, and what is left for the performer."""
        mine = self.services[patient]
        others = self.involved[self.involved["service_id"].isin(mine["service_id"])]
        shares: dict[str, Decimal] = {}
        for row in mine.itertuples():
            given = others[others["service_id"] == row.service_id]
            parts = {
                npi: Decimal(str(part)) for npi, part in zip(given["npi"], given["involvement"], strict=True)
            }
            performer = row.performing_npi if isinstance(row.performing_npi, str) else "unattributed"
            parts[performer] = Decimal(row.procedures) - sum(parts.values(), Decimal(0))
            for npi, part in parts.items():
                shares[npi] = shares.get(npi, Decimal(0)) + part
        return {npi: share for npi, share in shares.items() if share}

    def check(self, patient: str, code: str, lines: list[Line]) -> None:
        """The patient's counts are those of the second opinion."""
        expected = counts(code, lines)
        found = {name: self.total(patient, name) for name in ("procedures", "sides", "units")}
        assert found == {
            "procedures": expected.procedures,
            "sides": expected.sides,
            "units": expected.units,
        }, (patient, code, lines)
        if expected.doses is not None:
            assert self.total(patient, "doses") == expected.doses, (patient, code, lines)
        assert_credit(self.credit(patient), expected.involvement, (patient, code, lines))


def assert_credit(found: dict[str, Decimal], expected: dict[str, Decimal], case: object) -> None:
    """The same people with the same parts; parts are kept to four digits, their sum is exact."""
    assert found.keys() == expected.keys(), case
    assert all(abs(found[npi] - expected[npi]) < Decimal("0.0005") for npi in found), case
    assert sum(found.values(), Decimal(0)) == round(sum(expected.values(), Decimal(0))), case


def build(folder: Path, refreshes: list[tuple[str, list[small_lake.Row]]], select: list[str]) -> Counted:
    """The counts of some refreshes of claims beside the golden directory and configuration."""
    target = Warehouse(folder / "lake", folder / "claimline.duckdb", folder / "target" / "compiled")
    shutil.rmtree(target.lake, ignore_errors=True)
    small_lake.write_empty_tables(target.lake)
    small_lake.write_config_and_geography(target.lake)
    feeds = [
        {"source": f"{feed}_feed", "kind": "lines", "feed": feed, "precedence": 1}
        for feed in ("open", "closed")
    ]
    small_lake.write_table(target.lake, "config/source", feeds)
    small_lake.write_refresh(target.lake, "directory.2024", date(2024, 12, 1), small_lake.directory())
    for number, (refresh, lines) in enumerate(refreshes, start=1):
        small_lake.write_refresh(target.lake, refresh, date(2025, 1, number), {"medical_claim": lines})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLAIMLINE_LAKE", str(target.lake))
        environment.setenv("CLAIMLINE_WAREHOUSE", str(target.file))
        environment.setenv("DBT_TARGET_PATH", str(folder / "target"))
        environment.setenv("DBT_LOG_PATH", str(folder / "logs"))
        built = target.run("run", "--select", *select)
    assert set(built.statuses.values()) == {"success"}
    return Counted(built)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all builds, so that the project is parsed once."""
    return tmp_path_factory.mktemp("counts")


@pytest.fixture(scope="module")
def cases(folder: Path) -> Counted:
    """All named cases, 1,000 events of which 300 are in both feeds, and one operation in a month of its own."""
    closed = [row for name, case in MODIFIER_TABLE.items() for row in rows(name, "C1776", case[0])]
    closed += [row for name, (code, lines) in OTHER_CASES.items() for row in rows(name, code, lines)]
    closed += rows("T13", "C1776", [line("p"), line("i")], day=T13_DAY)
    spring = date(T6_YEAR, 5, 2)
    closed += [row for n in range(650) for row in rows(f"e{n}", "J7325", [line("p", units=48)], day=spring)]
    opened = [
        row
        for n in range(350, 1000)
        for row in rows(f"e{n}", "J7325", [line("p", units=32, amount=7.0, claim_name="o")], day=spring)
    ]
    return build(folder, [("open_feed.2025-01", opened), ("closed_feed.2025-01", closed)], FACTS)


@pytest.mark.parametrize("name", MODIFIER_TABLE)
def test_a_modifier_does_what_the_method_says(cases: Counted, name: str) -> None:
    """T18, T14, T15: procedures, sides and credit of each row of the table; the second opinion agrees."""
    lines, procedures, sides, credit = MODIFIER_TABLE[name]
    assert (cases.total(name, "procedures"), cases.total(name, "sides")) == (procedures, sides)
    expected = {npi: Decimal(share) for npi, share in credit.items()}
    assert_credit(cases.credit(name), expected, name)
    assert counts("C1776", lines).involvement == expected
    assert cases.services[name]["is_discontinued"].any() == bool(set(name.split()) & {"53", "73", "74"})


def test_three_billing_styles_of_two_knees_are_the_same(cases: Counted) -> None:
    """T16: one line with 50, two lines with RT and LT, one line of two units: one procedure, two sides."""
    for style in ("style one line", "style two lines", "style two units"):
        found = cases.one(style)
        assert (found["procedures"], found["sides"]) == (1, 2), style


def test_units_are_not_procedures(cases: Counted) -> None:
    """T17: 400 units of 10 mg are one administration; waste is not given; unbelievable units are cut and flagged."""
    many = cases.one("400 units")
    assert (many["procedures"], many["units"], many["doses"]) == (1, 400, 4000)
    capped = cases.one("too many units")
    assert (capped["units"], capped["doses"], capped["is_units_capped"]) == (336, 33.6, True)
    assert (cases.one("waste")["units"], cases.one("waste")["doses"]) == (40, 40)


def test_denied_and_billed_again_is_one_service(cases: Counted) -> None:
    """T4: both lines are one service with the units and the money of one; denied only is flagged."""
    again, only = cases.one("denied and paid"), cases.one("denied only")
    assert (again["procedures"], again["units"], again["billed_usd"], again["is_denied_only"]) == (
        1,
        3,
        100,
        False,
    )
    assert (only["procedures"], only["is_denied_only"]) == (1, True)


def test_a_missing_modifier_is_flagged(cases: Counted) -> None:
    """T15: one event; the better paid of two unexplained people performed, and a silent second surgeon has half."""
    missing = cases.one("missing modifier")
    assert (missing["procedures"], missing["performing_npi"], missing["is_modifier_missing"]) == (
        1,
        SURGEON,
        True,
    )
    assert not cases.one("silent second")["is_modifier_missing"]
    assert cases.credit("silent second") == {SURGEON: HALF, SECOND: HALF}


def test_a_group_performs_nothing_and_assistants_are_no_targets(cases: Counted) -> None:
    """T27, T15: a group's claim goes to the account; the provider table names neither group nor assistant."""
    group = cases.one("group only")
    assert pd.isna(group["performing_npi"])
    assert (group["site_npi"], group["billing_account_npi"], group["procedures"]) == (HOSPITAL, GROUP, 1)
    providers = cases.built.table("opportunity.fct_provider_opportunity")
    assert not {GROUP, PA} & set(providers["npi"])
    assert {SURGEON, SECOND, THIRD, "unattributed"} <= set(providers["npi"])


def test_what_is_no_procedure_is_nowhere_in_the_marts(cases: Counted) -> None:
    """T18: after-care, waste and what was broken off add neither procedures nor patients, and an add-on is no event."""
    assert cases.one("add-on")["procedures"] == 0
    months = cases.built.table("opportunity.fct_geography_opportunity")
    month = months[months["service_month"] == pd.Timestamp(DAY.replace(day=1))]
    mine = [name for name, case in MODIFIER_TABLE.items() if case[1] > 0]
    mine += [name for name, (code, _) in OTHER_CASES.items() if code == "C1776"]
    assert month["patients"].sum() == len(mine)
    assert month["procedures"].sum() == sum(cases.total(name, "procedures") for name in mine)


def test_credit_sums_to_the_procedures(cases: Counted) -> None:
    """Per product and month, to the last digit, thirds of a team included."""
    sums = cases.built.table("opportunity.fct_provider_opportunity").groupby(["product_id", "service_month"])
    both = sums[["procedures", "involvements"]].sum().round(6)
    assert (both["procedures"] == both["involvements"]).all()


def test_one_operation_credits_both_accounts(cases: Counted) -> None:
    """T13: 837P and 837I of one operation are one event, performed at the hospital and billed by the group."""
    accounts = cases.built.table("opportunity.fct_account_opportunity")
    accounts = accounts[accounts["service_month"] == pd.Timestamp(T13_DAY.replace(day=1))].set_index(
        "account_id"
    )
    assert accounts["procedures"].to_dict() == {HOSPITAL: 1, GROUP: 0}
    assert accounts["procedures_billed"].to_dict() == {HOSPITAL: 0, GROUP: 1}
    assert accounts["patients"].to_dict() == {HOSPITAL: 1, GROUP: 0}


def test_an_event_in_two_feeds_is_one(cases: Counted) -> None:
    """T6: 1,000 events, 300 in both feeds, are 1,000; the closed feed's units and money count; the overlap is told."""
    events = {
        name: frame for name, frame in cases.services.items() if name.startswith("e") and name[1:].isdigit()
    }
    assert len(events) == 1000
    assert all(len(frame) == 1 for frame in events.values())
    twice = cases.one("e400")
    assert (twice["units"], twice["billed_usd"], twice["is_multi_source"]) == (48, 100, True)
    overlap = cases.built.table("reporting.mart_source_overlap").set_index("service_year").loc[T6_YEAR]
    assert (overlap["source"], overlap["other_source"]) == ("closed_feed", "open_feed")
    told = ["services_in_both", "services_only_in_source", "services_only_in_other_source"]
    assert [int(overlap[name]) for name in told] == [300, 350, 350]
    assert overlap["overlap_share"] == 0.3


@settings(max_examples=2, deadline=None, database=None, phases=[Phase.generate], derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_order_and_repetition_change_no_count(folder: Path, seed: int) -> None:
    """150 random cases as delivered, and again shuffled, denied first, sent twice and told by a second feed.

    Both are what the second opinion says: procedures, sides, units, doses and credit.
    """
    random = Random(seed)
    drawn = [random_case(random) for _ in range(150)]
    plain = [row for n, (code, lines) in enumerate(drawn) for row in rows(f"plain-{n}", code, lines)]
    twice = [
        row
        for n, (code, lines) in enumerate(drawn)
        for row in rows(f"twice-{n}", code, [*denied_first(lines), *lines])
    ]
    paid = [row for n, (code, lines) in enumerate(drawn) for row in rows(f"twice-{n}", code, lines)]
    random.shuffle(twice)
    again = random.sample(paid, len(paid) // 2)
    found = build(
        folder,
        [("open_feed.2025-01", paid), ("closed_feed.2025-01", plain + twice), ("closed_feed.2025-02", again)],
        ["+int_services__involved"],
    )
    for number, (code, lines) in enumerate(drawn):
        found.check(f"plain-{number}", code, lines)
        found.check(f"twice-{number}", code, lines)
