"""Real Medicare Part B volumes through the whole loop by the documented command: the plan on the true ZCTA graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_commands import published, run_command
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipelines.atomic_files import read_json
from pipelines.config.load import load_business_config
from pipelines.data_home import DataHome

VOLUMES = "claims/medicare_part_b_2012/part_b_by_provider_and_service_ME_NH_VT_WV.csv.gz"
TERRITORIES = 8

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def planned(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> DataHome:
    home = DataHome(tmp_path_factory.mktemp("part_b") / "home")
    run_command("dagster_project.plan_part_b", home, "--data", str(shared_data))
    return home


@pytest.fixture(scope="module")
def assignment(planned: DataHome) -> pd.DataFrame:
    return pd.read_parquet(planned.table("territories", "unit_assignment"))


def parts(units: pd.DataFrame, edges: pd.DataFrame) -> pd.Series:
    """Connected parts of each territory over `edges`, counted by scipy and not by the engine."""
    place = pd.Series(np.arange(len(units)), index=units["unit_id"])
    owner = units.set_index("unit_id")["territory_id"]
    inside = edges[owner.reindex(edges["unit_a"]).to_numpy() == owner.reindex(edges["unit_b"]).to_numpy()]
    a, b = place[inside["unit_a"]].to_numpy(), place[inside["unit_b"]].to_numpy()
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(units), len(units)))
    _, label = connected_components(graph, directed=False)
    return pd.Series(label, index=units["territory_id"]).groupby(level=0).nunique()


def test_eight_territories_hold_every_zcta_once(planned: DataHome, assignment: pd.DataFrame) -> None:
    """Every ZCTA of the four states belongs to exactly one of eight territories."""
    units = pd.read_parquet(planned.table("geography", "unit"))
    assert assignment["unit_id"].is_unique
    assert set(assignment["unit_id"]) == set(units["unit_id"])
    assert assignment["territory_id"].nunique() == TERRITORIES


def test_each_territory_is_contiguous_by_the_component_policy(
    planned: DataHome, assignment: pd.DataFrame
) -> None:
    """With bridges each territory is one part; without them its parts are itself and its islands, as published."""
    edges = pd.read_parquet(planned.table("geography", "unit_adjacency"))
    assert (parts(assignment, edges) == 1).all()
    units = pd.read_parquet(planned.table("geography", "unit"))
    islands = (
        assignment.merge(units[units["is_island"]], on="unit_id")
        .groupby("territory_id")["component_id"]
        .nunique()
    )
    without_bridges = parts(assignment, edges[edges["edge_kind"] != "bridge"])
    assert (without_bridges == 1 + islands.reindex(without_bridges.index, fill_value=0)).all()
    scorecard = published(
        planned, "select territory_id, components, is_contiguous from mart_territory_scorecard"
    )
    assert scorecard["is_contiguous"].all()
    assert scorecard.set_index("territory_id")["components"].to_dict() == without_bridges.to_dict()


def test_every_procedure_of_the_file_is_in_a_territory_or_unlocated(
    planned: DataHome, shared_data: Path
) -> None:
    """Procedures of the configured codes: territories plus the unlocated bucket are the file's total."""
    config, _ = load_business_config(planned.config)
    codes = config.value_set_codes.query("code_system == 'hcpcs'")["code"]
    file = pd.read_csv(shared_data / VOLUMES, usecols=["HCPCS_Cd", "Tot_Srvcs"], dtype={"HCPCS_Cd": str})
    in_the_file = file.loc[file["HCPCS_Cd"].isin(codes), "Tot_Srvcs"].sum()
    territory = pd.read_parquet(planned.table("territories", "territory"))
    nation = published(
        planned,
        "select sum(procedures) as procedures from mart_geography_opportunity where geography_level = 'nation'",
    )["procedures"].iloc[0]
    unlocated = published(
        planned,
        "select sum(procedures) as procedures from mart_geography_opportunity"
        " where geography_level = 'unit' and geography_id = 'unlocated'",
    )["procedures"].iloc[0]
    assert nation == pytest.approx(in_the_file)
    assert territory["procedures"].sum() + unlocated == pytest.approx(in_the_file)


def test_the_plan_is_balanced_and_says_its_bound(planned: DataHome) -> None:
    """Within the configured band, with a proven bound below the objective or none at all."""
    plan = published(planned, "select * from mart_plan").iloc[0]
    config, _ = load_business_config(planned.config)
    assert plan["max_deviation_share"] <= config.number("balance_tolerance_share") + 1e-9
    assert pd.isna(plan["bound"]) or 0 < plan["bound"] <= plan["objective"] + 1e-9


def test_a_manifest_was_made_and_is_said_to_be(planned: DataHome) -> None:
    """The delivery came as a bare file: its date is the end of the volumes' year, and the receipt tells."""
    receipt = read_json(planned.registry / "medicare_part_b.2012-12.json")
    assert receipt["known_on"] == "2012-12-31"
    assert receipt["manifest_origin"] == "made"
