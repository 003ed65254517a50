"""Everything Dagster knows: assets by stage, the dbt project, jobs, sensors, schedules, resources.

`dg` and the UI load `defs`; the loop runner and tests call `definitions_for(home)` with a home of their own.
"""

from __future__ import annotations

import dagster as dg

from assets.definitions import python_assets
from assets.lake_table import HomeResource
from assets.opportunity import unit_potential_holds_expectations
from dagster_project.automation import (
    when_marts_are_rebuilt,
    when_plan_changes,
    when_rebuild_is_decided,
    when_refresh_is_measured,
)
from dagster_project.dbt_assets import dbt_models
from dagster_project.dbt_in_process import DbtInProcess
from dagster_project.dbt_project import prepare_manifest
from dagster_project.jobs import JOBS
from dagster_project.schedules import schedules
from dagster_project.sensors import sensors
from pipelines.data_home import DataHome


def definitions_for(home: DataHome) -> dg.Definitions:
    """The definitions over one data home."""
    return dg.Definitions(
        assets=[
            *python_assets(
                on_rebuild=when_rebuild_is_decided(),
                on_new_plan=when_plan_changes(),
                on_measured=when_refresh_is_measured(),
                on_marts=when_marts_are_rebuilt(),
            ),
            dbt_models(prepare_manifest(home), when_refresh_is_measured()),
        ],
        asset_checks=[unit_potential_holds_expectations],
        jobs=JOBS,
        sensors=sensors(),
        schedules=schedules(),
        resources={"home": HomeResource(root=str(home.root)), "dbt": DbtInProcess(home=str(home.root))},
        executor=dg.in_process_executor,
    )


defs = definitions_for(DataHome.default())
