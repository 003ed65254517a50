"""Target ranks by hand: components, ties, what is not known, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.ranking.targets import COMPONENTS, TARGET_COLUMNS, RankRule, target_ranks

RULE = RankRule({"intensity": 0.5, "referral": 0.2, "trend": 0.1, "addressable": 0.2}, 0.9, 7)


def people(**columns: list[object]) -> pd.DataFrame:
    """Persons A, B, … with some components; the others are not known."""
    count = len(next(iter(columns.values())))
    unknown = {
        name: [np.nan] * count
        for name in (
            *("intensity", "referral_value", "referral_error", "growth_share", "growth_low", "growth_high"),
            "addressable_share",
        )
    }
    fixed = {
        "product_id": ["knee"] * count,
        "npi": [chr(65 + place) for place in range(count)],
        "intensity_error": [0.0] * count,
        "intensity_unit": ["usd_per_month"] * count,
        "charge_share": [0.0] * count,
        "trend_class": ["undetermined"] * count,
    }
    return pd.DataFrame({**unknown, **fixed, **columns})


def test_two_components_by_hand() -> None:
    """Intensities e − 1 and e³ − 1 have logarithms 1 and 3: scores −1 and +1. Shares 1 and 0: +1 and −1. With weights 0.5
    and 0.2 of what is known: B has (0.5 − 0.2) ÷ 0.7."""
    found = target_ranks(people(intensity=[np.e - 1, np.e**3 - 1], addressable_share=[1.0, 0.0]), RULE)
    assert list(found.columns) == TARGET_COLUMNS
    assert list(found["target_rank"]) == [2, 1]
    assert list(found["score"]) == pytest.approx([-0.3 / 0.7, 0.3 / 0.7])
    assert list(found["intensity_score"]) == pytest.approx([-1, 1])
    assert list(found["addressable_score"]) == pytest.approx([1, -1])
    assert found[["referral_score", "trend_score"]].isna().all().all()
    # Nothing is uncertain: the interval is the rank.
    assert (found["rank_low"] == found["rank_high"]).all()


def test_ties_go_by_npi_whatever_the_order_of_rows() -> None:
    """Four alike, one better: the better is first, the others follow by NPI."""
    known = people(intensity=[5.0, 5.0, 9.0, 5.0, 5.0], addressable_share=[0.5] * 5)
    found = target_ranks(known, RULE)
    assert list(found["target_rank"]) == [2, 3, 1, 4, 5]
    pd.testing.assert_frame_equal(target_ranks(known.sample(frac=1, random_state=2), RULE), found)


def test_who_is_not_known_has_the_mean() -> None:
    """B's trend is not known: his trend score is 0, and the others' average out around him."""
    found = target_ranks(
        people(
            intensity=[1.0, 1.0, 1.0], growth_share=[0.2, np.nan, -0.2], addressable_share=[1.0, 1.0, 1.0]
        ),
        RULE,
    )
    assert list(found["target_rank"]) == [1, 2, 3]
    assert found["trend_score"].iloc[1] == 0
    assert found["intensity_score"].isna().all()


def test_nothing_known_is_an_order_by_npi() -> None:
    """Everybody the same: a score of 0 and ranks by NPI, not an error. No people: an empty table."""
    found = target_ranks(people(intensity=[2.0, 2.0]), RULE)
    assert (list(found["score"]), list(found["target_rank"])) == ([0, 0], [1, 2])
    assert target_ranks(people(intensity=[2.0]).iloc[:0], RULE).empty


def test_rank_intervals_hold_the_true_rank_about_as_often_as_they_say() -> None:
    """150 people whose true intensity is known, seen with 20 % noise: nine in ten intervals hold the true rank (± 6
    points), and the same seed gives the same intervals."""
    rng = np.random.default_rng(4)
    truth = np.exp(rng.normal(4.0, 1.0, 150))
    seen = truth * rng.gamma(25.0, 1 / 25.0, 150)
    known = people(intensity=list(seen), addressable_share=[0.5] * 150)
    known["npi"] = [f"{number:03d}" for number in range(150)]
    known["intensity_error"] = seen * 0.2
    found = target_ranks(known, RULE)
    true_rank = np.argsort(np.argsort(-truth)) + 1
    inside = (found["rank_low"] <= true_rank) & (true_rank <= found["rank_high"])
    assert inside.mean() == pytest.approx(0.9, abs=0.06)
    assert (found["rank_low"] <= found["target_rank"]).all()
    assert (found["target_rank"] <= found["rank_high"]).all()
    pd.testing.assert_frame_equal(found, target_ranks(known, RULE))


def test_growth_shakes_ranks_only_where_it_weighs() -> None:
    """A wide growth interval moves ranks; with weight 0 it does not, and the component is not shown."""
    known = people(
        intensity=[3.0, 2.9, 2.8],
        growth_share=[0.0, 0.01, 0.02],
        growth_low=[-0.5] * 3,
        growth_high=[0.9] * 3,
    )
    wide = target_ranks(known, RankRule(RULE.weights | {"trend": 1.0}, 0.9, 7))
    assert (wide["rank_high"] > wide["rank_low"]).any()
    still = target_ranks(known, RankRule(dict.fromkeys(COMPONENTS, 0.0) | {"intensity": 1.0}, 0.9, 7))
    assert (still["rank_high"] == still["rank_low"]).all()
    assert still["trend_score"].isna().all()


def test_growth_of_which_little_is_known_decides_little() -> None:
    """Shrunk growths of 0 and 2 %: known to ± 1 % they score ± 0.85, known to ± 50 % next to nothing."""
    sure, vague = (
        target_ranks(
            people(
                intensity=[2.0, 2.0],
                growth_share=[0.0, 0.02],
                growth_low=[0.0 - width, 0.02 - width],
                growth_high=[0.0 + width, 0.02 + width],
            ),
            RULE,
        )
        for width in (0.01, 0.5)
    )
    assert sure["trend_score"].iloc[1] == pytest.approx(0.85, abs=0.02)
    assert 0 < vague["trend_score"].iloc[1] < 0.05
