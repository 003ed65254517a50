"""Real claims of ten people: far too lumpy to see drift in, and the method knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from territory_counts import RULE, SETTINGS

from pipelines.monitoring.windows import add_months, comparison_windows
from quality.count_tests import conditional_p_value
from quality.drift import measure_drift
from quality.supply import SupplyRule, volume_drops

FIRST_PLAN = date(2016, 12, 1)
LINES = """
select
    'G' || (cast(right(coalesce(rendering_npi, billing_npi), 1) as int) % 5) as territory_id,
    claim_type as product_id,
    cast(date_trunc('month', cast(claim_start_date as date)) as date) as service_month,
    cast(count(*) as double) as procedures,
    count(*) * 100.0 as total_usd
from read_csv(?, all_varchar = true)
where coalesce(rendering_npi, billing_npi) is not null
group by all
order by all
"""

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> pd.DataFrame:
    """2,000 lines over three years by five groups of providers: stand-ins for territories."""
    with duckdb.connect() as connection:
        file = str(shared_data / "claims" / "tuva_integration" / "medical_claim_seed.csv")
        return connection.execute(LINES, [file]).df()


def test_no_drift_is_claimed_in_twenty_one_refreshes(lines: pd.DataFrame) -> None:
    """Lines come in bursts (dispersion above 3): every verdict is 'too early', where tests that assume Poisson
    noise would call three times as many as chance allows.
    """
    territories, naive = sorted(lines["territory_id"].unique()), 0
    for month in range(1, 22):
        windows = comparison_windows(FIRST_PLAN, add_months(FIRST_PLAN, month))
        products = ["institutional", "professional"]
        details = measure_drift(lines, windows, RULE, territories=territories, products=products).details
        assert set(details["verdict"]) == {"too_early"}
        events = details[details["measure"] == "professional"]
        assert (events["dispersion"] > 3).all()
        base = (
            lines[
                (lines["product_id"] == "professional") & (lines["service_month"] <= pd.Timestamp(FIRST_PLAN))
            ]
            .groupby("territory_id")["procedures"]
            .sum()
        )
        growth = (events["expected"] / base.to_numpy()).to_numpy()
        poisson = conditional_p_value(
            events["observed"].to_numpy(), base.to_numpy(), growth, np.ones(len(base))
        )
        naive += int((poisson < 0.05).sum())
    assert naive > 3 * 0.05 * 21 * len(territories)


def test_real_volumes_of_one_payer_raise_no_supply_incident(lines: pd.DataFrame) -> None:
    """The months of a complete file go up and down; none of them is taken for missing data."""
    volumes = lines.groupby("service_month", as_index=False)["procedures"].sum()
    volumes = volumes.rename(columns={"procedures": "services"}).assign(
        source="tuva", payer_channel="medicare"
    )
    rule = SupplyRule.from_settings(SETTINGS)
    for month in range(1, 22):
        windows = comparison_windows(FIRST_PLAN, add_months(FIRST_PLAN, month))
        assert volume_drops(volumes, windows, rule, "tuva") == []
