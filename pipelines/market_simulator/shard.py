"""The visits of one shard: a run of days of one month, with everything planted in it.

Each visit type draws from a stream of its own; events thin or add with theirs. So what an event does not
reach is the same with and without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipelines.market_simulator.cases import change_codes
from pipelines.market_simulator.catalog import VISIT_TYPES
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import USUAL_WORKING_DAYS, busy_day_weights, days_of
from pipelines.market_simulator.payers import ALLOWED_SHARE_OF_CHARGE, PAYER_CHANNEL
from pipelines.market_simulator.planting import Outage, Plan, SiteFactor
from pipelines.market_simulator.providers import Practice
from pipelines.market_simulator.random_streams import Stream, generator, pick
from pipelines.market_simulator.versions import draw_versions, hold_back
from pipelines.market_simulator.visit_content import (
    NO_DIAGNOSIS,
    draw_diagnoses,
    draw_lines,
    draw_sites,
    season_factor,
)
from pipelines.market_simulator.visits import Visits, concatenate

SENIOR_SKEW = 1.5  # elective care prefers the seniors of a place
SWAPPED_SHARE = 0.1  # claims on which the reason for the visit is not the first diagnosis
ALLOWED_SPREAD = 0.10
FIRST_EVENT_BLOCK = 20  # blocks below are visit types
_VISIT_SHARES = np.array([visit.visit_share for visit in VISIT_TYPES])


@dataclass(frozen=True)
class Stretch:
    """Some days of a month with their weights (1 on a working day), and where providers practise then."""

    month: int
    days: np.ndarray
    weights: np.ndarray
    practice: Practice

    @classmethod
    def of(cls, market: Market, plan: Plan, month: int, shard: int) -> Stretch:
        shards = market.size.shards_per_month
        days = np.array_split(days_of(month), shards)[shard]
        weights = np.array_split(busy_day_weights(month), shards)[shard]
        return cls(month, days, weights, plan.practice(market, month))


def shard_visits(market: Market, plan: Plan, month: int, shard: int) -> Visits:
    """All visits of a shard, events included, a patient at most once a day."""
    stretch = Stretch.of(market, plan, month, shard)
    seed, place = market.spec.seed, (month, shard)
    visits = concatenate(
        [
            draw_visits(market, stretch, number, generator(seed, Stream.VISITS, *place, number))
            for number in range(len(VISIT_TYPES))
        ]
    ).once_a_day()
    extra = []
    for factor in plan.site_factors:
        if not factor.holds(month):
            continue
        stream = (*place, factor.event, factor.visit_type)
        if factor.factor < 1:
            visits = visits.take(_survivors(visits, factor, generator(seed, Stream.THINNING, *stream)))
        else:
            extra.append(_extra(market, stretch, factor, generator(seed, Stream.EVENT_VISITS, *stream)))
    if extra:
        visits = concatenate([visits, *extra]).once_a_day()
    if plan.absences:
        visits = visits.take(~plan.absent(market, month)[visits.provider])
    for outage in plan.outages:
        visits = _held_back(market, visits, outage, generator(seed, Stream.OUTAGES, *place, outage.event))
    return change_codes(market.spec, visits, month)


def draw_visits(
    market: Market,
    stretch: Stretch,
    type_number: int,
    rng: np.random.Generator,
    *,
    scale: float = 1.0,
    among: np.ndarray | None = None,
) -> Visits:
    """Visits of one type; `scale` times the usual rate, only by providers `among` (a mask)."""
    visit, spec, providers = VISIT_TYPES[type_number], market.spec, market.providers
    share = providers.visit_weight[type_number] * (1 if among is None else among)
    most = float(season_factor(visit, stretch.month, np.arange(3), spec.seasonal_swing).max())
    count = int(rng.poisson(_usual_visits(market, stretch, type_number) * most * scale * share.sum()))
    provider = pick(np.cumsum(share), rng.random(count))
    group = stretch.practice.group[provider]
    site = draw_sites(visit, stretch.practice, provider, rng.random(count))
    located = market.organisations.place[np.where(site >= 0, site, group)]
    skew = np.full(count, SENIOR_SKEW if visit.season == "elective" else 1.0)
    patient = market.patients.draw(located, rng.random((2, count)), skew)
    day = stretch.days[pick(np.cumsum(stretch.weights), rng.random(count))]
    diagnosis = draw_diagnoses(visit, count, rng)
    lines = draw_lines(visit, diagnosis[:, 0], count, rng)
    versions = draw_versions(spec, visit, stretch.month, count, rng)
    channel = PAYER_CHANNEL[market.patients.payer[patient]]
    allowed_share = ALLOWED_SHARE_OF_CHARGE[channel] * np.exp(rng.normal(0, ALLOWED_SPREAD, count))
    in_season = rng.random(count) * most < season_factor(visit, stretch.month, channel, spec.seasonal_swing)
    # only now: the sides of the lines follow the diagnosis drawn first
    swapped = (rng.random(count) < SWAPPED_SHARE) & (diagnosis[:, 1] != NO_DIAGNOSIS)
    diagnosis[swapped, :2] = diagnosis[swapped, 1::-1]
    drawn = Visits(
        block=np.full(count, type_number, dtype=np.int64),
        number=np.arange(count, dtype=np.int64),
        visit_type=np.full(count, type_number, dtype=np.int8),
        provider=provider,
        group=group,
        site=site,
        patient=patient,
        day=day,
        diagnosis=diagnosis,
        allowed_share=allowed_share,
        **lines,
        **versions,
    )
    return drawn.take(in_season & (day < providers.deactivated_day[provider]))


def _usual_visits(market: Market, stretch: Stretch, type_number: int) -> float:
    """Expected visits of a type in the stretch, before season and events."""
    busy = busy_day_weights(stretch.month).sum() / USUAL_WORKING_DAYS
    of_month = stretch.weights.sum() / USUAL_WORKING_DAYS * busy ** (market.spec.working_day_effect - 1)
    of_type = _VISIT_SHARES[type_number] / _VISIT_SHARES.sum()
    return market.size.visits_per_month * float(of_type * of_month)


def _survivors(visits: Visits, factor: SiteFactor, rng: np.random.Generator) -> np.ndarray:
    """Which visits remain where volume falls: one uniform per visit number, so that no fate depends on
    another.
    """
    reached = (visits.visit_type == factor.visit_type) & factor.at_site[visits.located_at]
    chance = rng.random(int(visits.number.max(initial=0)) + 1)[visits.number]
    return ~reached | (chance < factor.factor)


def _extra(market: Market, stretch: Stretch, factor: SiteFactor, rng: np.random.Generator) -> Visits:
    """The additional visits of a growing region: drawn like all others, kept where they fall at its sites."""
    practice = stretch.practice
    sites = [practice.group, practice.second_site, practice.hospital, *practice.surgery_sites.T]
    reaches = np.any([(site >= 0) & factor.at_site[site] for site in sites], axis=0)
    extra = draw_visits(market, stretch, factor.visit_type, rng, scale=factor.factor - 1, among=reaches)
    extra.block[:] = FIRST_EVENT_BLOCK + len(VISIT_TYPES) * factor.event + factor.visit_type
    return extra.take(factor.at_site[extra.located_at])


def _held_back(market: Market, visits: Visits, outage: Outage, rng: np.random.Generator) -> Visits:
    channel = PAYER_CHANNEL[market.patients.payer[visits.patient]]
    chosen = (channel == outage.channel)[:, None] & (rng.random((len(visits), 2)) < outage.held_share)
    months = {name: getattr(visits, name) for name in ("known", "replaced", "voided", "resent")}
    return replace(visits, **hold_back(months, chosen, outage.from_month, outage.to_month))
