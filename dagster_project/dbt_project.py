"""Where the dbt project is, how its manifest is kept fresh, and how dbt nodes look in Dagster.

The manifest is parsed only when it is missing or older than the dbt sources: parsing costs seconds and every
process that loads the definitions would pay them. dbt writes its own in place, so processes that load the definitions
read a copy that is swapped in whole, and one of them parses while the others wait.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject
from filelock import FileLock

from dagster_project.automation import REBUILD_DECISION
from pipelines.atomic_files import replace_file
from pipelines.data_home import DataHome

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = REPOSITORY / "dbt"
TARGET = PROJECT / "target"
PARSED = TARGET / "manifest.json"
MANIFEST = TARGET / "definitions_manifest.json"

SOURCE_SUFFIXES = {".sql", ".yml", ".csv"}


def dbt_environment(home: DataHome) -> dict[str, str]:
    """The variables that `profiles.yml` and the sources read."""
    return {
        "CLAIMLINE_WAREHOUSE": str(home.warehouse),
        "CLAIMLINE_LAKE": str(home.lake),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def manifest_is_current() -> bool:
    if not MANIFEST.exists():
        return False
    newest = max(
        path.stat().st_mtime
        for path in PROJECT.rglob("*")
        if path.suffix in SOURCE_SUFFIXES and TARGET not in path.parents
    )
    return MANIFEST.stat().st_mtime >= newest


def prepare_manifest(home: DataHome) -> Path:
    """Parse the dbt project if its manifest is missing or stale. Returns the manifest's path."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with FileLock(TARGET / "manifest.lock"):
        if not manifest_is_current():
            from dagster_project.dbt_in_process import parse_project

            parse_project(home)
            replace_file(MANIFEST, _copy_parsed)
    return MANIFEST


def _copy_parsed(path: Path) -> None:
    shutil.copyfile(PARSED, path)


class StageTranslator(DagsterDbtTranslator):
    """Asset key = schema/table, group = stage, and the automation of the reporting marts."""

    def __init__(self, reporting_condition: dg.AutomationCondition) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True))
        self._reporting_condition = reporting_condition

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "source":
            return None
        return str(dbt_resource_props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return ["team:sales-analytics"]

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Models that read the plan also wait for the decision: before it, a refresh may still fail its checks."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        if not _reads_the_plan(props):
            return spec
        return spec.merge_attributes(deps=[REBUILD_DECISION])

    def get_automation_condition(
        self, dbt_resource_props: Mapping[str, Any]
    ) -> dg.AutomationCondition | None:
        return self._reporting_condition if _reads_the_plan(dbt_resource_props) else None


def _reads_the_plan(props: Mapping[str, Any]) -> bool:
    """Everything under `models/reporting/`, the unpublished disclosure models with it."""
    return props["resource_type"] == "model" and props["fqn"][1] == "reporting"
