"""What is remembered of column lineage: what was read, by whom; never that it could not be read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagster_project import column_lineage

SQL = "select amount as paid from claims.line"
TABLES = {("claims", "line"): {"amount": "double"}, ("marts", "paid"): {"paid": "double"}}


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(column_lineage, "_KEPT", tmp_path / "kept")
    monkeypatch.setattr(column_lineage, "_known", {})
    return tmp_path / "kept"


def lineage(tmp_path: Path) -> Any:
    model = SimpleNamespace(schema="marts", name="paid", compiled_code=SQL)
    return column_lineage.column_metadata(model, TABLES, {}, tmp_path).get("dagster/column_lineage")


def test_what_could_not_be_read_is_tried_again(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure says nothing of the next attempt."""

    def broken(*_: object) -> None:
        raise ValueError("not understood")

    with monkeypatch.context() as patch:
        patch.setattr(column_lineage, "_read_lineage", broken)
        assert lineage(tmp_path) is None
    assert not kept.exists()
    (origin,) = lineage(tmp_path).deps_by_column["paid"]
    assert (origin.asset_key.path, origin.column_name) == (["claims", "line"], "amount")
    assert len(list(kept.iterdir())) == 1


def test_another_sqlglot_reads_anew(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one version read is not what the next one reads."""
    assert lineage(tmp_path)
    monkeypatch.setattr(column_lineage, "version", lambda _: "another")
    assert lineage(tmp_path)
    assert len(list(kept.iterdir())) == 2
