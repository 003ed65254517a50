"""Providers: who began, ended, moved, switched systems or does something else, and what the registry says of an NPI."""

from typing import TYPE_CHECKING

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.warehouse import WAREHOUSE_POOL, query
from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.providers.events import EventRules

GROUP = "providers"
MOST_MONTHS = 36  # events further back are history that everybody knows
VOLUME_EVENTS = ("new", "retired")
TABLE = "providers/provider_event"


@dg.asset(
    key=TABLE.split("/"),
    group_name=GROUP,
    description="What happened to the people who perform: from their claims by likelihood ratio, and from the registry.",
    deps=[
        ["intermediate", "int_providers__worked"],
        ["intermediate", "int_providers__located"],
        ["intermediate", "int_providers__history"],
        ["intermediate", "int_months__planned"],
        ["geography", "zip_crosswalk"],
        ["config", "setting"],
        ["monitoring", "supply_incident"],
    ],
    owners=["team:sales-analytics"],
    kinds={"python"},
    pool=WAREHOUSE_POOL,
)
def provider_events(home: HomeResource) -> dg.MaterializeResult[None]:
    """Judge the completed months of every person's work."""
    import pandas as pd
    import pyarrow as pa

    from pipelines.config.load import load_business_config
    from pipelines.providers.events import EventRules
    from quality.table_registry import TABLES

    place, shape = home.home, TABLES[TABLE]
    config, _ = load_business_config(place.config)
    rules = EventRules(
        confirm_months=int(config.number("event_confirm_months")),
        move_miles=config.number("event_move_miles"),
    )
    frame = events_of_home(place, rules)
    table = pa.Table.from_pandas(frame[list(shape.column_names)], schema=shape.schema, preserve_index=False)
    counts = {str(name): int(count) for name, count in pd.Series(frame["event"]).value_counts().items()}
    return write_table(place, TABLE, table, sort_by=shape.key, metadata=counts)


def events_of_home(place: DataHome, rules: "EventRules") -> "pd.DataFrame":
    """The events of the warehouse as it stands."""
    import pandas as pd

    from pipelines.providers.events import provider_events as events_by_claims
    from pipelines.providers.panel import provider_panel
    from pipelines.providers.registry_events import registry_events

    planned = query(
        place, "select last_month from intermediate.int_months__planned where source_kind = 'lines'"
    )
    counts = query(
        place,
        "select npi, account_id, product_id, service_month, cast(procedures as double) as procedures"
        " from intermediate.int_providers__worked",
    )
    history = query(
        place,
        "select npi, known_from_date, status_change, deactivation_date, reactivation_date"
        " from intermediate.int_providers__history where status_change is not null or deactivation_date is not null"
        " order by npi, known_from_order",
    )
    told = registry_events(history, counts)
    if not len(planned) or not len(counts):
        return told
    last = planned["last_month"].iloc[0].to_period("M")
    first = max(counts["service_month"].min().to_period("M"), last - (MOST_MONTHS - 1))
    panel = provider_panel(counts, str(first), str(last), rules.least_procedures)
    found = events_by_claims(panel, _sites(place), rules)
    if _is_supply_in_doubt(place):
        found = found[~found["event"].isin(VOLUME_EVENTS)]
    kept = [frame for frame in (found, told) if len(frame)]
    return pd.concat(kept, ignore_index=True) if kept else found


def _is_supply_in_doubt(place: DataHome) -> bool:
    """Whether data stopped coming: then nobody is called retired or new, for the work may only be untold (trap T22)."""
    import pandas as pd

    incidents = pd.read_parquet(place.table("monitoring", "supply_incident"), columns=["is_blocking"])
    return bool(incidents["is_blocking"].any())


def _sites(place: DataHome) -> "pd.DataFrame":
    """Where the sites of the directories are and what they are, as known today."""
    import pandas as pd

    located = query(
        place,
        "select npi as account_id, zip, health_system_id, coalesce(facility_type, 'office') as site_kind"
        " from intermediate.int_providers__located",
    )
    zips = pd.read_parquet(
        place.table("geography", "zip_crosswalk"), columns=["zip", "latitude", "longitude"]
    )
    return located.merge(zips, on="zip", how="left").drop(columns="zip")
