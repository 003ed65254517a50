"""24 deliveries landed by four processes at once: no error, and the lake and registry of a serial landing (T40)."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from hand_made_deliveries import VENDOR, VOLUMES, Inbox, claim, csv_bytes, make_config

from pipelines.data_home import DataHome
from pipelines.landing.land import land_delivery

DELIVERIES, AT_ONCE = 24, 4
DATES = (
    *("claim_start_date", "claim_end_date", "paid_date"),
    *("claim_line_start_date", "claim_line_end_date"),
)


def deliver_all(inbox: Inbox) -> None:
    """Two years of months; one row of each has no day that can be read."""
    for number in range(DELIVERIES):
        year, month = 2024 + number // 12, number % 12 + 1
        day = dict.fromkeys(DATES, f"{year}-{month:02d}-05")
        rows = [claim(claim_id=f"C{number}-{row}", person_id=f"P-{row}", **day) for row in range(40)]
        rows.append(claim(claim_id=f"C{number}-bad", **day | {"claim_line_start_date": "soon"}))
        refresh = {"refresh_id": f"vendor.{year}-{month:02d}", "known_on": f"{year}-{month:02d}-28"}
        inbox.deliver(f"delivery-{number:02d}", {"medical_claim.csv": csv_bytes(rows)}, refresh)


def land_some(home: Path, names: list[str]) -> list[str]:
    """What one process does: its deliveries, in an order of its own. Returns the statuses."""
    inbox = Inbox(DataHome.at(home), make_config(VENDOR, VOLUMES))
    waiting = {delivery.name: delivery for delivery in inbox.registry.pending(inbox.config)}
    return [
        land_delivery(inbox.home, waiting[name], inbox.config, log=inbox.log.append).status for name in names
    ]


def test_parallel_landing_equals_serial_landing(inbox: Inbox, tmp_path: Path) -> None:
    """Staging is per refresh and receipts are one file each, so there is nothing to lock."""
    deliver_all(inbox)
    assert [receipt.status for receipt in inbox.land_all()] == ["accepted"] * DELIVERIES

    parallel = Inbox(DataHome.at(tmp_path / "parallel"), make_config(VENDOR, VOLUMES))
    deliver_all(parallel)
    names = [f"delivery-{number:02d}" for number in reversed(range(DELIVERIES))]
    shares = [names[worker::AT_ONCE] for worker in range(AT_ONCE)]
    with ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as pool:
        landed = list(pool.map(land_some, [parallel.home.root] * AT_ONCE, shares))
    assert [status for share in landed for status in share] == ["accepted"] * DELIVERIES
    assert parallel.lake_bytes() == inbox.lake_bytes()
    assert len(inbox.lake_bytes()) > 3 * DELIVERIES
    assert parallel.registry.input_hash("") == inbox.registry.input_hash("")
    assert not (parallel.home.lake / "raw" / ".landing").exists()
