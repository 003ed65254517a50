"""Can a small cell be had from what is shown? Random markets, judged by linear algebra rather than by the rule itself."""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pandas as pd
import pytest
from dbt_runs import Build, Warehouse

THRESHOLD = 11


def random_market(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People per unit in some states, with their sums as states and nation; and a territory for each unit."""
    random = np.random.default_rng(seed)
    units = [
        {
            "geography_id": f"{state}-{unit}",
            "parent_id": f"S{state}",
            "territory_id": f"T{random.integers(3)}",
        }
        | {"patients": int(random.choice([0, random.integers(1, 11), random.integers(11, 60)]))}
        for state in range(random.integers(1, 6))
        for unit in range(random.integers(1, 7))
    ]
    frame = pd.DataFrame(units).assign(geography_level="unit")
    states = frame.groupby("parent_id", as_index=False)["patients"].sum()
    states = states.rename(columns={"parent_id": "geography_id"}).assign(
        geography_level="state", parent_id="nation"
    )
    nation = pd.DataFrame(
        [
            {
                "geography_id": "nation",
                "parent_id": "",
                "geography_level": "nation",
                "patients": frame["patients"].sum(),
            }
        ]
    )
    cells = pd.concat([frame, states, nation], ignore_index=True).assign(product_id="k", diagnosed_patients=0)
    return cells, frame[["geography_id", "territory_id"]].rename(columns={"geography_id": "unit_id"})


def judge(sql: str, cells: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Run the compiled model on given cells; returns them with `is_suppressed`."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as claimline")
        connection.execute("create schema claimline.intermediate; create schema claimline.staging")
        connection.register("given_cells", cells)
        connection.register("given_assignments", assignments)
        connection.execute(
            "create table claimline.intermediate.int_potential__by_geography as select * from given_cells"
        )
        connection.execute(
            f"create table claimline.staging.stg_config__settings as select {THRESHOLD} as suppression_threshold"
        )
        judged = connection.execute(sql).df()
    return cells.merge(judged, on=["product_id", "geography_level", "geography_id"])


def recoverable(judged: pd.DataFrame) -> set[str]:
    """Hidden units whose people follow from the shown states and nation (row space of the shown totals)."""
    units = judged[judged["geography_level"] == "unit"]
    hidden = units[units["is_suppressed"]]
    totals = judged[(judged["geography_level"] != "unit") & ~judged["is_suppressed"]]
    rows = [
        np.ones(len(hidden)) if total == "nation" else (hidden["parent_id"] == total).to_numpy(float)
        for total in totals["geography_id"]
    ]
    if hidden.empty or not rows:
        return set()
    matrix = np.array(rows)
    rank = np.linalg.matrix_rank(matrix)
    return {
        name
        for place, name in enumerate(hidden["geography_id"])
        if np.linalg.matrix_rank(np.vstack([matrix, np.eye(len(hidden))[place]])) == rank
    }


@pytest.fixture(scope="module")
def disclosure_sql(warehouse: Warehouse, golden: Build) -> str:
    """The compiled model, reading its territories from a given frame."""
    (file,) = warehouse.compiled.rglob("disclosure/int_disclosure__geographies.sql")
    sql, replaced = re.subn(
        r"read_parquet\('[^']*unit_assignment\.parquet'\)", "padded_assignments", file.read_text()
    )
    assert replaced == 1
    padding = ", ".join(
        f"cast(null as {kind}) as {name}"
        for name, kind in [
            ("plan_id", "varchar"),
            ("addressable_usd", "double"),
            ("drive_miles", "double"),
            ("drive_minutes", "double"),
            ("is_bridge", "boolean"),
        ]
    )
    return sql.lstrip().replace(
        "with", f"with padded_assignments as (select *, {padding} from given_assignments),", 1
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_small_cell_follows_from_what_is_shown(disclosure_sql: str, seed: int) -> None:
    """No shown cell is small, and no small cell is determined by the shown totals and siblings."""
    judged = judge(disclosure_sql, *random_market(seed))
    small = judged[judged["patients"].between(1, THRESHOLD - 1)]
    assert small["is_suppressed"].all()
    assert not judged.loc[judged["patients"] == 0, "is_suppressed"].any()
    assert not recoverable(judged) & set(small["geography_id"])


def test_the_audit_finds_a_leak_where_there_is_one() -> None:
    """With only the small cells hidden, a single one follows from its state."""
    cells = pd.DataFrame(
        {
            "geography_id": ["nation", "S", "a", "b"],
            "geography_level": ["nation", "state", "unit", "unit"],
            "parent_id": ["", "nation", "S", "S"],
            "is_suppressed": [False, False, True, False],
        }
    )
    assert recoverable(cells) == {"a"}
