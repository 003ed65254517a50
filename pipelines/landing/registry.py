"""The registry of refreshes: nothing but the receipts on disk. What is pending is derived from them on every
look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pipelines.atomic_files import read_json, sha256_of_json, write_json
from pipelines.config.model import BusinessConfig
from pipelines.data_home import DataHome
from pipelines.landing.delivery import Delivery, FoundDelivery, find_deliveries, identify
from pipelines.landing.file_hashes import FileHashes
from pipelines.landing.receipt import Receipt
from pipelines.problems import Problem


def sources_hash(config: BusinessConfig) -> str:
    """Changes with any source profile or vendor layout: what a delivery is judged by besides its own bytes."""
    judged_by: dict[str, Any] = {
        source: asdict(profile) for source, profile in sorted(config.sources.items())
    }
    if config.layouts:
        judged_by["layouts"] = {name: asdict(layout) for name, layout in sorted(config.layouts.items())}
    return sha256_of_json(judged_by)


class RefreshRegistry:
    """Receipts in `lake/registry/`: one file per accepted refresh, refused deliveries in `refused/`.

    Every call reads the folder anew; an instance holds no state that could be stale.
    """

    def __init__(self, home: DataHome):
        self._home = home

    # --- what was decided ---

    def accepted(self) -> list[Receipt]:
        """Receipts of accepted refreshes in refresh order, (known_on, refresh_id)."""
        receipts = _read_receipts(self._home.registry)
        return sorted(receipts, key=lambda receipt: (receipt.known_on, receipt.refresh_id))

    def refused(self) -> list[Receipt]:
        """Receipts of refused deliveries, by delivery name."""
        return sorted(
            _read_receipts(self._refused_folder),
            key=lambda receipt: (receipt.delivery, receipt.delivery_hash),
        )

    def receipt(self, refresh_id: str) -> Receipt | None:
        """The receipt of an accepted refresh, or None."""
        path = self._path_of(refresh_id)
        return Receipt.from_json(read_json(path)) if path.is_file() else None

    def as_of(self) -> Receipt | None:
        """The as-of refresh: the last accepted one in refresh order, or None before the first."""
        accepted = self.accepted()
        return accepted[-1] if accepted else None

    def input_hash(self, config_hash: str) -> str:
        """What everything downstream is made from: the accepted contents in refresh order, and the
        configuration.
        """
        contents = [
            (receipt.refresh_id, str(receipt.known_on), receipt.content_hash) for receipt in self.accepted()
        ]
        return sha256_of_json({"accepted": contents, "config": config_hash})

    # --- what is to do ---

    def pending(self, config: BusinessConfig) -> list[Delivery]:
        """Finished deliveries that no receipt has settled, in the order to land them, each with its own
        refresh id.

        A delivery that cannot be read is pending too, once: landing it leaves the receipt of its refusal. Of
        two folders with the same bytes one is listed.
        """
        settled = _Settled(self.accepted(), self.refused(), sources_hash(config))
        found = [
            delivery for delivery in self._found() if not delivery.unfinished and not settled.by(delivery)
        ]
        deliveries = sorted(
            (identify(delivery, config) for delivery in found), key=lambda delivery: delivery.order
        )
        taken = {receipt.refresh_id for receipt in self.accepted()}
        seen: set[str] = set()
        pending = []
        for delivery in deliveries:
            if seen & {delivery.found.delivery_hash, delivery.found.content_hash}:
                continue
            # Bytes under a manifest that cannot be used do not stand in the way of the same bytes under a
            # good one.
            seen.add(delivery.found.delivery_hash if delivery.problems else delivery.found.content_hash)
            refresh_id = _next_free(delivery.refresh_id, taken)
            taken.add(refresh_id)
            pending.append(replace(delivery, refresh_id=refresh_id))
        return pending

    def unfinished(self) -> list[Problem]:
        """What is still being copied into the inbox, or has been left half-copied there."""
        return [problem for delivery in self._found() for problem in delivery.unfinished]

    def settled_by(self, found: FoundDelivery, config: BusinessConfig) -> Receipt | None:
        """The accepted receipt that makes landing this delivery a no-op, or None."""
        return _Settled(self.accepted(), [], sources_hash(config)).by(found)

    def free_refresh_id(self, refresh_id: str) -> str:
        """`refresh_id`, or the first amendment of it (`+2`, `+3`, …) that no accepted refresh has."""
        return _next_free(refresh_id, {receipt.refresh_id for receipt in self.accepted()})

    # --- keeping receipts ---

    def record(self, receipt: Receipt) -> Path:
        """Write an accepted or refused receipt, whole or not at all."""
        if receipt.status == "accepted":
            return write_json(self._path_of(receipt.refresh_id), receipt.as_json())
        if receipt.status == "refused":
            return write_json(self._refused_folder / f"{receipt.delivery_hash}.json", receipt.as_json())
        raise ValueError("a duplicate leaves no receipt")

    @property
    def _refused_folder(self) -> Path:
        return self._home.registry / "refused"

    def _path_of(self, refresh_id: str) -> Path:
        return self._home.registry / f"{refresh_id}.json"

    def _found(self) -> list[FoundDelivery]:
        return find_deliveries(self._home.deliveries, FileHashes(self._home.registry / ".file_hashes.json"))


class _Settled:
    """Which deliveries need no landing, because a receipt has spoken on them.

    A delivery is settled
    * by an accepted receipt of the same content that refused none of its files;
    * by accepted receipts that together hold every file of it (a partial re-send);
    * by a receipt of the same content *and* manifest that refused something, as long as the configured
      sources are those it was judged under. So a mended file, manifest or source profile each gets a new try.
    """

    def __init__(self, accepted: list[Receipt], refused: list[Receipt], current_sources: str):
        self._whole = {r.content_hash: r for r in accepted if not r.has_refused_files}
        self._refusing = {
            r.delivery_hash: r
            for r in (*accepted, *refused)
            if (r.has_refused_files or r.status == "refused") and r.sources_hash == current_sources
        }
        self._file = {file.sha256: r for r in accepted for file in r.accepted_files}

    def by(self, found: FoundDelivery) -> Receipt | None:
        receipt = self._whole.get(found.content_hash) or self._refusing.get(found.delivery_hash)
        if receipt is None and found.files and all(file.sha256 in self._file for file in found.files):
            receipt = self._file[found.files[0].sha256]
        return receipt


def _next_free(refresh_id: str, taken: Iterable[str]) -> str:
    if refresh_id not in taken:
        return refresh_id
    amendment = 2
    while f"{refresh_id}+{amendment}" in taken:
        amendment += 1
    return f"{refresh_id}+{amendment}"


def _read_receipts(folder: Path) -> list[Receipt]:
    if not folder.is_dir():
        return []
    paths = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    return [Receipt.from_json(read_json(path)) for path in paths]
