"""The first four monthly Tuva files through the whole loop by the documented command, against the file itself."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest
from real_commands import published, run_command

from pipelines.data_home import DataHome

REFRESHES = 4
LAST_MONTH = "2016-04-01"
CLAIMS = "claims/tuva_integration/medical_claim_seed.csv"
DIRECTORY = "claims/tuva_integration/provider_data__provider.csv"

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Replay:
    home: DataHome
    said: str


@pytest.fixture(scope="module")
def replay(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    home = DataHome(tmp_path_factory.mktemp("tuva") / "home")
    said = run_command(
        "dagster_project.replay_tuva", home, "--data", str(shared_data), "--refreshes", str(REFRESHES)
    )
    return Replay(home, said)


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[dict[str, str]]:
    """The delivered lines, read by the standard library alone."""
    with (shared_data / CLAIMS).open(newline="", encoding="utf-8") as file:
        return [line for line in csv.DictReader(file) if line["file_date"] <= LAST_MONTH]


def test_every_delivered_row_is_accounted_for(
    replay: Replay, lines: list[dict[str, str]], shared_data: Path
) -> None:
    """Lines and directory rows of the files are the rows accepted, none is lost and none is made."""
    counted = published(replay.home, "select * from mart_refresh_reconciliation order by known_on")
    per_month = [
        sum(line["file_date"][:7] == refresh_id[-7:] for line in lines)
        for refresh_id in counted["refresh_id"]
    ]
    assert counted["accepted_lines"].tolist() == per_month
    assert sum(per_month) == len(lines)
    with (shared_data / DIRECTORY).open(newline="", encoding="utf-8") as file:
        people = sum(1 for _ in csv.DictReader(file))
    assert counted["delivered_rows"].sum() == len(lines) + people
    assert counted["accepted_rows"].sum() + counted["quarantined_rows"].sum() == len(lines) + people


def test_services_are_those_of_the_file(replay: Replay, lines: list[dict[str, str]]) -> None:
    """One service per patient, day and code; located and unlocated together are all of them."""
    repeats = {"76", "77"}
    services = {
        (
            line["person_id"],
            line["claim_line_start_date"] or line["claim_start_date"],
            line["hcpcs_code"],
            (line["claim_id"], line["claim_line_number"])
            if repeats & {line[f"hcpcs_modifier_{number}"] for number in range(1, 6)}
            else None,
        )
        for line in lines
        if line["hcpcs_code"]
    }
    counted = published(
        replay.home,
        "select sum(services) as services, sum(services_located) as located, sum(services_unlocated) as unlocated,"
        " sum(lines_without_procedure) as codeless from mart_refresh_reconciliation",
    ).iloc[0]
    assert counted["services"] == len(services)
    assert counted["located"] + counted["unlocated"] == len(services)
    assert counted["located"] > 0.9 * len(services)
    assert counted["codeless"] == sum(not line["hcpcs_code"] for line in lines)


def test_every_refresh_was_decided_and_published(replay: Replay) -> None:
    """Four refreshes, four decisions, one first plan; the snapshot is as of the last one."""
    assert f"== {REFRESHES}/{REFRESHES} tuva_integration.2016-04" in replay.said
    decided = [line for line in replay.said.splitlines() if "Decisions: " in line]
    assert len(decided) == 1
    assert "1 initial" in decided[0]
    assert len(list(replay.home.decisions.glob("*.json"))) == REFRESHES
    as_of = published(replay.home, "select as_of_refresh from mart_snapshot")
    assert as_of["as_of_refresh"].tolist() == ["tuva_integration.2016-04"]


def test_delivering_all_again_changes_nothing(replay: Replay) -> None:
    """Under other folder names nothing is landed, and the rebuilt marts have the same hash."""
    assert len(list(replay.home.deliveries.iterdir())) == 2 * REFRESHES
    assert len(list(replay.home.registry.glob("tuva*.json"))) == REFRESHES
    after = replay.said.split("Snapshot hash ")[1].splitlines()
    assert "unchanged" in after[1]
    assert published(replay.home, "select snapshot_hash from mart_snapshot").iloc[0, 0] == after[0]
