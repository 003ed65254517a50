"""Trap T28 in the warehouse: who is deactivated is no ranked target and no tiered account, and a review asks about it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest

from assets.field_plan import ACCOUNTS
from assets.monitoring import work_after_deactivation
from assets.ranking import read_targets
from assets.warehouse import query
from pipelines.data_home import DataHome
from pipelines.ranking.targets import COMPONENTS, RankRule, target_ranks

RULE = RankRule(dict.fromkeys(COMPONENTS, 1.0), 0.9, 7)
# OFF does most of the work and was deactivated in March; BACK was and is active again; SHY has opted out.
BUILT = """
create schema intermediate; create schema opportunity;
create table intermediate.int_providers__history as
select npi, date '2025-01-05' as known_from_date, known_from_order, known_to_order, npi_status, status_change,
    cast(off as date) as deactivation_date, cast(back as date) as reactivation_date
from (values
    ('OFF', 1, 2, 'active', null, null, null), ('OFF', 2, null, 'deactivated', 'deactivated', '2025-03-10', null),
    ('SHY', 1, null, 'deactivated', 'deactivated', '2025-03-10', null),
    ('BACK', 1, 2, 'deactivated', null, '2025-01-10', null),
    ('BACK', 2, null, 'active', 'reactivated', null, '2025-02-20'),
    ('GOOD', 1, null, 'active', null, null, null)
) as said(npi, known_from_order, known_to_order, npi_status, status_change, off, back);
create table intermediate.int_providers__worked as
select npi, 'S' as account_id, 'knee' as product_id, service_month, 10.0 as procedures
from (values ('OFF'), ('SHY'), ('BACK'), ('GOOD')) as people(npi),
    (values (date '2025-03-01'), (date '2025-05-01'), (date '2025-06-01')) as months(service_month);
create table intermediate.int_ranking__billed as
select 'knee' as product_id, npi, 'X' as procedure_code, 'medicare' as payer_channel, units, 100 * units as billed_usd,
    units as units_squared, 10000 * units as billed_squared, 0 as charge_usd, 12 as months_covered
from (values ('OFF', 900), ('BACK', 20), ('GOOD', 10)) as billed(npi, units);
create table intermediate.int_potential__by_provider as
select product_id, npi, billed_usd as total_usd, billed_usd as addressable_usd from intermediate.int_ranking__billed;
create table intermediate.int_potential__by_account as
select npi as account_id, 'U' as unit_id, units as procedures, billed_usd as addressable_usd
from intermediate.int_ranking__billed;
"""


@pytest.fixture
def home(tmp_path: Path) -> DataHome:
    home = DataHome(tmp_path)
    home.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(BUILT)
    trends = home.table("trends", "trend")
    trends.parent.mkdir(parents=True)
    columns = ["level", "product_id", "member_id", "growth_share", "growth_low", "growth_high", "trend_class"]
    pd.DataFrame({name: pd.Series([], dtype="str") for name in columns}).to_parquet(trends)
    return home


def test_only_who_may_work_is_ranked(home: DataHome) -> None:
    """The largest of all is deactivated and has no rank; who came back has one."""
    config: Any = SimpleNamespace(unit_weights={})
    known = read_targets(home, config)
    ranks = target_ranks(
        known.astype({"growth_share": float, "growth_low": float, "growth_high": float}), RULE
    )
    assert ranks.set_index("npi")["target_rank"].to_dict() == {"BACK": 1, "GOOD": 2}


def test_accounts_say_who_is_deactivated(home: DataHome) -> None:
    accounts = query(home, ACCOUNTS).set_index("account_id")["is_deactivated"]
    assert accounts.to_dict() == {"BACK": False, "GOOD": False, "OFF": True}


def test_a_review_asks_about_work_after_a_deactivation(home: DataHome) -> None:
    """From the first month after the one of the deactivation; who opted out is not named."""
    config: Any = SimpleNamespace(opt_outs=pd.DataFrame({"npi": ["SHY"]}))
    found = work_after_deactivation(home, config)
    assert found["npi"].tolist() == ["OFF"]
    assert found["event_month"].dt.strftime("%Y-%m").tolist() == ["2025-05"]
