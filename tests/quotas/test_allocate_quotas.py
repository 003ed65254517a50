"""The split of the goal: to the cent, within its bounds, blind to order, and larger where there is more to win."""

from __future__ import annotations

import random as randomness
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.config.load import PROFILES, load_business_config
from pipelines.quotas.allocate import allocate_quotas
from pipelines.quotas.bounds import Bound, fill_between, quota_bounds
from pipelines.quotas.rule import QuotaRule
from pipelines.quotas.tables import TERRITORY_QUOTA
from pipelines.quotas.winnability import winnability, with_obtainable
from pipelines.territories.inputs import territory_products
from quality.table_registry import TABLES

FREE = QuotaRule(1.0, 0.0, floor_share=0.0, cap_share=100.0, max_change_share=10.0)
SHIPPED = QuotaRule(0.7, 0.3, floor_share=0.5, cap_share=1.8, max_change_share=0.25)


def territories_of(*usd: float) -> pd.DataFrame:
    return pd.DataFrame({"territory_id": [f"T{i:02}" for i in range(len(usd))], "addressable_usd": usd})


def prior_of(*usd: str | None) -> pd.DataFrame:
    amounts = [None if value is None else Decimal(value) for value in usd]
    return pd.DataFrame({"territory_id": [f"T{i:02}" for i in range(len(usd))], "quota_usd": amounts})


def amounts(quotas: pd.DataFrame) -> list[str]:
    return [str(value) for value in quotas["quota_usd"]]


def test_potential_alone() -> None:
    """Without history the goal follows potential, whatever the history weight; thirds round up the first ids."""
    quotas = allocate_quotas(territories_of(5.0, 5.0, 5.0), Decimal("100.00"), SHIPPED)
    assert amounts(quotas) == ["33.34", "33.33", "33.33"]
    assert quotas["prior_quota_usd"].isna().all()
    assert quotas["change_share"].isna().all()
    assert (quotas["binding"] == "").all()


def test_blend_of_potential_and_history() -> None:
    """0.7 of the goal by potential and 0.3 by prior quota, by hand."""
    rule = QuotaRule(0.7, 0.3, 0.0, 100.0, 10.0)
    quotas = allocate_quotas(territories_of(30, 70), Decimal(1000), rule, prior=prior_of("600", "400"))
    assert amounts(quotas) == ["390.00", "610.00"]
    assert list(quotas["change_share"]) == pytest.approx([390 / 600 - 1, 610 / 400 - 1])


def test_a_new_territory_follows_its_potential() -> None:
    """A territory without a prior quota has its potential share of all; the others split the rest of history."""
    rule = QuotaRule(0.5, 0.5, 0.0, 100.0, 10.0)
    quotas = allocate_quotas(
        territories_of(20, 30, 50), Decimal(1000), rule, prior=prior_of(None, "900", "100")
    )
    assert amounts(quotas) == ["200.00", "510.00", "290.00"]


def test_floor_and_cap_are_named_and_the_rest_stays_in_proportion() -> None:
    """What cap and floor take and give is shared in proportion among those who stand at neither."""
    rule = QuotaRule(1.0, 0.0, 0.5, 1.5, 10.0)
    quotas = allocate_quotas(territories_of(70, 16, 12, 2), Decimal(400), rule)
    assert amounts(quotas) == ["150.00", "114.29", "85.71", "50.00"]
    assert list(quotas["binding"]) == ["cap", "", "", "floor"]


def test_largest_change_is_kept() -> None:
    """No quota moves by more than the largest change while that can be had."""
    quotas = allocate_quotas(
        territories_of(80, 10, 10), Decimal(300), SHIPPED, prior=prior_of("100", "100", "100")
    )
    assert amounts(quotas) == ["125.00", "87.50", "87.50"]
    assert list(quotas["binding"]) == ["max_increase", "", ""]


def test_a_doubled_goal_gives_up_the_largest_increase() -> None:
    """When the goal outgrows every increase allowed, that bound is given up by name; floor and cap hold."""
    quotas = allocate_quotas(territories_of(90, 10), Decimal(400), SHIPPED, prior=prior_of("100", "100"))
    assert amounts(quotas) == ["300.00", "100.00"]
    assert all("given up: max_increase" in text for text in quotas["binding"])


def test_a_change_that_breaks_the_floor_is_given_up() -> None:
    """A prior quota far under the floor: the floor holds, and the increase it forced is named."""
    quotas = allocate_quotas(territories_of(10, 90), Decimal(200), SHIPPED, prior=prior_of("10", "190"))
    assert amounts(quotas) == ["50.00", "150.00"]
    assert quotas["binding"][0] == "floor; given up: max_increase"


def test_floors_above_the_goal_are_given_up() -> None:
    """Floors that exceed the goal together are given up by name, and the goal is still met."""
    rule = QuotaRule(1.0, 0.0, floor_share=1.2, cap_share=2.0, max_change_share=10.0)
    quotas = allocate_quotas(territories_of(60, 40), Decimal(100), rule)
    assert amounts(quotas) == ["60.00", "40.00"]
    assert list(quotas["binding"]) == ["given up: floor"] * 2


def test_caps_below_the_goal_are_given_up() -> None:
    """Caps that miss the goal together are given up by name, and the goal is still met."""
    rule = QuotaRule(1.0, 0.0, floor_share=0.0, cap_share=0.5, max_change_share=10.0)
    quotas = allocate_quotas(territories_of(60, 40), Decimal(100), rule)
    assert amounts(quotas) == ["60.00", "40.00"]
    assert list(quotas["binding"]) == ["given up: cap"] * 2


def test_nothing_to_win_anywhere_is_split_equally() -> None:
    """Without any potential the goal is split equally instead of not at all."""
    assert amounts(allocate_quotas(territories_of(0, 0), Decimal("0.03"), FREE)) == ["0.02", "0.01"]


def test_territories_without_potential_take_what_no_other_may() -> None:
    """When all with potential stand at the cap, the others share what is left instead of the goal being missed."""
    rule = QuotaRule(1.0, 0.0, 0.0, 1.5, 10.0)
    assert amounts(allocate_quotas(territories_of(9, 0, 0), Decimal(300), rule)) == [
        "150.00",
        "75.00",
        "75.00",
    ]


def test_water_level_by_hand() -> None:
    """One level for all: 2·λ and 1·λ fill 60 until the second reaches its bound."""
    bounds = [Bound(0, 100, "floor", "cap"), Bound(30, 100, "floor", "cap")]
    assert fill_between([Fraction(2), Fraction(1)], bounds, 60) == [30, 30]
    assert fill_between([Fraction(2), Fraction(1)], bounds, 120) == [80, 40]


@pytest.mark.parametrize(
    ("territories", "goal", "message"),
    [
        (territories_of(1.0, -1.0), "10", "territory 'T01' is not an amount"),
        (territories_of(1.0, float("nan")), "10", "territory 'T01' is not an amount"),
        (pd.concat([territories_of(1.0)] * 2), "10", "'T00' is used twice"),
        (territories_of(1.0), "0.001", "whole number of cents"),
        (territories_of(1.0), "-1", "must not be below 0"),
        (territories_of(), "1", "needs territories"),
    ],
)
def test_bad_input_is_refused(territories: pd.DataFrame, goal: str, message: str) -> None:
    """What cannot be split is refused, with the territory's name where there is one."""
    with pytest.raises(ValueError, match=message):
        allocate_quotas(territories, Decimal(goal), FREE)


def test_weights_add_up_exactly() -> None:
    """Weights are read as written: 0.7 and 0.3 add up to 1, 0.7 and 0.31 do not."""
    with pytest.raises(ValueError, match="add up to 1"):
        QuotaRule(0.7, 0.31, 0.5, 1.8, 0.25)


def test_rule_is_read_from_the_settings() -> None:
    """The shipped settings become the rule."""
    config, _ = load_business_config(PROFILES / "device_maker")
    assert QuotaRule.from_settings(config.settings) == SHIPPED


def test_unwinnable_from_day_one() -> None:
    """A quota above addressable × obtainable share is flagged in `binding` and has a winnability above 1."""
    products = pd.DataFrame(
        [("T00", "hip", 100.0), ("T00", "knee", 100.0), ("T01", "hip", 400.0)],
        columns=["territory_id", "product_id", "addressable_usd"],
    )
    shares = pd.DataFrame({"product_id": ["hip", "knee"], "obtainable_share": [0.5, 0.1]})
    territories = with_obtainable(territories_of(200, 400), products, shares)
    assert list(territories["obtainable_usd"]) == [60.0, 200.0]
    quotas = allocate_quotas(territories, Decimal(240), FREE)
    assert list(quotas["binding"]) == ["above_obtainable", ""]
    chances = winnability(quotas, territories)
    assert list(chances["winnability"]) == pytest.approx([80 / 60, 160 / 200])
    assert list(chances["is_winnable"]) == [False, True]


def test_unit_potential_becomes_territory_products() -> None:
    """Units are added up by territory and product; a unit without a territory is nobody's quota."""
    potential = pd.DataFrame(
        [("hip", "u1", 1.0, 10.0, 5), ("hip", "u2", 2.0, 20.0, 6), ("hip", "unlocated", 9.0, 9.0, 9)],
        columns=["product_id", "unit_id", "addressable_usd", "procedures", "patients"],
    )
    assignment = pd.DataFrame({"unit_id": ["u2", "u1"], "territory_id": ["T1", "T1"]})
    found = territory_products(potential, assignment)
    assert found.values.tolist() == [["T1", "hip", 3.0, 30.0, 11]]


def test_equal_effort_pays_equally_whatever_the_size() -> None:
    """R49: quota follows potential (r ≥ 0.9), and attainment at equal effort is unrelated to size (|r| ≤ 0.1)."""
    random = np.random.default_rng(20260101)
    size = random.lognormal(15, 0.3, 200)
    last_year = size / size.sum() * 170_000_000 * random.lognormal(0, 0.05, 200)
    before = prior_of(*(f"{usd:.2f}" for usd in last_year))
    territories = territories_of(*size)
    quotas = allocate_quotas(territories, Decimal(180_000_000), SHIPPED, prior=before)
    quota = (
        quotas.set_index("territory_id")["quota_usd"].astype(float)[territories["territory_id"]].to_numpy()
    )
    assert np.corrcoef(quota, size)[0, 1] >= 0.9
    attainment = 0.3 * size * random.lognormal(0, 0.1, 200) / quota
    assert abs(np.corrcoef(attainment, size)[0, 1]) <= 0.1


USD = st.floats(0, 1e9)
PRIOR_USD = st.one_of(st.none(), st.decimals(0, 1_000_000, places=2))


@st.composite
def cases(draw: st.DrawFn) -> tuple[pd.DataFrame, Decimal, QuotaRule, pd.DataFrame | None]:
    n = draw(st.integers(1, 8))
    potential = territories_of(*draw(st.lists(USD, min_size=n, max_size=n)))
    goal = draw(st.decimals(0, 10_000_000, places=2))
    weight = draw(st.sampled_from([0.0, 0.3, 0.5, 1.0]))
    rule = QuotaRule(
        weight,
        1 - weight,
        floor_share=draw(st.sampled_from([0.0, 0.5, 1.0, 1.1])),
        cap_share=draw(st.sampled_from([1.1, 1.8, 100.0])),
        max_change_share=draw(st.sampled_from([0.0, 0.1, 0.25, 2.0])),
    )
    prior = draw(st.lists(PRIOR_USD, min_size=n, max_size=n))
    frame = prior_of(*(None if value is None else str(value) for value in prior))
    return potential, goal, rule, draw(st.sampled_from([frame, None]))


@given(cases())
@settings(max_examples=80, deadline=None)
def test_sum_is_the_goal_and_bounds_hold(
    case: tuple[pd.DataFrame, Decimal, QuotaRule, pd.DataFrame | None],
) -> None:
    """Σ = goal to the cent; a bound is broken only where `binding` says that it was given up."""
    territories, goal, rule, prior = case
    quotas = allocate_quotas(territories, goal, rule, prior=prior)
    assert sum(quotas["quota_usd"], Decimal(0)) == goal
    mean, cent = float(goal) / len(quotas), 0.0101
    for row in quotas.itertuples():
        quota, given_up = float(row.quota_usd), row.binding
        assert quota >= 0
        assert quota >= mean * rule.floor_share - cent or "given up: floor" in given_up
        assert quota <= mean * rule.cap_share + cent or "given up: cap" in given_up
        if not pd.isna(row.prior_quota_usd) and row.prior_quota_usd > 0:
            before = float(row.prior_quota_usd)
            assert (
                quota >= before * (1 - rule.max_change_share) - cent or "given up: max_decrease" in given_up
            )
            assert (
                quota <= before * (1 + rule.max_change_share) + cent or "given up: max_increase" in given_up
            )
    assert pa.Table.from_pandas(quotas, schema=TERRITORY_QUOTA, preserve_index=False).num_rows == len(quotas)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_bounds_are_given_up_only_when_they_must(
    case: tuple[pd.DataFrame, Decimal, QuotaRule, pd.DataFrame | None],
) -> None:
    """Where all bounds can hold together, none is given up; the kept ones always leave room for the goal."""
    territories, goal, rule, prior = case
    cents = int(goal * 100)
    before = [
        None if prior is None or pd.isna(value) else int(value * 100)
        for value in (prior_of(*[None] * len(territories)) if prior is None else prior)["quota_usd"]
    ]
    bounds = quota_bounds(cents, before, rule)
    assert sum(bound.low for bound in bounds) <= cents <= sum(bound.high for bound in bounds)
    mean, change = cents / len(before), rule.max_change_share
    low = [max(mean * rule.floor_share, (value or 0) * (1 - change)) for value in before]
    high = [min(mean * rule.cap_share, value * (1 + change) if value else np.inf) for value in before]
    if all(a <= b for a, b in zip(low, high, strict=True)) and sum(low) <= cents <= sum(high):
        assert not any(bound.given_up for bound in bounds)


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_of_rows_does_not_matter(
    case: tuple[pd.DataFrame, Decimal, QuotaRule, pd.DataFrame | None], random: randomness.Random
) -> None:
    """Shuffled territories and priors give the same table."""
    territories, goal, rule, prior = case
    seed = random.randrange(1000)
    shuffled = territories.sample(frac=1, random_state=seed)
    other = None if prior is None else prior.sample(frac=1, random_state=seed + 1)
    pd.testing.assert_frame_equal(
        allocate_quotas(territories, goal, rule, prior=prior),
        allocate_quotas(shuffled, goal, rule, prior=other),
    )


@given(cases(), st.integers(0, 7), st.floats(1.0, 1e9))
@settings(max_examples=60, deadline=None)
def test_more_potential_is_never_less_quota(
    case: tuple[pd.DataFrame, Decimal, QuotaRule, pd.DataFrame | None], which: int, more: float
) -> None:
    """Raising one territory's potential does not lower its quota, but for the one cent that rounding may take."""
    territories, goal, rule, prior = case
    which %= len(territories)
    larger = territories.copy()
    larger.loc[which, "addressable_usd"] += more
    before = allocate_quotas(territories, goal, rule, prior=prior)["quota_usd"][which]
    after = allocate_quotas(larger, goal, rule, prior=prior)["quota_usd"][which]
    assert after >= before - Decimal("0.01")


@given(st.lists(USD, min_size=2, max_size=8), st.decimals(0, 10_000_000, places=2))
@settings(max_examples=40, deadline=None)
def test_larger_territories_have_larger_quotas(potential: list[float], goal: Decimal) -> None:
    """Without history quotas are in the order of potential, to the cent."""
    quotas = allocate_quotas(territories_of(*potential), goal, SHIPPED)
    order = np.argsort(potential, kind="stable")
    ranked = [quotas["quota_usd"][i] for i in order]
    ties = np.diff(np.sort(potential)) == 0
    cent = Decimal("0.01")
    assert all(a <= b + (cent if tie else 0) for a, b, tie in zip(ranked, ranked[1:], ties, strict=False))


def test_schema_is_the_contract() -> None:
    """The Arrow schema is word for word the registered one."""
    assert TABLES["quotas/territory_quota"].schema == TERRITORY_QUOTA
