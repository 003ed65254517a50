"""Projection, frames, colours, classes and labels: what the maps stand on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_market import SampleMarket

from pipelines.delivery.cartography.albers import EARTH_RADIUS_MILES, Albers
from pipelines.delivery.cartography.frames import region_of
from pipelines.delivery.cartography.heat_classes import heat_breaks, heat_class
from pipelines.delivery.cartography.label_places import CHIP_RADIUS, place_labels, spread_chips
from pipelines.delivery.cartography.map_shapes import draw_shapes
from pipelines.delivery.cartography.territory_colours import PALETTE, colour_indexes, touching_pairs
from pipelines.delivery.report.svg_paths import UNITS_PER_PIXEL, path_of

PLACES = st.lists(st.tuples(st.floats(-124, -67), st.floats(25, 49)), min_size=1, max_size=20)


@settings(max_examples=50, deadline=None)
@given(places=PLACES)
def test_projection_agrees_with_an_independent_one(places: list[tuple[float, float]]) -> None:
    """Every place lies where PROJ's spherical Albers puts it, to a thousandth of a mile."""
    ours = Albers(29.5, 45.5, 37.0, -96.0).miles(np.array(places))
    definition = f"+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=37 +lon_0=-96 +R={EARTH_RADIUS_MILES} +units=m"
    x, y = pyproj.Proj(definition)(*np.array(places).T)
    np.testing.assert_allclose(ours, np.column_stack([x, y]), atol=1e-3)


def test_the_date_line_does_not_tear_the_map() -> None:
    """The Aleutians east and west of 180° are neighbours."""
    west, east = Albers(55.0, 65.0, 60.0, -154.0).miles(np.array([[179.9, 52.0], [-179.9, 52.0]]))
    assert np.hypot(*(west - east)) < 10


@pytest.mark.parametrize(
    ("longitude", "latitude", "region"),
    [
        (-71, 42, "mainland"),
        (-150, 61, "Alaska"),
        (173, 52.9, "Alaska"),
        (-157.8, 21.3, "Hawaii"),
        (-66, 18.2, "Puerto Rico, USVI"),
        (144.8, 13.5, "Pacific islands"),
        (-124.7, 48.4, "mainland"),
        (-81.8, 24.6, "mainland"),
    ],
)
def test_regions(longitude: float, latitude: float, region: str) -> None:
    """Far-off parts of the country are told from the lower 48, up to its corners."""
    assert region_of(np.array([longitude]), np.array([latitude]))[0] == region


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 25), st.data())
def test_neighbours_differ_on_planar_maps(count: int, data: st.DataObject) -> None:
    """Touching cells of a random map never share a colour."""
    places = data.draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=count, max_size=count, unique=True
        )
    )
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(places)))
    pairs = touching_pairs(cells)
    # Corners that many cells share would ask for more colours than borders do; only borders count here.
    borders = [
        (a, b) for a, b in pairs.tolist() if shapely.length(shapely.intersection(cells[a], cells[b])) > 0
    ]
    colours = colour_indexes(len(cells), np.array(borders, dtype=np.int64).reshape(-1, 2))
    assert all(colours[a] != colours[b] for a, b in borders)
    assert set(colours) <= set(range(len(PALETTE)))


def test_colours_are_used_alike() -> None:
    """Territories that touch nothing share the palette evenly instead of all taking the first colour."""
    colours = colour_indexes(21, np.zeros((0, 2), dtype=np.int64))
    assert sorted(np.bincount(colours, minlength=7)) == [3] * 7


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.floats(0, 1e9), st.just(float("nan"))), max_size=60))
def test_heat_classes_follow_the_values(values: list[float]) -> None:
    """Breaks ascend, there are at most five, and a larger value never gets a lower class."""
    breaks = heat_breaks(values)
    assert breaks == sorted(set(breaks))
    assert len(breaks) <= 5
    known = sorted(value for value in values if value > 0)
    classes = [heat_class(value, breaks) for value in known]
    assert classes == sorted(classes)
    assert all(0 <= number <= 5 for number in classes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), max_size=14))
def test_chips_part_and_labels_cover_nothing(seats: list[tuple[float, float]]) -> None:
    """Chips end apart and on the page; no label lies over a chip or another label."""
    chips = spread_chips(seats, 400, 300)
    for first, (x, y) in enumerate(chips):
        assert x - CHIP_RADIUS >= -1e-6
        assert x + CHIP_RADIUS <= 400 + 1e-6
        for other_x, other_y in chips[first + 1 :]:
            assert np.hypot(x - other_x, y - other_y) > CHIP_RADIUS
    labels = place_labels(["Somewhere, KS"] * len(chips), chips, 400, 300)
    long = len("Somewhere, KS") * 6.0
    start = {"start": 0.0, "middle": long / 2, "end": long}
    boxes = [
        shapely.box(label.x - start[label.anchor], label.y - 8, label.x - start[label.anchor] + long, label.y)
        for label in labels
        if label
    ]
    circles = [shapely.Point(chip).buffer(CHIP_RADIUS - 0.5) for chip in chips]
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in [*circles, *boxes[number + 1 :]])


def test_county_areas_stay_true(county_market: SampleMarket) -> None:
    """On the page counties have the same areas relative to one another as on the ground, within 2%."""
    shapes = draw_shapes(county_market.frames["mart_unit_assignment"], county_market.polygons)
    assert shapes is not None
    ground = county_market.polygons.set_index("unit_id").to_crs("EPSG:5070").area
    drawn = shapely.area(shapes.unit_shapes)
    large = drawn > 200
    ratio = drawn[large] / ground.reindex(shapes.unit_ids).to_numpy()[large]
    assert large.sum() > 20
    assert ratio.std() / ratio.mean() < 0.02


def test_borders_are_shared_after_simplification(county_market: SampleMarket) -> None:
    """Simplified counties neither overlap nor leave slivers: their union is as large as their sum."""
    shapes = draw_shapes(county_market.frames["mart_unit_assignment"], county_market.polygons)
    assert shapes is not None
    total = shapely.area(shapely.union_all(shapes.unit_shapes))
    assert shapely.area(shapes.unit_shapes).sum() == pytest.approx(total, rel=1e-4)
    assert shapely.area(shapes.territory_shapes).sum() == pytest.approx(total, rel=1e-4)


def test_points_get_ground_without_overlap(point_market: SampleMarket) -> None:
    """Territories of points cover their states once, and each point lies in its own territory's ground or at
    sea.
    """
    assignment = point_market.frames["mart_unit_assignment"]
    shapes = draw_shapes(assignment, None)
    assert shapes is not None
    assert shapes.is_points
    together = shapely.area(shapely.union_all(shapes.territory_shapes))
    assert shapely.area(shapes.territory_shapes).sum() == pytest.approx(together, rel=1e-3)
    home = dict(zip(shapes.territory_ids, shapes.territory_shapes, strict=True))
    own = np.array([home[name] for name in shapes.unit_territories])
    assert (shapely.distance(own, shapes.unit_shapes) < 0.5).mean() > 0.99


def test_far_states_are_insets() -> None:
    """Alaska and Hawaii get frames of their own at another scale, clear of what the main map draws."""
    frame = {
        "unit_id": ["1", "2", "3", "4"],
        "territory_id": ["T1", "T1", "T2", "T2"],
        "longitude": [-122.3, -80.2, -149.9, -157.9],
        "latitude": [47.6, 25.8, 61.2, 21.3],
    }
    shapes = draw_shapes(pd.DataFrame(frame), None)
    assert shapes is not None
    assert [part.region for part in shapes.frames] == ["mainland", "Alaska", "Hawaii"]
    for part, index in zip(shapes.frames[1:], (2, 3), strict=True):
        assert shapely.box(*part.box).contains(shapes.unit_shapes[index])
        assert not shapely.box(*part.box).intersects(shapes.unit_shapes[0])
    assert shapes.place(-149.9, 61.2) == pytest.approx(shapely.get_coordinates(shapes.unit_shapes[2])[0])
    assert shapes.place(-66.0, 18.2) is None


def test_paths_say_the_shape() -> None:
    """Walking the relative steps of a path leads along the ring, to a tenth of a pixel; specks vanish."""
    shape = shapely.Polygon([(0, 0), (10.26, 0), (10.26, 5.1), (0, 5.1)], [[(2, 2), (3, 2), (3, 3), (2, 3)]])
    text = path_of(shape)
    assert text.count("M") == 2
    start, steps = text.split("z")[0].removeprefix("M").split("l")
    numbers = np.array([int(number) for number in steps.replace("-", " -").split()]).reshape(-1, 2)
    walked = np.vstack([[0, 0], np.cumsum(numbers, axis=0)]) + np.array([int(n) for n in start.split()])
    ring = shapely.Polygon(walked / UNITS_PER_PIXEL)
    assert ring.symmetric_difference(shapely.Polygon(shape.exterior)).area < 0.5
    assert path_of(shapely.box(0, 0, 0.01, 0.01)) == ""
