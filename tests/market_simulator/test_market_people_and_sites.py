"""The standing market: who is where, and how it grows with the knob."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.market_simulator import null_spec
from pipelines.market_simulator.catalog import SPECIALTIES, VISIT_TYPES
from pipelines.market_simulator.geography import miles_from_chord, read_places
from pipelines.market_simulator.market import Market, build_market
from pipelines.market_simulator.payers import CHANNELS, PAYER_CHANNEL
from pipelines.market_simulator.size import MarketSize


@pytest.fixture(scope="module")
def market() -> Market:
    return build_market(null_spec(lines_per_month=6_000, states=("MA", "ME", "NH", "RI", "VT")))


def test_every_visit_type_is_performed_by_its_specialties_only(market: Market) -> None:
    """A procedure belongs to a specialist: weights are zero for everyone else and sum to one."""
    for visit, weight in zip(VISIT_TYPES, market.providers.visit_weight, strict=True):
        performers = set(market.providers.taxonomy[weight > 0].tolist())
        assert performers
        assert performers <= set(visit.performers)
        assert weight.sum() == pytest.approx(1)


def test_provider_volumes_are_heavy_tailed(market: Market) -> None:
    """The busiest tenth of those who inject knees do over a third of it, and nobody over a tenth."""
    weight = np.sort(market.providers.visit_weight[0])[::-1]
    active = weight[weight > 0]
    assert active[: len(active) // 10].sum() > 1 / 3
    assert active[0] < 0.1


def test_people_have_a_known_specialty_and_practise_in_inhabited_standard_places(market: Market) -> None:
    """Nobody practises in a PO box."""
    assert set(market.providers.taxonomy[: market.providers.people].tolist()) <= set(SPECIALTIES)
    assert market.places.can_host[market.organisations.place].all()
    assert set(market.places.state.tolist()) == {"MA", "ME", "NH", "RI", "VT"}


def test_patients_live_near_the_site_they_visit(market: Market) -> None:
    """Half of a site's patients live within 25 miles and nearly all within 100."""
    rng = np.random.default_rng(3)
    site = market.organisations.place[rng.integers(0, len(market.organisations.place), 5_000)]
    patient = market.patients.draw(site, rng.random((2, 5_000)), np.ones(5_000))
    home = market.patients.place[patient]
    miles = miles_from_chord(np.linalg.norm(market.places.xyz[site] - market.places.xyz[home], axis=1))
    assert np.median(miles) < 25
    assert np.quantile(miles, 0.95) < 100


def test_places_weigh_by_people_and_age() -> None:
    """Over the country weight follows population, and places with more seniors weigh more per head."""
    places = read_places(null_spec())
    assert len(places.zip) > 33_000
    assert places.weight.sum() == pytest.approx(1)
    assert np.corrcoef(places.weight, places.population)[0, 1] > 0.9
    large = places.population > 5_000
    per_head = places.weight / places.population
    old, young = places.senior_share > 0.25, places.senior_share < 0.12
    assert per_head[large & old].mean() > 1.2 * per_head[large & young].mean()


def test_payers_follow_age(market: Market) -> None:
    """All three channels occur, Medicare the most in an older clientele."""
    shares = np.bincount(PAYER_CHANNEL[market.patients.payer], minlength=3) / len(market.patients.payer)
    by_channel = dict(zip(CHANNELS, shares.tolist(), strict=True))
    assert 0.3 < by_channel["medicare"] < 0.65
    assert 0.03 < by_channel["medicaid"] < 0.25
    assert by_channel["commercial"] > 0.2


def test_health_systems_are_regional_and_some_sites_independent(market: Market) -> None:
    """A system's sites lie near each other; every system has one."""
    organisations = market.organisations
    facilities = organisations.of_kind("hospital", "ambulatory_surgery_center", "clinic")
    assert len(facilities) == market.size.facilities
    assert set(range(len(organisations.system_id))) == set(
        organisations.system[organisations.system >= 0].tolist()
    )
    assert 0.05 < (organisations.system[facilities] < 0).mean() < 0.45
    assert len(set(organisations.system_name.tolist())) == len(organisations.system_name)


def test_counts_follow_the_knob_and_stop_at_the_population() -> None:
    """The national demo has the counts intended; a small state never has more sites than fit in it."""
    nation, large = (
        MarketSize.of(null_spec(), 334e6),
        MarketSize.of(null_spec(lines_per_month=3_000_000), 334e6),
    )
    assert (nation.people, nation.facilities, nation.health_systems) == (5_000, 800, 60)
    assert large.visits_per_month == pytest.approx(100 * nation.visits_per_month)
    assert nation.people < large.people < 100 * nation.people
    assert large.shards_per_month > nation.shards_per_month
    assert MarketSize.of(null_spec(lines_per_month=300_000), 1.4e6).facilities == 35


def test_the_smallest_market_can_be_built() -> None:
    """One small state at the least volume still performs every visit type at some site."""
    smallest = build_market(null_spec(lines_per_month=100, states=("WY",)))
    assert smallest.providers.visit_weight.sum(axis=1) == pytest.approx(np.ones(len(VISIT_TYPES)))
    assert len(smallest.organisations.of_kind("hospital"))
    assert len(smallest.organisations.of_kind("ambulatory_surgery_center"))
