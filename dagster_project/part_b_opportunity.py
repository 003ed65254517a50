"""`make part-b-opportunity`: opportunity per ZCTA and county in real Medicare Part B volumes, for three companies.

Each shipped profile gets a data home of its own: its products, prices and codes, the source of the file and the four
states. The file is landed once; opportunity is built on ZCTAs and again on counties; both are reconciled with the file
row by row (`part_b_file`). The file names no diagnosis and no place of service, so what a product's rule asks of these is
left out, and said. No territories here: that is `make part-b`.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.console import QUIET, say, start_logging
from dagster_project.plan_part_b import GEOGRAPHY, VOLUMES, deliver
from pipelines.data_home import DataHome
from pipelines.geography.census_files import FILES_VARIABLE

PROFILES = ("device_maker", "diagnostics_company", "specialty_therapeutic")
SOURCE_PROFILE = "medicare_part_b"
SETTINGS = {"geography_source": "census_files", "states": "ME NH VT WV"}
UNIT_TYPES = ("zcta", "county")
FACTS = (["opportunity", "fct_unit_potential"], ["opportunity", "fct_geography_opportunity"])
NOT_TOLD = ("modifiers_any", "modifiers_none", "places_of_service_any", "places_of_service_none")

# By product; the months and the planning year are two tables, which must both hold all of the file.
IN_THE_TABLES = """
SELECT count(*) FILTER (unit_id <> 'unlocated'), coalesce(sum(procedures), 0),
    coalesce(sum(procedures) FILTER (unit_id <> 'unlocated'), 0), coalesce(sum(total_usd), 0),
    coalesce(sum(total_usd) FILTER (unit_id <> 'unlocated'), 0), coalesce(sum(billed_usd), 0)
FROM opportunity.{table} WHERE product_id = $product
"""
TABLES = ("fct_unit_potential", "fct_geography_opportunity")


@dataclass(frozen=True)
class Reading:
    """How the file can tell of a product: `note` says it, `is_told` whether at all."""

    product_id: str
    price_usd: Decimal
    is_told: bool
    note: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Opportunity per ZCTA and county in Medicare Part B volumes."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument(
        "--profile", choices=PROFILES, action="append", help="only this one (may be repeated)"
    )
    parser.add_argument(
        "--unit", choices=UNIT_TYPES, action="append", help="only these units (may be repeated)"
    )
    options = parser.parse_args(arguments)
    start_logging()
    for needed in (VOLUMES, GEOGRAPHY):
        if not (options.data / needed).exists():
            parser.error(f"{options.data / needed} is missing; --data names the folder that holds claims/")
    os.environ[FILES_VARIABLE] = str((options.data / GEOGRAPHY).absolute())
    root, agrees = DataHome.default().root, True
    lines: list[str] = []
    for profile in options.profile or PROFILES:
        told, holds = profile_opportunity(
            DataHome(root / profile), profile, options.data / VOLUMES, options.unit or UNIT_TYPES
        )
        lines += told
        agrees = agrees and holds
    for line in lines:
        say(line)
    say("Every sum is that of the file" if agrees else "DIFFERENCES: see the lines that say NO")
    return 0 if agrees else 1


def profile_opportunity(
    home: DataHome, profile: str, file: Path, unit_types: Sequence[str]
) -> tuple[list[str], bool]:
    """Land the file, build opportunity on each unit type, compare. The lines to print, and whether all sums agree."""
    readings = write_business_files(home, profile, unit_types[0])
    deliver(file, home)
    agrees = True
    lines: list[str] = []
    told_of = [reading for reading in readings if reading.is_told]
    for place, unit_type in enumerate(unit_types if told_of else unit_types[:1]):
        write_business_files(home, profile, unit_type)
        if not build(home, lands=place == 0):
            return [*lines, f"{profile}: the build on {unit_type} units failed, see above"], False
        if place == 0:
            lines += [f"{profile}: {_landed(home)}", *(f"  {reading.note}" for reading in readings)]
        told, holds = compare(home, told_of, file, unit_type)
        lines += told
        agrees = agrees and holds
    return lines, agrees


def write_business_files(home: DataHome, profile: str, unit_type: str) -> list[Reading]:
    """The profile's business files, made to fit the file: its source, the four states, rules that it can answer."""
    import yaml

    from pipelines.atomic_files import write_text
    from pipelines.config.load import PROFILES as SHIPPED
    from pipelines.config.load import load_business_config

    if home.config.is_dir():
        shutil.rmtree(home.config)
    shutil.copytree(SHIPPED / profile, home.config)
    shutil.copyfile(SHIPPED / SOURCE_PROFILE / "sources.yml", home.config / "sources.yml")
    settings = yaml.safe_load((home.config / "settings.yml").read_text(encoding="utf-8"))
    for name, value in {**SETTINGS, "unit_type": unit_type}.items():
        settings[name]["value"] = value
    write_text(home.config / "settings.yml", yaml.safe_dump(settings, sort_keys=False))

    config, _ = load_business_config(home.config)
    rules = config.value_set_rules.set_index("product_id")
    sold = yaml.safe_load((home.config / "products.yml").read_text(encoding="utf-8"))
    readings = []
    for product in sold["products"]:
        told = rules.loc[product["product_id"]]
        readings.append(_reading(product, told))
        if readings[-1].is_told:
            kept = {"taxonomies_any": list(told["taxonomies_any"])} if len(told["taxonomies_any"]) else {}
            product["rule"] = {"combine": "procedures", **kept}
    write_text(home.config / "products.yml", yaml.safe_dump(sold, sort_keys=False))
    return readings


def _reading(product: dict[str, Any], rule: Any) -> Reading:
    name, price = product["product_id"], Decimal(str(product["price_usd"]["value"]))
    if rule["combine"] == "diagnoses":
        note = f"{name}: no annual volume, it counts diagnosed patients and the file names no diagnosis"
        return Reading(name, price, False, note)
    asked = ["the diagnosis"] if rule["combine"] != "procedures" else []
    asked += [column.rsplit("_", 1)[0].replace("_", " ") for column in NOT_TOLD if len(rule[column])]
    if asked:
        untold = f"the file does not tell {' and '.join(asked)}"
        note = f"{name}: all services of its codes, more than its rule asks for: {untold}"
        return Reading(name, price, True, note)
    return Reading(name, price, True, f"{name}: all services of its codes, as its rule says")


def build(home: DataHome, *, lands: bool) -> bool:
    """Materialise the opportunity tables and what they are made of; `lands` takes the delivery in first, if it waits."""
    import dagster as dg

    from assets.landing import REFRESHES
    from dagster_project.definitions import definitions_for
    from dagster_project.instance import prepare_instance
    from dagster_project.loop import failure_reasons
    from pipelines.config.load import load_business_config
    from pipelines.landing.registry import RefreshRegistry

    registry = RefreshRegistry(home)
    waiting = registry.pending(load_business_config(home.config)[0]) if lands else []
    instance = prepare_instance(home)
    definitions = definitions_for(home)
    assets: list[Any] = list(definitions.assets or [])
    wanted = dg.AssetSelection.assets(*FACTS).upstream().required_multi_asset_neighbors()
    raw = dg.AssetSelection.key_prefixes("raw")
    partition = None
    if waiting:
        partition = waiting[0].refresh_id
        instance.add_dynamic_partitions(REFRESHES.name or "", [partition])
    result = dg.materialize(
        assets,
        selection=wanted if waiting else wanted - raw,
        partition_key=partition,
        instance=instance,
        resources=definitions.resources,
        run_config=QUIET,
        raise_on_error=False,
    )
    for reason in failure_reasons(result):
        say(reason)
    return result.success


def _landed(home: DataHome) -> str:
    from pipelines.landing.registry import RefreshRegistry

    files = [file for receipt in RefreshRegistry(home).accepted() for file in receipt.accepted_files]
    delivered = sum(file.delivered_rows for file in files)
    accepted = sum(file.accepted_rows for file in files)
    refused = sum(file.quarantined_rows for file in files)
    return f"{delivered:,} rows delivered, {accepted:,} accepted, {refused:,} quarantined"


def compare(
    home: DataHome, readings: Sequence[Reading], file: Path, unit_type: str
) -> tuple[list[str], bool]:
    """Each product's sums in the tables beside those of the file; True where none differs by a cent."""
    from dagster_project.part_b_file import (
        codes_billed_by_amount,
        codes_of_product,
        file_totals,
        read_volumes,
    )
    from pipelines.config.load import load_business_config

    config, _ = load_business_config(home.config)
    year = int(config.sources[SOURCE_PROFILE].constants["service_year"])
    volumes = list(read_volumes(file))
    codes = {volume.code for volume in volumes}
    amounts = codes_billed_by_amount(config.code_rules, codes)
    on_the_map = _zips_on_the_map(home)
    agrees = True
    lines: list[str] = []
    for reading in readings:
        entries = config.value_set_codes.query("product_id == @reading.product_id")
        listed = codes_of_product(entries, codes, year)
        mine = [volume for volume in volumes if volume.code in listed]
        told = file_totals(mine, amounts, reading.price_usd, on_the_map)
        expected = (told.procedures, told.located, told.total_usd, told.located_usd, told.paid_usd)
        held = [_in_table(home, table, reading.product_id) for table in TABLES]
        holds = all(sums[1:] == expected for sums in held)
        agrees = agrees and holds
        units, procedures, located, usd, located_usd, paid = held[0]
        if not listed and holds:
            lines.append(
                f"  {reading.product_id} by {unit_type}: 0 rows, the file has no code that counts for it in {year}"
            )
            continue
        by_people = ", people for units: " + " ".join(sorted(listed & amounts)) if listed & amounts else ""
        what = " ".join(sorted(listed))
        lines += [
            f"  {reading.product_id} by {unit_type}: {told.rows:,} rows ({what}{by_people}) in {units:,} units",
            f"    procedures   located {located:,.1f} + unlocated {procedures - located:,.1f} = {procedures:,.1f};"
            f" file {told.procedures:,.1f}",
            f"    opportunity  located {located_usd:,.2f} + unlocated {usd - located_usd:,.2f} = {usd:,.2f} usd;"
            f" file {told.total_usd:,.2f} usd",
            f"    paid         {paid:,.2f} usd; file {told.paid_usd:,.2f} usd; equal: {'yes' if holds else 'NO'}",
        ]
    return lines, agrees


def _in_table(home: DataHome, table: str, product_id: str) -> tuple[Any, ...]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return tuple(
            connection.execute(IN_THE_TABLES.format(table=table), {"product": product_id}).fetchall()[0]
        )


def _zips_on_the_map(home: DataHome) -> set[str]:
    with duckdb.connect() as connection:
        table = str(home.table("geography", "zip_crosswalk"))
        rows = connection.execute(
            "SELECT zip FROM read_parquet(?) WHERE unit_id <> 'unlocated'", [table]
        ).fetchall()
    return {row[0] for row in rows}


if __name__ == "__main__":
    raise SystemExit(main())
