"""A lake of given lines and products, and what the SQL makes of it, in the words of the brute force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import small_lake
from compiled_models import CompiledModels
from dbt_runs import Warehouse
from value_set_brute_force import Answer, Row, World

NO_RULE: Row = {
    "combine": "procedures",
    "link_scope": "claim",
    "link_days": 30,
    "modifiers_any": [],
    "modifiers_none": [],
    "places_of_service_any": [],
    "places_of_service_none": [],
    "taxonomies_any": [],
    "last_diagnosis_position": None,
    "count_by": "events",
}
Product = tuple[list[Row], Row]  # entries, rule


def entry(code: str, system: str = "hcpcs", role: str = "include", **more: object) -> Row:
    """An entry as the files say it: `M17*` is a prefix, `J7320-J7329` a range."""
    first, _, last = code.partition("-")
    kind = "range" if last else "prefix" if code.endswith("*") else "exact"
    return {
        "code_system": system,
        "role": role,
        "code": first.rstrip("*"),
        "code_to": last or None,
        "match_kind": kind,
        **more,
    }


def rule(**said: object) -> Row:
    return NO_RULE | said


def write_lake(lake: Path, world: World, products: Mapping[str, Product]) -> None:
    small_lake.write_empty_tables(lake)
    small_lake.write_config_and_geography(lake)
    names = [{"product_id": name, "product_name": name, "price_usd": 1.0} for name in products]
    small_lake.write_table(lake, "config/product", names)
    small_lake.write_table(
        lake,
        "config/value_set_code",
        [{"product_id": name} | code for name, (entries, _) in products.items() for code in entries],
    )
    small_lake.write_table(
        lake, "config/value_set_rule", [{"product_id": name} | said for name, (_, said) in products.items()]
    )
    small_lake.write_table(
        lake,
        "config/rule_out",
        [{"match_on": "hcpcs", "code": code} for code in sorted(world.rule_out_codes)],
    )
    small_lake.write_table(lake, "code_sets/code_validity", world.validities)
    small_lake.write_table(lake, "code_sets/code_crosswalk", world.successions)
    people = [
        {"npi": npi, "entity_type_code": "1", "primary_taxonomy_code": taxonomy}
        for npi, taxonomy in sorted(world.taxonomies.items())
    ]
    small_lake.write_refresh(lake, "directory.1", date(2024, 12, 1), {"provider": people})
    small_lake.write_refresh(lake, "claims.1", date(2025, 12, 1), {"medical_claim": world.lines})


def answers_of_sql(
    warehouse: Warehouse, lake: Path, world: World, products: Mapping[str, Product]
) -> dict[str, Answer]:
    """What the compiled models say of each product."""
    write_lake(lake, world, products)
    found: dict[str, Answer] = {name: Answer({}, set()) for name in products}
    with CompiledModels(warehouse.compiled_in_full, warehouse.lake, lake) as models:
        models.frame("int_services__matched")
        models.frame("int_patients__diagnosed")
        people = "(select distinct patient_key, patient_token from stg_claims__lines) as people"
        services = models.connection.execute(
            "select product_id, patient_token, service_date, procedure_code, link_strength, procedures"
            f" from int_services__matched inner join {people} using (patient_key)"
        ).fetchall()
        patients = models.connection.execute(
            f"select product_id, patient_token from int_patients__diagnosed inner join {people} using (patient_key)"
        ).fetchall()
    for product, patient, day, code, link, procedures in services:
        assert (patient, day, code) not in found[product].services
        found[product].services[patient, day, code] = (link, Decimal(procedures))
    for product, patient in patients:
        found[product].diagnosed.add(patient)
    return found
