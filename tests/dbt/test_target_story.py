"""Story V4: not all orthopaedic surgeons, but those who do the procedure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import small_lake
from compiled_models import CompiledModels
from dbt_runs import Build, Warehouse
from value_set_brute_force import World
from value_set_lakes import entry, rule, write_lake

SPINE = "207XS0117X"
SURGEONS = [f"10000{number:05d}" for number in range(100)]
PHYSICIANS = [f"10001{number:05d}" for number in range(40)]


def test_targets_are_the_23_who_bill_the_set_and_not_the_100_of_the_specialty(
    warehouse: Warehouse, golden: Build, tmp_path: Path
) -> None:
    """Of 100 surgeons 23 bill the device; others bill something else, assist, or have it billed by a group."""
    lines = []
    for number, npi in enumerate(SURGEONS):
        code = "C1821" if number < 23 else "Q9001"
        for month in (3, 9):
            lines.append(
                small_lake.claim(f"C{number}-{month}", f"p{number}-{month}", date(2025, month, 5), code)
                | {"rendering_npi": npi, "billing_npi": "2000000001", "facility_npi": "3000000001"}
            )
    # An assistant at one of the surgeries; and a surgery of which only the group is known.
    lines.append(
        lines[0]
        | {"claim_id": "AS", "claim_chain_id": "AS", "rendering_npi": SURGEONS[50], "hcpcs_modifiers": ["AS"]}
    )
    lines.append(
        lines[0]
        | {"claim_id": "G", "claim_chain_id": "G", "patient_token": "g", "rendering_npi": "2000000001"}
    )
    # A physician who bills it is a target as well, of another specialty.
    lines.append(
        lines[0]
        | {"claim_id": "F", "claim_chain_id": "F", "patient_token": "f", "rendering_npi": PHYSICIANS[0]}
    )
    world = World(lines, dict.fromkeys(SURGEONS, SPINE) | dict.fromkeys(PHYSICIANS, "207Q00000X"))
    lake = tmp_path / "lake"
    write_lake(lake, world, {"spine_device": ([entry("C1821")], rule())})
    small_lake.write_table(lake, "config/modifier_rule", [{"modifier": "AS", "effect": "assistant"}])

    with CompiledModels(warehouse.compiled_in_full, warehouse.lake, lake) as models:
        lists = models.frame("mart_target_specialty").set_index("taxonomy_code")
        targets = models.frame("int_potential__by_provider")

    assert lists["specialty_providers"].to_dict() == {SPINE: 100, "207Q00000X": 40}
    assert lists["performing_providers"].to_dict() == {SPINE: 23, "207Q00000X": 1}
    performing = set(targets.loc[targets["involvements"] > 0, "npi"]) - {"unattributed"}
    assert performing & set(SURGEONS) == set(SURGEONS[:23])
