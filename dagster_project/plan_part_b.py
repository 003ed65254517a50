"""`make part-b`: real Medicare Part B volumes of ME NH VT WV become an 8-territory plan on the true ZCTA graph.

The file comes without a manifest, as from a download: landing makes one and says so. What the plan holds is reconciled
with sums that DuckDB takes from the file alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.console import say, start_logging
from pipelines.data_home import DataHome
from pipelines.geography.census_files import FILES_VARIABLE

PROFILE = "medicare_part_b"
VOLUMES = Path("claims/medicare_part_b_2012/part_b_by_provider_and_service_ME_NH_VT_WV.csv.gz")
GEOGRAPHY = Path("geography")

TERRITORIES = """
SELECT territory_id, territory_name, units, addressable_usd, balance_index, mean_drive_miles, max_drive_miles,
    components, is_contiguous
FROM mart_territory_scorecard ORDER BY territory_id
"""
PLAN = "SELECT objective, bound, gap_share, max_deviation_share, what_binds FROM mart_plan"

# Procedures of the configured codes in the file, by what the crosswalk says of the provider's ZIP.
IN_THE_FILE = """
SELECT
    CASE WHEN place.unit_id <> 'unlocated' THEN 'located'
        WHEN place.match_kind = 'outside' THEN 'outside' ELSE 'unlocated' END AS place,
    sum(volume.Tot_Srvcs) AS procedures
FROM read_csv($volumes, quote = '"', types = {'Rndrng_Prvdr_Zip5': 'VARCHAR', 'HCPCS_Cd': 'VARCHAR'}) AS volume
JOIN read_parquet($codes) AS entry ON volume.HCPCS_Cd = entry.code AND entry.code_system = 'hcpcs'
LEFT JOIN read_parquet($crosswalk) AS place ON place.zip = lpad(left(volume.Rndrng_Prvdr_Zip5, 5), 5, '0')
GROUP BY ALL ORDER BY ALL
"""
PLANNED = """
SELECT sum(procedures), sum(addressable_usd) FILTER (unit_id <> 'unlocated'),
    coalesce(sum(procedures) FILTER (unit_id = 'unlocated'), 0),
    coalesce(sum(addressable_usd) FILTER (unit_id = 'unlocated'), 0)
FROM opportunity.fct_unit_potential
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Plan territories on real Medicare Part B volumes.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    options = parser.parse_args(arguments)
    start_logging()
    for needed in (VOLUMES, GEOGRAPHY):
        if not (options.data / needed).exists():
            parser.error(f"{options.data / needed} is missing; --data names the folder that holds claims/")
    os.environ[FILES_VARIABLE] = str((options.data / GEOGRAPHY).absolute())
    return plan(DataHome.default(), options.data)


def plan(home: DataHome, data: Path) -> int:
    """Deliver, run, print. Returns 0 where the plan is contiguous and every procedure is accounted for."""
    from dagster_project.loop import run_loop, say_where_to_look
    from pipelines.config.load import initialise_home_config

    if initialise_home_config(home, PROFILE):
        say(f"Business files of the shipped profile {PROFILE} are in {home.config}")
    deliver(data / VOLUMES, home)
    failed = run_loop(home)
    say_receipts(home)
    contiguous = say_plan(home)
    say_geography(home)
    reconciles = reconcile(home, data)
    say_where_to_look(home)
    return 0 if not failed and contiguous and reconciles else 1


def deliver(file: Path, home: DataHome) -> None:
    """The file alone in a folder of the inbox, there as a whole or not at all."""
    from pipelines.atomic_files import replace_file

    def copy(path: Path) -> None:
        shutil.copyfile(file, path)

    target = home.deliveries / "medicare_part_b_2012" / file.name
    if not target.exists():
        replace_file(target, copy)


def say_receipts(home: DataHome) -> None:
    from pipelines.landing.explain import explain
    from pipelines.landing.registry import RefreshRegistry

    for receipt in RefreshRegistry(home).accepted():
        for sentence in explain(receipt):
            say(sentence)


def say_plan(home: DataHome) -> bool:
    """Print the plan as published; True where every territory is contiguous."""
    with duckdb.connect(str(home.current_snapshot / "claimline.duckdb"), read_only=True) as connection:
        territories = connection.execute(TERRITORIES).fetchall()
        objective, bound, gap, deviation, binds = connection.execute(PLAN).fetchall()[0]
    say(
        f"{'':5}{'territory':46}{'ZCTAs':>6}{'opportunity':>13}{'index':>7}{'drive':>7}{'max':>6}{'parts':>6}"
    )
    for row in territories:
        identity, name, units, usd, index, drive, longest, parts, contiguous = row
        say(
            f"{identity:5}{name[:44]:46}{units:>6,}{_or_hidden(usd, '13,.0f')}{index:>7.1f}{drive:>7.1f}"
            f"{longest:>6.0f}{parts:>6}  {'contiguous' if contiguous else 'NOT CONTIGUOUS'}"
        )
    proof = "none" if bound is None else f"{bound:,.4f}, so at most {gap:.2%} above the best possible"
    say(f"Largest deviation from the mean {deviation:.1%}; objective {objective:,.4f}, bound {proof}")
    say(f"What binds: {binds}")
    return bool(territories) and all(row[-1] for row in territories)


def _or_hidden(value: Any, form: str) -> str:
    return format(value, form) if value is not None else f"{'hidden':>13}"


def say_geography(home: DataHome) -> None:
    from assets.geography import geography_summary

    counts = geography_summary(home)
    say(
        f"{counts['units']:,} ZCTAs; edges: {counts['edges_exact']:,} true borders, "
        f"{counts['edges_approximate']:,} approximate (ZCTAs newer than the adjacency file), "
        f"{counts['edges_bridge']:,} bridges to {counts['islands']} islands ({counts['island_units']} ZCTAs)"
    )
    say(
        f"{counts['large_components']} large connected components, each planned by itself; a part of a territory is "
        "an island of it, joined by a bridge"
    )


def reconcile(home: DataHome, data: Path) -> bool:
    """Print where the procedures of the file went; True where all are accounted for."""
    with duckdb.connect() as connection:
        given = {
            "volumes": str(data / VOLUMES),
            "codes": str(home.table("config", "value_set_code")),
            "crosswalk": str(home.table("geography", "zip_crosswalk")),
        }
        in_the_file = dict(connection.execute(IN_THE_FILE, given).fetchall())
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        planned, located_usd, unlocated, unlocated_usd = connection.execute(PLANNED).fetchall()[0]
    in_territories = _sum_of_plan(home)
    total = sum(in_the_file.values())
    say(f"Procedures of our codes in the file {total:,.0f}, in the opportunity tables {planned:,.0f}")
    say(
        f"  located {in_the_file.get('located', 0):,.0f}, outside the four states "
        f"{in_the_file.get('outside', 0):,.0f}, unlocated {in_the_file.get('unlocated', 0):,.0f}; "
        f"without a territory in the tables {unlocated:,.0f} ({unlocated_usd:,.0f} usd)"
    )
    say(f"Opportunity of located units {located_usd:,.2f} usd, of all territories {in_territories:,.2f} usd")
    return (
        abs(total - float(planned)) < 1e-3
        and abs(total - in_the_file.get("located", 0) - float(unlocated)) < 1e-3
        and abs(float(located_usd) - in_territories) < 0.01
    )


def _sum_of_plan(home: DataHome) -> float:
    with duckdb.connect() as connection:
        table = str(home.table("territories", "territory"))
        return float(
            connection.execute("SELECT sum(addressable_usd) FROM read_parquet(?)", [table]).fetchall()[0][0]
        )


if __name__ == "__main__":
    raise SystemExit(main())
