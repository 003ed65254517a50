"""A consumer as they are: opens the published database again and again while the pipeline runs, and notes what it sees.

`python consumer.py <published folder> <notes file> <stop file>` runs until the stop file appears and reads once more
after that. It knows nothing of Claimline but `current/claimline.duckdb`. One JSON line a reading; an error is noted as
one and makes the exit code 1. A second connection is opened at the start and kept for the whole time.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.1


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Which snapshot this is, which plans its marts speak of, and every mart's rows, all of them scanned."""
    identities = connection.execute("from mart_snapshot").df().to_dict("records")
    tables = [
        row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
    ]
    marts = [table for table in tables if table != "mart_snapshot"]
    plans: set[str] = set()
    for mart in ("mart_plan", "mart_territory_scorecard", "mart_territory_quota", "mart_unit_assignment"):
        plans |= {row[0] for row in connection.execute(f"select distinct plan_id from {mart}").fetchall()}
    return {
        "identities": identities,
        "plans": sorted(plans),
        "rows": {
            mart: connection.execute(f"select count(columns(*)), count(*) from {mart}").fetchall()[0][-1]
            for mart in marts
        },
    }


def main(published: Path, notes: Path, stop: Path) -> int:
    database = str(published / "current" / "claimline.duckdb")
    first = str(Path(database).resolve())  # one process shares an open file: later snapshots have other names
    errors = 0
    with duckdb.connect(first, read_only=True) as held, notes.open("w", encoding="utf-8") as out:
        last = False
        while not last:
            last = stop.exists()
            try:
                with duckdb.connect(database, read_only=True) as connection:
                    reading: dict[str, object] = {"fresh": read(connection), "held": read(held)}
            except Exception as error:  # whatever a consumer can meet is what this is for
                errors += 1
                reading = {"error": f"{type(error).__name__}: {error}"}
            out.write(json.dumps(reading) + "\n")
            out.flush()
            time.sleep(PAUSE_SECONDS)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument) for argument in sys.argv[1:4])))
