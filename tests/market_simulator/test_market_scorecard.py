"""One market with every trap through landing and dbt: what comes out is the truth, however it was delivered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.scorecard_comparison import compare
from benchmarks.scorecard_market import (
    Scorer,
    WrittenMarket,
    trap_spec,
    varied,
    write_market,
)
from pipelines.market_simulator import DeliveryVariant
from pipelines.market_simulator.spec import SOURCE

REFRESHES = 2
ALL_AT_ONCE = DeliveryVariant(shuffles_contents=True, files=2, deliveries=2, repeats=1)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> WrittenMarket:
    spec = trap_spec(77, lines_per_month=1_200, refreshes=REFRESHES)
    return write_market(spec, tmp_path_factory.mktemp("scorecard"))


@pytest.fixture(scope="module")
def scorer(market: WrittenMarket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scorer]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CLAIMLINE_WAREHOUSE", "CLAIMLINE_LAKE"):
            patch.setenv(name, "")  # restored afterwards
        scorer = Scorer.at(tmp_path_factory.mktemp("home"), market.truth)
        scorer.land(market.folders)
        scorer.build()
        yield scorer


def test_every_trap_is_recovered(market: WrittenMarket, scorer: Scorer) -> None:
    """Events, sides, units, doses, credit, patients: no difference in any cell, nor in any service."""
    score = compare(scorer.home.warehouse, market.truth, SOURCE, REFRESHES - 1)
    assert len(score.planted) > 55
    assert sum(score.true.values()) > 5_000
    assert score.is_exact, (score.differences, score.unlike, score.examples[:3])


def test_how_it_was_delivered_leaves_no_trace(market: WrittenMarket, scorer: Scorer, tmp_path: Path) -> None:
    """Contents in another order, in parts and twice: the same counts, the same opportunity tables. What is projected
    goes by when things became known, which is another day here.
    """
    other = varied(market, ALL_AT_ONCE, tmp_path / "deliveries")
    again = Scorer.at(tmp_path / "home", market.truth, scorer)
    again.land(other.folders)
    again.build()
    score = compare(again.home.warehouse, market.truth, SOURCE, REFRESHES - 1)
    score.differences.pop("test_row_difference")  # set aside once per arrival
    assert score.is_exact, (score.differences, score.unlike, score.examples[:3])
    assert again.hashes(with_projection=False) == scorer.hashes(with_projection=False)


def test_the_comparison_notices_a_difference(market: WrittenMarket, scorer: Scorer) -> None:
    """Against the truth as of the refresh before, the same warehouse is wrong."""
    score = compare(scorer.home.warehouse, market.truth, SOURCE, 0)
    assert score.differences["event_count_difference"] > 0
    assert score.differences["patient_count_difference"] > 0
    assert score.differences["diagnosed_patient_difference"] > 0


def test_the_parsed_project_names_no_home(scorer: Scorer) -> None:
    """Other homes are built with it: a lake written into it would be read by all of them."""
    places = [{**source.meta, **source.config.extra} for source in scorer.manifest.sources.values()]
    assert places
    assert not [place for place in places if str(scorer.home.root) in str(place)]
