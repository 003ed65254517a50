"""Two groups whose volume was planted: one lost a fifth, the other nothing; and who belongs to a group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_series import RULE

from pipelines.config.model import Cohort, CohortComparison
from pipelines.trends.calendar import month_days
from pipelines.trends.cohorts import COHORT_COLUMNS, cohort_members, compare_cohorts
from pipelines.trends.levels import at_levels, with_completeness

STATE_OF = {"U1": "ME", "U2": "NH"}
TAXONOMY_OF = {"1": "207XS0114X", "2": "207Q00000X"}


def counted(
    rate_of: dict[tuple[str, str, str], float], step: dict[str, float], seed: int = 0
) -> pd.DataFrame:
    """Poisson counts at a daily rate by (npi, unit, system); in the last two of 38 months times 1 + step."""
    rng = np.random.default_rng(seed)
    months = pd.date_range("2023-01-01", periods=38, freq="MS")
    days = month_days(months)["working_days"].to_numpy()
    rows = [
        {
            "product_id": "joint",
            "npi": npi,
            "unit_id": unit,
            "health_system_id": system,
            "source": "claims",
            "payer_channel": "commercial",
            "service_month": month,
            "procedures": float(rng.poisson(days[place] * rate * (1 + step.get(npi, 0.0) * (place >= 36)))),
            "weekend_procedures": 0.0,
        }
        for (npi, unit, system), rate in rate_of.items()
        for place, month in enumerate(months)
    ]
    return with_completeness(pd.DataFrame(rows), months[-1])


ROWS = counted(
    {
        ("1", "U1", "S"): 60.0,
        ("1", "U2", "none"): 3.0,
        ("2", "U2", "S"): 60.0,
        ("unattributed", "U1", "S"): 1.0,
    },
    {"1": -0.2},
)


@pytest.mark.parametrize(
    ("cohort", "pairs"),
    [
        (Cohort("all of S", health_systems=("S",)), {("1", "U1"), ("2", "U2")}),
        (Cohort("surgeons", taxonomies=("207X",)), {("1", "U1"), ("1", "U2")}),
        (Cohort("north", states=("NH",)), {("1", "U2"), ("2", "U2")}),
        (Cohort("targets", npis=("2",)), {("2", "U2")}),
        (Cohort("both", npis=("1", "2"), states=("ME",)), {("1", "U1")}),
        (Cohort("nobody", npis=()), set()),
    ],
)
def test_who_is_in_a_cohort(cohort: Cohort, pairs: set[tuple[str, str]]) -> None:
    """Everything that is given must hold; nobody in particular is in none."""
    held = ROWS[cohort_members(ROWS, cohort, TAXONOMY_OF, STATE_OF)]
    assert set(zip(held["npi"], held["unit_id"], strict=True)) == pairs


def test_a_fifth_less_beside_nothing() -> None:
    """A lost 20 %, the rest did not: A contracts and differs, the other is flat, and the difference is −20 %."""
    comparison = CohortComparison(
        "c", ("joint",), Cohort("A", npis=("1",)), Cohort("B", is_everybody_else=True)
    )
    found = compare_cohorts(ROWS, [comparison], TAXONOMY_OF, STATE_OF, RULE)
    assert list(found.columns) == COHORT_COLUMNS
    first, second = (row for _, row in found.iterrows())
    assert (first["cohort_name"], second["cohort_name"]) == ("A", "B")
    assert (first["trend_class"], second["trend_class"]) == ("contracting", "flat")
    assert first["is_different"]
    assert first["difference_share"] == pytest.approx(-0.2, abs=0.06)
    assert first["difference_low"] < -0.2 < first["difference_high"] < 0
    assert (1 + first["difference_share"]) * (1 + second["difference_share"]) == pytest.approx(1.0)
    assert (first["providers"], second["providers"]) == (1, 1)


def test_other_products_and_empty_sides() -> None:
    """A comparison of another product has no rows; a side without volume has rows without figures."""
    other = CohortComparison("c", ("hip",), Cohort("A", npis=("1",)), Cohort("B", is_everybody_else=True))
    assert compare_cohorts(ROWS, [other], {}, STATE_OF, RULE).empty
    empty = CohortComparison("c", (), Cohort("A", npis=("9",)), Cohort("B", states=("NH",)))
    found = compare_cohorts(ROWS, [empty], {}, STATE_OF, RULE).set_index("cohort_name")
    assert np.isnan(found.loc["A", "growth_share"])
    assert found.loc["A", "trend_class"] == "undetermined"
    assert not found["is_different"].any()


def test_levels_add_up() -> None:
    """Units, states and the nation each hold all procedures; providers all but those of nobody in particular."""
    levels = at_levels(ROWS, STATE_OF)
    sums = levels.groupby("level")["procedures"].sum()
    assert sums["unit"] == sums["state"] == sums["nation"] == ROWS["procedures"].sum()
    nobody = ROWS.loc[ROWS["npi"] == "unattributed", "procedures"].sum()
    assert sums["provider"] == sums["nation"] - nobody
    assert set(levels.loc[levels["level"] == "state", "member_id"]) == {"ME", "NH"}


def test_months_that_still_fill_up_are_left_out() -> None:
    """Up to the last usable month all is known; nothing later takes part."""
    months = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"])
    kept = with_completeness(pd.DataFrame({"service_month": months}), months[1])
    assert list(kept["service_month"]) == [months[0], months[1]]
    assert (kept["completeness_share"] == 1).all()


def test_what_is_known_of_a_month_comes_with_its_product_and_channel() -> None:
    """January is not named but usable, February is known by 90 %, March neither: the first two are kept."""
    months = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"])
    rows = pd.DataFrame({"product_id": "joint", "payer_channel": "medicare", "service_month": months})
    known = rows.iloc[1:2].assign(completeness_share=0.9, completeness_error=0.02)
    kept = with_completeness(rows, months[0], known)
    assert kept[["completeness_share", "completeness_error"]].values.tolist() == [[1.0, 0.0], [0.9, 0.02]]
