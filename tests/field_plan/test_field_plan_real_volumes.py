"""Real Medicare Part B volumes of ME, NH, VT and WV on real ZCTAs, one territory a state, through to quotas."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.field_plan.complexity import territory_complexity
from pipelines.field_plan.tiers import WorkloadRule, account_tiers
from pipelines.field_plan.workload import accounts_without_territory, territory_workload
from pipelines.geography.travel import CircuityTravel
from pipelines.quotas.allocate import allocate_quotas
from pipelines.quotas.explain import quota_lines
from pipelines.quotas.rule import QuotaRule
from quality.checks import quota__lines_sum_to_quota, quota__sums_to_goal

WORK = WorkloadRule((24.0, 12.0, 4.0), (60.0, 40.0, 25.0), 0.5, 0.3, 1380.0)
VOLUMES = "claims/medicare_part_b_2012/part_b_by_provider_and_service_ME_NH_VT_WV.csv.gz"
# every provider of an injected knee product (HCPCS Level II J7321–J7326); its volume is what can be sold
ACCOUNTS = """
    select Rndrng_NPI as account_id, Rndrng_Prvdr_Zip5 as unit_id, Rndrng_Prvdr_State_Abrvtn as state,
        sum(cast(Tot_Srvcs as double) * cast(Avg_Mdcr_Pymt_Amt as double)) as addressable_usd,
        sum(cast(Tot_Srvcs as double)) as procedures, false as is_deactivated
    from read_csv($file, all_varchar = true, quote = '"')
    where HCPCS_Cd between 'J7321' and 'J7326' and Rndrng_Prvdr_State_Abrvtn in ('ME', 'NH', 'VT', 'WV')
    group by all order by all
"""
UNITS = """
    select ZCTA5 as unit_id, cast("Land Area" as double) as land_area_sq_miles,
        cast(Latitude as double) as latitude, cast(Longitude as double) as longitude
    from read_csv($file, all_varchar = true, quote = '"') order by 1
"""


def read(sql: str, path: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return connection.execute(sql, {"file": str(path)}).df()


def test_real_volumes_through_to_quotas(shared_data: Path) -> None:
    """Nothing is lost between tiers and territories, hours are plausible, quotas follow opportunity to the cent."""
    accounts = read(ACCOUNTS, shared_data / VOLUMES)
    units = read(UNITS, shared_data / "geography" / "zctas.csv")
    placed = accounts.merge(units, on="unit_id")
    assignment = placed.groupby("unit_id", as_index=False).agg(territory_id=("state", "min"))
    seats = placed.groupby("state", as_index=False).agg(
        seat_latitude=("latitude", "mean"), seat_longitude=("longitude", "mean")
    )
    territories = seats.rename(columns={"state": "territory_id"})
    assignment["drive_minutes"] = float("nan")
    travel = CircuityTravel(1.42, 1.2, 60.0, 24.0, 58.0)

    tiers = account_tiers(accounts, WORK)
    usd_a = tiers.loc[tiers["tier"] == "A", "addressable_usd"].sum()
    assert 0.5 <= usd_a / tiers["addressable_usd"].sum() < 0.6
    load = territory_workload(accounts, assignment, units, territories, WORK, travel)
    lost = accounts_without_territory(accounts, assignment)
    called = (accounts["addressable_usd"] > 0).sum()
    assert load["accounts"].sum() + (lost["addressable_usd"] > 0).sum() == called > 100
    assert load["workload_index"].mean() == pytest.approx(100)
    share = load["travel_hours"] / load["total_hours"]
    assert share.between(0.1, 0.6).all()
    assert territory_complexity(accounts, assignment, WORK)["complexity"].between(0, 1).all()

    products = accounts.merge(assignment, on="unit_id").assign(product_id="knee")
    products = products.groupby(["territory_id", "product_id"], as_index=False)[
        ["addressable_usd", "procedures"]
    ].sum()
    rule, goal = QuotaRule(0.7, 0.3, 0.5, 1.8, 0.25), Decimal("1000000.00")
    quotas = allocate_quotas(products, goal, rule)
    assert quota__sums_to_goal(quotas, goal).passed
    assert quota__lines_sum_to_quota(quotas, quota_lines(quotas, products, rule)).passed
    assert quotas["quota_usd"].astype(float).corr(products["addressable_usd"], method="spearman") >= 0.9
