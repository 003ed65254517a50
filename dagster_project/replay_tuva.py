"""`make replay-tuva`: 36 real monthly claims files as 36 rolling refreshes, reconciled with the file they came from.

The counts of the marts stand beside counts that DuckDB takes from the source CSV alone. At the end everything is
delivered again under other folder names, the marts are rebuilt, and the snapshot hash has to be what it was.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.console import QUIET, say, start_logging
from pipelines.data_home import DataHome

PROFILE = "tuva_replay"
CLAIMS = Path("claims/tuva_integration/medical_claim_seed.csv")
DIRECTORY = Path("claims/tuva_integration/provider_data__provider.csv")

# What is read from the published mart. The other side, below, is counted from the source files without our SQL.
COUNTED = {
    "rows delivered": "sum(delivered_rows)",
    "rows accepted": "sum(accepted_rows)",
    "rows quarantined": "sum(quarantined_rows)",
    "claim lines accepted": "sum(accepted_lines)",
    "lines superseded": "sum(superseded_lines)",
    "lines voided": "sum(voided_lines)",
    "lines current": "sum(current_lines)",
    "lines without procedure": "sum(lines_without_procedure)",
    "services": "sum(services)",
    "services located": "sum(services_located)",
    "services unlocated": "sum(services_unlocated)",
}
# One service is a patient, a day and a code; a line with modifier 76 or 77 repeats it and counts by itself. It happened
# at the facility, else at the organisation that billed, else where the renderer practises (1, 2, 3).
IN_THE_FILE = """
WITH lines AS (
    SELECT *,
        row_number() OVER (PARTITION BY claim_id, claim_line_number ORDER BY file_date DESC) = 1 AS is_current,
        concat_ws(',', hcpcs_modifier_1, hcpcs_modifier_2, hcpcs_modifier_3, hcpcs_modifier_4,
            hcpcs_modifier_5) AS modifiers
    FROM read_csv($claims, all_varchar = true, header = true)
    WHERE file_date <= $last_file_date
),
directory AS (SELECT * FROM read_csv($directory, all_varchar = true, header = true)),
located AS (
    SELECT directory.npi FROM directory JOIN read_parquet($crosswalk) AS place
        ON place.zip = left(directory.practice_zip_code, 5) AND place.unit_id <> 'unlocated'
),
current_lines AS (SELECT * FROM lines WHERE is_current),
services AS (
    SELECT min(CASE
        WHEN facility_npi IS NOT NULL THEN '1' || facility_npi
        WHEN billing_npi IS NOT NULL AND coalesce(directory.entity_type_code, '2') = '2' THEN '2' || billing_npi
        ELSE '3' || coalesce(rendering_npi, billing_npi) END) AS site
    FROM current_lines LEFT JOIN directory ON directory.npi = billing_npi
    WHERE hcpcs_code IS NOT NULL AND person_id IS NOT NULL
    GROUP BY person_id, coalesce(claim_line_start_date, claim_start_date), hcpcs_code,
        CASE WHEN regexp_matches(modifiers, '(76|77)') THEN claim_id || '/' || claim_line_number END
)
SELECT
    (SELECT count(*) FROM lines) + (SELECT count(*) FROM directory) AS "rows delivered",
    (SELECT count(*) FROM lines) AS "claim lines accepted",
    (SELECT count(*) FROM lines WHERE NOT is_current) AS "lines superseded",
    (SELECT count(*) FROM current_lines) AS "lines current",
    (SELECT count(*) FROM current_lines WHERE hcpcs_code IS NULL) AS "lines without procedure",
    (SELECT count(*) FROM services) AS "services",
    (SELECT count(*) FROM services WHERE substr(site, 2) IN (FROM located)) AS "services located",
    (SELECT count(*) FROM services WHERE substr(coalesce(site, '-'), 2) NOT IN (FROM located)) AS "services unlocated"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Replay the monthly Tuva files as rolling refreshes.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--refreshes", type=int, help="replay only the first so many")
    options = parser.parse_args(arguments)
    start_logging()
    for file in (CLAIMS, DIRECTORY):
        if not (options.data / file).is_file():
            parser.error(f"{options.data / file} is missing; --data names the folder that holds claims/")
    return replay(DataHome.default(), options.data, options.refreshes)


def replay(home: DataHome, data: Path, refreshes: int | None) -> int:
    """Deliver, run, reconcile, deliver again. Returns 0 where all refreshes and all counts are good."""
    from dagster_project.loop import run_loop, say_where_to_look
    from pipelines.config.load import initialise_home_config
    from pipelines.landing.replay_deliveries import split_by_file_date

    if initialise_home_config(home, PROFILE):
        say(f"Business files of the shipped profile {PROFILE} are in {home.config}")
    split = split_by_file_date(
        data / CLAIMS, home.root / "monthly_files", provider_directory=data / DIRECTORY
    )
    folders = split[:refreshes]
    for folder in folders:
        deliver(folder, home.deliveries, folder.name)
    say(f"{len(folders)} of {len(split)} monthly files are in {home.deliveries}")
    failed = run_loop(home, Progress([folder.name for folder in folders]))

    counts_agree = reconcile(home, data, folders)
    say_decisions(home)
    snapshot_stands = deliver_again(home, folders)
    say_where_to_look(home)
    return 0 if not failed and counts_agree and snapshot_stands else 1


def deliver(folder: Path, inbox: Path, name: str) -> None:
    """Copy a delivery into the inbox; it appears whole, by rename. One that is there is left alone."""
    if (inbox / name).exists():
        return
    unfinished = inbox / f".{name}.copying"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(folder, unfinished)
    unfinished.rename(inbox / name)


class Progress:
    """Says after each refresh how many are done and, from the pace so far, how long the rest will take."""

    def __init__(self, refresh_ids: Sequence[str]) -> None:
        self.refresh_ids, self.done, self.started = list(refresh_ids), 0, time.monotonic()

    def __call__(self, refresh_id: str) -> None:
        self.done += 1
        number, total = self.refresh_ids.index(refresh_id) + 1, len(self.refresh_ids)
        left = (total - number) * (time.monotonic() - self.started) / self.done
        say(f"== {number}/{total} {refresh_id}; about {left / 60:.0f} min left")


def reconcile(home: DataHome, data: Path, folders: Sequence[Path]) -> bool:
    """Print what the marts count beside what the file holds. Returns whether they agree."""
    last_file_date = f"{folders[-1].name.split('.')[-1]}-31"
    with duckdb.connect() as connection:
        given = {
            "claims": str(data / CLAIMS),
            "directory": str(data / DIRECTORY),
            "crosswalk": str(home.table("geography", "zip_crosswalk")),
        }
        answer = connection.execute(IN_THE_FILE, {**given, "last_file_date": last_file_date})
        in_the_file = dict(
            zip([column[0] for column in answer.description], answer.fetchall()[0], strict=True)
        )
    with duckdb.connect(str(home.current_snapshot / "claimline.duckdb"), read_only=True) as connection:
        columns = ", ".join(f'{sql} AS "{name}"' for name, sql in COUNTED.items())
        answer = connection.execute(f"SELECT {columns} FROM mart_refresh_reconciliation")
        counted = dict(zip(COUNTED, map(int, answer.fetchall()[0]), strict=True))
    say(f"{'':26}{'published':>12}{'in the file':>14}")
    differences = 0
    for name, published in counted.items():
        expected = in_the_file.get(name)
        mark = "" if expected in (None, published) else "  DIFFERS"
        differences += bool(mark)
        say(f"{name:26}{published:>12,}{'' if expected is None else f'{expected:,}':>14}{mark}")
    sums = {
        "rows accepted + quarantined = delivered": counted["rows accepted"] + counted["rows quarantined"]
        == counted["rows delivered"],
        "lines current + superseded + voided = accepted": counted["lines current"]
        + counted["lines superseded"]
        + counted["lines voided"]
        == counted["claim lines accepted"],
        "services located + unlocated = services": counted["services located"] + counted["services unlocated"]
        == counted["services"],
    }
    for sentence, holds in sums.items():
        say(f"{sentence}: {'yes' if holds else 'NO'}")
    return not differences and all(sums.values())


def say_decisions(home: DataHome) -> None:
    from pipelines.monitoring.decision_store import read_decision

    decisions = [read_decision(home.decisions, path.stem) for path in sorted(home.decisions.glob("*.json"))]
    kinds = Counter(decision.decision for decision in decisions if decision)
    say("Decisions: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    for decision in decisions:
        if decision and decision.decision == "rebuild":
            say(f"  {decision.refresh_id}: {decision.reason}")


def deliver_again(home: DataHome, folders: Sequence[Path]) -> bool:
    """Deliver everything under other folder names and rebuild the marts; True where the snapshot stands."""
    from dagster_project.definitions import definitions_for
    from dagster_project.instance import prepare_instance
    from dagster_project.loop import run_loop
    from pipelines.delivery.publication import read_current

    before = read_current(home.published)
    for folder in folders:
        deliver(folder, home.deliveries, f"again_{folder.name}")
    say(f"All {len(folders)} deliveries once more, under other folder names; then the marts rebuilt")
    failed = run_loop(home)
    rebuilt = (
        definitions_for(home)
        .resolve_job_def("publish_job")
        .execute_in_process(instance=prepare_instance(home), run_config=QUIET, raise_on_error=False)
    )
    after = read_current(home.published)
    hashes = [manifest["snapshot_hash"] if manifest else None for manifest in (before, after)]
    stands = not failed and rebuilt.success and None is not hashes[0] == hashes[1]
    say(f"Snapshot hash {hashes[0]}")
    say("  unchanged" if stands else f"  CHANGED to {hashes[1]}")
    return stands


if __name__ == "__main__":
    raise SystemExit(main())
