"""The dbt project as one multi-asset: Dagster splits it where Python results come in between."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster_dbt import dbt_assets

from assets.warehouse import WAREHOUSE_POOL
from dagster_project.dbt_in_process import DbtInProcess
from dagster_project.dbt_project import StageTranslator


def dbt_models(manifest: Path, reporting_condition: dg.AutomationCondition) -> dg.AssetsDefinition:
    """All models and their tests; `reporting_condition` drives those that read the plan."""

    @dbt_assets(
        manifest=manifest,
        name="dbt_models",
        dagster_dbt_translator=StageTranslator(reporting_condition),
        pool=WAREHOUSE_POOL,
    )
    def models(
        context: dg.AssetExecutionContext, dbt: DbtInProcess
    ) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
        yield from dbt.build(context)

    return models
