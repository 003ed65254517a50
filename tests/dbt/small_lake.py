"""A lake small enough to count by hand: every table that dbt reads, in the shapes of docs/architecture.md.

`SCHEMAS` is what landing and the Python stages write. `golden_lake` writes a market whose answers are worked out in the
comments here and asserted in test_golden_marts.py.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.config import procedure_rules

TEXT, WHOLE, REAL, DAY, FLAG, TEXTS = (
    pa.string(),
    pa.int64(),
    pa.float64(),
    pa.date32(),
    pa.bool_(),
    pa.list_(pa.string()),
)
MONEY = pa.decimal128(18, 2)
KINDS = {
    "s": TEXT,
    "i": WHOLE,
    "f": REAL,
    "d": DAY,
    "b": FLAG,
    "s[]": TEXTS,
    "i[]": pa.list_(WHOLE),
    "m": MONEY,
}

ORIGIN = "source s, refresh_id s, known_on d, file_sha256 s, row_number i"
COLUMNS = {
    "raw/medical_claim": "claim_id s, claim_chain_id s, prior_claim_id s, claim_line_number i, claim_type s,"
    " claim_frequency_code s, claim_status s, patient_token s,"
    " payer s, plan s, payer_channel s, claim_start_date d, claim_end_date d, claim_line_start_date d,"
    " claim_line_end_date d,"
    " place_of_service_code s, bill_type_code s, revenue_center_code s, drg_code s, service_unit_quantity f,"
    " hcpcs_code s, hcpcs_modifiers s[], rendering_npi s, operating_npi s, referring_npi s, billing_npi s,"
    " facility_npi s, paid_date d, paid_amount f,"
    f" allowed_amount f, charge_amount f, diagnosis_codes s[], diagnosis_pointers i[], diagnosis_code_type s,"
    f" icd10pcs_codes s[], {ORIGIN}",
    "raw/part_b_volume": "service_year i, rendering_npi s, provider_city s, provider_state s, provider_zip s,"
    f" provider_type s, hcpcs_code s, place_of_service s, beneficiaries i, services f, average_payment_usd f, {ORIGIN}",
    "raw/provider": "npi s, entity_type_code s, provider_name s, primary_taxonomy_code s, taxonomy_codes s[],"
    " specialty s, practice_city s, practice_state s, practice_zip s, is_practice_po_box b, mailing_zip s,"
    f" enumeration_date d, deactivation_date d, reactivation_date d, last_updated d, {ORIGIN}",
    "raw/provider_site": f"npi s, practice_city s, practice_state s, practice_zip s, is_practice_po_box b, {ORIGIN}",
    "raw/provider_name": f"npi s, other_name s, other_name_kind s, {ORIGIN}",
    "raw/facility": "facility_npi s, ccn s, facility_name s, facility_type s, facility_ownership s,"
    f" facility_state s, facility_zip s, health_system_id s, health_system_name s, {ORIGIN}",
    "raw/eligibility": f"patient_token s, payer s, plan s, payer_channel s, state s,"
    " enrollment_start_date d, enrollment_end_date d,"
    f" {ORIGIN}",
    "raw/quarantine": f"file_name s, entity s, column_name s, value s, reason s, remedy s, {ORIGIN}",
    "raw/refresh": "file_name s, entity s, layout s, delivered_rows i, accepted_rows i, quarantined_rows i,"
    f" service_from d, service_to d, {ORIGIN}",
    "config/product": "product_id s, product_name s, price_usd f, obtainable_share f, effective_from d, effective_to d",
    "config/value_set_code": "product_id s, code_system s, role s, code s, code_to s, match_kind s,"
    " effective_from d, effective_to d",
    "config/value_set_rule": "product_id s, combine s, link_scope s, link_days i, modifiers_any s[], modifiers_none s[],"
    " places_of_service_any s[], places_of_service_none s[], taxonomies_any s[], last_diagnosis_position i, count_by s",
    "config/rule_out": "match_on s, code s, code_to s",
    "config/modifier_rule": "modifier s, effect s",
    "config/code_rule": "code_system s, code s, match_kind s, unit_kind s, dose_per_unit f, dose_unit s, max_units f,"
    " is_two_sided b, is_add_on b",
    "config/source": "source s, kind s, feed s, precedence i",
    "config/capture_rate": "payer_channel s, state s, from_month d, to_month d, capture_rate f, capture_rate_low f,"
    " capture_rate_high f, source s",
    "config/market_lives": "payer_channel s, state s, from_month d, to_month d, lives i, source s",
    "config/opt_out": "npi s, effective_from d, effective_to d, reason s",
    "code_sets/code_validity": "code_system s, code s, effective_from d, effective_to d, release s",
    "code_sets/code_crosswalk": "code_system s, from_code s, to_code s, effective_from d, weight f, release s",
    "code_sets/code_change": "code_system s, code s, effective_from d, change s, release s",
    "code_sets/code_release": "code_system s, release s, effective_from d, is_complete b, first_characters s, codes i",
    "config/access_rule": "rule_id s, scope_kind s, scope_id s, product_id s, status s, addressable_share f, reason s,"
    " effective_from d, effective_to d, source s",
    "config/setting": "name s, value s, unit s, owner s, reason s",
    "geography/zip_crosswalk": "zip s, zcta s, match_kind s, miles_to_host f, county_fips s, cbsa_code s, state s,"
    " latitude f, longitude f, unit_id s, vintage s",
    "geography/unit": "unit_id s, unit_type s, unit_name s, county_fips s, cbsa_code s, state s, latitude f, longitude f,"
    " population i, land_area_sq_miles f, component_id i, is_island b",
    "territories/territory": "territory_id s, territory_name s, plan_id s, seat_unit_id s, seat_latitude f,"
    " seat_longitude f, units i, addressable_usd f, procedures f, patients i, accounts i, balance_index f,"
    " mean_drive_miles f, max_drive_miles f, compactness f, components i, is_contiguous b",
    "territories/unit_assignment": "unit_id s, territory_id s, plan_id s, addressable_usd f, drive_miles f,"
    " drive_minutes f, is_bridge b",
    "territories/plan": "plan_id s, built_for_refresh s, plan_hash s, measure s, objective f, bound f, gap_share f,"
    " max_deviation_share f, moved_opportunity_share f, moved_units i, what_binds s",
    "territories/plan_change": "unit_id s, from_territory_id s, to_territory_id s, addressable_usd f, reason s",
    "territories/plan_code_mix": "plan_id s, product_id s, code_system s, code s, total_usd f, patients i, last_month d",
    "field_plan/territory_workload": "territory_id s, accounts i, visit_hours f, travel_hours f, total_hours f,"
    " capacity_hours f, workload_index f",
    "field_plan/rep_assignment": "territory_id s, rep_id s, rep_name s, fit_score f, experience_fit f, specialty_fit f,"
    " base_miles f, is_vacant b, note s",
    "quotas/territory_quota": "territory_id s, quota_usd m, potential_share f, prior_quota_usd m, change_share f,"
    " binding s",
    "quotas/quota_line": "territory_id s, line_number i, product_id s, component s, amount_usd m, explanation s",
    "delivery/published_cell": "snapshot_id s, snapshot_order i, cell_kind s, product_id s, member_id s, unit_id s,"
    " first_month d, last_month d, months_covered i, procedures f, involvements f, sides i, units f, doses f,"
    " patients i, billed_usd m, total_usd m, addressable_usd m, phantom_usd m, unknown_usd m, providers i,"
    " accounts i, diagnosed_patients i,"
    " is_withheld b, is_diagnosis_withheld b, is_access_rounded b",
    "providers/provider_event": "npi s, event s, event_month d, product_id s, earliest_month d, latest_month d,"
    " value_before s, value_after s, evidence s, confidence f, procedures_before f, procedures_after f",
    "trends/trend": "product_id s, level s, member_id s, recent_from d, recent_to d, base_from d, base_to d, "
    "months_used i, recent_procedures f, base_procedures f, growth_share f, growth_low f, "
    "growth_high f, own_growth_share f, trend_class s, method s, panel_excluded s",
    "trends/season_factor": "product_id s, payer_channel s, month_of_year i, factor f, factor_error f, "
    "yearly_growth_share f, weekend_weight f, months_fitted i",
    "trends/cohort_trend": "comparison_id s, product_id s, cohort_name s, other_cohort_name s, recent_from d,"
    " recent_to d, providers i, recent_procedures f, base_procedures f, growth_share f, growth_low f, "
    "growth_high f, trend_class s, difference_share f, difference_low f, difference_high f, "
    "is_different b",
    "ranking/target_rank": "product_id s, npi s, target_rank i, rank_low i, rank_high i, score f, intensity f, "
    "intensity_unit s, charge_share f, is_charge_based b, referral_value f, growth_share f, "
    "trend_class s, addressable_share f, intensity_score f, referral_score f, trend_score f, "
    "addressable_score f",
    "ranking/hot_region": "product_id s, region_kind s, region_id s, region_rank i, score f, population i, procedures f, "
    "volume_excess_share f, volume_excess_low f, volume_excess_high f, diagnosis_excess_share f, "
    "intensity_excess_share f, reasons s",
    "monitoring/territory_drift": "territory_id s, measure s, observed f, expected f, change_share f, p_value f,"
    " q_value f, is_drift b, baseline_from d, baseline_to d, test_from d, test_to d, verdict s",
    "monitoring/review_flag": "review_id s, trigger s, scope_kind s, scope_id s, evidence s, recommended_action s,"
    " owner s, state s, opened_refresh s, data_through d, plan_id s",
}
SCHEMAS = {
    name: pa.schema([(column.split()[0], KINDS[column.split()[1]]) for column in columns.split(", ")])
    for name, columns in COLUMNS.items()
}
Row = dict[str, Any]


def write_table(lake: Path, name: str, rows: list[Row], folder: str = "_schema", file: str = "empty") -> None:
    """Write rows (absent columns are null) of table `schema/name`; raw tables into `folder/file.parquet`."""
    target = lake / f"{name}.parquet"
    if name.startswith("raw/"):
        target = lake / name / folder / f"{file}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMAS[name]), target)


def write_refresh(
    lake: Path, refresh_id: str, known_on: date, entities: dict[str, list[Row]], quarantined: int = 0
) -> None:
    """Write one refresh: its raw tables, its quarantine and a file row per entity."""
    source = refresh_id.split(".", maxsplit=1)[0]
    origin = {"source": source, "refresh_id": refresh_id, "known_on": known_on}
    files = []
    for number, (entity, rows) in enumerate(sorted(entities.items()), start=1):
        sha = f"{refresh_id}/{entity}".rjust(64, "0")
        numbered = [
            row | origin | {"file_sha256": sha, "row_number": place}
            for place, row in enumerate(rows, start=1)
        ]
        write_table(lake, f"raw/{entity}", numbered, refresh_id, "part")
        bad = quarantined if number == 1 else 0
        write_table(
            lake,
            "raw/quarantine",
            [
                origin
                | {
                    "file_sha256": sha,
                    "row_number": 1000 + place,
                    "file_name": f"{entity}.csv",
                    "entity": entity,
                }
                | {
                    "column_name": "hcpcs_code",
                    "value": "?",
                    "reason": "not a code",
                    "remedy": "mend the code",
                }
                for place in range(bad)
            ],
            refresh_id,
            f"part-{number}",
        )
        files.append(
            origin
            | {
                "file_sha256": sha,
                "row_number": number,
                "file_name": f"{entity}.csv",
                "entity": entity,
                "layout": "test",
            }
            | {"delivered_rows": len(rows) + bad, "accepted_rows": len(rows), "quarantined_rows": bad}
        )
    write_table(lake, "raw/refresh", files, refresh_id, "part")


def claim(claim_id: str, patient: str, day: date, code: str | None, **more: Any) -> Row:
    """A professional line 1 of frequency 1, with whatever is said differently."""
    return {
        "claim_id": claim_id,
        "claim_chain_id": claim_id,
        "claim_line_number": 1,
        "claim_type": "professional",
        "claim_frequency_code": "1",
        "patient_token": patient,
        "payer_channel": "medicare",
        "claim_start_date": day,
        "hcpcs_code": code,
        "hcpcs_modifiers": [],
        "service_unit_quantity": 1.0,
        "allowed_amount": 100.0,
        "charge_amount": 300.0,
        "diagnosis_codes": [],
        "diagnosis_code_type": "icd-10-cm",
    } | more


def write_empty_tables(lake: Path) -> None:
    for name in COLUMNS:
        write_table(lake, name, [])


def write_config_and_geography(lake: Path) -> None:
    write_table(
        lake,
        "config/product",
        [
            {
                "product_id": "knee",
                "product_name": "Knee system",
                "price_usd": 1000.0,
                "obtainable_share": 0.3,
            },
            {"product_id": "hip", "product_name": "Hip system", "price_usd": 250.5, "obtainable_share": 0.2},
        ],
    )
    write_table(
        lake,
        "config/value_set_code",
        [
            {
                "product_id": "knee",
                "code_system": "hcpcs",
                "role": "include",
                "code": "C1776",
                "match_kind": "exact",
            },
            {
                "product_id": "knee",
                "code_system": "hcpcs",
                "role": "include",
                "code": "C17",
                "match_kind": "prefix",
            },
            {
                "product_id": "knee",
                "code_system": "icd10cm",
                "role": "include",
                "code": "M17",
                "match_kind": "prefix",
            },
            {
                "product_id": "hip",
                "code_system": "hcpcs",
                "role": "include",
                "code": "C2618",
                "match_kind": "exact",
            }
            | {"effective_to": date(2024, 6, 30)},
        ],
    )
    write_table(
        lake,
        "config/access_rule",
        [
            {"rule_id": "R1", "scope_kind": "health_system", "scope_id": "SYS", "status": "locked"},
            {"rule_id": "R2", "scope_kind": "facility", "scope_id": "3000000003", "status": "restricted"}
            | {"product_id": "knee", "addressable_share": 0.4},
            {"rule_id": "R3", "scope_kind": "facility", "scope_id": "3000000001", "status": "locked"}
            | {"effective_from": date(2030, 1, 1)},
            {"rule_id": "R4", "scope_kind": "facility", "scope_id": "3000000004", "status": "unknown"},
        ],
    )
    write_table(
        lake,
        "config/setting",
        [
            {"name": "default_access_status", "value": "open"},
            {"name": "blind_months", "value": "2"},
            {"name": "suppression_threshold", "value": "11"},
            {"name": "completion_window_refreshes", "value": "12"},
            {"name": "completion_min_services", "value": "1000"},
            {"name": "completion_floor_share", "value": "0.8"},
            {"name": "interval_level", "value": "0.9"},
            {"name": "unrelated", "value": "text that is no number"},
        ],
    )
    write_table(lake, "config/modifier_rule", procedure_rules.read_modifier_rules(lake)[0])
    write_table(lake, "config/code_rule", procedure_rules.read_code_rules(lake)[0])
    units = {"U1": ("NY", "01234"), "U2": ("NY", "10002"), "U3": ("NJ", "07001"), "U4": ("NJ", "07002")}
    write_table(
        lake,
        "geography/unit",
        [
            {
                "unit_id": unit,
                "unit_type": "zcta",
                "unit_name": f"Unit {unit}",
                "state": state,
                "population": 10000,
            }
            for unit, (state, _) in units.items()
        ],
    )
    write_table(
        lake,
        "geography/zip_crosswalk",
        [{"zip": zip5, "unit_id": unit, "state": state} for unit, (state, zip5) in units.items()]
        + [{"zip": "00999", "match_kind": "unlocated"}],
    )


FACILITIES = {  # place, health system
    "3000000001": ("01234", None),  # U1, open by default (its lock begins in 2030)
    "3000000002": ("10002", "SYS"),  # U2, locked with its system
    "3000000003": ("07001", "SYS"),  # U3, its own rule: restricted, 40 %
    "3000000004": ("07002", None),  # U4, unknown
    "3000000009": ("00999", None),  # cannot be located
}
SURGEONS = {"3000000001": "1000000001", "3000000002": "1000000002", "3000000003": "1000000003"} | {
    "3000000004": "1000000004",
    "3000000009": "1000000009",
}
GROUP = "2000000001"


def directory() -> dict[str, list[Row]]:
    people = [
        {"npi": npi, "entity_type_code": "1", "provider_name": f"Dr {npi[-1]}", "practice_zip": "10002"}
        for npi in SURGEONS.values()
    ]
    group = {"npi": GROUP, "entity_type_code": "2", "provider_name": "Group", "practice_zip": "10002"}
    return {
        "provider": [*people, group],
        "facility": [
            {"facility_npi": npi, "facility_name": f"Hospital {npi[-1]}", "facility_zip": place}
            | {"health_system_id": system, "health_system_name": system and "The System"}
            for npi, (place, system) in FACILITIES.items()
        ],
    }


def surgeries(facility: str, patients: int, code: str = "C1776", month: int = 3) -> list[Row]:
    """One professional and one institutional line for each of some patients: as many services as patients."""
    lines = []
    for number in range(1, patients + 1):
        token, day, name = (
            f"{facility[-1]}-{number}",
            date(2024, month, 1 + number % 28),
            f"{facility[-1]}{number}{code}",
        )
        lines.append(
            claim(f"P{name}", token, day, code, rendering_npi=SURGEONS[facility], billing_npi=GROUP)
            | {"facility_npi": facility}
        )
        lines.append(
            claim(f"I{name}", token, day, code, claim_type="institutional", billing_npi=facility)
            | {"facility_npi": facility, "rendering_npi": None, "allowed_amount": 400.0}
        )
    return lines


def golden_refreshes() -> list[tuple[str, date, dict[str, list[Row]], int]]:
    """Three refreshes of claims and a directory, in their order."""
    first = [
        *surgeries("3000000001", 20),
        *surgeries("3000000002", 15),
        *surgeries("3000000003", 5),
        *surgeries("3000000004", 12),
        *surgeries("3000000009", 3),
        # hip: 11 patients in June, when its code counts; 2 in July, when it no longer does.
        *surgeries("3000000001", 11, code="C2618", month=6),
        *surgeries("3000000002", 2, code="C2618", month=7),
        # Replaced in the second refresh: line 2 is gone there, line 1 becomes a knee.
        claim("X1", "x-1", date(2024, 5, 2), "Z0001", rendering_npi="1000000001", facility_npi="3000000001"),
        claim("X1", "x-1", date(2024, 5, 2), "C1776", rendering_npi="1000000001", facility_npi="3000000001")
        | {"claim_line_number": 2},
        # Voided in the second refresh.
        claim("X2", "x-2", date(2024, 5, 3), "C1776", rendering_npi="1000000001", facility_npi="3000000001"),
        # Makes no service; and the two visits, 30 days apart, with which a patient is diagnosed.
        claim("X3", "x-3", date(2024, 5, 4), None, rendering_npi="1000000001", facility_npi="3000000001"),
        *[
            claim(
                f"D{number}",
                f"d-{number}",
                date(2024, 4, 9) if line == 1 else date(2024, 5, 9),
                "Q9001",
                diagnosis_codes=["I10", "M1711", "M170"],
            )
            | {"rendering_npi": "1000000002", "facility_npi": "3000000002", "claim_line_number": line}
            for number in range(13)
            for line in (1, 2)
        ],
    ]
    second = [
        claim("X1", "x-1", date(2024, 5, 2), "C1789", claim_frequency_code="7", rendering_npi="1000000001")
        | {"facility_npi": "3000000001", "allowed_amount": None},
        claim("X2", "x-2", date(2024, 5, 3), "C1776", claim_frequency_code="8", rendering_npi="1000000001"),
        claim("X9", "x-9", date(2024, 5, 3), "C1776", claim_frequency_code="8", rendering_npi="1000000001"),
        # A surgery in the blind months, and one with a date from the future, which moves no window.
        claim("L1", "l-1", date(2025, 2, 10), "C1776", rendering_npi="1000000001", facility_npi="3000000001"),
        claim("L2", "l-2", date(2031, 1, 1), "C1776", rendering_npi="1000000001", facility_npi="3000000001"),
    ]
    return [
        ("directory.2024", date(2024, 12, 1), directory(), 0),
        ("claims.2025-01", date(2025, 1, 10), {"medical_claim": first}, 2),
        ("claims.2025-02", date(2025, 2, 10), {"medical_claim": second}, 0),
    ]


def write_plan(lake: Path) -> None:
    """Two territories, East (U1, U2) and West (U3, U4), and what is said of them."""
    seats = {"T1": ("East", ["U1", "U2"]), "T2": ("West", ["U3", "U4"])}
    write_table(
        lake,
        "territories/territory",
        [
            {
                "territory_id": key,
                "territory_name": name,
                "plan_id": "plan-1",
                "units": 2,
                "addressable_usd": 21234.5,
            }
            | {
                "patients": 36 if key == "T1" else 7,
                "accounts": 2,
                "balance_index": 100.04,
                "is_contiguous": True,
            }
            for key, (name, _) in seats.items()
        ],
    )
    write_table(
        lake,
        "territories/unit_assignment",
        [
            {
                "unit_id": unit,
                "territory_id": key,
                "plan_id": "plan-1",
                "addressable_usd": 1.0,
                "drive_miles": 3.5,
            }
            for key, (_, units) in seats.items()
            for unit in units
        ],
    )
    write_table(
        lake, "territories/plan", [{"plan_id": "plan-1", "measure": "addressable_usd", "moved_units": 2}]
    )
    write_table(
        lake,
        "territories/plan_change",
        [
            {
                "unit_id": unit,
                "from_territory_id": "T9",
                "to_territory_id": "T1",
                "addressable_usd": 7.0,
                "reason": "drift",
            }
            for unit in ("U1", "U3")
        ],
    )
    write_table(lake, "field_plan/territory_workload", [{"territory_id": "T1", "total_hours": 900.0}])
    write_table(
        lake, "field_plan/rep_assignment", [{"territory_id": "T1", "rep_id": "R1", "is_vacant": False}]
    )
    write_table(
        lake,
        "quotas/territory_quota",
        [{"territory_id": "T1", "quota_usd": 100, "potential_share": 0.123456}],
    )
    write_table(
        lake,
        "quotas/quota_line",
        [
            {"territory_id": "T1", "line_number": number, "product_id": product, "amount_usd": amount}
            for number, product, amount in ((1, "knee", 60), (2, "hip", 40))
        ],
    )
    write_table(
        lake,
        "monitoring/territory_drift",
        [
            {"territory_id": "T1", "measure": "knee", "observed": 30.0, "expected": 20.0, "change_share": 0.5}
            | {"is_drift": True, "verdict": "drift"},
            {"territory_id": "T2", "measure": "knee", "observed": 4.0, "expected": 20.0, "change_share": -0.8}
            | {"is_drift": False, "verdict": "stable"},
        ],
    )
    write_table(
        lake,
        "trends/trend",
        [
            {"product_id": "knee", "level": level, "member_id": member, "recent_procedures": 30.0}
            | {"base_procedures": 90.0, "growth_share": 0.234, "growth_low": 0.1, "growth_high": 0.4}
            | {"trend_class": "growing", "method": "season", "panel_excluded": ""}
            for level, member in (("nation", "nation"), ("unit", "U1"), ("unit", "U3"))
        ],
    )
    write_table(
        lake,
        "ranking/hot_region",
        [
            {"product_id": "knee", "region_kind": "unit", "region_id": unit, "region_rank": rank}
            | {"procedures": 30.0, "population": 1000, "volume_excess_share": 0.234}
            for rank, unit in enumerate(("U3", "U1"), start=1)
        ],
    )
    write_table(
        lake,
        "monitoring/review_flag",
        [{"review_id": "V1", "scope_kind": "territory", "scope_id": "T1", "state": "open", "evidence": "e"}],
    )


def write_golden_lake(lake: Path, *, shuffled: bool = False) -> None:
    """Write the whole golden lake anew; `shuffled` reverses the rows of every delivered file."""
    shutil.rmtree(lake, ignore_errors=True)
    write_empty_tables(lake)
    write_config_and_geography(lake)
    for refresh_id, known_on, entities, quarantined in golden_refreshes():
        ordered = {name: rows[::-1] if shuffled else rows for name, rows in entities.items()}
        write_refresh(lake, refresh_id, known_on, ordered, quarantined)
    write_plan(lake)


def repeat_last_claims(lake: Path) -> None:
    """Deliver the last claims once more, under a later refresh: an overlap that says nothing new."""
    _, _, entities, _ = golden_refreshes()[2]
    write_refresh(lake, "claims.2025-03", date(2025, 2, 11), entities)


def write_annual_lake(lake: Path) -> None:
    """Only annual volumes are delivered, no claims and no facilities; nothing is planned yet."""
    shutil.rmtree(lake, ignore_errors=True)
    write_empty_tables(lake)
    write_config_and_geography(lake)
    volume = {
        "service_year": 2012,
        "rendering_npi": "1000000001",
        "provider_zip": "01234",
        "hcpcs_code": "C1776",
    } | {
        "place_of_service": "F",
        "beneficiaries": 40,
        "services": 50.5,
        "average_payment_usd": 80.0,
    }
    volumes = [
        volume,
        volume | {"hcpcs_code": "C1789", "beneficiaries": 20, "services": 20.0},
        volume | {"hcpcs_code": "Z9999"},
        volume | {"rendering_npi": GROUP, "provider_zip": "99999", "services": 30.0},
    ]
    write_refresh(
        lake, "part_b.2012", date(2014, 6, 1), {"part_b_volume": volumes, "provider": directory()["provider"]}
    )
    # The year is delivered once more with a corrected first row.
    write_refresh(lake, "part_b.2012b", date(2014, 9, 1), {"part_b_volume": [volume | {"services": 60.0}]})
