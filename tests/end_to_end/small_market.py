"""A market small enough to run the whole loop in a test: the shipped device_maker profile cut down to four states.

Belongs here: writing a data home (business files and deliveries), and running the loop on it as a process of its own,
so that it can be killed like any process. Does not belong here: what a test expects.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from pipelines.atomic_files import read_json, sha256_of_file
from pipelines.config.load import PROFILES
from pipelines.data_home import DataHome
from pipelines.market_simulator import MarketSpec, write_refreshes
from pipelines.market_simulator.events import ProcedureShift
from pipelines.market_simulator.truth import read_truth

REPOSITORY = Path(__file__).resolve().parents[2]
STATES = ("AR", "LA", "OK", "TX")
TERRITORIES = 6
GOAL_USD = 24_000_000
REFRESHES = ("simulated_market.2025-12", "simulated_market.2026-01", "simulated_market.2026-02")
SETTINGS = {"states": " ".join(STATES), "territory_count": TERRITORIES, "national_goal_usd": GOAL_USD}
ROSTER_HEADER = "rep_id,rep_name,base_zip,experience_years,experience_level,specialties,hired_date"
BASES = ("77030", "75201", "78205", "70112", "73102", "72201")
PATIENCE_SECONDS = 600
"""No loop of these tests takes a tenth of it; a hanging one must not hang the test run."""


def small_spec(**changes: Any) -> MarketSpec:
    """Two years of history, two months after it. The planted shift reaches usable months with the last refresh."""
    shifted = (
        ProcedureShift(product, "2026-01", 2.5, states=("OK", "AR"))
        for product in ("joint_implant", "knee_viscosupplement")
    )
    return MarketSpec(**{"states": STATES, "lines_per_month": 3_000, "events": tuple(shifted), **changes})


def write_business_files(home: DataHome, **settings: object) -> None:
    """The profile of the demo with the settings of this market, and a roster of its size."""
    shutil.copytree(PROFILES / "device_maker", home.config)
    path = home.config / "settings.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, value in {**SETTINGS, **settings}.items():
        content[name]["value"] = value
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    reps = [
        f"R{number:03d},Rep {number},{base},{2 * number},experienced,joint_implant,2018-01-{number:02d}"
        for number, base in enumerate(BASES, start=1)
    ]
    (home.config / "roster.csv").write_text("\n".join([ROSTER_HEADER, *reps, ""]), encoding="utf-8")


@dataclass(frozen=True)
class Market:
    """Deliveries waiting to be copied into a home, and the truth as of the last of them."""

    folder: Path

    @property
    def truth(self) -> Path:
        return self.folder / "truth"

    def delivery(self, refresh_id: str) -> Path:
        return self.folder / "deliveries" / refresh_id

    def services(self, sql: str) -> pd.DataFrame:
        """Ask the truth: `services` are those that happened, `sold` (hcpcs_code, product_id) the codes of products."""
        products = read_truth(self.truth)["products"]
        sold = [(code, name) for name, content in products.items() for code in content["codes"]]
        with duckdb.connect() as connection:
            connection.register("sold", pd.DataFrame(sold, columns=["hcpcs_code", "product_id"]))
            connection.execute(f"create view services as from '{self.truth / 'services.parquet'}'")
            return connection.execute(sql).df()


def write_market(folder: Path, **changes: Any) -> Market:
    """All deliveries of the small market."""
    write_refreshes(small_spec(**changes), folder / "deliveries", folder / "truth")
    return Market(folder)


def deliver(delivery: Path, home: DataHome, name: str | None = None) -> Path:
    """Put a copy of a delivery into the inbox of a home; its folder there."""
    return Path(shutil.copytree(delivery, home.deliveries / (name or delivery.name)))


def copy_home(home: DataHome, target: Path) -> DataHome:
    shutil.copytree(home.root, target, symlinks=True)
    return DataHome(target)


@dataclass(frozen=True)
class Story:
    """The home after three refreshes, and what was seen on the way.

    `first` is the manifest after the first refresh; `readings` is what a consumer noted, line by line, while the two
    further refreshes ran; `consumer_exit` its exit code.
    """

    home: DataHome
    first: dict[str, Any]
    readings: list[str]
    consumer_exit: int


class LoopProcess:
    """`python -m dagster_project.loop` on a data home, its lines collected as they are printed."""

    def __init__(self, home: DataHome):
        environment = {**os.environ, "CLAIMLINE_HOME": str(home.root), "PYTHONPATH": str(REPOSITORY)}
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-W", "ignore", "-m", "dagster_project.loop"],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def kill_when(self, reached: Callable[[LoopProcess], bool]) -> bool:
        """SIGKILL as soon as `reached` holds. False where the process ended before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.is_running and time.monotonic() < deadline:
            if reached(self):
                self._process.kill()
                self._process.wait()
                self._reader.join()
                return True
            with self._changed:
                self._changed.wait(timeout=0.02)
        self.finish()
        return False

    def finish(self) -> int:
        """Wait for the end and return the exit code."""
        try:
            code = self._process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        self._reader.join()
        return code


def run_loop(home: DataHome) -> str:
    """Run to the end; what was printed. Fails with it unless the loop says that all went well."""
    process = LoopProcess(home)
    code = process.finish()
    assert code == 0, process.text
    return process.text


# --- reading what came out ---


def manifest(home: DataHome) -> dict[str, Any]:
    return dict(read_json(home.current_snapshot / "manifest.json"))


def mart(home: DataHome, name: str) -> pd.DataFrame:
    """A mart as a consumer reads it."""
    with duckdb.connect(str(home.current_snapshot / "claimline.duckdb"), read_only=True) as connection:
        return connection.execute(f"select * from {name}").df()


def warehouse(home: DataHome, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).df()


def files_under(folder: Path) -> dict[str, bytes]:
    """Every file by its path in the folder: two histories are the same when these are."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def seal(delivery: Path, **entries: object) -> None:
    """Bring the hashes of a manifest in line with the files, as an honest sender would have; set `entries` in it."""
    path = delivery / "manifest.json"
    content = {**read_json(path), **entries}
    for entry in content["files"]:
        entry["sha256"] = sha256_of_file(delivery / entry["name"])
    path.write_text(json.dumps(content), encoding="utf-8")
