"""The medical claim file: delivered rows as an Arrow table in the Tuva input layer's column set.

Columns of few values are dictionary arrays over fixed vocabularies, so that a row costs a few integers; in
the file they are plain text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.market_simulator.catalog import (
    CODE_NAMES,
    CODE_REVENUE,
    DIAGNOSES,
    REVENUE_CENTERS,
    VISIT_TYPES,
)
from pipelines.market_simulator.claim_lines import (
    REPLACEMENT,
    VOID,
    LaidOut,
    LineVersions,
    corrected_code,
)
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import fifth_of_next_month, first_day, month_label
from pipelines.market_simulator.payers import PAID_SHARE_OF_ALLOWED, PAYER_CHANNEL, PAYERS
from pipelines.market_simulator.spec import SOURCE
from pipelines.market_simulator.text_columns import Vocabulary, numbered_text
from pipelines.market_simulator.versions import UNKNOWN
from pipelines.market_simulator.visit_content import MODIFIERS
from pipelines.market_simulator.visits import Visits

CLAIM_TYPES = Vocabulary.of(("professional", "institutional"))
PLACES_OF_SERVICE = Vocabulary.of(("11", "12", "22", "24", "41"))
BILL_TYPES = Vocabulary.of(("131", "137", "138", "831", "837", "838"))
FREQUENCIES = Vocabulary.of(("1", "7", "8"))
HCPCS, ICD10, REVENUE = Vocabulary.of(CODE_NAMES), Vocabulary.of(DIAGNOSES), Vocabulary.of(REVENUE_CENTERS)
SIDES_BILLED = Vocabulary.of(MODIFIERS)
FREQUENCY_OF_KIND = np.array([0, 1, 2, 0])
MODIFIER_COLUMNS = 5
TEXT_COLUMNS_WITH_MANY_VALUES = ("claim_id", "person_id")
_PLACE_BY_SETTING = {"office": 0, "home": 1, "field": 4, "facility": 2, "hospital": 2}
_SETTING_PLACE = np.array([_PLACE_BY_SETTING[visit.setting] for visit in VISIT_TYPES])
_IS_INSTITUTIONAL = np.array([visit.setting in ("facility", "hospital") for visit in VISIT_TYPES])


@dataclass(frozen=True)
class MarketTexts:
    """The vocabularies of a market, made once: by provider, organisation, payer, and place."""

    providers: Vocabulary
    organisations: Vocabulary
    payers: Vocabulary
    plans: Vocabulary
    zips: Vocabulary
    counties: Vocabulary
    states: Vocabulary
    person_width: int

    @classmethod
    def of(cls, market: Market) -> MarketTexts:
        places = market.places
        return cls(
            providers=Vocabulary.of(numbered_text("", market.providers.npi, 10)),
            organisations=Vocabulary.of(numbered_text("", market.organisations.npi, 10)),
            payers=Vocabulary.of([payer for payer, _, _, _ in PAYERS]),
            plans=Vocabulary.of([plan for _, plan, _, _ in PAYERS]),
            zips=Vocabulary.of(places.zip),
            counties=Vocabulary.of(places.county_fips),
            states=Vocabulary.of(places.state),
            person_width=max(7, len(str(len(market.patients.payer)))),
        )


def claim_numbers(laid_out: LaidOut) -> np.ndarray:
    """19 digits: month, shard, block, visit number, claim of the visit."""
    visits, lines = laid_out.visits, laid_out.lines
    year_month = int(month_label(laid_out.month).replace("-", ""))
    number = (year_month * 100 + laid_out.shard) * 1000 + visits.block[lines.visit]
    return (number * 10_000_000 + visits.number[lines.visit]) * 10 + lines.claim


def medical_claim_table(
    market: Market, texts: MarketTexts, laid_out: LaidOut, versions: LineVersions
) -> pa.Table:
    """One row per delivered line version, in the order of `versions`."""
    visits, lines = laid_out.visits, laid_out.lines
    line, kind = versions.line, versions.kind
    visit, claim, slot = lines.visit[line], lines.claim[line], lines.slot[line]
    visit_type, site = visits.visit_type[visit], visits.site[visit]
    institutional = _IS_INSTITUTIONAL[visit_type] & (claim == 0)
    is_surgery_center = (market.organisations.kind == "ambulatory_surgery_center")[site] & (site >= 0)
    frequency = FREQUENCY_OF_KIND[kind]
    place = np.where(is_surgery_center, 3, _SETTING_PLACE[visit_type])

    was_replaced = visits.replaced[visit, claim] < UNKNOWN
    is_changed = (kind == REPLACEMENT) | ((kind == VOID) & was_replaced)
    code = corrected_code(visits.code[visit, slot], np.where(is_changed, visits.correction[visit, claim], 0))
    payer = market.patients.payer[visits.patient[visit]]
    charge = visits.charge[visit, slot]
    factor = np.where(is_changed, visits.amount_factor[visit, claim], 1.0)
    allowed = np.rint(np.minimum(charge * visits.allowed_share[visit] * factor, charge))
    paid = np.rint(allowed * PAID_SHARE_OF_ALLOWED[PAYER_CHANNEL[payer]])
    service_day = _dates(visits.day[visit])
    diagnosis = np.where(visits.diagnosis < len(DIAGNOSES), visits.diagnosis, -1)[visit]
    rendering = np.where(market.providers.is_person, np.arange(len(market.providers.is_person)), -1)
    bill = np.where(institutional, is_surgery_center * len(FREQUENCIES.texts) + frequency, -1)

    def constant(value: str) -> pa.DictionaryArray:
        return Vocabulary.of([value]).column(np.zeros(len(line), dtype=np.int32))

    def empty() -> pa.Array:
        return pa.nulls(len(line), pa.string())

    columns: dict[str, pa.Array] = {
        "claim_id": numbered_text("C", claim_numbers(laid_out)[line], 19),
        "claim_line_number": pa.array(lines.number[line].astype(np.int32)),
        "claim_type": CLAIM_TYPES.column(institutional.astype(np.int8)),
        "claim_frequency_code": FREQUENCIES.column(frequency),
        "person_id": numbered_text("P", visits.patient[visit] + 1, texts.person_width),
        "payer": texts.payers.column(payer),
        "plan": texts.plans.column(payer),
        "claim_start_date": service_day,
        "claim_end_date": service_day,
        "claim_line_start_date": service_day,
        "claim_line_end_date": service_day,
        "place_of_service_code": PLACES_OF_SERVICE.column(np.where(institutional, -1, place)),
        "bill_type_code": BILL_TYPES.column(bill),
        "drg_code": empty(),
        "revenue_center_code": REVENUE.column(np.where(institutional, CODE_REVENUE[code], -1)),
        "service_unit_quantity": pa.array(visits.units[visit, slot]),
        "hcpcs_code": HCPCS.column(code),
        "hcpcs_modifier_1": SIDES_BILLED.column(visits.modifier[visit, slot]),
        **{f"hcpcs_modifier_{number}": empty() for number in range(2, MODIFIER_COLUMNS + 1)},
        "rendering_npi": texts.providers.column(rendering[visits.provider[visit]]),
        "billing_npi": texts.organisations.column(np.where(institutional, site, visits.group[visit])),
        "facility_npi": texts.organisations.column(site),
        "paid_date": _dates(paid_days(visits, visit, claim, kind)),
        "paid_amount": pa.array(paid / 100),
        "allowed_amount": pa.array(allowed / 100),
        "charge_amount": pa.array(charge / 100),
        "diagnosis_code_type": constant("icd-10-cm"),
        **{
            f"diagnosis_code_{number + 1}": ICD10.column(diagnosis[:, number])
            for number in range(diagnosis.shape[1])
        },
        "data_source": constant(SOURCE),
        "file_name": constant(f"medical_claim.{market.spec.file_format}"),
        "file_date": _dates(_known_on_days(market, versions.refresh)),
    }
    return pa.table(columns)


def _dates(days: np.ndarray) -> pa.Array:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def paid_days(visits: Visits, visit: np.ndarray, claim: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """When each version was paid: in the month in which it became known, never before the service.

    A re-send keeps the date of what it repeats.
    """
    known, replaced, voided = (
        months[visit, claim] for months in (visits.known, visits.replaced, visits.voided)
    )
    in_month = np.where(kind == REPLACEMENT, replaced, np.where(kind == VOID, voided, known))
    months, at = np.unique(in_month, return_inverse=True)
    first_days = np.array([(first_day(number), first_day(number + 1)) for number in months.tolist()])
    begin, end = first_days.reshape(-1, 2)[at].T
    begin = np.maximum(begin, visits.day[visit])
    return (begin + np.floor(visits.paid_at[visit, claim] * (end - begin))).astype(np.int32)


def _known_on_days(market: Market, refresh: np.ndarray) -> np.ndarray:
    last = int(refresh.max(initial=0))
    delivered = [fifth_of_next_month(market.spec.known_month(number)) for number in range(last + 1)]
    return np.array(delivered, dtype="datetime64[D]").astype(np.int32)[refresh]
