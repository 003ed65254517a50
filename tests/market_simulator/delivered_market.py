"""A market as written to disk, and the rule by which a consumer counts its services."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.market_simulator import (
    MarketSpec,
    PracticeMoves,
    ProcedureShift,
    SystemLockIn,
    write_refreshes,
)
from pipelines.market_simulator.truth import read_truth

REGION = ("AR", "OK")
SMALL = MarketSpec(
    seed=7,
    lines_per_month=6_000,
    history_end="2025-12",
    history_months=10,
    refreshes=3,
    states=("AR", "KS", "LA", "MO", "NM", "OK", "TX"),
    events=(
        ProcedureShift("knee_viscosupplement", "2026-01", 1.7, states=REGION),
        PracticeMoves(surgeons=4, from_month="2026-02"),
        SystemLockIn("joint_implant", "2026-01", factor=0.3, volume_share=0.1),
    ),
)

# The rule a consumer applies: the latest version of each claim line, without voids, each patient × date ×
# code once. Files are read in refresh order; within a file a later row is a later version.
LATEST_SERVICES = """
with numbered as (
    select *, row_number() over (
        partition by claim_id, claim_line_number order by file_date desc, file_row_number desc) as version
    from read_parquet({files}, file_row_number = true))
select distinct concat_ws('|', person_id, claim_start_date, hcpcs_code) as service_key
from numbered where version = 1 and claim_frequency_code <> '8'
"""


@dataclass(frozen=True)
class Delivered:
    """A market as written to disk."""

    spec: MarketSpec
    folders: list[Path]
    truth_folder: Path

    @property
    def truth(self) -> dict[str, Any]:
        return read_truth(self.truth_folder)

    def claims(self, last: int | None = None) -> str:
        """The claim files up to a refresh, as a SQL list."""
        folders = self.folders if last is None else self.folders[: last + 1]
        return "[" + ", ".join(f"'{folder}/medical_claim.parquet'" for folder in folders) + "]"

    @property
    def services(self) -> str:
        return f"'{self.truth_folder}/services.parquet'"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(sql).fetchall()


def deliver(spec: MarketSpec, folder: Path) -> Delivered:
    return Delivered(spec, write_refreshes(spec, folder / "deliveries", folder / "truth"), folder / "truth")


def differences(market: Delivered, last: int) -> tuple[int, int]:
    """Services counted from the lines but not true, and the reverse, as of the market's last refresh."""
    counted = LATEST_SERVICES.format(files=market.claims(last))
    true = f"select service_key from {market.services} where not is_final_void"
    row = market.rows(
        f"select (select count(*) from (({counted}) except all ({true}))), "
        f"(select count(*) from (({true}) except all ({counted})))"
    )[0]
    return row[0], row[1]
