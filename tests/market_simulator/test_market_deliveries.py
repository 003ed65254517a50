"""Delivery folders: manifests, bytes, repeatability."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from delivered_market import SMALL, Delivered, deliver

from pipelines.atomic_files import sha256_of_file
from pipelines.market_simulator import MarketSpec, write_refreshes
from pipelines.problems import InputRefused

TINY = MarketSpec(seed=3, lines_per_month=400, history_months=5, states=("ME", "NH"), events=SMALL.events)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_file_is_as_its_manifest_says(small_market: Delivered) -> None:
    """Hash, rows and the span of service dates are those of the file, and no other file lies there."""
    for number, folder in enumerate(small_market.folders):
        manifest = json.loads((folder / "manifest.json").read_text())
        assert folder.name == manifest["refresh_id"] == small_market.spec.refresh_id(number)
        assert (manifest["manifest_version"], manifest["source"]) == (1, "simulated_market")
        assert manifest["code_sets"] == {"icd10cm": "2026", "hcpcs": "2026"}
        names = {entry["name"] for entry in manifest["files"]}
        assert names == {path.name for path in folder.iterdir()} - {"manifest.json"}
        for entry in manifest["files"]:
            assert sha256_of_file(folder / entry["name"]) == entry["sha256"]
            assert pq.read_metadata(folder / entry["name"]).num_rows == entry["rows"]
        span = small_market.rows(
            f"select min(claim_start_date)::text, max(claim_start_date)::text, min(file_date)::text, "
            f"max(paid_date) < any_value(file_date) from '{folder}/medical_claim.parquet'"
        )[0]
        assert span == (manifest["service_from"], manifest["service_to"], manifest["known_on"], True)


def test_directories_come_first_and_when_they_change(small_market: Delivered) -> None:
    """Refresh 0 has all three entities, the next claims only, that of the moves a new directory."""
    names = [{path.name for path in folder.iterdir()} for folder in small_market.folders]
    claims = {"manifest.json", "medical_claim.parquet"}
    assert names == [
        claims | {"provider_directory.parquet", "facility.parquet"},
        claims,
        claims | {"provider_directory.parquet"},
    ]


def test_nothing_hidden_is_left_in_the_inbox(small_market: Delivered) -> None:
    """The folders in which files grew have taken their names."""
    inbox = small_market.folders[0].parent
    assert sorted(path.name for path in inbox.iterdir()) == [folder.name for folder in small_market.folders]


def test_one_at_a_time_equals_all_at_once(tmp_path: Path) -> None:
    """The bytes of deliveries and truth do not depend on how many refreshes a call writes."""
    together = deliver(TINY, tmp_path / "together")
    for number in range(TINY.refreshes):
        write_refreshes(TINY, tmp_path / "single" / "deliveries", tmp_path / "single" / "truth", number, 1)
    assert len(together.folders) == 3
    assert contents(tmp_path / "together") == contents(tmp_path / "single")


def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path: Path) -> None:
    """A market is its spec and nothing else."""
    for name, spec in (("a", TINY), ("b", TINY), ("c", replace(TINY, seed=4))):
        deliver(spec, tmp_path / name)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    other = contents(tmp_path / "c")
    assert all(other[name] != data for name, data in contents(tmp_path / "a").items())


def test_shards_only_bound_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A market cut into several shards a month still has each service once and the volume of the knob."""
    monkeypatch.setattr("pipelines.market_simulator.size.LINES_A_SHARD", 100)
    monkeypatch.setattr("pipelines.market_simulator.table_stream.ROWS_A_GROUP", 700)
    market = deliver(TINY, tmp_path)
    assert market.truth["size"]["shards_per_month"] == 4
    assert pq.ParquetFile(market.folders[0] / "medical_claim.parquet").num_row_groups > 1
    rows = market.rows(
        f"select count(*), count(distinct service_key) from {market.services} where not is_final_void"
    )[0]
    assert rows[0] == rows[1] > 1_000
    lines = market.rows(
        "select count(*), count(distinct (claim_id, claim_line_number)) "
        f"from read_parquet({market.claims()}) where claim_frequency_code = '1'"
    )[0]
    resent = sum(refresh["lines"]["resend"] for refresh in market.truth["refreshes"])
    assert lines[0] - resent == lines[1]


def test_writing_again_leaves_what_is_right_and_mends_what_is_not(tmp_path: Path) -> None:
    """An intact delivery is not touched; a damaged or foreign file in it is put right."""
    first = deliver(TINY, tmp_path)
    before = contents(tmp_path)
    kept, damaged = first.folders[0] / "medical_claim.parquet", first.folders[1] / "medical_claim.parquet"
    inode = kept.stat().st_ino
    damaged.write_bytes(b"torn")
    (first.folders[1] / "stray.txt").write_text("left over")
    deliver(TINY, tmp_path)
    assert contents(tmp_path) == before
    assert kept.stat().st_ino == inode


def test_a_killed_run_leaves_no_delivery_and_is_repaired(tmp_path: Path) -> None:
    """Stopped half-way, no folder looks like a delivery; running again gives the same bytes."""

    def stop(progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_refreshes(
            TINY, tmp_path / "killed" / "deliveries", tmp_path / "killed" / "truth", progress=stop
        )
    assert all(path.name.startswith(".") for path in (tmp_path / "killed" / "deliveries").iterdir())
    deliver(TINY, tmp_path / "killed")
    deliver(TINY, tmp_path / "whole")
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_csv_holds_the_same_rows(tmp_path: Path) -> None:
    """The CSV of a refresh says what its Parquet says, with the same columns."""
    parquet = deliver(replace(TINY, refreshes=1), tmp_path / "parquet")
    texts = deliver(replace(TINY, refreshes=1, file_format="csv"), tmp_path / "csv")
    table = pq.read_table(parquet.folders[0] / "medical_claim.parquet")
    with (texts.folders[0] / "medical_claim.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == table.column_names
    assert len(rows) == table.num_rows
    for column in ("claim_id", "rendering_npi", "claim_start_date", "diagnosis_code_2", "bill_type_code"):
        expected = ["" if value is None else str(value) for value in table[column].to_pylist()]
        assert [row[column] for row in rows] == expected


@pytest.mark.parametrize(("first", "count"), [(3, None), (-1, 1), (0, 4), (1, 0)])
def test_refreshes_that_are_not_the_markets_are_refused(
    tmp_path: Path, first: int, count: int | None
) -> None:
    """Asking past the last refresh names the range there is."""
    with pytest.raises(InputRefused, match="refreshes 0 to 2"):
        write_refreshes(TINY, tmp_path / "d", tmp_path / "t", first, count)


def test_without_services_truth_there_is_no_stale_one(tmp_path: Path) -> None:
    """The switch for large markets leaves counts but no services of an earlier run."""
    deliver(TINY, tmp_path)
    write_refreshes(TINY, tmp_path / "deliveries", tmp_path / "truth", write_services_truth=False)
    assert {path.name for path in (tmp_path / "truth").iterdir()} == {
        "market_truth.json",
        "service_counts.parquet",
    }
