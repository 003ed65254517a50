"""Runs one of the documented commands on real data as a process of its own, the way a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.data_home import DataHome

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 600


def run_command(module: str, home: DataHome, *arguments: str) -> str:
    """What `python -m module` printed; fails with it on any exit code but 0."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "CLAIMLINE_HOME": str(home.root), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-3000:]
    return ran.stdout


def published(home: DataHome, sql: str) -> pd.DataFrame:
    """A query over the snapshot that consumers read."""
    with duckdb.connect(str(home.current_snapshot / "claimline.duckdb"), read_only=True) as connection:
        return connection.execute(sql).df()
