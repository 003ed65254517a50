"""All Python assets, in the order of the flow. Automation comes from outside: when is not an asset's business."""

from __future__ import annotations

import dagster as dg

from assets.code_sets import code_sets
from assets.delivery import published_cells, published_snapshot
from assets.field_plan import field_plan
from assets.geography import unit_geography
from assets.landing import business_files, raw_refresh
from assets.monitoring import refresh_measurement
from assets.providers import provider_events
from assets.quotas import territory_quotas
from assets.ranking import opportunity_ranks
from assets.territories import territory_plan
from assets.trends import volume_trends


def python_assets(
    *,
    on_rebuild: dg.AutomationCondition,
    on_new_plan: dg.AutomationCondition,
    on_measured: dg.AutomationCondition,
    on_marts: dg.AutomationCondition,
) -> list[dg.AssetsDefinition]:
    """Every asset that is not a dbt model."""
    return [
        raw_refresh,
        business_files,
        code_sets,
        unit_geography,
        volume_trends,
        opportunity_ranks,
        refresh_measurement,
        provider_events,
        territory_plan(on_rebuild),
        field_plan(on_new_plan),
        territory_quotas(on_new_plan),
        published_cells(on_measured),
        published_snapshot(on_marts),
    ]
