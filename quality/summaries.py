"""Small frames for the expectation suites: SQL counts the many rows, the suites judge the few numbers.

Belongs here: one function per suite that needs one, from Parquet files or tables to a frame of at most a few
thousand rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa

LANDED_SQL = """
with receipts as (
    select
        refresh_id,
        sum(delivered_rows)::bigint as delivered_rows,
        sum(accepted_rows)::bigint as accepted_rows,
        sum(quarantined_rows)::bigint as quarantined_rows,
        min(service_from) as service_from,
        max(service_to) as service_to
    from read_parquet($receipts) where entity = 'medical_claim' group by refresh_id
), dated as (
    select *, coalesce(claim_line_start_date, claim_start_date) as service_date from read_parquet($claims)
), lines as (
    select
        dated.refresh_id,
        count(*) as landed_rows,
        avg((hcpcs_code is null)::int) as without_hcpcs_share,
        avg((payer_channel = 'unknown')::int) as unknown_channel_share,
        avg((not regexp_full_match(coalesce(rendering_npi, ''), '[12][0-9]{9}'))::int)
            filter (where claim_type = 'professional') as npi_repair_share,
        avg((service_date < service_from or service_date > service_to)::int) as outside_span_share
    from dated left join receipts on dated.refresh_id = receipts.refresh_id group by dated.refresh_id
)
select
    receipts.refresh_id,
    delivered_rows,
    accepted_rows,
    quarantined_rows,
    delivered_rows - accepted_rows - quarantined_rows as unaccounted_rows,
    accepted_rows - coalesce(landed_rows, 0) as unlanded_rows,
    case when delivered_rows > 0 then quarantined_rows / delivered_rows else 0 end as quarantined_share,
    coalesce(without_hcpcs_share, 0) as without_hcpcs_share,
    coalesce(unknown_channel_share, 0) as unknown_channel_share,
    coalesce(npi_repair_share, 0) as npi_repair_share,
    coalesce(outside_span_share, 0) as outside_span_share
from receipts left join lines on receipts.refresh_id = lines.refresh_id
order by receipts.refresh_id
"""


def landed_claims_summary(claims: str | list[str], receipts: str | list[str]) -> pd.DataFrame:
    """One row per refresh that delivered claims: counts and shares of the `landed_claims` suite.

    `claims` and `receipts` are globs (or lists) of `raw/medical_claim` and `raw/refresh` Parquet files.
    """
    with duckdb.connect() as connection:
        return connection.execute(LANDED_SQL, {"claims": claims, "receipts": receipts}).df()


def unit_potential_summary(potential: pd.DataFrame) -> pd.DataFrame:
    """`fct_unit_potential` with `split_gap_usd`: how far the parts are from the total."""
    parts = potential[["addressable_usd", "phantom_usd", "unknown_usd"]].sum(axis=1)
    return potential.assign(split_gap_usd=(potential["total_usd"] - parts).abs())


def territory_layers(
    territory: pd.DataFrame,
    assignment: pd.DataFrame,
    potential: pd.DataFrame,
    workload: pd.DataFrame | None,
) -> pd.DataFrame:
    """One row per territory with its three layers (R30): opportunity, access, travel.

    `total_usd` (opportunity) and `access_share` come from the potential of its units, drive and hours from
    the plan. A layer that was not computed is null or absent; the `territory_scorecard` suite then names it.
    """
    by_unit = potential.groupby("unit_id", as_index=False)[["total_usd", "addressable_usd"]].sum()
    placed = assignment[["unit_id", "territory_id"]].merge(by_unit, on="unit_id", how="left")
    sums = placed.groupby("territory_id", as_index=False)[["total_usd", "addressable_usd"]].sum(min_count=1)
    sums["access_share"] = (sums["addressable_usd"] / sums["total_usd"]).where(sums["total_usd"] > 0)
    kept = ["territory_id", "balance_index", "mean_drive_miles", "components", "is_contiguous"]
    layers = territory[[name for name in kept if name in territory]]
    layers = layers.merge(sums[["territory_id", "total_usd", "access_share"]], on="territory_id", how="left")
    if workload is not None:
        hours = workload[["territory_id", "travel_hours"]]
        layers = layers.merge(hours, on="territory_id", how="left")
    if "balance_index" in layers:
        layers["deviation_share"] = (layers["balance_index"] / 100.0 - 1.0).abs()
    return layers.sort_values("territory_id", ignore_index=True)


def cents(value: object) -> int:
    """An amount in whole cents, exactly. ValueError for a fraction of a cent."""
    amount = Decimal(str(value)) * 100
    if amount != amount.to_integral_value():
        raise ValueError(f"{value} has fractions of a cent")
    return int(amount)


def quota_summary(quota: pd.DataFrame, lines: pd.DataFrame, goal_usd: Decimal | float | str) -> pd.DataFrame:
    """One row per territory: `quota_cents`, `lines_gap_cents` (lines less quota), `goal_gap_cents` of all."""
    frame = pd.DataFrame(
        {"territory_id": quota["territory_id"], "quota_cents": quota["quota_usd"].map(cents)}
    )
    of_lines = lines.assign(amount_cents=lines["amount_usd"].map(cents))
    sums = of_lines.groupby("territory_id")["amount_cents"].sum()
    found = frame["territory_id"].map(sums).fillna(0).astype("int64")
    frame["lines_gap_cents"] = found - frame["quota_cents"]
    frame["goal_gap_cents"] = int(frame["quota_cents"].sum()) - cents(goal_usd)
    return frame.sort_values("territory_id", ignore_index=True)


def small_cell_summary(marts: Mapping[str, pa.Table | str], suppression_threshold: int = 11) -> pd.DataFrame:
    """One row per published mart and patient column: how many cells a reader could see that must not be seen.

    `marts`: name → table or glob of Parquet files. `small_cells`: visible counts from 1 to the threshold − 1.
    `marked_cells`: counts visible in rows that say `is_suppressed`. A mart without patient columns
    gives no row.
    """
    rows = []
    with duckdb.connect() as connection:
        for mart in sorted(marts):
            data = marts[mart]
            is_glob = isinstance(data, str)
            relation = connection.read_parquet(data) if is_glob else connection.from_arrow(data)
            for column in (name for name in relation.columns if _counts_patients(name)):
                mark = _mark_of(column, relation.columns)
                small = f'"{column}" between 1 and {suppression_threshold - 1}'
                marked = f'{mark} and "{column}" is not null' if mark else "false"
                found = relation.aggregate(
                    f"count(*), count(*) filter (where {small}), count(*) filter (where {marked})"
                ).fetchone()
                rows.append((mart, column, *(int(count) for count in found or (0, 0, 0))))
    return pd.DataFrame(rows, columns=["mart", "column_name", "cells", "small_cells", "marked_cells"])


def _mark_of(column: str, columns: list[str]) -> str | None:
    """The flag that hides a patient column: counts of diagnosed patients have one of their own."""
    own = "is_diagnosis_suppressed" if column.startswith("diagnosed") else "is_suppressed"
    return own if own in columns else "is_suppressed" if "is_suppressed" in columns else None


def _counts_patients(column: str) -> bool:
    """A count of people; flags and rates are not."""
    return "patients" in column and not column.startswith("is_") and "_per_" not in column
