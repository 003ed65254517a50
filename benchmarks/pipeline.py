"""`make bench-pipeline`: what a refresh of millions of lines costs, against the least that any engine would have to do.

The floor is one hand-written DuckDB statement over the landed Parquet: latest version per claim line, one event per
service, count by provider × code × month, nothing written. The work is everything dbt does from the same Parquet to
the opportunity tables, tests included. Start-up is measured apart, in processes of its own.

Last line: one JSON object with `work_over_floor`, `startup_cpu_s`, `peak_gib` and where the rest goes.
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

LINES = 5_000_000
HISTORY_MONTHS = 24

# Two ways to keep the latest version; the floor is the faster one.
LATEST_BY_WINDOW = """
    select patient_token, coalesce(claim_line_start_date, claim_start_date) as service_date, hcpcs_code,
        rendering_npi, claim_frequency_code
    from read_parquet('{lake}/raw/medical_claim/*/*.parquet')
    qualify row_number() over (
        partition by source, claim_id, claim_line_number order by known_on desc, refresh_id desc, row_number desc
    ) = 1
"""
LATEST_BY_MAXIMUM = """
    select line.* from (
        select max_by(
            {{
                'patient_token': patient_token, 'service_date': coalesce(claim_line_start_date, claim_start_date),
                'hcpcs_code': hcpcs_code, 'rendering_npi': rendering_npi,
                'claim_frequency_code': claim_frequency_code
            }}, (known_on, refresh_id, row_number)
        ) as line
        from read_parquet('{lake}/raw/medical_claim/*/*.parquet') group by source, claim_id, claim_line_number
    )
"""
COUNTED = """
with latest as ({latest}), services as (
    select patient_token, service_date, hcpcs_code, min(rendering_npi) as npi
    from latest where claim_frequency_code <> '8' and hcpcs_code is not null
    group by patient_token, service_date, hcpcs_code
)
select count(*), sum(services) from (
    select npi, hcpcs_code, date_trunc('month', service_date) as month, count(*) as services
    from services group by all
)
"""


def step_simulate(home: DataHome, lines: int) -> dict[str, Any]:
    from pipelines.config.load import initialise_home_config
    from pipelines.market_simulator import demo_spec, write_refreshes

    initialise_home_config(home, "device_maker")
    spec = demo_spec(lines_per_month=lines // (HISTORY_MONTHS + 2))
    wall, _, _ = timed(
        lambda: write_refreshes(spec, home.deliveries, home.market_truth, write_services_truth=False)
    )
    return {"simulate_s": round(wall, 1)}


def step_land(home: DataHome, _: int) -> dict[str, Any]:
    from pipelines.config.load import load_business_config
    from pipelines.config.tables import write_config_tables
    from pipelines.geography.build import build_geography, write_geography
    from pipelines.landing.land import land_delivery
    from pipelines.landing.raw_partitions import ensure_empty_tables
    from pipelines.landing.registry import RefreshRegistry

    config, _problems = load_business_config(home.config)
    registry = RefreshRegistry(home)
    pending = registry.pending(config)
    wall, cpu, _done = timed(lambda: [land_delivery(home, d, config, log=lambda line: None) for d in pending])
    peak = peak_gib()
    ensure_empty_tables(home)
    write_config_tables(config, home)
    write_geography(build_geography(config, files=None), home)
    rows = sum(receipt.accepted_rows for receipt in registry.accepted())
    return {
        "landing_s": round(wall, 1),
        "landing_cpu_s": round(cpu, 1),
        "landing_peak_gib": peak,
        "rows": rows,
    }


def step_floor(home: DataHome, _: int) -> dict[str, Any]:
    found = fastest_statement(
        {
            name: COUNTED.format(latest=latest.format(lake=home.lake))
            for name, latest in (("window", LATEST_BY_WINDOW), ("maximum", LATEST_BY_MAXIMUM))
        }
    )
    return {
        "floor_s": found["wall_s"],
        "floor_cpu_s": found["cpu_s"],
        "floor_statement": found["statement"],
        "floor_peak_gib": peak_gib(),
        "floor_services": found["answer"][1],
    }


def step_work(home: DataHome, _: int) -> dict[str, Any]:
    from dagster_project.dbt_in_process import invoke_dbt, parse_project

    parse_wall, parse_cpu, manifest = timed(lambda: parse_project(home))
    build = ["build", "--exclude-resource-type", "unit_test", "--exclude", "fqn:claimline.reporting"]
    idle, _cpu, _none = timed(
        lambda: invoke_dbt(home, ["run", "--select", "stg_config__settings"], manifest=manifest)
    )
    wall, cpu, outcome = timed(
        lambda: invoke_dbt(home, [*build, "--indirect-selection", "buildable"], manifest=manifest)
    )
    if not outcome.success:
        raise SystemExit(
            f"dbt failed: {outcome.exception or [r.node.name for r in outcome.result.results if r.failures]}"
        )
    seconds = {r.node.name: round(r.execution_time, 2) for r in outcome.result.results}
    tests = sum(r.execution_time for r in outcome.result.results if r.node.resource_type == "test")
    slowest = dict(sorted(seconds.items(), key=lambda item: -item[1])[:10])
    return {
        "dbt_parse_s": round(parse_wall, 2),
        "dbt_parse_cpu_s": round(parse_cpu, 2),
        "dbt_invocation_s": round(idle, 2),
        "work_s": round(wall, 1),
        "work_cpu_s": round(cpu, 1),
        "tests_thread_s": round(tests, 1),
        "slowest_nodes_thread_s": slowest,
        "peak_gib": peak_gib(),
    }


def step_load(home: DataHome, _: int) -> dict[str, Any]:
    """Loading the definitions with a prepared manifest: what every Dagster process pays."""
    import dagster_project.definitions

    return {"assets": len(list(dagster_project.definitions.defs.resolve_all_asset_keys()))}


STEPS = {
    "simulate": step_simulate,
    "land": step_land,
    "floor": step_floor,
    "work": step_work,
    "load": step_load,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Benchmark of one refresh of millions of lines")
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--step", choices=sorted(STEPS))
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](DataHome.default(), options.lines)))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="claimline-bench-"))
    home = DataHome.at(folder / "home")
    figures: dict[str, Any] = {"lines": options.lines}
    try:
        for step in ("simulate", "land", "floor", "work", "floor", "load"):
            print(f"{step} …", flush=True)
            found = run_step("benchmarks.pipeline", step, home, "--lines", str(options.lines))
            if step == "floor" and "floor_s" in figures:
                # Once before and once after the work, so that a drifting machine shows.
                found["floor_s"] = round((found["floor_s"] + figures["floor_s"]) / 2, 2)
                found["floor_cpu_s"] = round((found["floor_cpu_s"] + figures["floor_cpu_s"]) / 2, 2)
            if step == "load":
                figures["definitions_load_cpu_s"] = found["process_cpu_s"]
            found.pop("process_cpu_s")
            figures |= found
            print(json.dumps(found), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures["work_over_floor"] = round(figures["work_s"] / figures["floor_s"], 2)
    figures["work_cpu_over_floor_cpu"] = round(figures["work_cpu_s"] / figures["floor_cpu_s"], 2)
    figures["landing_over_floor"] = round(figures["landing_s"] / figures["floor_s"], 2)
    figures["startup_cpu_s"] = round(figures["definitions_load_cpu_s"] + figures["dbt_parse_cpu_s"], 2)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
