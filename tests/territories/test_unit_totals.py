"""Reading the tables of the contract into a problem: sums over products, planning factors, and what has no place."""

from __future__ import annotations

import pandas as pd
import pytest
from small_maps import StraightLine

from pipelines.territories.inputs import problem_from_frames, territory_products, unit_totals
from pipelines.territories.problem import BalanceRule

UNITS = pd.DataFrame(
    {
        "unit_id": ["04101", "04401", "03101"],
        "latitude": [43.6, 44.8, 43.0],
        "longitude": [-70.2, -68.8, -71.4],
        "land_area_sq_miles": [10.0, 20.0, 30.0],
        "is_island": [False, False, False],
    }
)


def potential() -> pd.DataFrame:
    rows = [
        ("04101", "p", 100.0, 4),
        ("04101", "q", 50.0, 6),
        ("04401", "p", 10.0, 1),
        ("unlocated", "p", 7.0, 2),
    ]
    frame = pd.DataFrame(rows, columns=["unit_id", "product_id", "addressable_usd", "accounts"])
    for column in ("total_usd", "phantom_usd", "unknown_usd", "billed_usd", "procedures", "patients"):
        frame[column] = frame["addressable_usd"]
    frame["diagnosed_patients"] = None
    return frame


def test_every_unit_has_totals_and_nothing_is_lost() -> None:
    """Units without opportunity get zeros; opportunity without a unit is kept apart, and both sum to the input."""
    totals = unit_totals(UNITS, potential())
    frame = totals.frame.set_index("unit_id")
    assert frame["addressable_usd"].to_dict() == {"03101": 0.0, "04101": 150.0, "04401": 10.0}
    assert frame["accounts"].to_dict() == {"03101": 0, "04101": 6, "04401": 1}
    assert totals.unplaced["unit_id"].tolist() == ["unlocated"]
    assert frame["addressable_usd"].sum() + totals.unplaced_usd == potential()["addressable_usd"].sum()


def test_level_shifts_scale_what_is_planned_on() -> None:
    """A confirmed shift of one unit lifts its measures, and only its."""
    shift = pd.DataFrame({"unit_id": ["04401", "04101"], "level_factor": [1.5, 1.0]})
    frame = unit_totals(UNITS, potential(), level_shift=shift).frame.set_index("unit_id")
    assert frame["addressable_usd"].to_dict() == {"03101": 0.0, "04101": 150.0, "04401": 15.0}


def test_distinct_accounts_replace_the_count_per_product() -> None:
    """Where distinct accounts are known, they are used as they are."""
    accounts = pd.DataFrame({"unit_id": ["04101", "04401"], "accounts": [8, 1]})
    frame = unit_totals(UNITS, potential(), accounts=accounts).frame.set_index("unit_id")
    assert frame["accounts"].to_dict() == {"03101": 0, "04101": 8, "04401": 1}


def test_a_problem_is_made_of_the_frames() -> None:
    """Units are sorted, measures follow them, edges outside the scope are left out."""
    adjacency = pd.DataFrame(
        {
            "unit_a": ["03101", "04101", "03101"],
            "unit_b": ["04101", "04401", "05001"],
            "edge_kind": ["exact", "bridge", "exact"],
        }
    )
    problem = problem_from_frames(
        UNITS,
        adjacency,
        unit_totals(UNITS, potential()).frame,
        rules=[BalanceRule("addressable_usd", 0.1)],
        seats=1,
        travel=StraightLine(),
        small_component_share=0.1,
    )
    assert problem.unit_ids == ("03101", "04101", "04401")
    assert problem.measures["addressable_usd"].tolist() == [0.0, 150.0, 10.0]
    assert problem.edges.tolist() == [[0, 1], [1, 2]]
    assert problem.is_bridge.tolist() == [False, True]
    assert problem.area_sq_miles is not None
    assert problem.area_sq_miles.tolist() == [30.0, 10.0, 20.0]
    with pytest.raises(ValueError, match="have no totals"):
        problem_from_frames(
            UNITS,
            adjacency,
            unit_totals(UNITS.iloc[:2], potential()).frame,
            rules=[BalanceRule("addressable_usd", 0.1)],
            seats=1,
            travel=StraightLine(),
            small_component_share=0.1,
        )


def test_territory_products_leave_out_what_nobody_owns() -> None:
    """Dollars per territory and product, lifted by the shift of the product in the unit."""
    assignment = pd.DataFrame({"unit_id": ["04101", "04401"], "territory_id": ["T01", "T01"]})
    shift = pd.DataFrame({"unit_id": ["04401"], "product_id": ["p"], "level_factor": [2.0]})
    held = territory_products(potential(), assignment, shift).set_index("product_id")
    assert held["addressable_usd"].to_dict() == {"p": 120.0, "q": 50.0}
