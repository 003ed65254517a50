"""Processes that load the definitions at once never read half a manifest, and parse the project once."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dagster_project import dbt_in_process, dbt_project
from pipelines.data_home import DataHome

LOADERS = 4


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A project in a folder of its own, whose parser writes in place and slowly, as dbt does; the parses it was asked."""
    target = tmp_path / "target"
    for name, value in {
        "PROJECT": tmp_path,
        "TARGET": target,
        "PARSED": target / "manifest.json",
        "MANIFEST": target / "definitions_manifest.json",
    }.items():
        monkeypatch.setattr(dbt_project, name, value)
    (tmp_path / "model.sql").write_text("select 1")
    parses: list[Path] = []

    def parse_slowly(home: DataHome) -> Any:
        parses.append(home.root)
        with dbt_project.PARSED.open("w") as handle:
            for part in ('{"nodes"', ": {}}"):
                handle.write(part)
                handle.flush()
                time.sleep(0.05)

    monkeypatch.setattr(dbt_in_process, "parse_project", parse_slowly)
    return parses


def load(home: DataHome) -> Any:
    return json.loads(dbt_project.prepare_manifest(home).read_text())


def test_all_read_it_whole_and_one_parses(project: list[Path], tmp_path: Path) -> None:
    with ThreadPoolExecutor(LOADERS) as pool:
        found = list(pool.map(load, [DataHome(tmp_path / "home")] * LOADERS))
    assert found == [{"nodes": {}}] * LOADERS
    assert len(project) == 1


def test_a_changed_model_is_parsed_again(project: list[Path], tmp_path: Path) -> None:
    home = DataHome(tmp_path / "home")
    load(home)
    model = tmp_path / "model.sql"
    later = dbt_project.MANIFEST.stat().st_mtime_ns + 1_000_000_000
    model.write_text("select 2")
    os.utime(model, ns=(later, later))
    load(home)
    assert len(project) == 2


def test_what_dbt_writes_in_place_later_is_not_read(project: list[Path], tmp_path: Path) -> None:
    home = DataHome(tmp_path / "home")
    load(home)
    dbt_project.PARSED.write_text('{"no')
    assert load(home) == {"nodes": {}}
