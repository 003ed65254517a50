"""The receipt of a delivery: what was taken, what was set aside and why. The registry is made of these.

A receipt holds no time of its own: the same bytes under the same configuration give the same receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from pipelines.problems import Problem

RECEIPT_VERSION = 1
Status = Literal["accepted", "refused", "duplicate"]


@dataclass(frozen=True)
class QuarantineCount:
    """Rows of one file that were set aside for one reason; `first_row` is where to look first."""

    column_name: str
    reason: str
    remedy: str
    rows: int
    first_row: int


@dataclass(frozen=True)
class FileReceipt:
    """One file. For an accepted one, accepted + quarantined = delivered rows; others have no rows in raw.

    `duplicate` means that its bytes were accepted before. `repairs` counts mended values by name,
    `repair_notes` says what each name means. `unknown_columns` are columns the layout has never heard of.
    """

    name: str
    entity: str
    layout: str
    sha256: str
    status: Status
    delivered_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0
    quarantine: tuple[QuarantineCount, ...] = ()
    repairs: Mapping[str, int] = field(default_factory=dict)
    repair_notes: Mapping[str, str] = field(default_factory=dict)
    unknown_columns: tuple[str, ...] = ()
    service_from: date | None = None
    service_to: date | None = None


@dataclass(frozen=True)
class TokenUse:
    """With which key patient tokens were made (by fingerprint), in which token domain."""

    origin: str
    fingerprint: str
    domain: str


@dataclass(frozen=True)
class Receipt:
    """What landing did with one delivery.

    `manifest` is the one used: the sender's, or the made one completed with rows and service dates. `amends`
    is the refresh whose id the delivery came under, if that was accepted before with other content.
    `sources_hash` tells under which configured sources it was judged, so that a refusal is reconsidered when
    they change.
    """

    status: Status
    refresh_id: str
    source: str | None
    known_on: date | None
    delivery: str
    content_hash: str
    delivery_hash: str
    sources_hash: str
    manifest_origin: str
    manifest: Mapping[str, Any] | None
    amends: str | None = None
    duplicate_of: str | None = None
    service_from: date | None = None
    service_to: date | None = None
    code_sets: Mapping[str, str] = field(default_factory=dict)
    tokens: TokenUse | None = None
    files: tuple[FileReceipt, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def accepted_files(self) -> tuple[FileReceipt, ...]:
        return tuple(file for file in self.files if file.status == "accepted")

    @property
    def has_refused_files(self) -> bool:
        return any(file.status == "refused" for file in self.files)

    @property
    def delivered_rows(self) -> int:
        return sum(file.delivered_rows for file in self.accepted_files)

    @property
    def accepted_rows(self) -> int:
        return sum(file.accepted_rows for file in self.accepted_files)

    @property
    def quarantined_rows(self) -> int:
        return sum(file.quarantined_rows for file in self.accepted_files)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON content; `from_json` reads it back to an equal receipt."""
        return {"receipt_version": RECEIPT_VERSION, **_plain(asdict(self))}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Receipt:
        said = {name: value for name, value in content.items() if name != "receipt_version"}
        said["files"] = tuple(_file_from_json(file) for file in said["files"])
        said["problems"] = tuple(Problem(**problem) for problem in said["problems"])
        said["tokens"] = TokenUse(**said["tokens"]) if said["tokens"] else None
        return cls(**_with_dates(said, "known_on", "service_from", "service_to"))


def _file_from_json(content: Mapping[str, Any]) -> FileReceipt:
    said = dict(content)
    said["quarantine"] = tuple(QuarantineCount(**count) for count in said["quarantine"])
    said["unknown_columns"] = tuple(said["unknown_columns"])
    return FileReceipt(**_with_dates(said, "service_from", "service_to"))


def _with_dates(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return said | {name: date.fromisoformat(said[name]) if said[name] else None for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value
