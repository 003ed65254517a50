"""Travel: symmetric, no detour is a short cut, farther takes longer; a user's table comes first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.geography.sphere import chord_to_miles, great_circle_miles, unit_vectors
from pipelines.geography.travel import CircuityTravel, MatrixTravel, TravelModel, travel_from_settings

TRAVEL = CircuityTravel(1.42, 1.2, 60, 24, 58)
PLACES = st.tuples(st.floats(18, 70), st.floats(-170, -60))
NEW_YORK, BOSTON, PHILADELPHIA = (40.7128, -74.0060), (42.3601, -71.0589), (39.9526, -75.1652)


@st.composite
def travels(draw: st.DrawFn) -> CircuityTravel:
    far, local = draw(st.floats(1, 2)), draw(st.floats(5, 60))
    return CircuityTravel(
        far + draw(st.floats(0, 1)), far, draw(st.floats(1, 500)), local, local + draw(st.floats(0, 30))
    )


@settings(max_examples=80, deadline=None)
@given(travels(), PLACES, PLACES, PLACES)
def test_travel_is_a_metric(travel: CircuityTravel, a, b, c) -> None:
    """Zero at home, the same both ways, and never shorter by way of a third place; for miles and minutes."""
    for drive in (travel.miles, travel.minutes):
        assert drive(*a, *a) == 0
        assert drive(*a, *b) == pytest.approx(drive(*b, *a))
        assert drive(*a, *b) <= drive(*a, *c) + drive(*c, *b) + 1e-6


@settings(max_examples=80, deadline=None)
@given(travels(), st.lists(st.floats(0, 5000), min_size=2, max_size=20))
def test_farther_is_longer_and_detours_fade(travel: CircuityTravel, straight: list[float]) -> None:
    """Road miles rise with the straight line; the detour lies between far and near and falls."""
    line = np.sort(np.array(straight))
    road = travel.road_miles(line)
    assert (np.diff(road) >= -1e-9).all()
    detour = road[line > 1e-6] / line[line > 1e-6]
    assert (detour <= travel.circuity_near + 1e-9).all()
    assert (detour >= travel.circuity_far - 1e-9).all()
    assert (np.diff(detour) <= 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(PLACES, PLACES)
def test_haversine_and_chord_agree(a, b) -> None:
    """Two formulas for one distance."""
    chord = np.linalg.norm(unit_vectors(*a) - unit_vectors(*b))
    assert great_circle_miles(*a, *b) == pytest.approx(chord_to_miles(chord), abs=1e-3)


def test_known_drives_come_out_about_right() -> None:
    """New York to Boston is 190 miles as the crow flies, 215 by road and under four hours."""
    assert great_circle_miles(*NEW_YORK, *BOSTON) == pytest.approx(190, abs=1)
    assert 215 <= TRAVEL.miles(*NEW_YORK, *BOSTON) <= 240
    assert 200 <= TRAVEL.minutes(*NEW_YORK, *BOSTON) <= 260
    assert 8 <= TRAVEL.minutes(40.0, -75.0, 40.05, -75.0) <= 14  # three and a half miles in town


def test_arguments_broadcast_to_a_matrix() -> None:
    """Two places against three seats give a 2 × 3 matrix."""
    places = np.array([NEW_YORK, BOSTON])
    seats = np.array([NEW_YORK, BOSTON, PHILADELPHIA])
    miles = TRAVEL.miles(places[:, :1], places[:, 1:], seats[:, 0], seats[:, 1])
    assert miles.shape == (2, 3)
    assert miles[0, 0] == miles[1, 1] == 0


@pytest.mark.parametrize(
    "values", [(1.1, 1.2, 60, 24, 58), (1.4, 0.9, 60, 24, 58), (1.4, 1.2, 0, 24, 58), (1.4, 1.2, 60, 60, 58)]
)
def test_parameters_that_break_the_metric_are_refused(values) -> None:
    """A detour that grows or saves miles, or a highway slower than a street, is a ValueError."""
    with pytest.raises(ValueError, match="must"):
        CircuityTravel(*values)


def test_the_default_comes_from_the_settings(configure) -> None:
    """The five settings are the five parameters."""
    assert travel_from_settings(configure(speed_local_mph=20.0)) == CircuityTravel(1.42, 1.2, 60, 20, 58)


@pytest.fixture
def points() -> pd.DataFrame:
    rows = [("NY", *NEW_YORK), ("BOS", *BOSTON), ("PHL", *PHILADELPHIA)]
    return pd.DataFrame(rows, columns=["point_id", "latitude", "longitude"])


def pair_table(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["from_id", "to_id", "miles", "minutes"])


def test_the_table_comes_first_and_the_rest_falls_back(points: pd.DataFrame) -> None:
    """A given pair holds both ways, an absent one is the default's; broadcasting works as in the default."""
    travel: TravelModel = MatrixTravel(points, pair_table(("NY", "BOS", 216.0, 245.0)), TRAVEL)
    lat, lon = points["latitude"].to_numpy(), points["longitude"].to_numpy()
    miles = travel.miles(lat[:, None], lon[:, None], lat, lon)
    assert miles[0, 1] == miles[1, 0] == 216.0
    assert miles[0, 2] == TRAVEL.miles(*NEW_YORK, *PHILADELPHIA)
    assert travel.minutes(*BOSTON, *NEW_YORK) == 245.0
    assert travel.minutes(40.0, -75.0, 41.0, -75.0) == TRAVEL.minutes(40.0, -75.0, 41.0, -75.0)


def test_each_direction_keeps_its_own_drive(points: pd.DataFrame) -> None:
    """Where both directions are given neither is mirrored."""
    pairs = pair_table(("NY", "BOS", 216.0, 245.0), ("BOS", "NY", 219.0, 260.0))
    travel = MatrixTravel(points, pairs, TRAVEL)
    assert travel.minutes(*NEW_YORK, *BOSTON) == 245.0
    assert travel.minutes(*BOSTON, *NEW_YORK) == 260.0


def test_rows_that_cannot_be_used_are_named_and_left_out(points: pd.DataFrame) -> None:
    """An unknown point and a negative drive are two problems; the good row stands."""
    pairs = pair_table(("NY", "LA", 2790.0, 2400.0), ("NY", "BOS", -1.0, 5.0), ("NY", "PHL", 97.0, 110.0))
    travel = MatrixTravel(points, pairs, TRAVEL)
    assert sorted((problem.place, problem.value) for problem in travel.problems) == [
        ("row 1", "NY to LA"),
        ("row 2", "NY to BOS"),
    ]
    assert travel.miles(*PHILADELPHIA, *NEW_YORK) == 97.0
    assert not travel.holds(*NEW_YORK, *BOSTON)


def test_an_empty_table_is_the_default(points: pd.DataFrame) -> None:
    """Without pairs nothing changes."""
    travel = MatrixTravel(points, pair_table(), TRAVEL)
    assert travel.miles(*NEW_YORK, *BOSTON) == TRAVEL.miles(*NEW_YORK, *BOSTON)
