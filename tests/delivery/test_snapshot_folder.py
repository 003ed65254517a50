"""What a snapshot folder holds, and that the same marts make the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_market import SampleMarket

from pipelines.delivery.marts import canonical_table
from pipelines.delivery.snapshot import STAGING, Snapshot, build_snapshot, remove_leftovers


def build(market: SampleMarket, published: Path, **facts: object) -> Snapshot:
    return build_snapshot(market.marts, market.polygons, {**market.facts, **facts}, published)


@pytest.fixture(scope="module")
def snapshot(county_market: SampleMarket, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return build(county_market, tmp_path_factory.mktemp("published"))


def test_same_marts_in_any_order_make_the_same_bytes(
    county_market: SampleMarket, snapshot: Snapshot, tmp_path: Path
) -> None:
    """Rows reversed and marts in another order: identical id, Parquet, GeoParquet, report and manifest."""
    turned = {
        name: table.take(pa.array(range(table.num_rows - 1, -1, -1)))
        for name, table in reversed(list(county_market.marts.items()))
    }
    again = build_snapshot(turned, county_market.polygons, county_market.facts, tmp_path)
    assert again.snapshot_id == snapshot.snapshot_id
    names = sorted(str(path.relative_to(snapshot.folder)) for path in snapshot.folder.rglob("*.*"))
    assert names == sorted(str(path.relative_to(again.folder)) for path in again.folder.rglob("*.*"))
    for name in names:
        if not name.endswith(".duckdb"):
            assert (snapshot.folder / name).read_bytes() == (again.folder / name).read_bytes(), name


def test_one_changed_cell_changes_the_hash(
    county_market: SampleMarket, snapshot: Snapshot, tmp_path: Path
) -> None:
    """The identity follows the tables: one different number is another snapshot."""
    plan = county_market.marts["mart_plan"]
    position = plan.column_names.index("objective")
    marts = county_market.marts | {"mart_plan": plan.set_column(position, "objective", pa.array([1.0]))}
    other = build_snapshot(marts, county_market.polygons, county_market.facts, tmp_path)
    assert other.manifest["snapshot_hash"] != snapshot.manifest["snapshot_hash"]
    changed = [
        name
        for name, facts in other.manifest["tables"].items()
        if facts["sha256"] != snapshot.manifest["tables"][name]["sha256"]
    ]
    assert changed == ["mart_plan"]


def test_database_parquet_and_input_agree(county_market: SampleMarket, snapshot: Snapshot) -> None:
    """Every mart is in both files with exactly the rows it came with; `mart_snapshot` says which this is."""
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        for name, table in county_market.marts.items():
            expected = canonical_table(table)
            assert pq.read_table(snapshot.folder / "parquet" / f"{name}.parquet").equals(expected)
            stored = connection.execute(f"select * from main.{name}").to_arrow_table().cast(expected.schema)
            assert stored.equals(expected)
        told = connection.execute("select snapshot_id, plan_id from mart_snapshot").fetchall()
    assert told == [(snapshot.snapshot_id, county_market.facts["plan_id"])]


def test_manifest_tells_all_and_no_machine(snapshot: Snapshot) -> None:
    """The manifest has the facts, counts and hashes; no path of this machine is in it or in the report."""
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == json.loads(json.dumps(dict(snapshot.manifest)))
    assert manifest["snapshot_id"] == f"sample.2026-03-{manifest['snapshot_hash'][:12]}"
    assert manifest["data_through"] == "2025-11-30"
    assert (
        manifest["tables"]["mart_unit_assignment"]["rows"] == manifest["files"]["geo/units.parquet"]["rows"]
    )
    text = json.dumps(manifest) + snapshot.report.read_text(encoding="utf-8")
    assert str(snapshot.folder) not in text
    assert str(Path.home()) not in text


def test_territory_polygons_are_valid_and_cover_their_units(snapshot: Snapshot) -> None:
    """Dissolved territories are valid and as large as the sum of their units, which do not overlap."""
    units = gpd.read_parquet(snapshot.folder / "geo" / "units.parquet")
    territories = gpd.read_parquet(snapshot.folder / "geo" / "territories.parquet").set_index("territory_id")
    assert territories.geometry.is_valid.all()
    assert units.crs == territories.crs == "EPSG:4326"
    summed = units.geometry.to_crs("EPSG:5070").area.groupby(units["territory_id"]).sum()
    areas = territories.geometry.to_crs("EPSG:5070").area
    assert ((areas - summed).abs() / summed < 1e-3).all()
    hidden = units[units["is_suppressed"]]
    assert hidden["addressable_usd"].isna().all()


def test_points_where_no_areas_are_known(point_market: SampleMarket, tmp_path: Path) -> None:
    """Units without polygons are published as points, and no territory areas are made up."""
    snapshot = build(point_market, tmp_path)
    units = gpd.read_parquet(snapshot.folder / "geo" / "units.parquet")
    assert set(units.geom_type) == {"Point"}
    assert len(units) == point_market.marts["mart_unit_assignment"].num_rows
    assert "geo/territories.parquet" not in snapshot.manifest["files"]


def test_facts_and_names_are_checked_before_anything_is_written(
    county_market: SampleMarket, tmp_path: Path
) -> None:
    """A missing fact or a table that is no mart is refused, and nothing is left behind."""
    facts = {name: value for name, value in county_market.facts.items() if name != "input_hash"}
    with pytest.raises(ValueError, match="input_hash"):
        build_snapshot(county_market.marts, None, facts, tmp_path)
    with pytest.raises(ValueError, match="fct_unit_potential"):
        build_snapshot({"fct_unit_potential": pa.table({"a": [1]})}, None, county_market.facts, tmp_path)
    assert not list(tmp_path.iterdir())


def test_leftovers_go_but_the_living_stay(tmp_path: Path) -> None:
    """Staging folders of dead processes and of this one are removed; one of a living process is not."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    dead = process.pid
    names = [f"build-{dead}", f"build-{os.getpid()}", f"forgotten-sample.2026-01-abc-{dead}", "build-1"]
    for name in names:
        (tmp_path / STAGING / name / "parquet").mkdir(parents=True)
    assert remove_leftovers(tmp_path) == sorted(names[:3])
    assert [path.name for path in (tmp_path / STAGING).iterdir()] == ["build-1"]
