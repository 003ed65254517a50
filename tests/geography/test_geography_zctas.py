"""ZCTA units: guessed neighbours from packages, true ones from given files."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from pipelines.geography.build import Geography, build_geography
from pipelines.problems import InputRefused


def edge_set(geography: Geography, *kinds: str) -> set[tuple[str, str]]:
    edges = geography.unit_adjacency
    edges = edges[edges["edge_kind"].isin(kinds)]
    return set(zip(edges["unit_a"], edges["unit_b"], strict=True))


def test_packaged_zcta_edges_are_never_called_exact(packaged_zctas: Geography) -> None:
    """Without borders every land edge is approximate, and no polygons are invented."""
    assert set(packaged_zctas.unit_adjacency["edge_kind"]) <= {"approximate", "bridge"}
    assert packaged_zctas.unit_polygon is None


def test_guessed_neighbours_are_mostly_true(packaged_zctas: Geography, census_zctas: Geography) -> None:
    """Of the guessed edges at least 80 % are true, of the true ones at least 70 % are guessed."""
    true = edge_set(census_zctas, "exact")
    known = {unit for pair in true for unit in pair}
    guessed = {pair for pair in edge_set(packaged_zctas, "approximate") if set(pair) <= known}
    assert len(guessed & true) / len(guessed) > 0.80
    assert len(guessed & true) / len(true) > 0.70


def test_the_given_list_is_used_as_it_is(census_zctas: Geography, shared_data: Path) -> None:
    """Exact edges are the pairs of the file between units of the four states, no more and no fewer."""
    table = pd.read_csv(shared_data / "geography" / "zcta_adjacency_2010.csv", dtype=str)
    units = set(census_zctas.unit["unit_id"])
    inside = table[table["zcta_a"].isin(units) & table["zcta_b"].isin(units)]
    expected = {tuple(sorted(pair)) for pair in zip(inside["zcta_a"], inside["zcta_b"], strict=True)}
    assert edge_set(census_zctas, "exact") == expected
    assert len(expected) == 4391


def test_units_that_the_list_does_not_know_are_joined_and_said(census_zctas: Geography) -> None:
    """Every unit has an edge; guessed edges only touch units without a listed one; both gaps are reported."""
    exact = {unit for pair in edge_set(census_zctas, "exact") for unit in pair}
    for a, b in edge_set(census_zctas, "approximate"):
        assert a not in exact or b not in exact
    everything = edge_set(census_zctas, "exact", "approximate", "bridge")
    assert {unit for pair in everything for unit in pair} == set(census_zctas.unit["unit_id"])
    assert [problem.file for problem in census_zctas.problems] == ["zcta_adjacency_2010.csv"] * 2
    assert "200 units of the list" in census_zctas.problems[0].message


def test_west_virginia_is_kept_apart(census_zctas: Geography) -> None:
    """Two large parts: New England and West Virginia; no edge of any kind joins them."""
    unit = census_zctas.unit.set_index("unit_id")
    large = unit[~unit["is_island"]]
    assert large.groupby("component_id")["state"].unique().map(sorted).to_list() == [
        ["ME", "NH", "VT"],
        ["WV"],
    ]
    for a, b in edge_set(census_zctas, "exact", "approximate", "bridge"):
        assert (unit["state"][a] == "WV") == (unit["state"][b] == "WV")


def test_maine_islands_are_islands(census_zctas: Geography) -> None:
    """Matinicus, Monhegan and Vinalhaven are flagged and reached by bridges."""
    unit = census_zctas.unit.set_index("unit_id")
    bridged = {end for pair in edge_set(census_zctas, "bridge") for end in pair}
    for zcta in ("04851", "04852", "04863"):
        assert unit.loc[zcta, "is_island"]
        assert zcta in bridged


def test_a_folder_that_is_not_there_is_refused(configure) -> None:
    """census_files without a folder names the variable to set."""
    with pytest.raises(InputRefused, match="CLAIMLINE_GEOGRAPHY_FILES"):
        build_geography(configure(geography_source="census_files"), files=None)


def test_a_folder_without_zcta_neighbours_is_refused(configure, tmp_path: Path) -> None:
    """Neighbours that the user meant to give are not silently guessed."""
    config = configure(geography_source="census_files", unit_type="zcta")
    with pytest.raises(InputRefused, match="neither ZCTA polygons nor a ZCTA adjacency list"):
        build_geography(config, files=tmp_path)


def test_a_list_with_renamed_columns_is_refused(configure, tmp_path: Path) -> None:
    """The message shows the columns found."""
    (tmp_path / "zcta_adjacency.csv").write_text("from,to\n05401,05403\n", encoding="utf-8")
    config = configure(geography_source="census_files", unit_type="zcta", states="VT")
    with pytest.raises(InputRefused, match="from,to"):
        build_geography(config, files=tmp_path)


def test_bad_lines_of_a_list_are_named_and_the_rest_is_used(configure, tmp_path: Path) -> None:
    """An id that lost its zero costs its line; a pair given twice, in both directions, counts once."""
    text = "zcta_a,zcta_b\n05401,05403\n05403,05401\n5401,05408\n05401,05408\n05401,05401\n"
    (tmp_path / "zcta_adjacency.csv").write_text(text, encoding="utf-8")
    config = configure(geography_source="census_files", unit_type="zcta", states="VT")
    geography = build_geography(config, files=tmp_path)
    assert edge_set(geography, "exact") == {("05401", "05403"), ("05401", "05408")}
    assert [problem.place for problem in geography.problems][:1] == ["line 4"]


def test_bad_rows_of_zctas_csv_are_named_and_the_rest_is_used(configure, tmp_path: Path) -> None:
    """A lost zero, a twin and an impossible latitude are refused; good rows replace the packaged places."""
    (tmp_path / "zctas.csv").write_text(
        "ZCTA5,Primary County,Latitude,Longitude,Population,Land Area\n"
        "05401,50007,44.5,-73.2,29000,8.5\n"
        "5403,50007,44.4,-73.2,20000,9\n"
        "05401,50007,44.5,-73.2,29000,8.5\n"
        "05408,50007,444,-73.2,10000,6\n"
        "05404,50007,44.5,-73.19,7000,1.4\n",
        encoding="utf-8",
    )
    (tmp_path / "zcta_adjacency.csv").write_text("zcta_a,zcta_b\n05401,05404\n", encoding="utf-8")
    config = configure(geography_source="census_files", unit_type="zcta", states="VT")
    geography = build_geography(config, files=tmp_path)
    assert [problem.place for problem in geography.problems] == [
        "line 3, column zcta",
        "line 4, column zcta",
        "line 5, column latitude",
    ]
    assert geography.unit.set_index("unit_id")["population"].to_dict() == {"05401": 29_000, "05404": 7_000}


def test_given_polygons_give_exact_edges_and_a_map(configure, tmp_path: Path) -> None:
    """Three squares in a row touch one after the other, a fourth meets only in a corner."""
    squares = {"05401": (0, 0), "05403": (1, 0), "05404": (2, 0), "05408": (3, 1)}
    shapes = [
        box(x / 10 - 73, y / 10 + 44, (x + 1) / 10 - 73, (y + 1) / 10 + 44) for x, y in squares.values()
    ]
    frame = gpd.GeoDataFrame({"ZCTA5CE20": list(squares)}, geometry=shapes, crs="EPSG:4269")
    frame.to_file(tmp_path / "cb_2020_us_zcta520_500k.shp")
    config = configure(geography_source="census_files", unit_type="zcta", states="VT")
    geography = build_geography(config, files=tmp_path)
    assert edge_set(geography, "exact") == {("05401", "05403"), ("05403", "05404")}
    assert list(geography.unit_polygon["unit_id"]) == sorted(squares)


@pytest.mark.parametrize(
    "text",
    [
        '"Addison County, VT"\t50001\t"Chittenden County, VT"\t50007\n\t\t"Orange County, VT"\t50017\n',
        "County Name|County GEOID|Neighbor Name|Neighbor GEOID|Length\n"
        "Addison County, VT|50001|Chittenden County, VT|50007|41000\n"
        "Addison County, VT|50001|Orange County, VT|50017|9000\n",
    ],
    ids=["2010 layout", "2024 layout"],
)
def test_census_county_layouts_are_read(text: str, configure, tmp_path: Path) -> None:
    """The fill-down layout of 2010 and the bar-separated one of 2024 give the same pairs."""
    (tmp_path / "county_adjacency.txt").write_text(text, encoding="utf-8")
    config = configure(geography_source="census_files", unit_type="county", states="VT")
    geography = build_geography(config, files=tmp_path)
    assert edge_set(geography, "exact") == {("50001", "50007"), ("50001", "50017")}


def test_county_files_agree_with_the_packaged_polygons(
    configure, shared_data: Path, counties: Geography
) -> None:
    """In Vermont, a state without great water or corners, both ways to the neighbours are one."""
    config = configure(geography_source="census_files", unit_type="county", states="VT")
    given = build_geography(config, files=shared_data / "geography")
    vermont = set(given.unit["unit_id"])
    packaged = {pair for pair in edge_set(counties, "exact") if set(pair) <= vermont}
    assert edge_set(given, "exact") == packaged
    assert given.problems == []
