"""How the benchmarks measure: a step in a process of its own, wall and CPU seconds, peak memory, the faster statement.

Belongs here: what several benchmarks share. Does not belong here: what is measured.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from pipelines.data_home import HOME_VARIABLE, DataHome

STATEMENT_RUNS = 3
THREADS = 2


def run_step(module: str, step: str, home: DataHome, *arguments: str) -> dict[str, Any]:
    """Run `python -m module --step step` in a process of its own; the figures it prints last, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", module, "--step", step, *arguments],
        env={**os.environ, HOME_VARIABLE: str(home.root)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**figures, "process_cpu_s": round(cpu, 2)}


def peak_gib() -> float:
    """Peak resident memory of this process."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


def timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """(wall seconds, CPU seconds of this process, result)."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def fastest_statement(statements: Mapping[str, str]) -> dict[str, Any]:
    """Run each DuckDB statement a few times on two threads; name, median seconds and first row of the fastest."""
    import duckdb

    measured = {}
    for name, statement in statements.items():
        walls, cpus = [], []
        for _ in range(STATEMENT_RUNS):
            with duckdb.connect() as connection:
                connection.execute(f"set threads = {THREADS}")
                wall, cpu, rows = timed(lambda c=connection, s=statement: c.execute(s).fetchall())
            walls.append(wall)
            cpus.append(cpu)
        measured[name] = (statistics.median(walls), statistics.median(cpus), rows[0])
    name = min(measured, key=lambda variant: measured[variant][0])
    wall, cpu, row = measured[name]
    return {
        "statement": name,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "answer": [int(n) for n in row],
    }
