"""The written tables: the contract's shape, the same bytes every time, nothing stale."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyarrow.parquet as pq

from pipelines.atomic_files import sha256_of_file
from pipelines.data_home import DataHome
from pipelines.geography.build import KEYS, SCHEMAS, Geography, build_geography, write_geography


def test_tables_have_the_contract_s_schema_and_keys(counties: Geography, data_home: DataHome) -> None:
    """Types, unique sorted keys and the polygon file are as the architecture says, and the map is small."""
    written = write_geography(counties, data_home)
    for name, schema in SCHEMAS.items():
        table = pq.read_table(written[name])
        assert table.schema.equals(schema), name
        keys = [tuple(row.values()) for row in table.select(KEYS[name]).to_pylist()]
        assert keys == sorted(set(keys)), name
    polygons = gpd.read_parquet(written["unit_polygon"])
    assert list(polygons.columns) == ["unit_id", "geometry"]
    assert len(polygons) == 3233
    assert written["unit_polygon"].stat().st_size < 1.5e6


def test_building_twice_gives_the_same_bytes(configure, tmp_path: Path) -> None:
    """All four files of a two-state build are equal, byte for byte, for both kinds of unit."""
    for unit_type in ("county", "zcta"):
        config = configure(unit_type=unit_type, states="HI VT")
        hashes = []
        for attempt in ("first", "second"):
            geography = build_geography(config, files=None)
            written = write_geography(geography, DataHome(tmp_path / unit_type / attempt))
            hashes.append({name: sha256_of_file(path) for name, path in written.items()})
        assert hashes[0] == hashes[1]


def test_old_polygons_go_when_there_are_no_new_ones(
    counties: Geography, packaged_zctas: Geography, data_home: DataHome
) -> None:
    """After a change from counties to ZCTAs no county polygon is left to be drawn."""
    write_geography(counties, data_home)
    written = write_geography(packaged_zctas, data_home)
    assert "unit_polygon" not in written
    assert not data_home.table("geography", "unit_polygon").exists()


def test_the_summary_counts_what_is_in_the_tables(packaged_zctas: Geography) -> None:
    """ZIPs by match add up to all ZIPs, units and edges to the tables."""
    summary = packaged_zctas.summary()
    zips = [count for name, count in summary.items() if name.startswith("zips_")]
    edges = [count for name, count in summary.items() if name.startswith("edges_")]
    assert sum(zips) == len(packaged_zctas.zip_crosswalk)
    assert sum(edges) == len(packaged_zctas.unit_adjacency)
    assert summary["units"] == len(packaged_zctas.unit)
    assert summary["polygons"] == 0
