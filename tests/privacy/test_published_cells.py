"""The memory of what was shown: what is copied, what is kept, and which snapshots a refresh may look at."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.atomic_files import write_json, write_parquet
from pipelines.data_home import DataHome
from pipelines.delivery.published_cells import earlier_cells, remember_snapshots

FLAGS = {
    "is_suppressed": False,
    "is_held_back": False,
    "is_diagnosis_suppressed": False,
    "is_diagnosis_held_back": False,
}


def snapshot(home: DataHome, refresh: str, procedures: int, held: bool = False) -> None:
    folder = home.published / "snapshots" / f"{refresh}-abc"
    cell = (
        {"product_id": "knee", "procedures": procedures, "patients": procedures}
        | FLAGS
        | {"is_held_back": held}
    )
    marts = {
        "mart_geography_opportunity": cell | {"geography_level": "unit", "geography_id": "U1"},
        "mart_provider_opportunity": cell | {"npi": "P1", "unit_id": "U1"},
        "mart_account_opportunity": cell | {"account_id": "A1", "unit_id": "U1"},
        "mart_data_through": {
            "is_planned_with": True,
            "planning_first_month": None,
            "planning_last_month": None,
        },
    }
    tables = {}
    for name, row in marts.items():
        table = pa.Table.from_pylist([row])
        write_parquet(folder / "parquet" / f"{name}.parquet", table, sort_by=[])
        tables[name] = {"columns": [{"name": column} for column in table.column_names]}
    write_json(folder / "manifest.json", {"as_of_refresh": refresh, "tables": tables})


@pytest.fixture
def home(tmp_path: Path) -> DataHome:
    home = DataHome.at(tmp_path)
    for number, refresh in enumerate(("r1", "r2", "r3"), start=1):
        snapshot(home, refresh, 10 * number, held=number == 2)
    remember_snapshots(home)
    return home


def test_a_refresh_looks_only_at_those_before_it(home: DataHome) -> None:
    """Published again, r2 sees r1 alone, whatever was published since; in refresh order, not by name."""
    seen = earlier_cells(home, ["r1", "r2", "r3"], "r2")
    assert set(seen["snapshot_id"].to_pylist()) == {"r1-abc"}
    assert sorted(seen["cell_kind"].to_pylist()) == ["account", "provider", "unit"]
    assert set(earlier_cells(home, ["r3", "r1", "r2"], "r1")["snapshot_id"].to_pylist()) == {"r3-abc"}
    assert len(earlier_cells(home, ["r1", "r2", "r3"], "r1")) == 0


def test_what_was_held_back_was_not_shown(home: DataHome) -> None:
    """r2 showed an older value: it counts as withheld then."""
    seen = earlier_cells(home, ["r1", "r2", "r3"], "r3").to_pylist()
    assert {(row["snapshot_id"], row["snapshot_order"], row["is_withheld"]) for row in seen} == {
        ("r1-abc", 1, False),
        ("r2-abc", 2, True),
    }


def test_the_memory_outlives_the_snapshots(home: DataHome, tmp_path: Path) -> None:
    """Nothing is copied twice, and a forgotten snapshot is still remembered."""
    assert remember_snapshots(home) == []
    before = earlier_cells(home, ["r1", "r2", "r3"], "r3")
    (tmp_path / "published").rename(tmp_path / "gone")
    assert earlier_cells(home, ["r1", "r2", "r3"], "r3").equals(before)
