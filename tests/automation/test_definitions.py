"""The definitions as a whole: what people see in the UI, and what loading them may cost."""

from __future__ import annotations

import json
import subprocess
import sys

import dagster as dg
import pytest

from dagster_project.definitions import definitions_for
from pipelines.data_home import DataHome
from quality.table_registry import TABLES

STAGES = {
    "landing",
    "code_sets",
    "geography",
    "staging",
    "intermediate",
    "opportunity",
    "trends",
    "ranking",
    "monitoring",
    "providers",
    "territories",
    "field_plan",
    "quotas",
    "reporting",
    "delivery",
}
HEAVY = ["great_expectations", "geopandas", "ortools", "matplotlib"]


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> list[dg.AssetSpec]:
    definitions = definitions_for(DataHome.at(tmp_path_factory.mktemp("definitions")))
    dg.Definitions.validate_loadable(definitions)
    return [
        spec for spec in definitions.resolve_all_asset_specs() if spec.group_name != "default" or spec.deps
    ]


def test_groups_are_the_stages(specs: list[dg.AssetSpec]) -> None:
    """A stage has one name everywhere: module, group, test folder."""
    assert {spec.group_name for spec in specs} == STAGES


def test_every_asset_says_what_it_is_and_whose(specs: list[dg.AssetSpec]) -> None:
    """Description, owner and kind are there for each asset."""
    bare = [
        spec.key.to_user_string() for spec in specs if not (spec.description and spec.owners and spec.kinds)
    ]
    assert bare == []


def test_asset_keys_are_the_tables_of_the_contract(specs: list[dg.AssetSpec]) -> None:
    """Every table of docs/architecture.md is an asset with the same name."""
    keys = {spec.key.to_user_string() for spec in specs}
    assert sorted(set(TABLES) - keys) == []


def test_loading_the_definitions_imports_nothing_heavy() -> None:
    """Every Dagster process loads the definitions; solvers, maps and Great Expectations wait until they are used."""
    program = (
        "import sys, json; import dagster_project.definitions; "
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.strip().splitlines()[-1]) == []
