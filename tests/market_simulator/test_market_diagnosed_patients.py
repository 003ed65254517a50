"""Diagnosed patients of the written truth: two sightings far apart, or one near a procedure of the product."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.market_simulator.diagnosed_patients import diagnosed_patients

KNEE = "knee_viscosupplement"


def sighting(patient: str, day: date, *, ruled_out: bool = False, until: int | None = None) -> dict[str, Any]:
    return {
        "patient_id": patient, "service_date": day, "product_id": KNEE, "seen_by_npi": "1", "site_npi": "2",
        "county_fips": "50001", "is_ruled_out": ruled_out, "standing_from": 0, "standing_to": until,
    }  # fmt: skip


def service(patient: str, day: date, code: str = "J7321", *, invalid: bool = False) -> dict[str, Any]:
    return {
        "patient_id": patient, "service_date": day, "hcpcs_code": code, "is_code_invalid": invalid,
        "standing_from": 0, "standing_to": None,
    }  # fmt: skip


def diagnosed(
    folder: Path, sightings: list[dict[str, Any]], services: list[dict[str, Any]], refresh: int
) -> set[str]:
    kinds = {"standing_to": pa.int32(), "service_date": pa.timestamp("s")}
    for name, rows in (("sightings", sightings), ("services", services)):
        table = pa.Table.from_pylist(rows)
        fields = [(column.name, kinds.get(column.name, column.type)) for column in table.schema]
        pq.write_table(table.cast(pa.schema(fields)), folder / f"{name}.parquet")
    return set(diagnosed_patients(folder, refresh)["patient_id"])


def test_thirty_days_apart_or_a_procedure_near_it(tmp_path: Path) -> None:
    """A: 30 days apart. B: 29. C: once, treated 30 days later. D: treated 31 days later. E: the second is a rule-out.
    F: treated with another product. G: the code of the treatment was not valid."""
    first, later = date(2025, 1, 1), date(2025, 1, 31)
    sightings = [sighting(name, first) for name in "ABCDEFG"]
    sightings += [
        sighting("A", later),
        sighting("B", date(2025, 1, 30)),
        sighting("E", later, ruled_out=True),
    ]
    services = [service("C", later), service("D", date(2025, 2, 1))]
    services += [service("F", first, "C1776"), service("G", first, invalid=True)]
    assert diagnosed(tmp_path, sightings, services, 0) == {"A", "C"}


def test_a_voided_sighting_counts_until_it_was_voided(tmp_path: Path) -> None:
    """As of the refresh of the void there is one date left."""
    sightings = [sighting("A", date(2025, 1, 1)), sighting("A", date(2025, 3, 1), until=1)]
    services = [service("B", date(2025, 1, 1))]
    assert diagnosed(tmp_path, sightings, services, 0) == {"A"}
    assert diagnosed(tmp_path, sightings, services, 1) == set()
