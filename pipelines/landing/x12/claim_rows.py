"""Claims of an 837 file as columns of text, a row per service line, in batches of transaction sets.

Every LX (or service segment without one) and every claim without lines is a row: good, or bad with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from pipelines.landing.x12.claim_loops import (
    MOST_DIAGNOSES,
    MOST_PROCEDURES,
    NO_LINES,
    NO_SERVICE,
    TOO_MANY_CODES,
    Claim,
    ServiceLine,
    claims_of,
    type_of,
)
from pipelines.landing.x12.segments import (
    INSTITUTIONAL,
    WRONG_CONTROL,
    WRONG_COUNT,
    TransactionSet,
    transaction_sets,
)

ROWS_PER_BATCH = 50_000
MOST_MODIFIERS = 4
CLAIM_COLUMNS = (
    "claim_id",
    "prior_claim_id",
    "person_id",
    "payer",
    "plan",
    "filing_indicator",
    "transaction_type",
    "submitted_date",
    "claim_frequency_code",
    "claim_start_date",
    "claim_end_date",
    "drg_code",
    "billing_npi",
    "diagnosis_code_type",
    "procedure_code_type",
    *(f"diagnosis_code_{i + 1}" for i in range(MOST_DIAGNOSES)),
    *(f"procedure_code_{i + 1}" for i in range(MOST_PROCEDURES)),
)
LINE_COLUMNS = (
    "claim_line_number",
    "claim_type",
    "claim_line_start_date",
    "claim_line_end_date",
    "place_of_service_code",
    "bill_type_code",
    "revenue_center_code",
    "procedure_qualifier",
    "hcpcs_code",
    *(f"hcpcs_modifier_{i + 1}" for i in range(MOST_MODIFIERS)),
    "charge_amount",
    "unit_of_measure",
    "quantity",
    "diagnosis_pointers",
    "rendering_npi",
    "operating_npi",
    "referring_npi",
    "facility_npi",
)
COLUMNS = (*CLAIM_COLUMNS, *LINE_COLUMNS)
REMEDIES = {
    WRONG_COUNT: "Have the transaction set made and sent anew: something was cut out of it or put into it.",
    WRONG_CONTROL: "Have the transaction set made and sent anew.",
    NO_LINES: "Send the claim with its service lines (LX, SV1 or SV2).",
    NO_SERVICE: "Send SV1 or SV2 after LX.",
    TOO_MANY_CODES: "Split the claim: 837 has room for 25 diagnoses and 25 procedures.",
}
BadRow = tuple[int, str, str]


@dataclass(frozen=True)
class ClaimBatch:
    """`row_numbers` are segment numbers, `columns` texts by name; a bad row is number, reason and what was found."""

    row_numbers: pa.Array
    columns: dict[str, pa.Array]
    bad_rows: list[BadRow]


def claim_batches(handle: BinaryIO, file: str) -> Iterator[ClaimBatch]:
    """All lines of a file. Raises InputRefused at a broken envelope."""
    numbers, rows, bad = list[int](), list[tuple[str, ...]](), list[BadRow]()
    for transaction in transaction_sets(handle, file):
        _add(transaction, numbers, rows, bad)
        if len(rows) >= ROWS_PER_BATCH:
            yield _batch(numbers, rows, bad)
            numbers, rows, bad = [], [], []
    yield _batch(numbers, rows, bad)


def _add(
    transaction: TransactionSet, numbers: list[int], rows: list[tuple[str, ...]], bad: list[BadRow]
) -> None:
    for claim in claims_of(transaction):
        fault = transaction.fault or claim.fault
        if fault is not None:
            found = transaction.found if transaction.fault else ""
            bad += [
                (place, fault, found) for place in [line.number for line in claim.lines] or [claim.number]
            ]
            continue
        head = _claim_part(claim)
        for line in claim.lines:
            if line.service:
                numbers.append(line.number)
                rows.append(head + _line_part(transaction, claim, line))
            else:
                bad.append((line.number, NO_SERVICE, ""))


def _claim_part(claim: Claim) -> tuple[str, ...]:
    """A provider's control number is unique with that provider only; its own claims may have equal ones elsewhere."""
    days = [day for line in claim.lines for day in line.dates if day]
    first, last = claim.dates if claim.dates[0] else (min(days, default=""), max(days, default=""))
    return (
        f"{claim.billing_scope}:{claim.control_number}" if claim.control_number else "",
        f"{claim.billing_scope}:{claim.prior}" if claim.prior else "",
        claim.person_id,
        _text(claim.payer),
        _text(claim.plan),
        claim.filing,
        claim.said_type,
        claim.submitted,
        claim.place[2] if len(claim.place) > 2 else "",
        first,
        last,
        claim.drg,
        claim.billing_npi,
        claim.diagnosis_type,
        claim.procedure_type,
        *_filled(claim.diagnoses, MOST_DIAGNOSES),
        *_filled(claim.procedures, MOST_PROCEDURES),
    )


def _line_part(transaction: TransactionSet, claim: Claim, line: ServiceLine) -> tuple[str, ...]:
    parts = transaction.delimiters.component
    service = [*line.service, "", "", "", "", "", "", ""]
    npis = {**claim.npis, **line.npis}
    claim_type = type_of(line)
    place, qualifier = ([*claim.place, "", ""])[:2]
    if claim_type == INSTITUTIONAL:
        revenue, composite, charge, unit, quantity = service[1:6]
        place_of_service, pointers = "", ""
        # CLM05 holds facility type and classification (13) and frequency (7): the bill type 137.
        bill_type = place + (claim.place[2] if len(claim.place) > 2 else "") if qualifier == "A" else ""
        facility = npis.get("facility") or claim.billing_npi
    else:
        composite, charge, unit, quantity, line_place, _, pointers = service[1:8]
        revenue, bill_type = "", ""
        place_of_service = line_place or (place if qualifier == "B" else "")
        facility = npis.get("facility", "")
    code_qualifier, code, *modifiers = [*composite.split(parts), ""]
    return (
        line.line_number,
        claim_type,
        *line.dates,
        place_of_service,
        bill_type,
        revenue,
        code_qualifier if code else "",
        code if code_qualifier == "HC" else "",
        *_filled(modifiers, MOST_MODIFIERS),
        charge,
        unit,
        quantity,
        pointers.replace(parts, ":"),
        npis.get("rendering", ""),
        npis.get("operating", ""),
        npis.get("referring", ""),
        facility,
    )


def _filled(values: Sequence[str], places: int) -> tuple[str, ...]:
    return (*values[:places], *([""] * (places - len(values))))


def _text(name: str) -> str:
    """A name as UTF-8 where its bytes are that; the file was read as Latin-1."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return name


def _batch(numbers: list[int], rows: list[tuple[str, ...]], bad: list[BadRow]) -> ClaimBatch:
    """An element that is not there is null."""
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    columns = {
        name: pa.array([value or None for value in values], pa.string())
        for name, values in zip(COLUMNS, by_column, strict=True)
    }
    return ClaimBatch(pa.array(numbers, pa.int64()), columns, bad)
