"""Each built-in audit finds the fault that it is there for, and none finds any in a sound snapshot."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from small_snapshot import FACTS, small_marts, stage

from pipelines.delivery.audits import (
    database_holds_the_tables,
    files_match_manifest,
    report_stands_alone,
    small_counts_are_suppressed,
)
from pipelines.delivery.publication import audit
from pipelines.delivery.snapshot import Snapshot, build_snapshot


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return stage(tmp_path, 1)


def with_counts(published: Path, **columns: pa.Array) -> Snapshot:
    marts = small_marts(1) | {"mart_geography_opportunity": pa.table(columns)}
    return build_snapshot(marts, None, {**FACTS, "as_of_refresh": "r"}, published)


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_sound_snapshot_passes(snapshot: Snapshot) -> None:
    """No audit complains about what `build_snapshot` made."""
    assert audit(snapshot) == []


def test_changed_and_missing_files_are_found(snapshot: Snapshot) -> None:
    """A flipped byte, a lost file and a lost manifest are each named."""
    parquet = snapshot.folder / "parquet" / "mart_generation.parquet"
    content = bytearray(parquet.read_bytes())
    content[len(content) // 2] ^= 1
    overwrite(parquet, bytes(content))
    snapshot.report.unlink()
    (snapshot.folder / "manifest.json").unlink()
    found = [problem.file for problem in files_match_manifest(snapshot)]
    assert found == ["manifest.json", "parquet/mart_generation.parquet", "report.html"]


def test_tables_beside_the_manifest_are_found(snapshot: Snapshot) -> None:
    """An extra table (in any schema), a missing one and a short one: internal tables cannot slip out."""
    snapshot.database.chmod(0o644)
    with duckdb.connect(str(snapshot.database)) as connection:
        connection.execute("create schema opportunity")
        connection.execute("create table opportunity.fct_unit_potential as select 1 as patients")
        connection.execute("drop table mart_unit_assignment")
        connection.execute("delete from mart_generation where number = 0")
    places = {problem.place: problem.message for problem in database_holds_the_tables(snapshot)}
    assert places == {
        "table opportunity.fct_unit_potential": "a table is in the database but not in the manifest",
        "table mart_unit_assignment": "a table is missing",
        "table mart_generation": "2000 rows were expected",
    }


@pytest.mark.parametrize(
    ("count", "is_refused"), [(0, False), (1, True), (10, True), (11, False), (None, False)]
)
def test_counts_of_one_to_ten_are_refused(tmp_path: Path, count: int | None, is_refused: bool) -> None:
    """The rule is 1 to 10, both included; nobody at all and an empty cell may be shown."""
    snapshot = with_counts(tmp_path, diagnosed_patients=pa.array([count, 500], pa.int64()))
    assert bool(list(small_counts_are_suppressed(snapshot))) == is_refused


def test_marked_rows_must_be_empty(tmp_path: Path) -> None:
    """A large count in a row marked suppressed (for a neighbour) is refused; each count has its own mark."""
    snapshot = with_counts(
        tmp_path,
        patients=pa.array([None, 80]),
        diagnosed_patients=pa.array([90, None], pa.int64()),
        is_suppressed=pa.array([True, False]),
        is_diagnosis_suppressed=pa.array([False, True]),
    )
    assert list(small_counts_are_suppressed(snapshot)) == []
    marked = with_counts(tmp_path, patients=pa.array([80, 90]), is_suppressed=pa.array([True, False]))
    (problem,) = small_counts_are_suppressed(marked)
    assert (problem.place, problem.value) == ("column patients", "1 rows")


@pytest.mark.parametrize(
    "reach_out",
    [
        '<script src="https://example.org/a.js"></script>',
        "<link href=//example.org/a.css>",
        "<style>a{background:url(http://example.org/a.png)}</style>",
        "<style>@import 'a.css'</style>",
        "<script>fetch('data.json')</script>",
    ],
)
def test_a_report_that_reaches_out_is_found(snapshot: Snapshot, reach_out: str) -> None:
    """Scripts, styles, images and requests from elsewhere are each refused; name spaces are not requests."""
    text = snapshot.report.read_text(encoding="utf-8")
    overwrite(snapshot.report, (text + '<svg xmlns="http://www.w3.org/2000/svg"></svg>').encode())
    assert list(report_stands_alone(snapshot)) == []
    overwrite(snapshot.report, (text + reach_out).encode())
    assert len(list(report_stands_alone(snapshot))) == 1
