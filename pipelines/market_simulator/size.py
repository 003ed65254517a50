"""How many people, sites, systems and patients a market of a given volume has."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.market_simulator.catalog import TWO_SIDED, VISIT_TYPES, VisitType
from pipelines.market_simulator.spec import MarketSpec

DEMO_LINES, DEMO_PEOPLE, DEMO_FACILITIES = 30_000, 5_000, 800
VISITS_A_PATIENT_YEAR = 2.4
LINES_A_SHARD = 150_000


def lines_per_visit(visit: VisitType, both_claims_share: float) -> float:
    """Expected claim lines of one visit: its slots, two-sided lines, and the professional twin claim."""
    bilateral = sum(share for code, share in visit.diagnoses.items() if code in TWO_SIDED)
    if not visit.product_id:
        return sum(slot.probability for slot in visit.slots)
    two_lines = bilateral / 3 if visit.setting == "office" else 0.0
    first = visit.slots[0].codes
    lines = 1.0 + two_lines
    product_lines = lines
    for position, slot in enumerate(visit.slots[1:], start=1):
        # a code already on the claim is not repeated
        repeated = sum(first.get(code, 0) for code in slot.codes) / sum(first.values())
        expected = slot.probability * (1 - repeated)
        lines += expected
        product_lines += expected if position < visit.product_slots else 0.0
    return lines + (both_claims_share * product_lines if visit.setting == "facility" else 0.0)


@dataclass(frozen=True)
class MarketSize:
    """Counts that follow from the knob. People and sites grow slower than volume (big markets are busier
    per person), and never beyond what so many inhabitants would have."""

    visits_per_month: float
    shards_per_month: int
    people: int
    groups: int
    facilities: int
    health_systems: int
    patients: int

    @classmethod
    def of(cls, spec: MarketSpec, population: float) -> MarketSize:
        share = spec.lines_per_month / DEMO_LINES
        total_share = sum(visit.visit_share for visit in VISIT_TYPES)
        mean_lines = (
            sum(visit.visit_share * lines_per_visit(visit, spec.both_claims_share) for visit in VISIT_TYPES)
            / total_share
        )
        visits = spec.lines_per_month / mean_lines
        people = max(80, round(min(DEMO_PEOPLE * share**0.6, population / 250)))
        facilities = max(8, round(min(DEMO_FACILITIES * share**0.5, population / 40_000)))
        return cls(
            visits_per_month=visits,
            shards_per_month=min(28, max(1, -(-spec.lines_per_month // LINES_A_SHARD))),
            people=people,
            groups=max(10, people // 2),
            facilities=facilities,
            health_systems=max(2, round(0.075 * facilities)),
            patients=max(300, round(visits * 12 / VISITS_A_PATIENT_YEAR)),
        )
