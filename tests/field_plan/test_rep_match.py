"""Matching reps: equal to brute force, story V5, and what happens when the numbers do not come out even."""

from __future__ import annotations

import itertools
import random as randomness

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.field_plan.complexity import territory_complexity
from pipelines.field_plan.rep_fit import MatchRule, TeamFit, team_fit
from pipelines.field_plan.rep_match import NO_OTHER_WAY, best_match, match_reps, review_match
from pipelines.field_plan.tables import REP_ASSIGNMENT
from pipelines.field_plan.tiers import WorkloadRule
from pipelines.geography.travel import CircuityTravel
from quality.table_registry import TABLES

ROADS = CircuityTravel(1.4, 1.2, 60.0, 24.0, 58.0)
RULE = MatchRule()
LEVELS = ("new", "experienced", "senior")


def territory_tables(
    *rows: tuple[str, float, float, float, float],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(id, longitude of the seat, opportunity, complexity, workload index) → the four territory tables."""
    names = ["territory_id", "seat_longitude", "addressable_usd", "complexity", "workload_index"]
    table = pd.DataFrame(rows, columns=names).assign(seat_latitude=40.0)
    products = pd.concat(
        [
            table[["territory_id"]].assign(product_id="hip", addressable_usd=table["addressable_usd"] * 0.75),
            table[["territory_id"]].assign(
                product_id="knee", addressable_usd=table["addressable_usd"] * 0.25
            ),
        ]
    )
    territories = table[["territory_id", "seat_latitude", "seat_longitude", "addressable_usd"]]
    workload, complexity = table[["territory_id", "workload_index"]], table[["territory_id", "complexity"]]
    return territories, workload, complexity, products


def team(*rows: tuple[str, float, str, list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(rep_id, longitude of the base, level, specialties) → roster and ZIP points."""
    roster = pd.DataFrame(rows, columns=["rep_id", "longitude", "experience_level", "specialties"])
    roster["base_zip"] = [f"{i:05}" for i in range(len(roster))]
    points = roster[["base_zip", "longitude"]].rename(columns={"base_zip": "zip"}).assign(latitude=40.0)
    return roster.drop(columns="longitude").assign(rep_name=roster["rep_id"] + " Name"), points


def judged(
    places: tuple[pd.DataFrame, ...], people: tuple[pd.DataFrame, pd.DataFrame], rule: MatchRule = RULE
) -> TeamFit:
    territories, workload, complexity, products = places
    return team_fit(
        territories,
        workload,
        complexity,
        products,
        people[0],
        zip_points=people[1],
        travel=ROADS,
        rule=rule,
    )


def pairs_of(**rep_of: str | None) -> pd.DataFrame:
    return pd.DataFrame({"territory_id": list(rep_of), "rep_id": list(rep_of.values())})


def test_fit_parts_by_hand() -> None:
    """Half the base fit at 100 miles, full experience fit where skill meets complexity, specialty by share."""
    fit = judged(territory_tables(("T1", 0.0, 10, 1.0, 100)), team(("R1", 0.0, "experienced", ["hip"])))
    assert fit.base_miles[0, 0] == 0.0
    assert (fit.experience[0, 0], fit.specialty[0, 0]) == (0.5, 0.75)
    assert fit.score[0, 0] == pytest.approx(0.5 * 1.0 + 0.3 * 0.5 + 0.2 * 0.75)
    far = judged(territory_tables(("T1", 0.0, 10, 1.0, 100)), team(("R1", 1.0, "senior", [])))
    base = round(100 / (100 + far.base_miles[0, 0]), 4)
    assert far.score[0, 0] == pytest.approx(0.5 * base + 0.3, abs=1e-4)


def test_complexity_is_opportunity_in_nationally_big_accounts() -> None:
    """A lone small account is not complex; a hospital group among small ones makes three quarters of it."""
    accounts = pd.DataFrame(
        [("big", "u1", 750.0), ("s1", "u1", 250.0), ("s2", "u2", 30.0)],
        columns=["account_id", "unit_id", "addressable_usd"],
    ).assign(is_deactivated=False)
    assignment = pd.DataFrame({"unit_id": ["u1", "u2", "u3"], "territory_id": ["T1", "T2", "T3"]})
    rule = WorkloadRule((24.0, 12.0, 4.0), (60.0, 40.0, 25.0), 0.5, 0.3, 1380.0)
    found = territory_complexity(accounts, assignment, rule)
    assert list(found["complexity"]) == [0.75, 0.0, 0.0]


def test_v5_both_mismatches_are_flagged_and_swapped() -> None:
    """V5: a senior in a thin territory and a new rep in a complex one are flagged, and the match swaps them."""
    places = territory_tables(("T1", -90.0, 50, 0.1, 70), ("T2", -89.5, 150, 0.9, 130))
    people = team(("R1", -90.0, "senior", ["hip"]), ("R2", -89.5, "new", ["hip"]))
    now = pairs_of(T1="R1", T2="R2")
    notes = review_match(judged(places, people), now)["note"]
    assert "senior_underused" in notes[0]
    assert "opportunity index 50" in notes[0]
    assert "new_rep_overloaded" in notes[1]
    assert "90% of opportunity in big accounts" in notes[1]
    proposed = best_match(judged(places, people), now).assignments
    assert list(proposed["rep_id"]) == ["R2", "R1"]
    assert not proposed["note"].str.contains("underused|overloaded").any()
    assert proposed["note"][0] == "Takes over from R1."


def test_new_rep_in_a_complex_territory_only_without_another_way() -> None:
    """The hard rule gives way only when it must, in one territory and not two, and the note says so."""
    places = territory_tables(("T1", -90.0, 100, 0.9, 100), ("T2", -80.0, 100, 0.9, 100))
    people = team(("R1", -90.0, "new", ["hip", "knee"]), ("R2", -70.0, "experienced", []))
    result = best_match(judged(places, people)).assignments
    forced = result["note"].str.contains(NO_OTHER_WAY, regex=False)
    assert list(forced) == list(result["rep_id"] == "R1")
    third = team(
        ("R1", -90.0, "new", ["hip", "knee"]), ("R2", -70.0, "senior", []), ("R3", -60.0, "senior", [])
    )
    result = best_match(judged(places, third))
    assert "R1" not in set(result.assignments["rep_id"])
    assert list(result.unassigned["rep_id"]) == ["R1"]


def test_a_change_must_gain_more_than_the_stated_amount() -> None:
    """Two reps stay where they are while swapping gains less than `stay_gain` for each, and swap beyond it."""
    places = territory_tables(("T1", -90.0, 100, 0.5, 100), ("T2", -89.8, 100, 0.5, 100))
    people = team(("R1", -89.8, "senior", []), ("R2", -90.0, "senior", []))
    now = pairs_of(T1="R1", T2="R2")
    score = judged(places, people).score
    gain = score[0, 1] - score[0, 0]
    for stay_gain, expected in ((gain + 0.001, ["R1", "R2"]), (gain - 0.001, ["R2", "R1"])):
        fit = judged(places, people, MatchRule(stay_gain=stay_gain))
        assert list(best_match(fit, now).assignments["rep_id"]) == expected


def test_the_larger_half_is_never_left_empty_first() -> None:
    """With one rep for four territories the vacancies fall on the three smallest, however far the largest."""
    sizes = (("T1", 40), ("T2", 10), ("T3", 30), ("T4", 20))
    places = territory_tables(
        *((name, -120.0 if name == "T1" else -90.0, usd, 0.5, 100) for name, usd in sizes)
    )
    result = best_match(judged(places, team(("R1", -90.0, "senior", [])))).assignments
    assert list(result["is_vacant"]) == [False, True, True, True]
    assert result["rep_id"].isna().tolist() == [False, True, True, True]
    assert result["note"][1].startswith("Vacant")


def test_a_base_without_a_place_is_said() -> None:
    """A base ZIP that has no location counts as farthest, and the note says it."""
    roster, points = team(("R1", -90.0, "senior", []))
    fit = judged(territory_tables(("T1", -90.0, 1, 0.5, 100)), (roster, points.iloc[:0]))
    row = best_match(fit).assignments.iloc[0]
    assert np.isnan(row["base_miles"])
    assert "00000 has no location" in row["note"]


def test_equal_fits_pair_up_by_id() -> None:
    """Where all reps are alike, the first territory has the first rep."""
    places = territory_tables(*((f"T{i}", -90.0, 100, 0.5, 100) for i in (3, 1, 2)))
    result = best_match(judged(places, team(*((f"R{i}", -90.0, "new", []) for i in (2, 3, 1)))))
    assert list(result.assignments["rep_id"]) == ["R1", "R2", "R3"]


@st.composite
def cases(
    draw: st.DrawFn,
) -> tuple[tuple[pd.DataFrame, ...], tuple[pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    longitude, share = st.integers(-100, -80), st.integers(0, 4).map(lambda quarter: quarter / 4)
    t, r = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    places = territory_tables(
        *((f"T{i}", draw(longitude), draw(st.integers(1, 9)), draw(share), 100.0) for i in range(t))
    )
    known = st.lists(st.sampled_from(["hip", "knee"]), unique=True)
    people = team(*((f"R{j}", draw(longitude), draw(st.sampled_from(LEVELS)), draw(known)) for j in range(r)))
    before = draw(st.permutations(range(6)))
    now = pairs_of(**{f"T{i}": f"R{before[i]}" for i in range(t) if before[i] < r})
    return places, people, now


def value_of(fit: TeamFit, rep_of: dict[int, int], now: dict[str, str]) -> tuple[int, float]:
    """What a match is worth by the words of the docstring: rule breaks (negated), then the sum."""
    ids, reps = list(fit.territories["territory_id"]), list(fit.roster["rep_id"])
    levels, classes = fit.roster["experience_level"], fit.territories["complexity_class"]
    breaks = sum(levels[j] == "new" and classes[i] == "complex" for i, j in rep_of.items())
    total = sum(fit.score[i, j] + 0.05 * (now.get(ids[i]) == reps[j]) for i, j in rep_of.items())
    size = fit.territories["addressable_usd"] / fit.territories["addressable_usd"].mean()
    total -= sum(round(size[i], 4) for i in range(len(ids)) if i not in rep_of)
    return -breaks, round(total, 3)


def best_by_brute_force(fit: TeamFit, now: dict[str, str]) -> tuple[int, float]:
    t, r = fit.score.shape
    vacancies = max(0, t - r)
    small = np.argsort(fit.territories["addressable_usd"].to_numpy(), kind="stable")
    small = small[: max(vacancies, t // 2)]
    best = (-99, -99.0)
    for empty in itertools.combinations(small, vacancies):
        staffed = [i for i in range(t) if i not in empty]
        for reps in itertools.permutations(range(r), len(staffed)):
            best = max(best, value_of(fit, dict(zip(staffed, reps, strict=True)), now))
    return best


@given(cases())
@settings(max_examples=40, deadline=None)
def test_equals_brute_force(
    case: tuple[tuple[pd.DataFrame, ...], tuple[pd.DataFrame, pd.DataFrame], pd.DataFrame],
) -> None:
    """For up to six territories and reps, no permutation is better than the solver's match."""
    places, people, now = case
    fit, before = judged(places, people), dict(zip(now["territory_id"], now["rep_id"], strict=True))
    result = best_match(fit, now)
    staffed = result.assignments[~result.assignments["is_vacant"]]
    place, person = list(fit.territories["territory_id"]), list(fit.roster["rep_id"])
    rep_of = {
        place.index(t): person.index(r)
        for t, r in zip(staffed["territory_id"], staffed["rep_id"], strict=True)
    }
    assert len(set(rep_of.values())) == len(staffed) == min(fit.score.shape)
    assert set(staffed["rep_id"]) | set(result.unassigned["rep_id"]) == set(person)
    assert value_of(fit, rep_of, before) == best_by_brute_force(fit, before)


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_of_rows_does_not_matter_and_shape_holds(
    case: tuple[tuple[pd.DataFrame, ...], tuple[pd.DataFrame, pd.DataFrame], pd.DataFrame],
    random: randomness.Random,
) -> None:
    """Shuffled tables give the same match, in the shape of the contract."""
    places, people, now = case

    def shuffle(table: pd.DataFrame) -> pd.DataFrame:
        return table.sample(frac=1, random_state=random.randrange(1000))

    one = match_reps(*places, people[0], zip_points=people[1], travel=ROADS, previous=now)
    two = match_reps(
        *map(shuffle, places),
        shuffle(people[0]),
        zip_points=shuffle(people[1]),
        travel=ROADS,
        previous=shuffle(now),
    )
    pd.testing.assert_frame_equal(one.assignments, two.assignments)
    pd.testing.assert_frame_equal(one.unassigned, two.unassigned)
    table = pa.Table.from_pandas(one.assignments, schema=REP_ASSIGNMENT, preserve_index=False)
    fits = one.assignments[["fit_score", "experience_fit", "specialty_fit"]].dropna()
    assert ((fits >= 0) & (fits <= 1)).all(axis=None)
    assert table["rep_id"].null_count == one.assignments["is_vacant"].sum()


def test_bad_teams_are_refused() -> None:
    """An id used twice and an unknown level stop the match by name."""
    places = territory_tables(("T1", -90.0, 1, 0.5, 100))
    with pytest.raises(ValueError, match="rep_id 'R1' is used twice"):
        judged(places, team(("R1", 0.0, "new", []), ("R1", 0.0, "new", [])))
    with pytest.raises(ValueError, match="'expert' is not one of"):
        judged(places, team(("R1", 0.0, "expert", [])))


def test_weights_add_up() -> None:
    """Weights that do not add up to 1 would take the fit out of 0–1."""
    with pytest.raises(ValueError, match="add up to 1"):
        MatchRule(base_weight=0.9)


def test_schema_is_the_contract() -> None:
    """The Arrow schema is word for word the registered one."""
    assert TABLES["field_plan/rep_assignment"].schema == REP_ASSIGNMENT
