"""`make dev`: Dagster's UI over the data home, on loopback only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dagster_project.dbt_project import prepare_manifest
from dagster_project.instance import prepare_instance
from pipelines.data_home import DataHome

PORT = os.environ.get("CLAIMLINE_PORT", "3000")


def main() -> None:
    home = DataHome.default()
    prepare_instance(home)
    prepare_manifest(home)
    dagster = Path(sys.executable).with_name("dg")
    print(f"Dagster UI: http://127.0.0.1:{PORT} (data home {home.root})", flush=True)
    os.execv(dagster, [str(dagster), "dev", "--host", "127.0.0.1", "--port", PORT])


if __name__ == "__main__":
    main()
