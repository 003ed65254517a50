"""Who was truly seen with a diagnosis of a product, when, by whom and where: what diagnosed patients are counted from.

Belongs here: sightings of ordinary visits and of trap cases, by the rules of docs/methods/claims.md, section 4. A claim
that carries the diagnosis is one sighting, at the person who renders or bills it. Does not belong here: who counts as
diagnosed (diagnosed_patients.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pipelines.market_simulator.case_diagnoses import true_diagnoses
from pipelines.market_simulator.case_rows import role_positions
from pipelines.market_simulator.case_templates import sighting_templates
from pipelines.market_simulator.cases import ONLY_CLOSED, ONLY_OPEN, Cases
from pipelines.market_simulator.catalog import DIAGNOSES, PRODUCT_NAMES, PRODUCTS, VISIT_TYPES
from pipelines.market_simulator.claim_lines import LaidOut, refresh_of
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.medical_claim import MarketTexts
from pipelines.market_simulator.text_columns import Vocabulary, numbered_text
from pipelines.market_simulator.versions import UNKNOWN

_IS_IMAGING = np.array([visit.name == "contrast_imaging" for visit in VISIT_TYPES])
# [diagnosis, product]; the last diagnosis is none
_NAMES_PRODUCT = np.array(
    [[name.startswith(prefixes) for _, prefixes in PRODUCTS.values()] for name in DIAGNOSES]
    + [[False] * len(PRODUCTS)]
)
_PRODUCT_TEXTS = Vocabulary.of(PRODUCT_NAMES)


@dataclass(frozen=True)
class TrueSightings:
    """One entry per claim, product whose diagnosis it carries, and span of refreshes (known ≤ r < until) of its standing.

    `seen_by` is a position among the market's NPIs, or -1; `site` an organisation; `day` counts from 1970-01-01.
    """

    patient: np.ndarray
    day: np.ndarray
    product: np.ndarray
    seen_by: np.ndarray
    site: np.ndarray
    is_ruled_out: np.ndarray
    known: np.ndarray
    until: np.ndarray

    def take(self, keep: np.ndarray) -> TrueSightings:
        return TrueSightings(**{item.name: getattr(self, item.name)[keep] for item in fields(self)})


def join_sightings(parts: list[TrueSightings]) -> TrueSightings:
    return TrueSightings(
        **{
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(TrueSightings)
        }
    )


def sightings_of_lines(market: Market, laid_out: LaidOut) -> TrueSightings:
    """Sightings of ordinary visits: the visit's claim, and the professional twin of a facility's."""
    visits, last_history = laid_out.visits, market.spec.last_history_month
    visit, claim = np.nonzero(visits.known < UNKNOWN)
    provider = visits.provider[visit]
    at, product = np.nonzero(_NAMES_PRODUCT[visits.diagnosis[visit]].any(axis=1))
    visit, claim, provider = visit[at], claim[at], provider[at]
    return _standing(
        TrueSightings(
            patient=visits.patient[visit],
            day=visits.day[visit],
            product=product,
            seen_by=np.where(market.providers.is_person[provider], provider, -1),
            site=visits.located_at[visit],
            is_ruled_out=_IS_IMAGING[visits.visit_type[visit]],
            known=refresh_of(visits.known[visit, claim], last_history),
            until=refresh_of(visits.voided[visit, claim], last_history),
        )
    )


def sightings_of_cases(market: Market, cases: Cases) -> TrueSightings:
    """Sightings of trap cases, in each feed that tells of them; test patients have none."""
    visits, last_history = cases.visits, market.spec.last_history_month
    parts = []
    for months, other in ((cases.closed_months, ONLY_OPEN), (cases.open_months, ONLY_CLOSED)):
        told = np.flatnonzero(~cases.is_test & (cases.feed != other))
        entry, template = sighting_templates().expand(cases.shape[told], cases.history[told])
        column = {name: values[template] for name, values in sighting_templates().columns.items()}
        named = _NAMES_PRODUCT[true_diagnoses(visits.diagnosis, cases.diagnosis)].any(axis=1)
        at, product = np.nonzero(named[told[entry]])
        case = told[entry][at]
        column = {name: values[at] for name, values in column.items()}
        refreshes = refresh_of(months, last_history)
        steps = np.hstack([refreshes, np.full((len(cases), 1), UNKNOWN)])
        seer = column["seen_by"]
        roles = role_positions(market, cases)
        parts.append(
            TrueSightings(
                patient=visits.patient[case],
                day=visits.day[case],
                product=product,
                seen_by=np.where(seer >= 0, roles[case, np.maximum(seer, 0)], -1),
                site=visits.located_at[case],
                is_ruled_out=_IS_IMAGING[visits.visit_type[case]],
                known=refreshes[case, column["from_step"]],
                until=steps[case, np.minimum(column["to_step"], refreshes.shape[1])],
            )
        )
    return _standing(join_sightings(parts))


def _standing(sightings: TrueSightings) -> TrueSightings:
    return sightings.take(np.flatnonzero(sightings.known < sightings.until))


def sightings_table(
    market: Market, texts: MarketTexts, sightings: TrueSightings, last_refresh: int
) -> pa.Table:
    """Sightings known by `last_refresh`, as in `sightings.parquet` (docs/methods/simulator.md)."""
    true = sightings.take(np.flatnonzero(sightings.known <= last_refresh))
    people = len(market.providers.npi) + len(market.assistants.npi)
    return pa.table(
        {
            "patient_id": numbered_text("P", true.patient + 1, texts.person_width),
            "service_date": pa.array(true.day.astype(np.int32)).cast(pa.date32()),
            "product_id": _PRODUCT_TEXTS.column(true.product),
            "seen_by_npi": texts.npis.column(true.seen_by),
            "site_npi": texts.npis.column(true.site + people),
            "county_fips": texts.counties.column(market.organisations.place[true.site]),
            "is_ruled_out": pa.array(true.is_ruled_out),
            "standing_from": pa.array(true.known.astype(np.int32)),
            "standing_to": pa.array(true.until.astype(np.int32), mask=true.until > last_refresh),
        }
    )
