"""Dagster's own home inside the data home: written once, telemetry off, one writer at a time."""

from __future__ import annotations

import os

import dagster as dg

from pipelines.atomic_files import write_text
from pipelines.data_home import DataHome

INSTANCE_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
# The warehouse takes one writer: every step that touches it is in a pool of one, whatever launches the run.
concurrency:
  pools:
    default_limit: 1
    granularity: op
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
sensors:
  use_threads: false
"""


def prepare_instance(home: DataHome) -> dg.DagsterInstance:
    """The Dagster instance of `home`, created at first use. Sets `DAGSTER_HOME` for this process and its children."""
    settings = home.dagster / "dagster.yaml"
    if not settings.exists() or settings.read_text(encoding="utf-8") != INSTANCE_SETTINGS:
        write_text(settings, INSTANCE_SETTINGS)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    return dg.DagsterInstance.get()


if __name__ == "__main__":
    prepare_instance(DataHome.default())
    print(DataHome.default().dagster)
