"""`make bench-ledger`: does cost follow the change? 24 months of a simulated market, then one monthly refresh.

1. floor:       the faster of two hand-written DuckDB statements over the landed Parquet: versions resolved (latest line,
                replacements of whole claims, voids), lines collapsed to events, counted by provider × code × month,
                nothing written
2. full:        everything dbt does from the same Parquet to the opportunity tables, its tests included, from nothing
3. refresh:     the last refresh (some 4 % of the lines, a twentieth of them versions of claims of the last six months)
                lands, and dbt adds it to what is there
4. rebuild:     everything from nothing once more; each opportunity table hashed and compared with 3

What dbt costs whatever the data (planning some 150 nodes) is measured by the same commands over a market of a few
thousand lines, and taken off: the work is what is left. Last line: one JSON object with `work_over_floor`,
`refresh_share_of_full`, `recomputed_cells_share` (cells of opportunity that the refresh made different, of all),
`peak_gib`, `hash_difference` and where the rest goes, node by node and by layer. CPU-seconds are the steadier figures on
a machine that others use.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import fastest_statement, peak_gib, run_step, timed
from pipelines.data_home import DataHome

MODULE = "benchmarks.ledger"
LINES = 20_000_000
TINY_LINES = 5_000
HISTORY_MONTHS = 24

# Which layer a model belongs to, by the longest beginning of its name that stands here; all others are the line layer.
# Counts are what was done; estimates are how complete, how reachable and where that is going. Tests are a layer.
LAYERS = {
    "fct_": "counts",
    "int_codes__": "counts",
    "int_months__": "counts",
    "int_opportunity__": "counts",
    "int_potential__": "counts",
    "int_services__asked": "counts",
    "int_services__coded": "counts",
    "int_services__matched": "counts",
    "int_value_sets__": "counts",
    "int_volumes__": "counts",
    "fct_access": "estimates",
    "fct_area_opportunity": "estimates",
    "fct_completeness": "estimates",
    "fct_completion_": "estimates",
    "fct_facility_": "estimates",
    "fct_provider_affiliation": "estimates",
    "fct_referr": "estimates",
    "fct_surgeon_access": "estimates",
    "fct_unit_referral": "estimates",
    "int_access__": "estimates",
    "int_accounts__": "estimates",
    "int_capture__": "estimates",
    "int_claims__referred": "estimates",
    "int_deliveries__": "estimates",
    "int_development__": "estimates",
    "int_facilities__": "estimates",
    "int_opportunity__placed": "estimates",
    "int_opportunity__projected": "estimates",
    "int_providers__history": "estimates",
    "int_providers__sites": "estimates",
    "int_providers__worked": "estimates",
    "int_ranking__": "estimates",
    "int_referrals__": "estimates",
    "int_trends__": "estimates",
}

# One row a line: the latest that is known of it.
LATEST_BY_WINDOW = """
    select * from lines
    qualify row_number() over (
        partition by claim, claim_line_number order by paid_date desc, known_on desc, row_number desc
    ) = 1
"""
LATEST_BY_MAXIMUM = """
    select latest.* from (
        select max_by(
            {{'claim': claim, 'claim_line_number': claim_line_number, 'frequency': frequency, 'day': day,
              'patient': patient, 'hcpcs_code': hcpcs_code, 'rendering_npi': rendering_npi, 'paid_date': paid_date}},
            (paid_date, known_on, row_number)
        ) as latest
        from lines group by claim, claim_line_number
    )
"""
COUNTED = """
with lines as (
    select hash(source, claim_chain_id) as claim, claim_line_number, claim_frequency_code as frequency,
        coalesce(claim_line_start_date, claim_start_date) as day, hash(patient_token) as patient, hcpcs_code,
        rendering_npi, paid_date, known_on, row_number
    from read_parquet('{lake}/raw/medical_claim/*/*.parquet', hive_partitioning = false)
), changes as (
    select claim, max(case frequency when '8' then paid_date end) as voided,
        max(case frequency when '7' then paid_date end) as replaced
    from lines where frequency in ('7', '8') group by claim
), latest as ({latest}), events as (
    select patient, day, hcpcs_code, min(rendering_npi) as npi
    from latest left join changes using (claim)
    where frequency <> '8' and hcpcs_code is not null
        and (voided is null or latest.paid_date > voided)
        and (replaced is null or latest.paid_date >= replaced)
    group by patient, day, hcpcs_code
)
select count(*), sum(events) from (
    select npi, hcpcs_code, date_trunc('month', day) as month, count(*) as events from events group by all
)
"""


def step_simulate(home: DataHome, lines: int) -> dict[str, Any]:
    """History and one refresh after it, as deliveries."""
    from pipelines.config.load import initialise_home_config
    from pipelines.market_simulator import write_refreshes
    from pipelines.market_simulator.spec import MarketSpec

    initialise_home_config(home, "device_maker")
    spec = MarketSpec(
        lines_per_month=lines // (HISTORY_MONTHS + 1), history_months=HISTORY_MONTHS, refreshes=2
    )
    wall, _cpu, _none = timed(
        lambda: write_refreshes(spec, home.deliveries, home.market_truth, write_services_truth=False)
    )
    return {"simulate_s": round(wall, 1)}


def step_land(home: DataHome, _: int) -> dict[str, Any]:
    """Land the next delivery, and write the tables beside it."""
    from pipelines.atomic_files import write_parquet
    from pipelines.code_sets.tables import KEYS, read_code_sets
    from pipelines.config.load import load_business_config
    from pipelines.config.tables import write_config_tables
    from pipelines.geography.build import build_geography, write_geography
    from pipelines.landing.land import land_delivery
    from pipelines.landing.raw_partitions import ensure_empty_tables
    from pipelines.landing.registry import RefreshRegistry

    config, _problems = load_business_config(home.config)
    registry = RefreshRegistry(home)
    (delivery, *_later) = registry.pending(config)
    wall, _cpu, _done = timed(lambda: land_delivery(home, delivery, config, log=lambda line: None))
    ensure_empty_tables(home)
    write_config_tables(config, home)
    for name, table in read_code_sets(home.config).tables.items():
        write_parquet(home.table("code_sets", name), table, sort_by=list(KEYS[name]))
    write_geography(build_geography(config, files=None), home)
    return {"landing_s": round(wall, 1), "rows": sum(r.accepted_rows for r in registry.accepted())}


def step_floor(home: DataHome, _: int) -> dict[str, Any]:
    statements = {
        name: COUNTED.format(lake=home.lake, latest=latest.format())
        for name, latest in (("window", LATEST_BY_WINDOW), ("maximum", LATEST_BY_MAXIMUM))
    }
    found = fastest_statement(statements)
    return {**found, "floor_peak_gib": peak_gib()}


def step_build(home: DataHome, _: int) -> dict[str, Any]:
    """What Dagster's step does: plan the build, then one dbt invocation of all but the published marts."""
    from dagster_project.dbt_in_process import incremental_models, invoke_dbt, parse_project
    from dagster_project.ledger_state import plan_build
    from dagster_project.recomputed_cells import count_recomputed_cells

    manifest = parse_project(home)
    build = ["build", "--exclude-resource-type", "unit_test", "--exclude", "fqn:claimline.reporting"]

    def run() -> tuple[str, Any]:
        plan = plan_build(home, incremental_models(manifest))
        arguments = [*build, "--indirect-selection", "buildable"]
        return plan.mode, invoke_dbt(
            home, arguments, manifest=manifest.deepcopy(), environment=plan.environment
        )

    wall, cpu, (mode, outcome) = timed(run)
    if not outcome.success:
        broken = [r.node.name for r in outcome.result.results if str(r.status) not in ("success", "pass")]
        raise SystemExit(f"dbt failed: {outcome.exception or broken}")
    seconds = {r.node.name: round(r.execution_time, 2) for r in outcome.result.results}
    layers = dict.fromkeys(("lines", "counts", "estimates", "tests"), 0.0)
    for result in outcome.result.results:
        layers[_layer(result.node)] += result.execution_time
    return {
        "mode": mode,
        "recomputed_cells_share": count_recomputed_cells(home.warehouse).share,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "peak_gib": peak_gib(),
        "cpu_s_by_layer": {name: round(cpu * s / sum(layers.values()), 2) for name, s in layers.items()},
        "slowest_nodes_thread_s": dict(sorted(seconds.items(), key=lambda item: -item[1])[:12]),
    }


def _layer(node: Any) -> str:
    if node.resource_type == "test":
        return "tests"
    beginnings = [beginning for beginning in LAYERS if node.name.startswith(beginning)]
    return LAYERS[max(beginnings, key=len)] if beginnings else "lines"


def step_hash(home: DataHome, _: int) -> dict[str, Any]:
    """A hash of the rows of each opportunity table, in whatever order they are stored."""
    import duckdb

    hashes = {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, string_agg(column_name, ', ' order by column_name) from duckdb_columns()"
            " where schema_name = 'opportunity' group by table_name order by table_name"
        ).fetchall()
        for table, names in columns:
            counted = connection.execute(
                f"select count(*), sum(cast(hash({names}) as hugeint)) from opportunity.{table}"
            ).fetchone()
            hashes[table] = str(counted)
    return {"hashes": hashes}


STEPS = {
    "simulate": step_simulate,
    "land": step_land,
    "floor": step_floor,
    "build": step_build,
    "hash": step_hash,
}


def measure(folder: Path, lines: int, *, floor: bool) -> dict[str, dict[str, Any]]:
    """All steps over one market; {name of the step: its figures}."""
    home = DataHome.at(folder)

    def step(name: str, label: str) -> dict[str, Any]:
        print(f"{label} of {lines:,} lines …", flush=True)
        figures = run_step(MODULE, name, home, "--lines", str(lines))
        print(json.dumps(figures), flush=True)
        return figures

    step("simulate", "simulate")
    done = {"history": step("land", "land the history")}
    step("build", "build the history")
    done["landed"] = step("land", "land the refresh")
    if floor:
        done["floor before"] = step("floor", "floor")
    done["refresh"] = step("build", "add the refresh")
    done["refreshed"] = step("hash", "hash")
    home.warehouse.unlink()
    done["full"] = step("build", "build everything")
    done["rebuilt"] = step("hash", "hash")
    if floor:
        done["floor after"] = step("floor", "floor")
    return done


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Benchmark of the ledger: full build and refresh against a floor"
    )
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--step", choices=sorted(STEPS))
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](DataHome.default(), options.lines)))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="claimline-bench-"))
    try:
        tiny = measure(folder / "tiny", TINY_LINES, floor=False)
        done = measure(folder / "market", options.lines, floor=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(_figures(options.lines, tiny, done)))
    return 0


def _figures(lines: int, tiny: dict[str, dict[str, Any]], done: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The shares that are asked for, by wall clock and by CPU, and what they are made of."""
    figures: dict[str, Any] = {"lines": lines}
    figures["refresh_lines_share"] = round(1 - done["history"]["rows"] / done["landed"]["rows"], 4)
    for unit in ("wall_s", "cpu_s"):
        floor = (done["floor before"][unit] + done["floor after"][unit]) / 2
        full = done["full"][unit] - tiny["full"][unit]
        refresh = done["refresh"][unit] - tiny["refresh"][unit]
        suffix = "" if unit == "wall_s" else "_cpu"
        figures[f"work_over_floor{suffix}"] = round(full / floor, 2)
        figures[f"refresh_share_of_full{suffix}"] = round(refresh / full, 3)
        figures |= {
            f"floor_{unit}": round(floor, 2),
            f"full_{unit}": round(full, 2),
            f"refresh_{unit}": round(refresh, 2),
            f"fixed_{unit}": tiny["full"][unit],
        }
    before, after = done["refreshed"]["hashes"], done["rebuilt"]["hashes"]
    figures["hash_difference"] = sum(before.get(t) != after.get(t) for t in before.keys() | after.keys())
    figures["peak_gib"] = max(done[name]["peak_gib"] for name in ("full", "refresh"))
    figures["floor_statement"] = done["floor before"]["statement"]
    figures["refresh_mode"] = done["refresh"]["mode"]
    figures["recomputed_cells_share"] = done["refresh"]["recomputed_cells_share"]
    for name in ("full", "refresh"):
        figures[f"{name}_slowest_nodes_thread_s"] = done[name]["slowest_nodes_thread_s"]
        # CPU-seconds shared out by the seconds that nodes took, less those of the tiny market: "fixed" is all of those.
        figures[f"{name}_cpu_s_by_layer"] = {
            layer: round(seconds - tiny[name]["cpu_s_by_layer"][layer], 2)
            for layer, seconds in done[name]["cpu_s_by_layer"].items()
        } | {"fixed": tiny[name]["cpu_s"]}
    layers = figures["full_cpu_s_by_layer"]
    ledger = layers["lines"] + layers["counts"] + layers["tests"]
    figures["ledger_over_floor_cpu"] = round(ledger / figures["floor_cpu_s"], 2)
    figures["estimates_over_ledger"] = round(layers["estimates"] / ledger, 3)
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
