"""Ranks: targets by billing intensity, referral, trend and access; regions by what population does not explain."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.warehouse import WAREHOUSE_POOL, query, query_if_built, read_relation
from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.config.model import BusinessConfig

GROUP = "ranking"

TABLES = {
    "target_rank": "Providers per product by a weighted score; each component, and the interval of the rank.",
    "hot_region": "Regions per product by shrunk excess over what population leads to expect, with three reasons.",
}
DEPS = [
    ["intermediate", "int_ranking__billed"],
    ["intermediate", "int_providers__history"],
    ["intermediate", "int_potential__by_provider"],
    ["opportunity", "fct_completeness"],
    ["opportunity", "fct_referrer_value"],
    ["opportunity", "fct_unit_potential"],
    ["trends", "trend"],
    ["geography", "unit"],
    ["config", "setting"],
]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["ranking", name],
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
def opportunity_ranks(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Ranks over the planning year as of the last refresh."""
    import pandas as pd

    from assets.monitoring import to_arrow
    from pipelines.config.load import load_business_config
    from pipelines.ranking.hot_regions import hot_regions
    from pipelines.ranking.targets import RankRule, target_ranks
    from quality.table_registry import TABLES as SHAPES

    place = home.home
    config, _ = load_business_config(place.config)
    regions = hot_regions(
        read_relation(place, "opportunity.fct_unit_potential"),
        pd.read_parquet(place.table("geography", "unit")),
        config.text("hot_region_level"),
        config.number("interval_level"),
    )
    frames = {
        "target_rank": target_ranks(read_targets(place, config), RankRule.from_settings(config.number)),
        "hot_region": regions,
    }
    for name, frame in frames.items():
        shape = SHAPES[f"ranking/{name}"]
        yield write_table(place, f"ranking/{name}", to_arrow(frame, shape.schema), sort_by=shape.key)
    context.log.info(f"{len(frames['target_rank'])} targets, {len(regions)} regions")


def read_targets(place: DataHome, config: "BusinessConfig") -> "pd.DataFrame":
    """The components of each person's score; what no stage has told yet is not known.

    Whose NPI is deactivated is no target, however much is told of it (trap T28): a review asks about its work.
    """
    import numpy as np
    import pandas as pd

    from pipelines.ranking.intensity import billing_intensity
    from pipelines.ranking.targets import INPUTS

    billed = query(
        place,
        "select product_id, npi, procedure_code, payer_channel, cast(units as double) as units,"
        " cast(billed_usd as double) as billed_usd, units_squared, billed_squared,"
        " cast(charge_usd as double) as charge_usd, months_covered"
        " from intermediate.int_ranking__billed where npi not in (select npi"
        " from intermediate.int_providers__history where known_to_order is null and npi_status = 'deactivated')"
        " order by all",
    )
    access = query(
        place,
        "select product_id, npi,"
        " cast(sum(addressable_usd) as double) / nullif(cast(sum(total_usd) as double), 0) as addressable_share"
        " from intermediate.int_potential__by_provider group by all order by all",
    )
    capture = query_if_built(
        place,
        "opportunity.fct_completeness",
        "select payer_channel, cast(sum(captured_procedures) as double)"
        " / cast(sum(projected_procedures) as double) as share"
        " from opportunity.fct_completeness as known"
        " inner join intermediate.int_months__planned as planned"
        " on known.service_month between planned.first_month and planned.last_month"
        " where payer_channel <> 'all' and captured_procedures > 0 group by all order by all",
    )
    shares = {} if capture is None else dict(zip(capture["payer_channel"], capture["share"], strict=True))
    referral = query_if_built(
        place,
        "opportunity.fct_referrer_value",
        "select product_id, npi, cast(referral_alpha * downstream_addressable_usd as double) as referral_value"
        " from opportunity.fct_referrer_value order by all",
    )
    if referral is None:
        referral = pd.DataFrame({"product_id": [], "npi": [], "referral_value": []}).astype({"npi": str})
    trend = pd.read_parquet(place.table("trends", "trend"))
    trend = trend[trend["level"] == "provider"].rename(columns={"member_id": "npi"})
    columns = ["product_id", "npi", "growth_share", "growth_low", "growth_high", "trend_class"]
    known = billing_intensity(billed, config.unit_weights, shares)
    for component in (access, referral, trend[columns]):
        known = known.merge(component, how="left", on=["product_id", "npi"])
    known["trend_class"] = known["trend_class"].fillna("undetermined")
    # Shared patients are counted, not drawn: no error is known of their worth.
    return known.assign(referral_error=np.nan)[INPUTS]
