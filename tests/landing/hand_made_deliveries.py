"""Small deliveries made by hand: rows in, a landed refresh out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.atomic_files import sha256_of_file
from pipelines.config.model import BusinessConfig, FilePattern, SourceProfile
from pipelines.data_home import DataHome
from pipelines.landing.land import land_delivery
from pipelines.landing.receipt import Receipt
from pipelines.landing.registry import RefreshRegistry

GOOD_NPI = "1497758544"
OTHER_NPI = "1023011178"

CLAIM: dict[str, Any] = {
    "claim_id": "C1",
    "claim_line_number": "1",
    "claim_type": "professional",
    "person_id": "P-1",
    "payer": "Medicare",
    "plan": "A",
    "claim_start_date": "2026-01-05",
    "claim_end_date": "2026-01-05",
    "claim_line_start_date": "2026-01-05",
    "claim_line_end_date": "2026-01-05",
    "place_of_service_code": "11",
    "bill_type_code": "",
    "drg_code": "",
    "revenue_center_code": "",
    "service_unit_quantity": "1",
    "hcpcs_code": "J7325",
    "hcpcs_modifier_1": "",
    "hcpcs_modifier_2": "",
    "rendering_npi": GOOD_NPI,
    "billing_npi": "",
    "facility_npi": "",
    "paid_date": "2026-01-20",
    "paid_amount": "80.00",
    "allowed_amount": "100.00",
    "charge_amount": "250.00",
    "diagnosis_code_type": "icd-10-cm",
    "diagnosis_code_1": "M17.11",
    "diagnosis_code_2": "",
    "diagnosis_code_3": "",
}


def claim(**changes: Any) -> dict[str, Any]:
    """A good claim line with changes; a change to None takes the column away."""
    return {name: value for name, value in (CLAIM | changes).items() if value is not None}


def csv_bytes(rows: Iterable[Mapping[str, Any]], columns: list[str] | None = None) -> bytes:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def make_config(*profiles: SourceProfile) -> BusinessConfig:
    nothing = pd.DataFrame()
    return BusinessConfig(
        profile="test", products=nothing, value_set_codes=nothing, value_set_rules=nothing,
            rule_outs=nothing, modifier_rules=nothing, code_rules=nothing, opt_outs=nothing,
            access_rules=nothing, roster=nothing,
        sources={profile.source: profile for profile in profiles}, settings={}, events=(), config_hash="0",
    )  # fmt: skip


VENDOR = SourceProfile(
    source="vendor",
    kind="lines",
    files=(
        FilePattern("medical_claim*", "medical_claim", "tuva"),
        FilePattern("provider*", "provider", "provider_directory"),
        FilePattern("facility*", "facility", "facility"),
    ),
    token_domain="vendor",
    default_payer_channel="unknown",
    payer_channels={"medicare": "medicare", "blue cross": "commercial"},
)
VOLUMES = SourceProfile(
    source="volumes",
    kind="annual",
    files=(FilePattern("part_b*", "part_b_volume", "medicare_part_b"),),
    token_domain="none",
    default_payer_channel="medicare",
    constants={"service_year": "2012"},
    cadence_days=366,
)


class Inbox:
    """A data home with an inbox to deliver into, and the landing of what is pending."""

    def __init__(self, home: DataHome, config: BusinessConfig):
        self.home, self.config, self.log = home, config, list[str]()
        self.registry = RefreshRegistry(home)

    def deliver(
        self, name: str, files: Mapping[str, bytes], manifest: Mapping[str, Any] | None = None
    ) -> Path:
        """Write a delivery folder; `manifest` overrides what a true one says (None = no manifest)."""
        folder = self.home.deliveries / name
        folder.mkdir(parents=True, exist_ok=True)
        for file_name, content in files.items():
            (folder / file_name).write_bytes(content)
        if manifest is not None:
            said: dict[str, Any] = {
                "manifest_version": 1,
                "source": "vendor",
                "refresh_id": "vendor.2026-01",
                "known_on": "2026-02-05",
                "service_from": None,
                "service_to": None,
                "code_sets": {"icd10cm": "2026"},
                "files": [
                    {
                        "name": file_name,
                        "entity": None,
                        "layout": None,
                        "sha256": sha256_of_file(folder / file_name),
                        "rows": None,
                    }
                    for file_name in files
                ],
            }
            (folder / "manifest.json").write_text(json.dumps(said | dict(manifest)))
        return folder

    def land_all(self) -> list[Receipt]:
        return [
            land_delivery(self.home, delivery, self.config, log=self.log.append)
            for delivery in self.registry.pending(self.config)
        ]

    def land_one(self, files: Mapping[str, bytes], manifest: Mapping[str, Any] | None = None) -> Receipt:
        """Deliver and land files of one refresh. Files of earlier calls must have been settled."""
        self.deliver(f"delivery-{len(list(self.home.deliveries.glob('*')))}", files, manifest or {})
        receipts = self.land_all()
        assert len(receipts) == 1, receipts
        return receipts[0]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a raw table over all refreshes, in order of file and row."""
        pattern = self.home.lake / "raw" / table / "*" / "*.parquet"
        if not list(self.home.lake.glob(f"raw/{table}/*/*.parquet")):
            return []
        query = f"SELECT * FROM read_parquet('{pattern}') ORDER BY refresh_id, file_sha256, row_number"
        with duckdb.connect() as connection:
            return connection.execute(query).to_arrow_table().to_pylist()

    def lake_bytes(self) -> dict[str, str]:
        """Every file of the lake with its hash, caches aside."""
        return {
            str(path.relative_to(self.home.lake)): sha256_of_file(path)
            for path in sorted(self.home.lake.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }


def parquet_bytes(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def typed_claims(rows: list[dict[str, Any]]) -> pa.Table:
    """Claim lines as a typed Parquet file would hold them: dates, numbers, nulls."""
    table = pa.Table.from_pylist([{name: value or None for name, value in row.items()} for row in rows])
    for place, name in enumerate(table.column_names):
        if name.endswith("_date"):
            days = [date.fromisoformat(text) if text else None for text in table.column(name).to_pylist()]
            table = table.set_column(place, name, pa.array(days, pa.date32()))
        elif name.endswith(("_amount", "_quantity")):
            table = table.set_column(place, name, table.column(name).cast(pa.float64()))
        elif name == "claim_line_number":
            table = table.set_column(place, name, table.column(name).cast(pa.int32()))
    return table
