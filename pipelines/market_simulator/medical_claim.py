"""The medical claim file: delivered rows as an Arrow table in the Tuva input layer's column set.

Columns of few values are dictionary arrays over fixed vocabularies, so that a row costs a few integers; in
the file they are plain text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.market_simulator.case_diagnoses import DIAGNOSIS_TEXTS
from pipelines.market_simulator.case_shapes import KNEE_REPLACEMENT
from pipelines.market_simulator.catalog import CODE_NAMES, CODE_REVENUE, REVENUE_CENTERS
from pipelines.market_simulator.delivered_rows import INPATIENT_BILL, NO_SUFFIX, DeliveredRows
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import fifth_of_next_month
from pipelines.market_simulator.payers import PAYERS
from pipelines.market_simulator.spec import SOURCES
from pipelines.market_simulator.text_columns import Vocabulary, numbered_text
from pipelines.market_simulator.visit_content import MODIFIERS

CLAIM_TYPES = Vocabulary.of(("professional", "institutional"))
PLACES_OF_SERVICE = Vocabulary.of(("11", "12", "22", "24", "41"))
BILL_TYPES = Vocabulary.of(("131", "137", "138", "831", "837", "838", "111", "117", "118"))
FREQUENCIES = Vocabulary.of(("1", "7", "8"))
SWAPPED = np.array([0, 2, 1])
STATUSES = Vocabulary.of(("paid", "denied"))
SUFFIXES = Vocabulary.of(("R1", "R2", "R3"))
CODE_TYPES = Vocabulary.of(("icd-10-cm", "icd-9-cm"))
HCPCS, ICD10, REVENUE = (
    Vocabulary.of(CODE_NAMES),
    Vocabulary.of(DIAGNOSIS_TEXTS),
    Vocabulary.of(REVENUE_CENTERS),
)
INPATIENT_DRG, INPATIENT_REVENUE = Vocabulary.of(("470",)), "0278"
ICD10PCS, PROCEDURE_TYPES = Vocabulary.of((KNEE_REPLACEMENT,)), Vocabulary.of(("icd-10-pcs",))
MODIFIERS_BILLED = Vocabulary.of(MODIFIERS)
MODIFIER_COLUMNS = 5
TEXT_COLUMNS_WITH_MANY_VALUES = ("claim_id", "person_id")


@dataclass(frozen=True)
class MarketTexts:
    """The vocabularies of a market, made once. `npis` holds providers, assistants and organisations, in this order."""

    npis: Vocabulary
    payers: Vocabulary
    plans: Vocabulary
    zips: Vocabulary
    counties: Vocabulary
    states: Vocabulary
    person_width: int

    @classmethod
    def of(cls, market: Market) -> MarketTexts:
        places = market.places
        npis = [market.providers.npi, market.assistants.npi, market.organisations.npi]
        return cls(
            npis=Vocabulary.of(numbered_text("", np.concatenate(npis), 10)),
            payers=Vocabulary.of([payer for payer, _, _, _ in PAYERS]),
            plans=Vocabulary.of([plan for _, plan, _, _ in PAYERS]),
            zips=Vocabulary.of(places.zip),
            counties=Vocabulary.of(places.county_fips),
            states=Vocabulary.of(places.state),
            person_width=max(7, len(str(len(market.patients.payer)))),
        )

    def person_ids(self, patient: np.ndarray, is_test: np.ndarray) -> pa.Array:
        """P and a number; test patients say so in front."""
        ids = numbered_text("P", patient + 1, self.person_width)
        if not is_test.any():
            return ids
        marked = pc.binary_join_element_wise(pa.scalar("TEST"), ids, "")
        return pc.if_else(pa.array(is_test), marked, ids)


def claim_ids(rows: DeliveredRows) -> pa.Array:
    ids = numbered_text(rows.letter, rows.claim, 19)
    if (rows.suffix == NO_SUFFIX).all():
        return ids
    return pc.binary_join_element_wise(
        ids, pc.fill_null(SUFFIXES.column(rows.suffix).cast(pa.string()), ""), ""
    )


def prior_claim_ids(rows: DeliveredRows) -> pa.Array:
    named = rows.prior_letter > 0
    if not named.any():
        return pa.nulls(len(rows), pa.string())
    ids = numbered_text(rows.prior_letter, rows.claim, 19)
    return pc.if_else(pa.array(named), ids, pa.scalar(None, pa.string()))


def medical_claim_table(
    market: Market, texts: MarketTexts, rows: DeliveredRows, refresh: int, feed: int
) -> pa.Table:
    """The rows as refresh number `refresh` of a feed delivers them."""
    count = len(rows)
    payer = market.patients.payer[rows.patient]
    service_day = _dates(rows.day)
    frequency = SWAPPED[rows.frequency] if market.spec.traps.swaps_frequencies else rows.frequency
    bill = np.where(rows.bill >= 0, rows.bill * len(FREQUENCIES.texts) + frequency, -1)
    is_inpatient = rows.bill == INPATIENT_BILL
    revenue = np.where(rows.code >= 0, CODE_REVENUE[rows.code], REVENUE_CENTERS.index(INPATIENT_REVENUE))

    def constant(value: str) -> pa.DictionaryArray:
        return Vocabulary.of([value]).column(np.zeros(count, dtype=np.int32))

    def empty() -> pa.Array:
        return pa.nulls(count, pa.string())

    def modifier(number: int) -> pa.Array:
        column = rows.modifiers.shape[1]
        return MODIFIERS_BILLED.column(rows.modifiers[:, number]) if number < column else empty()

    known_on = np.datetime64(fifth_of_next_month(market.spec.known_month(refresh)), "D").astype(int)
    columns: dict[str, pa.Array] = {
        "claim_id": claim_ids(rows),
        "claim_line_number": pa.array(rows.line.astype(np.int32)),
        "claim_type": CLAIM_TYPES.column(rows.is_institutional.astype(np.int8)),
        "claim_frequency_code": FREQUENCIES.column(frequency),
        "prior_claim_id": prior_claim_ids(rows),
        "claim_status": STATUSES.column(rows.status),
        "person_id": texts.person_ids(rows.patient, rows.is_test),
        "payer": texts.payers.column(payer),
        "plan": texts.plans.column(payer),
        "claim_start_date": service_day,
        "claim_end_date": service_day,
        "claim_line_start_date": service_day,
        "claim_line_end_date": service_day,
        "place_of_service_code": PLACES_OF_SERVICE.column(rows.place),
        "bill_type_code": BILL_TYPES.column(bill),
        "drg_code": INPATIENT_DRG.column(np.where(is_inpatient, 0, -1)),
        "revenue_center_code": REVENUE.column(np.where(rows.is_institutional, revenue, -1)),
        "service_unit_quantity": pa.array(rows.units),
        "hcpcs_code": HCPCS.column(rows.code),
        **{f"hcpcs_modifier_{number + 1}": modifier(number) for number in range(MODIFIER_COLUMNS)},
        "rendering_npi": texts.npis.column(rows.rendering),
        "operating_npi": texts.npis.column(rows.operating),
        "billing_npi": texts.npis.column(rows.billing),
        "facility_npi": texts.npis.column(rows.facility),
        "paid_date": _dates(rows.paid_day),
        "paid_amount": _usd(rows.paid, rows.allowed),
        "allowed_amount": _usd(rows.allowed, rows.allowed),
        "charge_amount": pa.array(rows.charge / 100),
        "diagnosis_code_type": CODE_TYPES.column(rows.is_icd9.astype(np.int8)),
        **{
            f"diagnosis_code_{number + 1}": ICD10.column(rows.diagnosis[:, number])
            for number in range(rows.diagnosis.shape[1])
        },
        "procedure_code_type": PROCEDURE_TYPES.column(np.where(rows.procedure >= 0, 0, -1)),
        "procedure_code_1": ICD10PCS.column(rows.procedure),
        "data_source": constant(SOURCES[feed]),
        "file_name": constant(f"medical_claim.{market.spec.file_format}"),
        "file_date": _dates(np.full(count, known_on)),
    }
    return pa.table(columns)


def _dates(days: np.ndarray) -> pa.Array:
    """Days since 1970-01-01; -1 is an unknown day."""
    return pa.array(days.astype(np.int32), mask=days < 0).cast(pa.date32())


def _usd(cents: np.ndarray, known: np.ndarray) -> pa.Array:
    """Empty where a feed does not know what was allowed: a missing value has no sign, NaN marks it."""
    return pa.array(cents / 100, mask=np.isnan(known))
