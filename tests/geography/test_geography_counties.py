"""National county units from the packages: exact neighbours, people, polygons, islands."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from pipelines.geography.build import Geography
from pipelines.geography.polygons import COUNTY_FILE, COUNTY_OF_2016, packaged_counties
from pipelines.geography.zip_table import embedded_zip_table, package_folder

# Borders that meet in the polygons but are not in the Census list: across a lake, a strait, a river.
NOT_IN_THE_CENSUS_LIST = {("02198", "02220"), ("22095", "22103"), ("49007", "49019")}


def land_pairs(geography: Geography) -> set[tuple[str, str]]:
    edges = geography.unit_adjacency
    exact = edges[edges["edge_kind"] == "exact"]
    return set(zip(exact["unit_a"], exact["unit_b"], strict=True))


@pytest.fixture(scope="module")
def census_pairs(shared_data: Path) -> set[tuple[str, str]]:
    with (shared_data / "geography" / "county_adjacency.tsv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    renamed = [
        tuple(
            sorted(COUNTY_OF_2016.get(row[name], row[name]) for name in ("county_id", "adjacent_county_id"))
        )
        for row in rows
    ]
    return {(a, b) for a, b in renamed if a != b}


def test_county_neighbours_are_those_of_the_census(counties: Geography, census_pairs) -> None:
    """Shared borders give the Census list, but for three named pairs: precision above 0.999."""
    found = land_pairs(counties)
    assert len(found) == 8972
    assert found - census_pairs == NOT_IN_THE_CENSUS_LIST
    assert len(found & census_pairs) / len(found) > 0.999


def test_every_census_pair_that_is_not_found_is_a_corner_or_water(counties: Geography, census_pairs) -> None:
    """Recall is 0.946; what is missing meets in a corner, or across water that the polygons leave out."""
    missed = sorted(census_pairs - land_pairs(counties))
    assert len(census_pairs) == 9482
    assert len(missed) == 513
    shape = packaged_counties().set_index("county_fips").geometry
    a = np.asarray(shape.loc[[pair[0] for pair in missed]])
    b = np.asarray(shape.loc[[pair[1] for pair in missed]])
    meet = shapely.intersects(a, b)
    assert np.all(shapely.get_dimensions(shapely.intersection(a[meet], b[meet])) == 0)  # points only
    assert int(meet.sum()) == 336
    metres = packaged_water(sorted({fips for i in np.flatnonzero(~meet) for fips in missed[i]}))
    assert min(metres.values()) > 0
    assert np.median(list(metres.values())) > 1e8  # the shores of the Great Lakes, bays and sounds


def packaged_water(fips: list[str]) -> dict[str, float]:
    frame = gpd.read_file(package_folder("_plotly_geo") / COUNTY_FILE, ignore_geometry=True)
    water = frame.set_index("GEOID")["AWATER"].astype(float)
    return water.loc[fips].to_dict()


def test_known_neighbours_and_strangers(counties: Geography) -> None:
    """Cook touches DuPage; the four corners touch only in a point; Manhattan has neighbours."""
    pairs = land_pairs(counties)
    assert ("17031", "17043") in pairs
    assert ("04001", "08083") not in pairs
    assert any("36061" in pair for pair in pairs)


def test_all_people_are_somewhere(counties: Geography) -> None:
    """County populations sum to that of the ZCTAs, and every county of the map is a unit."""
    table = embedded_zip_table()
    assert counties.unit["population"].sum() == table["population"].sum() == 334_365_877
    assert len(counties.unit) == 3233
    los_angeles = counties.unit.set_index("unit_id").loc["06037"]
    assert 9_500_000 < los_angeles["population"] < 10_200_000
    assert los_angeles["unit_name"] == "Los Angeles County, CA"
    assert los_angeles["cbsa_code"] == "31080"
    assert 33.7 < los_angeles["latitude"] < 34.3
    assert -118.6 < los_angeles["longitude"] < -117.9


def test_every_unit_has_a_name_a_state_and_a_place(counties: Geography) -> None:
    """No unit is nameless, stateless or nowhere, and accents survive."""
    unit = counties.unit
    assert unit[["unit_name", "state", "latitude", "longitude", "land_area_sq_miles"]].notna().all().all()
    assert unit["unit_id"].is_unique
    assert unit["state"].nunique() == 56
    names = unit.set_index("unit_id")["unit_name"]
    assert names["72117"] == "Rincón Municipio, PR"
    assert names["51600"] == "Fairfax city, VA"


def test_a_county_across_the_date_line_is_not_in_the_atlantic(counties: Geography) -> None:
    """Aleutians West lies on both sides of 180 degrees; its centroid is in the Aleutians."""
    place = counties.unit.set_index("unit_id").loc["02016"]
    assert 51 < place["latitude"] < 58
    assert abs(place["longitude"]) > 160


def test_islands_are_joined_and_flagged(counties: Geography) -> None:
    """One large part; Alaska, Hawaii and the island areas have three bridges each to the mainland."""
    unit = counties.unit.set_index("unit_id")
    assert set(unit.loc[~unit["is_island"], "component_id"]) == {1}
    for state in ("AK", "HI", "PR", "GU"):
        assert unit.loc[unit["state"] == state, "is_island"].all()
    edges = counties.unit_adjacency
    bridges = edges[edges["edge_kind"] == "bridge"]
    ends = bridges[["unit_a", "unit_b"]].to_numpy()
    part = unit["component_id"]
    mainland = {
        island: {
            other
            for a, b in ends
            for own, other in ((a, b), (b, a))
            if part[own] == island and not unit["is_island"][other]
        }
        for island in sorted(set(part[unit["is_island"]]))
    }
    assert len(mainland) == 24
    assert {len(touched) for touched in mainland.values()} == {3}


def test_hawaii_can_stay_together(counties: Geography) -> None:
    """Bridges between the Hawaiian islands connect all five counties without the mainland."""
    hawaii = set(counties.unit.loc[counties.unit["state"] == "HI", "unit_id"])
    edges = counties.unit_adjacency
    inside = edges[edges["unit_a"].isin(hawaii) & edges["unit_b"].isin(hawaii)]
    reached, before = {"15003"}, set()
    while reached != before:
        before = set(reached)
        for a, b in zip(inside["unit_a"], inside["unit_b"], strict=True):
            if a in reached or b in reached:
                reached |= {a, b}
    assert reached == hawaii


def test_edges_are_canonical(counties: Geography) -> None:
    """Each pair once, smaller id first, both ends are units, miles above zero."""
    edges = counties.unit_adjacency
    assert (edges["unit_a"] < edges["unit_b"]).all()
    assert not edges.duplicated(["unit_a", "unit_b"]).any()
    assert set(edges["unit_a"]) | set(edges["unit_b"]) <= set(counties.unit["unit_id"])
    assert edges["miles"].gt(0).all()


def test_simplified_polygons_still_share_their_borders(counties: Geography) -> None:
    """The simplified map is one valid coverage with a polygon for each unit, eight times lighter."""
    polygons = counties.unit_polygon
    assert list(polygons["unit_id"]) == list(counties.unit["unit_id"])
    shapes = np.asarray(polygons.geometry.values)
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    original = np.asarray(packaged_counties().geometry.values)
    assert shapely.get_num_coordinates(shapes).sum() * 7 < shapely.get_num_coordinates(original).sum()
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(original).sum(), rel=0.001)
