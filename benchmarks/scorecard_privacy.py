"""What a reader of a market's published marts could work out: the disclosure audit, refresh after refresh.

The opportunity marts of each refresh are audited with what was shown at the refreshes before, and then remembered as
shown. Does not belong here: building the marts (scorecard_market.py) and the audit itself (quality/disclosure_audit.py).
"""

from __future__ import annotations

from pipelines.atomic_files import write_parquet
from pipelines.config.load import load_business_config
from pipelines.data_home import DataHome
from pipelines.delivery.marts import read_marts
from pipelines.delivery.published_cells import KEY, cells_of_snapshot, earlier_cells
from pipelines.landing.registry import RefreshRegistry
from pipelines.territories.tables import TERRITORY, UNIT_ASSIGNMENT
from quality.disclosure_audit import recoverable_cells
from quality.published import Recoverable, what_is_published

AUDITED = (
    "mart_geography_opportunity",
    "mart_provider_opportunity",
    "mart_account_opportunity",
    "mart_access",
    "mart_phantom",
    "mart_referral",
    "mart_data_through",
)


def write_what_was_shown(home: DataHome) -> None:
    """`delivery/published_cell` for the last refresh landed: what the marts are withheld by. There is no plan."""
    order = [receipt.refresh_id for receipt in RefreshRegistry(home).accepted()]
    write_parquet(
        home.table("delivery", "published_cell"), earlier_cells(home, order, order[-1]), sort_by=KEY
    )
    for name, schema in (("territory", TERRITORY), ("unit_assignment", UNIT_ASSIGNMENT)):
        write_parquet(home.table("territories", name), schema.empty_table(), sort_by=[])


def audit_and_remember(home: DataHome) -> list[Recoverable]:
    """Cells that follow from the marts in the warehouse and the earlier ones; the marts then count as shown."""
    marts = read_marts(home.warehouse, AUDITED)
    config, _ = load_business_config(home.config)
    threshold = int(config.number("suppression_threshold"))
    cells = home.table("delivery", "published_cell")
    found = recoverable_cells(what_is_published(marts, threshold, home.warehouse, cells))
    as_of = RefreshRegistry(home).accepted()[-1].refresh_id
    folder = home.published / "audited" / as_of
    for name, table in marts.items():
        write_parquet(folder / "parquet" / f"{name}.parquet", table, sort_by=[])
    columns = {name: {"columns": [{"name": column} for column in marts[name].column_names]} for name in marts}
    shown = cells_of_snapshot(folder, {"tables": columns})
    write_parquet(home.published_cells / as_of / f"{as_of}.parquet", shown, sort_by=KEY)
    return found
