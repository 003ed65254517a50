"""Refreshes written as deliveries: one folder each, its manifest last, whole or not at all.

Months of service are generated one shard at a time and every shard is dealt to the refreshes that deliver
it, so memory does not grow with the market's history, and a refresh has the same bytes alone as together
with others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.atomic_files import read_json, sha256_of_file, write_json
from pipelines.market_simulator.case_rows import rows_of_cases
from pipelines.market_simulator.cases import Cases, split_cases
from pipelines.market_simulator.claim_lines import lay_out, refresh_of, versions_until
from pipelines.market_simulator.delivered_rows import (
    CLOSED,
    OPEN,
    DeliveredRows,
    join_rows,
    rows_of_lines,
)
from pipelines.market_simulator.directory import facility_file, provider_directory
from pipelines.market_simulator.market import Market, build_market
from pipelines.market_simulator.medical_claim import (
    TEXT_COLUMNS_WITH_MANY_VALUES,
    MarketTexts,
    medical_claim_table,
)
from pipelines.market_simulator.months import fifth_of_next_month, iso_date
from pipelines.market_simulator.planting import Plan, plan_events
from pipelines.market_simulator.shard import shard_visits
from pipelines.market_simulator.spec import SOURCES, MarketSpec
from pipelines.market_simulator.table_stream import TableStream
from pipelines.market_simulator.traps import FEEDS
from pipelines.market_simulator.true_services import (
    TrueServices,
    join_services,
    services_of_cases,
    services_of_lines,
)
from pipelines.market_simulator.true_sightings import (
    TrueSightings,
    join_sightings,
    sightings_of_cases,
    sightings_of_lines,
    sightings_table,
)
from pipelines.market_simulator.truth import KEY_COLUMNS, TruthCounts, services_table, write_truth
from pipelines.problems import InputRefused, Problem

CODE_SETS = {"icd10cm": "2026", "hcpcs": "2026"}
MANIFEST = "manifest.json"
TRUTH_FILES = {"services": KEY_COLUMNS, "sightings": ("patient_id",)}  # with their columns of many values


@dataclass(frozen=True)
class Progress:
    """How far the writing is: service months done of all, and lines delivered so far."""

    months_done: int
    months: int
    lines: int


def write_refreshes(
    spec: MarketSpec,
    home_deliveries: Path,
    truth_folder: Path,
    first: int = 0,
    count: int | None = None,
    *,
    write_services_truth: bool = True,
    progress: Callable[[Progress], None] | None = None,
) -> list[Path]:
    """Write refreshes `first` … `first + count - 1` (default: to the spec's last) and the truth as of the
    last one.

    Returns the delivery folders. A folder that is there already is left alone if it says the same, else its
    files are replaced, the manifest last. Raises InputRefused when the refreshes asked for are not the
    spec's.
    """
    count = spec.refreshes - first if count is None else count
    if first < 0 or count < 1 or first + count > spec.refreshes:
        raise InputRefused(
            [
                Problem(
                    "market spec",
                    "key refreshes",
                    f"first={first}, count={count}",
                    f"the market has refreshes 0 to {spec.refreshes - 1}",
                    "Ask for some of them, or raise refreshes.",
                )
            ]
        )
    market = build_market(spec)
    plan = plan_events(market)
    last = first + count - 1
    texts = MarketTexts.of(market)
    counts = TruthCounts(market, last)
    feeds = (CLOSED, OPEN) if any(spec.traps.rate(name) for name in FEEDS) else (CLOSED,)
    deliveries = [
        _Delivery(market, plan, number, feed, home_deliveries)
        for number in range(first, last + 1)
        for feed in feeds
    ]
    truth_folder.mkdir(parents=True, exist_ok=True)
    truth_files = {name: _TruthFile(truth_folder, name, keys) for name, keys in TRUTH_FILES.items()}
    months = range(spec.first_month, spec.known_month(last) + 1)
    for done, month in enumerate(months, start=1):
        for shard in range(market.size.shards_per_month):
            simulated = simulate_shard(market, plan, month, shard, feeds, last)
            counts.add_services(simulated.services, month)
            if simulated.cases is not None:
                counts.add_cases(simulated.cases)
            for feed, rows in simulated.rows.items():
                for number in range(last + 1):
                    delivered = _delivered_in(spec, rows, number)
                    counts.add_rows(rows, delivered, number)
                    for delivery in deliveries:
                        if (delivery.number, delivery.feed) == (number, feed):
                            delivery.append(texts, rows.take(np.flatnonzero(delivered)))
            if write_services_truth:
                services = services_table(market, texts, simulated.services, month, last)
                truth_files["services"].append(services)
                sightings = sightings_table(market, texts, simulated.sightings, last)
                truth_files["sightings"].append(sightings)
        if progress:
            progress(Progress(done, len(months), sum(delivery.rows for delivery in deliveries)))
    write_truth(truth_folder, market, plan, counts)
    for truth_file in truth_files.values():
        truth_file.publish()
    return [delivery.publish() for delivery in deliveries]


@dataclass(frozen=True)
class SimulatedShard:
    """The rows that each feed delivers of a shard, the true services and sightings behind them, and what
    traps caught."""

    rows: dict[int, DeliveredRows]
    services: TrueServices
    sightings: TrueSightings
    cases: Cases | None


def simulate_shard(
    market: Market, plan: Plan, month: int, shard: int, feeds: tuple[int, ...], last_refresh: int
) -> SimulatedShard:
    """A shard of a month with all that becomes known of it up to a refresh."""
    spec = market.spec
    visits = shard_visits(market, plan, month, shard)
    if not spec.traps.is_any:
        laid_out = lay_out(visits, month, shard)
        versions = versions_until(laid_out, spec.last_history_month, last_refresh)
        services = services_of_lines(market, laid_out, last_refresh)
        sightings = sightings_of_lines(market, laid_out)
        return SimulatedShard({CLOSED: rows_of_lines(market, laid_out, versions)}, services, sightings, None)
    ordinary, cases = split_cases(market, visits, month)
    laid_out = lay_out(ordinary, month, shard)
    versions = versions_until(laid_out, spec.last_history_month, last_refresh)
    rows = {feed: rows_of_cases(market, cases, month, shard, feed) for feed in feeds}
    rows[CLOSED] = join_rows([rows_of_lines(market, laid_out, versions), rows[CLOSED]])
    parts = [services_of_lines(market, laid_out, last_refresh), services_of_cases(market, cases)]
    sightings = join_sightings([sightings_of_lines(market, laid_out), sightings_of_cases(market, cases)])
    return SimulatedShard(rows, join_services(parts), sightings, cases)


def _delivered_in(spec: MarketSpec, rows: DeliveredRows, refresh: int) -> np.ndarray:
    """Which rows a refresh delivers: what became known in its month, and again in the months that it overlaps."""
    month = spec.known_month(refresh)
    is_new = refresh_of(rows.known, spec.last_history_month) == refresh
    is_again = (rows.known < month) & (rows.known >= month - spec.traps.overlap_months)
    return np.asarray(is_new | is_again) if refresh else is_new


class _TruthFile:
    """A truth file that grows shard by shard under a hidden name, and takes its own when all is in."""

    def __init__(self, folder: Path, name: str, key_columns: tuple[str, ...]):
        self._path, self._part = folder / f"{name}.parquet", folder / f".{name}.writing.parquet"
        self._key_columns = key_columns
        self._stream: TableStream | None = None

    def append(self, table: pa.Table) -> None:
        self._stream = self._stream or TableStream(self._part, table.schema, self._key_columns)
        self._stream.append(table)

    def publish(self) -> None:
        """Without a row ever appended, a file of another run is removed: it would contradict the rest."""
        if self._stream is None:
            self._path.unlink(missing_ok=True)
            return
        self._stream.close()
        self._part.replace(self._path)


class _Delivery:
    """One refresh on its way: files grow in a hidden folder, which takes its name when the manifest is in."""

    def __init__(self, market: Market, plan: Plan, number: int, feed: int, home: Path):
        self._market, self._plan, self.number, self.feed = market, plan, number, feed
        self.refresh_id = market.spec.refresh_id(number, feed)
        self._target = home / self.refresh_id
        self._folder = home / f".{self.refresh_id}.writing"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._claims: TableStream | None = None
        self._service_days: tuple[int, int] | None = None

    @property
    def rows(self) -> int:
        return self._claims.rows if self._claims else 0

    def append(self, texts: MarketTexts, rows: DeliveredRows) -> None:
        """Add a shard's rows, in a table of their own: a slice would keep the whole shard alive."""
        table = medical_claim_table(self._market, texts, rows, self.number, self.feed)
        service_days = rows.day
        if self._claims is None:
            path = self._folder / f"medical_claim.{self._market.spec.file_format}"
            self._claims = TableStream(path, table.schema, TEXT_COLUMNS_WITH_MANY_VALUES)
        self._claims.append(table)
        if len(service_days):
            low, high = self._service_days or (service_days.min(), service_days.max())
            self._service_days = (min(low, service_days.min()), max(high, service_days.max()))

    def publish(self) -> Path:
        """Close the files, add directories and the manifest, and let the folder appear under its name."""
        assert self._claims is not None  # every month has shards, and every shard appends
        self._claims.close()
        files = [self._entry(self._claims.path, "medical_claim", "tuva", self._claims.rows)]
        month = self._market.spec.known_month(self.number)
        is_closed = self.feed == CLOSED
        if is_closed and (self.number == 0 or self._plan.directory_changes(month)):
            table = provider_directory(self._market, self._plan, month)
            files.append(self._write("provider_directory", table, "provider", "provider_directory"))
        if is_closed and self.number == 0:
            files.append(self._write("facility", facility_file(self._market), "facility", "facility"))
        low, high = self._service_days or (None, None)
        manifest = {
            "manifest_version": 1,
            "source": SOURCES[self.feed],
            "refresh_id": self.refresh_id,
            "known_on": fifth_of_next_month(month),
            "service_from": None if low is None else iso_date(low),
            "service_to": None if high is None else iso_date(high),
            "code_sets": CODE_SETS,
            "files": files,
        }
        write_json(self._folder / MANIFEST, manifest)
        self._appear(manifest)
        return self._target

    def _write(self, name: str, table: pa.Table, entity: str, layout: str) -> dict[str, object]:
        stream = TableStream(self._folder / f"{name}.{self._market.spec.file_format}", table.schema)
        stream.append(table)
        stream.close()
        return self._entry(stream.path, entity, layout, table.num_rows)

    def _entry(self, path: Path, entity: str, layout: str, rows: int) -> dict[str, object]:
        return {
            "name": path.name,
            "entity": entity,
            "layout": layout,
            "sha256": sha256_of_file(path),
            "rows": rows,
        }

    def _appear(self, manifest: dict[str, object]) -> None:
        if not self._target.exists():
            self._folder.rename(self._target)
            return
        old = self._target / MANIFEST
        if not (old.exists() and read_json(old) == manifest and self._intact(manifest)):
            old.unlink(missing_ok=True)
            for leftover in self._target.iterdir():
                leftover.unlink()
            for path in sorted(self._folder.iterdir(), key=lambda path: path.name == MANIFEST):
                path.rename(self._target / path.name)
        shutil.rmtree(self._folder)

    def _intact(self, manifest: dict[str, object]) -> bool:
        entries = manifest["files"]
        assert isinstance(entries, list)
        return all(
            (path := self._target / entry["name"]).exists() and sha256_of_file(path) == entry["sha256"]
            for entry in entries
        )
