"""One truth, delivered in four layouts by four sources, gives the same services in each (trap T37)."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import small_lake
from dbt_runs import Warehouse

from pipelines.config.flat_layouts import read_flat_layouts
from pipelines.data_home import DataHome

sys.path.append(str(Path(__file__).parents[1] / "landing"))

from hand_made_deliveries import Inbox, make_config
from one_truth import FLAT_LAYOUT, KNOWN_ON, LAYOUT_SOURCES, files_of, profile, truth

# Keys of one warehouse, and who told: these differ by source; everything else must not.
BY_SOURCE = {
    "service_id",
    "patient_key",
    "day_key",
    "source",
    "other_sources",
    "last_refresh_order",
    "first_known_order",
    "first_known_source",
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The services by source; each source has patients of its own, so that none meets another's."""
    folder = tmp_path_factory.mktemp("layouts")
    (folder / "business" / "layouts").mkdir(parents=True)
    (folder / "business" / "layouts" / "acme_flat.yml").write_text(FLAT_LAYOUT)
    layouts, _ = read_flat_layouts(folder / "business")
    home = DataHome(folder / "home")
    config = make_config(
        *(profile(name, *files, token_domain=name) for name, files in LAYOUT_SOURCES.items())
    )
    inbox = Inbox(home, replace(config, layouts=layouts))
    small_lake.write_empty_tables(home.lake)
    small_lake.write_config_and_geography(home.lake)
    for source in LAYOUT_SOURCES:
        said = {"source": source, "refresh_id": f"{source}.2026-03", "known_on": KNOWN_ON.isoformat()}
        assert inbox.land_one(files_of(source), said).status == "accepted"
    (folder / "warehouse").mkdir()
    warehouse = Warehouse(
        home.lake, folder / "warehouse" / "claimline.duckdb", folder / "target" / "compiled"
    )
    settings = {
        "CLAIMLINE_LAKE": str(warehouse.lake),
        "CLAIMLINE_WAREHOUSE": str(warehouse.file),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        build = warehouse.run("run", "--select", "+int_services__deduplicated")
    assert set(build.statuses.values()) == {"success"}
    found = build.table("intermediate.int_services__deduplicated")
    with duckdb.connect(str(warehouse.file), read_only=True) as connection:
        patients = connection.execute(
            "select distinct patient_key, source from intermediate.int_claims__attributed"
        ).df()
    assert patients["patient_key"].is_unique
    owner = patients.set_index("patient_key")["source"]
    return {
        name: found[found["patient_key"].map(owner) == name].reset_index(drop=True) for name in LAYOUT_SOURCES
    }


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Services without the keys of their source, in an order of their own; patients by how many services they have."""
    kept = frame[[name for name in frame.columns if name not in BY_SOURCE]].copy()
    kept["services_of_patient"] = frame.groupby("patient_key")["patient_key"].transform("size")
    return kept.astype(str).sort_values(list(kept.columns), ignore_index=True)


@pytest.mark.parametrize("source", ["rif", "x12", "flat"])
def test_services_do_not_depend_on_the_layout(services: dict[str, pd.DataFrame], source: str) -> None:
    """Every column of every service is what the Tuva file of the same claims gives."""
    pd.testing.assert_frame_equal(comparable(services[source]), comparable(services["tuva"]))


def test_there_are_services_to_compare(services: dict[str, pd.DataFrame]) -> None:
    """The void's service is gone; coded lines of the other claims are services, some of them by one of two surgeons."""
    found = services["tuva"]
    assert len(found) > 15
    assert len({claim.claim_id for claim in truth()}) > len(set(found["patient_key"])) > 5
    assert found["performing_npi"].nunique() >= 1
