"""The same market delivered otherwise: every row arrives, in other files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from delivered_market import Delivered, deliver

from pipelines.atomic_files import sha256_of_file
from pipelines.market_simulator import DeliveryVariant, MarketSpec, Traps, deliver_otherwise
from pipelines.market_simulator.layouts import LAYOUTS, deliver_in_layout

SPEC = MarketSpec(
    seed=9,
    lines_per_month=400,
    history_months=3,
    states=("VT",),
    traps=Traps({"open_copy": 0.2, "inpatient_pcs": 0.2, "diagnosis_icd9": 0.1}),
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return deliver(SPEC, tmp_path_factory.mktemp("market"))


def rows_of(folders: list[Path]) -> Counter[str]:
    """How often each claim line is there, whatever its file."""
    counted: Counter[str] = Counter()
    for folder in folders:
        for path in folder.glob("*medical_claim*.parquet"):
            table = pq.read_table(path).drop_columns(["file_date", "file_name"])
            counted.update(map(repr, table.to_pylist()))
    return counted


@pytest.mark.parametrize(
    ("variant", "folders_each"),
    [
        (DeliveryVariant(shuffles_contents=True), 1),
        (DeliveryVariant(files=3), 1),
        (DeliveryVariant(deliveries=2, files=2), 2),
    ],
)
def test_every_row_arrives_once(
    market: Delivered, tmp_path: Path, variant: DeliveryVariant, folders_each: int
) -> None:
    """Order and splitting neither lose nor repeat a row, and manifests say what lies there."""
    written = deliver_otherwise(market.folders, tmp_path, variant)
    assert len(written) == folders_each * len(market.folders)
    assert rows_of(written) == rows_of(market.folders)
    for folder in written:
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["refresh_id"] == folder.name
        assert {entry["name"] for entry in manifest["files"]} == {path.name for path in folder.iterdir()} - {
            "manifest.json"
        }
        assert all(sha256_of_file(folder / e["name"]) == e["sha256"] for e in manifest["files"])


def test_contents_change_places_among_refreshes(market: Delivered, tmp_path: Path) -> None:
    """Some refresh brings what another one brought."""
    written = deliver_otherwise(market.folders, tmp_path, DeliveryVariant(seed=1, shuffles_contents=True))
    sizes = [
        {folder.name: sum(rows_of([folder]).values()) for folder in folders}
        for folders in (market.folders, written)
    ]
    assert sizes[0] != sizes[1]
    assert sorted(sizes[0].values()) == sorted(sizes[1].values())


def test_a_repeated_refresh_comes_with_the_same_and_with_other_bytes(
    market: Delivered, tmp_path: Path
) -> None:
    """One copy under another name, one rewritten: both hold the rows of the first refresh of their source."""
    written = deliver_otherwise(market.folders, tmp_path, DeliveryVariant(repeats=1))
    same = next(folder for folder in written if folder.name == "simulated_market.2025-12.again.same")
    rewritten = same.with_name("simulated_market.2025-12.again.rewritten")
    original = market.folders[0] / "medical_claim.parquet"
    assert sha256_of_file(same / "copy_of_medical_claim.parquet") == sha256_of_file(original)
    assert rows_of([rewritten]) == rows_of([market.folders[0]])
    assert sha256_of_file(rewritten / "medical_claim_again.parquet") != sha256_of_file(original)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_line_is_in_every_layout(market: Delivered, tmp_path: Path, layout: str) -> None:
    """Rows of the manifest are the lines of the market's own file; directories come along."""
    for before, folder in zip(
        market.folders, deliver_in_layout(market.folders, tmp_path, layout), strict=True
    ):
        said = [json.loads((path / "manifest.json").read_text())["files"] for path in (before, folder)]
        counts = [
            sum(entry["rows"] for entry in files if entry["entity"] == "medical_claim") for files in said
        ]
        assert counts[0] == counts[1]
        assert {e["name"] for e in said[0] if e["entity"] != "medical_claim"} <= {e["name"] for e in said[1]}
        assert all(sha256_of_file(folder / e["name"]) == e["sha256"] for e in said[1])


def test_an_837_counts_its_own_segments(market: Delivered, tmp_path: Path) -> None:
    """SE says how many segments its set has, GE how many sets there are; a line is an LX."""
    (folder, *_) = deliver_in_layout(market.folders[:1], tmp_path, "x12_837")
    segments = (folder / "claims.837").read_text().replace("\n", "").split("~")[:-1]
    starts = [at for at, segment in enumerate(segments) if segment.startswith("ST*")]
    for start in starts:
        end = next(at for at in range(start, len(segments)) if segments[at].startswith("SE*"))
        assert segments[end].split("*")[1] == str(end - start + 1)
    assert segments[-2] == f"GE*{len(starts)}*1"
    lines = pq.read_metadata(market.folders[0] / "medical_claim.parquet").num_rows
    assert sum(segment.startswith("LX*") for segment in segments) == lines


def test_an_unknown_layout_is_refused(market: Delivered, tmp_path: Path) -> None:
    """The message says which there are."""
    with pytest.raises(ValueError, match="vendor_flat"):
        deliver_in_layout(market.folders, tmp_path, "ncpdp")
