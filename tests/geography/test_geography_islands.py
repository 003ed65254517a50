"""The island policy on small maps, and what holds on any map."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipelines.geography.centroid_neighbours import approximate_pairs
from pipelines.geography.islands import BRIDGES, join_islands

# A mainland of five in a row, an islet to the east, an atoll of two beyond it, a big country far away.
LATITUDE = np.array([40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.1, 10.0, 10.1])
LONGITUDE = np.array([-80.0, -79.9, -79.8, -79.7, -79.6, -79.0, -78.8, -78.8, -70.0, -70.0])
PAIRS = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [6, 7], [8, 9]])
PEOPLE = np.array([10.0, 10, 10, 10, 10, 1, 1, 1, 20, 20])


def test_small_parts_become_islands_and_large_ones_stay_apart() -> None:
    """The islet and the atoll are flagged and bridged; the country far away is large and gets no bridge."""
    parts = join_islands(PAIRS, LATITUDE, LONGITUDE, PEOPLE, 0.05)
    assert parts.component_id.tolist() == [1, 1, 1, 1, 1, 4, 3, 3, 2, 2]
    assert np.flatnonzero(parts.is_island).tolist() == [5, 6, 7]
    assert not np.isin(parts.bridges, [8, 9]).any()


def test_an_island_has_a_bridge_to_each_of_the_three_nearest_mainland_units() -> None:
    """The islet reaches units 2, 3 and 4, and the atoll behind it is joined to it as well."""
    parts = join_islands(PAIRS, LATITUDE, LONGITUDE, PEOPLE, 0.05)
    assert [tuple(pair) for pair in parts.bridges] == [(2, 5), (2, 6), (3, 5), (3, 6), (4, 5), (4, 6), (5, 6)]


def test_a_threshold_of_zero_makes_no_islands() -> None:
    """Every part is large where none is small enough."""
    parts = join_islands(PAIRS, LATITUDE, LONGITUDE, PEOPLE, 0.0)
    assert not parts.is_island.any()
    assert len(parts.bridges) == 0


def test_the_largest_part_is_never_an_island() -> None:
    """Even where every part is below the threshold there is a mainland to be joined to."""
    parts = join_islands(PAIRS, LATITUDE, LONGITUDE, PEOPLE, 1.0)
    assert np.flatnonzero(~parts.is_island).tolist() == [0, 1, 2, 3, 4]


def test_a_map_without_people_counts_units() -> None:
    """Where nobody lives, parts are measured by their number of units."""
    parts = join_islands(PAIRS, LATITUDE, LONGITUDE, np.zeros(10), 0.15)
    assert np.flatnonzero(parts.is_island).tolist() == [5]


@st.composite
def maps(draw: st.DrawFn):
    count = draw(st.integers(1, 30))
    coordinate = st.floats(-60, 60, allow_nan=False)
    latitude = np.array(draw(st.lists(coordinate, min_size=count, max_size=count)))
    longitude = np.array(draw(st.lists(coordinate, min_size=count, max_size=count)))
    people = np.array(draw(st.lists(st.floats(0, 1e6), min_size=count, max_size=count)))
    unit = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(unit, unit), max_size=40))
    edges = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    return np.array(edges, np.int64).reshape(-1, 2), latitude, longitude, people, draw(st.floats(0, 0.6))


@settings(max_examples=60, deadline=None)
@given(maps())
def test_with_bridges_every_island_reaches_exactly_one_large_part(example) -> None:
    """Land plus bridges has as many parts as there are large ones: islands join, large parts never do."""
    pairs, latitude, longitude, people, share = example
    parts = join_islands(pairs, latitude, longitude, people, share)
    edges = np.vstack([pairs, parts.bridges])
    count = len(latitude)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    large = len(set(parts.component_id[~parts.is_island].tolist()))
    assert connected_components(graph, directed=False)[0] == large >= 1
    assert (parts.bridges[:, 0] < parts.bridges[:, 1]).all()
    assert (parts.component_id[parts.bridges[:, 0]] != parts.component_id[parts.bridges[:, 1]]).all()
    islands = set(parts.component_id[parts.is_island].tolist())
    for island in islands:
        ends = parts.bridges[(parts.component_id[parts.bridges] == island).any(axis=1)]
        mainland = set(ends[~parts.is_island[ends]].tolist())
        assert 1 <= len(mainland) <= BRIDGES


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(3000, 4500), st.integers(-12000, -7000), st.floats(0, 400)),
        max_size=25,
        unique_by=lambda place: place[:2],
    )
)
def test_guessed_neighbours_never_fail_and_are_canonical(places) -> None:
    """Any number of places, in a line or not, gives sorted pairs i < j without doubles."""
    latitude = np.array([place[0] for place in places]) / 100
    longitude = np.array([place[1] for place in places]) / 100
    pairs = approximate_pairs(latitude, longitude, np.array([place[2] for place in places]))
    assert pairs.shape == (len(pairs), 2)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert pairs.tolist() == sorted(list(pair) for pair in {tuple(pair) for pair in pairs.tolist()})


def test_a_grid_of_squares_finds_its_neighbours() -> None:
    """On a grid of equal squares the guess finds every side neighbour."""
    size, step = 6, 0.1
    row, column = (index.ravel() for index in np.indices((size, size)))
    latitude, longitude = 40 + row * step, -90 + column * step
    side = step * 69.09
    pairs = approximate_pairs(latitude, longitude, np.full(size * size, side * side))
    found = {tuple(pair) for pair in pairs.tolist()}
    wanted = {(i, i + 1) for i in range(size * size) if column[i] < size - 1}
    wanted |= {(i, i + size) for i in range(size * (size - 1))}
    assert wanted <= found
