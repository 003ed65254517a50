"""Claims with a planted referral network: who sends patients to whom, and what only looks like it.

Belongs here: a delivery whose edges are decided before any claim is written, as raw tables of a lake. Decoys: visits on
the day, after it, too long before it, for something else, voided, of an imaging code, billed by nobody but a group.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.atomic_files import write_parquet
from pipelines.landing.raw_tables import arrow_schema

PRODUCT, CODE, DIAGNOSIS = "knee_viscosupplement", "J7321", "M1711"
VISIT_CODE, IMAGING_CODE, OTHER_DIAGNOSIS = "G0463", "77003", "I10"
SURGEONS = [f"11000000{number:02d}" for number in range(8)]
SENDERS = [f"12000000{number:02d}" for number in range(25)]
GROUP, SITE, SOURCE = "2000000001", "3000000001", "simulated_market"
WINDOW_DAYS = 90
KNOWN_ON = date(2026, 1, 5)
FIRST_DAY, DAYS = date(2025, 1, 3), 320  # of surgeries: all in the planning year that LAST_DAY makes
LAST_DAY = date(2025, 12, 20)
PATIENTS = 400
Edge = tuple[str, str]
Row = dict[str, Any]


def plant_referrals(seed: int, lake: Path) -> dict[Edge, int]:
    """Write the claims into the lake's raw tables, in place of all that was there; shared patients by planted edge."""
    chance = random.Random(f"referrals {seed}")
    rows: list[Row] = []
    edges: defaultdict[Edge, set[str]] = defaultdict(set)
    for number in range(PATIENTS):
        patient = f"patient-{number}"
        surgeon = chance.choice(SURGEONS)
        day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        named = chance.choice(SENDERS) if chance.random() < 0.2 else None
        senders = chance.sample(SENDERS, chance.choice([0, 1, 1, 2]))
        for sender in senders:
            for _ in range(chance.choice([1, 1, 3])):
                before = timedelta(days=chance.choice([1, WINDOW_DAYS, chance.randint(2, WINDOW_DAYS - 1)]))
                rows.append(_visit(patient, day - before, sender))
        for sender in (*senders, *([named] if named else [])):
            edges[sender, surgeon].add(patient)
        rows += _decoys(chance, patient, day, surgeon, without={*senders, named})
        surgery = _claim(patient, day, CODE, surgeon, DIAGNOSIS)
        rows.append(surgery | {"referring_npi": named, "billing_npi": GROUP})
    rows.append(_claim("patient-last", LAST_DAY, VISIT_CODE, SENDERS[0], OTHER_DIAGNOSIS))
    _number(rows)
    _write(lake, "medical_claim", [row for row in rows if "claim_id" in row])
    people = [{"npi": npi, "entity_type_code": "1", "practice_zip": "04101"} for npi in (*SURGEONS, *SENDERS)]
    _write(lake, "provider", [*people, {"npi": GROUP, "entity_type_code": "2", "practice_zip": "04101"}])
    _write(lake, "facility", [{"facility_npi": SITE, "facility_zip": "04101"}])
    files = [
        {"file_name": name, "entity": name, "layout": "planted"} for name in ("medical_claim", "provider")
    ]
    _write(lake, "refresh", files)
    return {edge: len(patients) for edge, patients in edges.items()}


def _decoys(
    chance: random.Random, patient: str, day: date, surgeon: str, *, without: set[str | None]
) -> list[Row]:
    """What looks like a referral and is none, each of somebody who is no sender of the patient."""
    others = [npi for npi in SENDERS if npi not in without]
    same_day, after, early, unrelated, looked, voided = chance.sample(others, 6)
    week = timedelta(days=7)
    rows = [
        _visit(patient, day, same_day),
        _visit(patient, day + timedelta(days=1), after),
        _visit(patient, day - timedelta(days=WINDOW_DAYS + 1), early),
        _claim(patient, day - week, VISIT_CODE, unrelated, OTHER_DIAGNOSIS),
        _claim(patient, day - week, IMAGING_CODE, looked, DIAGNOSIS),
        _visit(patient, day - week, surgeon),
        _visit(patient, day - 2 * week, GROUP) | {"billing_npi": GROUP},
    ]
    bill = _visit(patient, day - 3 * week, voided) | {"chain": f"void {patient}"}
    return [*rows, bill, bill | {"claim_frequency_code": "8"}]


def _visit(patient: str, day: date, npi: str) -> Row:
    return _claim(patient, day, VISIT_CODE, npi, DIAGNOSIS)


def _claim(patient: str, day: date, code: str, npi: str, diagnosis: str) -> Row:
    return {
        "claim_id": None,
        "claim_line_number": 1,
        "claim_type": "professional",
        "claim_frequency_code": "1",
        "claim_status": "paid",
        "patient_token": patient,
        "payer_channel": "commercial",
        "claim_start_date": day,
        "service_unit_quantity": 1.0,
        "hcpcs_code": code,
        "hcpcs_modifiers": [],
        "rendering_npi": npi,
        "facility_npi": SITE,
        "charge_amount": 100.0,
        "diagnosis_codes": [diagnosis],
        "diagnosis_code_type": "icd-10-cm",
    }


def _number(rows: list[Row]) -> None:
    """Claim numbers: one each, but for a bill and its void."""
    for place, row in enumerate(rows):
        chain = row.pop("chain", f"claim {place}")
        row |= {"claim_id": chain, "claim_chain_id": chain}


def _write(lake: Path, table: str, rows: list[Row]) -> None:
    schema = arrow_schema(table)
    origin = {
        "source": SOURCE,
        "refresh_id": f"{SOURCE}.planted",
        "known_on": KNOWN_ON,
        "file_sha256": f"{table:0>64}",
    }
    numbered = [row | origin | {"row_number": place} for place, row in enumerate(rows, start=1)]
    for old in (lake / "raw" / table).glob("*/*.parquet"):
        old.unlink()
    target = lake / "raw" / table / f"{SOURCE}.planted" / "part.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(target, pa.Table.from_pylist(numbered, schema=schema), sort_by=["row_number"])
