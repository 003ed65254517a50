"""Real registries through landing and the SQL over them: what a pair of hospital releases reports, and who is where.

No build of its own: the compiled models run over the landed lake.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_lake
from compiled_models import CompiledModels
from dbt_runs import Build, Warehouse

from dagster_project.land_real_files import REGISTRIES, land_real_files
from pipelines.data_home import DataHome
from pipelines.landing.raw_partitions import ensure_empty_tables

sys.path.append(str(Path(__file__).parents[1] / "landing"))

from hand_made_deliveries import GOOD_NPI, OTHER_NPI, Inbox, csv_bytes, make_config
from test_landing_registries import MAIN, PLACE, SITE
from test_landing_registries import REGISTRIES as SOURCE


def models_over(warehouse: Warehouse, home: DataHome) -> CompiledModels:
    return CompiledModels(warehouse.compiled_in_full, warehouse.lake, home.lake)


@pytest.mark.shared
def test_two_hospital_releases_report_what_changed(
    golden: Build, warehouse: Warehouse, tmp_path: Path, shared_data: Path
) -> None:
    """15 added, 55 removed, 15 other owners, 32 other names; each with the dates of both releases, and no more of any."""
    assert golden.statuses
    home = DataHome(tmp_path / "home")
    small_lake.write_empty_tables(home.lake)
    only = tmp_path / "data"
    for path, _, _ in REGISTRIES[-2:]:
        (only / path).parent.mkdir(parents=True, exist_ok=True)
        (only / path).symlink_to(shared_data / path)
    assert [receipt.accepted_rows for _, receipt in land_real_files(only, home)] == [5421, 5381]
    with models_over(warehouse, home) as models:
        changes = models.frame("fct_facility_change")
        history = models.frame("int_facilities__history")
        facilities = models.frame("stg_directory__facilities")
    counts = changes["facility_change"].value_counts().to_dict()
    assert {kind: counts[kind] for kind in ("added", "removed", "renamed", "ownership_changed")} == {
        "added": 15, "removed": 55, "renamed": 32, "ownership_changed": 15,
    }  # fmt: skip
    assert "system_changed" not in counts
    assert set(changes["known_before"].astype(str)) == {"2026-02-28"}
    assert set(changes["known_on"].astype(str)) == {"2026-06-30"}
    owners = changes[changes["facility_change"] == "ownership_changed"]
    assert (owners["value_before"] != owners["value_now"]).all()
    assert history["facility_id"].nunique() == 5421 + 15
    assert (history["known_to_order"].isna() & ~history["is_removed_after"]).sum() == 5381
    assert facilities.empty  # none has an NPI, so none can be mistaken for the site of a claim


@pytest.fixture
def weeks(golden: Build, warehouse: Warehouse, tmp_path: Path) -> Iterator[CompiledModels]:
    """Two weekly files of NPPES, the later delivered first: a move, a deactivation that tells nothing else, a box."""
    assert golden.statuses
    home = DataHome(tmp_path / "home")
    small_lake.write_empty_tables(home.lake)
    small_lake.write_config_and_geography(home.lake)
    inbox = Inbox(home, make_config(SOURCE))
    zip_column = "Provider Business Practice Location Address Postal Code"
    boxed = {"NPI": OTHER_NPI, "Provider First Line Business Practice Location Address": "PO BOX 1"}
    gone = dict.fromkeys(MAIN, "") | {"NPI": GOOD_NPI, "NPI Deactivation Date": "11/12/2025"}
    second = [gone, MAIN | boxed | {zip_column: "100020000"}]
    site = SITE | {"NPI": OTHER_NPI, f"{PLACE} - Postal Code": "070010000"}
    inbox.deliver(
        "later", {"npidata_20251116.csv": csv_bytes(second), "pl_pfile_20251116.csv": csv_bytes([site])}
    )
    inbox.deliver(
        "earlier", {"npidata_20251109.csv": csv_bytes([MAIN, MAIN | boxed | {zip_column: "070020000"}])}
    )
    assert [receipt.status for receipt in inbox.land_all()] == ["accepted", "accepted"]
    with models_over(warehouse, home) as models:
        yield models


def test_weekly_files_make_history_in_their_order(weeks: CompiledModels) -> None:
    """Active, then deactivated with the name kept; the box is no place in either week."""
    history = weeks.frame("int_providers__history").sort_values(["npi", "known_from_order"])
    mine = history[history["npi"] == GOOD_NPI]
    assert mine["npi_status"].tolist() == ["active", "deactivated"]
    assert mine["status_change"].tolist()[1] == "deactivated"
    assert set(mine["provider_name"]) == {"Ada Lovelace"}
    assert mine["known_to_order"].fillna(0).tolist() == [2, 0]
    assert history.loc[history["npi"] == OTHER_NPI, "practice_zip"].isna().all()
    today = weeks.frame("stg_directory__providers").set_index("npi")
    assert today.loc[GOOD_NPI, "practice_zip"] == "01234"
    assert today.loc[GOOD_NPI, "deactivation_date"] == pd.Timestamp("2025-11-12")


def test_a_box_is_left_for_the_further_practice_and_zips_reconcile(weeks: CompiledModels) -> None:
    """01234 is kept to the map; the box gives way to the further practice; who is deactivated practises nowhere."""
    located = weeks.frame("int_providers__located").set_index("npi")
    assert located.loc[GOOD_NPI, ["zip", "unit_id"]].tolist() == ["01234", "U1"]
    assert located.loc[OTHER_NPI, "unit_id"] == "unlocated"
    (site,) = weeks.frame("int_providers__sites").to_dict("records")
    assert [site[name] for name in ("npi", "site_id", "unit_id", "site_share")] == [
        OTHER_NPI,
        "zip:07001",
        "U3",
        1.0,
    ]


# What raw tables did not have at first.
YOUNG = {
    "provider": ["mailing_zip", "is_practice_po_box"],
    "facility": ["ccn", "facility_state"],
    "medical_claim": ["icd10pcs_codes"],
}
READERS = ("stg_directory__provider_rows", "stg_directory__facility_rows", "stg_claims__lines")


def test_refreshes_older_than_a_column_are_read_with_null_in_it(
    golden: Build, warehouse: Warehouse, tmp_path: Path
) -> None:
    """A home landed before a column existed: the first refresh's files lack it, and so does the empty one until now."""
    assert golden.statuses
    old, told = DataHome(tmp_path / "old"), DataHome(tmp_path / "told")
    for home in (old, told):
        small_lake.write_golden_lake(home.lake)
    without = {"old": lambda table, name: table.drop_columns([name]), "told": _emptied}
    first = small_lake.golden_refreshes()[0][0]
    changed = 0
    for home in (old, told):
        for entity, columns in YOUNG.items():
            for file in sorted((home.lake / "raw" / entity).glob("*/*.parquet")):
                if file.parent.name not in (first, "_schema"):
                    continue
                table = pq.ParquetFile(file).read()
                for name in columns:
                    table = without[home.root.name](table, name)
                pq.write_table(table, file)
                changed += table.num_rows
    assert changed > 0
    ensure_empty_tables(old)
    for entity, columns in YOUNG.items():
        empty = old.raw_partition(entity, "_schema") / "empty.parquet"
        assert set(columns) <= set(pq.read_schema(empty).names)
    with models_over(warehouse, old) as models, models_over(warehouse, told) as expected:
        for name in READERS:
            found, wanted = models.frame(name), expected.frame(name)
            assert len(wanted)
            order = sorted(
                column for column in wanted if column in ("npi", "refresh_id", "row_number", "facility_id")
            )
            pd.testing.assert_frame_equal(
                found.sort_values(order, ignore_index=True), wanted.sort_values(order, ignore_index=True)
            )


def _emptied(table: pa.Table, name: str) -> pa.Table:
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    return table.set_column(place, field, pa.nulls(table.num_rows, field.type))
