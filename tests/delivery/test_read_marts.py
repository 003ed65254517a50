"""Reading marts out of a warehouse, and the one order that their rows are kept in."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.delivery.marts import MartMissing, canonical_table, read_marts

ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text(alphabet="aAbé0", max_size=3)),
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
        st.one_of(st.none(), st.decimals(min_value=-999, max_value=999, places=2)),
        st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2030, 1, 1))),
        st.one_of(st.none(), st.lists(st.sampled_from(["x", "y"]), max_size=2)),
    ),
    max_size=12,
)
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("amount", pa.float64()),
        ("quota", pa.decimal128(18, 2)),
        ("day", pa.date32()),
        ("parts", pa.list_(pa.string())),
    ]
)


def as_table(rows: list[tuple]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], SCHEMA
    )


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, data=st.data())
def test_row_order_does_not_matter(rows: list[tuple], data: st.DataObject) -> None:
    """Any shuffle of the same rows, nulls and lists included, comes out as the very same table."""
    shuffled = data.draw(st.permutations(rows))
    first, second = canonical_table(as_table(rows)), canonical_table(as_table(shuffled))
    assert first.equals(second)
    assert first.schema == SCHEMA
    given = [repr(row).replace("-0.0,", "0.0,") for row in as_table(rows).to_pylist()]
    assert sorted(map(repr, first.to_pylist())) == sorted(given)


def test_given_keys_lead_the_order() -> None:
    """`sort_by` decides first; the other columns only break ties."""
    table = pa.table({"a": [1, 2, 3], "b": ["z", "y", "y"]})
    assert canonical_table(table, ["b"]).column("a").to_pylist() == [2, 3, 1]
    with pytest.raises(KeyError, match="nowhere"):
        canonical_table(table, ["nowhere"])


def test_minus_zero_is_zero() -> None:
    """The two are equal, so the same marts must not get two hashes for it; a single row is no exception."""
    (value,) = canonical_table(pa.table({"change_share": [-0.0]})).column("change_share").to_pylist()
    assert math.copysign(1.0, value) == 1.0


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "claimline.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema reporting; create schema opportunity")
        connection.execute(
            "create table reporting.mart_plan as "
            "select * from (values ('p2', 1.50::decimal(18,2)), ('p1', 2.25)) as plans(plan_id, quota_usd)"
        )
        connection.execute("create table opportunity.mart_secret as select 1 as patients")
    return path


def test_marts_are_read_and_the_warehouse_is_let_go(warehouse: Path) -> None:
    """Types survive, rows are sorted, and afterwards a writer can open the warehouse."""
    table = read_marts(warehouse, ["mart_plan"])["mart_plan"]
    assert table.to_pylist() == [
        {"plan_id": "p1", "quota_usd": Decimal("2.25")},
        {"plan_id": "p2", "quota_usd": Decimal("1.50")},
    ]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table reporting.written_after as select 1 as one")


def test_a_missing_mart_is_named(warehouse: Path) -> None:
    """Every absent mart is in the message, and a table of another schema does not count."""
    with pytest.raises(MartMissing, match=r"reporting\.mart_quota_line, reporting\.mart_secret"):
        read_marts(warehouse, ["mart_plan", "mart_secret", "mart_quota_line"])
