"""Trends: growth of providers and places with interval and class, month-of-year factors, cohorts side by side."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.warehouse import WAREHOUSE_POOL, query, query_if_built
from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.config.model import BusinessConfig

GROUP = "trends"

TABLES = {
    "trend": "Growth of each provider, unit, state and the nation per product: interval, class, months compared.",
    "season_factor": "Month-of-year factors by product and payer channel, from the nation, growth taken out.",
    "cohort_trend": "The groups of cohorts.yml side by side: trend of each and the difference, with intervals.",
}
DEPS = [
    ["intermediate", "int_trends__counted"],
    ["intermediate", "int_months__planned"],
    ["opportunity", "fct_completeness"],
    ["staging", "stg_directory__providers"],
    ["geography", "unit"],
    ["config", "setting"],
    ["config", "product"],
]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["trends", name],
            group_name=GROUP,
            description=text,
            deps=DEPS,
            owners=["team:sales-analytics"],
            kinds={"python"},
        )
        for name, text in TABLES.items()
    ],
    pool=WAREHOUSE_POOL,
)
def volume_trends(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Trends on the mature months as of the last refresh."""
    from assets.monitoring import to_arrow
    from pipelines.config.load import load_business_config
    from pipelines.trends.cohorts import compare_cohorts
    from pipelines.trends.growth import TrendRule
    from pipelines.trends.levels import at_levels
    from pipelines.trends.trend import measure_trends
    from quality.table_registry import TABLES as SHAPES

    place = home.home
    config, _ = load_business_config(place.config)
    rule = TrendRule.from_settings(config.number)
    counted = read_counted(place)
    state_of = read_states(place)
    trends = measure_trends(at_levels(counted, state_of), rule)
    cohorts = compare_cohorts(counted, config.cohorts, read_taxonomies(place, config), state_of, rule)
    frames = {
        "trend": trends.trend,
        "season_factor": trends.season_factor,
        "cohort_trend": cohorts,
    }
    for name, frame in frames.items():
        shape = SHAPES[f"trends/{name}"]
        metadata: dict[str, Any] = {}
        if name == "trend":
            metadata["classes"] = frame["trend_class"].value_counts().sort_index().to_dict()
        yield write_table(
            place, f"trends/{name}", to_arrow(frame, shape.schema), sort_by=shape.key, metadata=metadata
        )
    context.log.info(f"{len(trends.trend)} members, {len(cohorts)} cohorts")


def read_counted(place: DataHome) -> "pd.DataFrame":
    """Counts with what is known of their months: as the completion factors say, or up to the last usable month."""
    import pandas as pd

    from pipelines.trends.levels import with_completeness

    counted = query(
        place,
        "select product_id, npi, unit_id, health_system_id, source, payer_channel,"
        " cast(service_month as timestamp) as service_month,"
        " cast(procedures as double) as procedures, cast(weekend_procedures as double) as weekend_procedures"
        " from intermediate.int_trends__counted order by all",
    )
    planned = query(
        place,
        "select cast(last_month as timestamp) as last_month from intermediate.int_months__planned"
        " where source_kind = 'lines'",
    )
    last = planned["last_month"].iloc[0] if len(planned) else pd.Timestamp.min
    known = query_if_built(
        place,
        "opportunity.fct_completeness",
        "select product_id, payer_channel, cast(service_month as timestamp) as service_month,"
        " completeness_share, cast(0 as double) as completeness_error"
        " from opportunity.fct_completeness"
        " where payer_channel <> 'all' and is_completion_known and completeness_share > 0 order by all",
    )
    return with_completeness(counted, last, known)


def read_states(place: DataHome) -> dict[str, str]:
    """State by unit."""
    import pandas as pd

    units = pd.read_parquet(place.table("geography", "unit"), columns=["unit_id", "state"])
    return dict(zip(units["unit_id"], units["state"], strict=True))


def read_taxonomies(place: DataHome, config: "BusinessConfig") -> dict[str, str]:
    """Taxonomy by NPI, where a cohort asks for one."""
    asked = [one for pair in config.cohorts for one in (pair.first, pair.second) if one.taxonomies]
    if not asked:
        return {}
    known = query(
        place,
        "select npi, primary_taxonomy_code from staging.stg_directory__providers"
        " where primary_taxonomy_code is not null",
    )
    return dict(zip(known["npi"], known["primary_taxonomy_code"], strict=True))
