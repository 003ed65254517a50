"""The one registry of tables: names, keys and typed columns, word for word those of docs/architecture.md.

Belongs here: shapes, as data. A test reads the architecture page and compares. Does not belong here: what
values are allowed (`contract_rules`) or how a table is checked (`contracts`).

Columns are written as on the page: `name type`, with s string, i int64, f float64, d date, b bool, s[] list
of strings, i[] of integers, m decimal(18,2). The polygon's `geometry` is g: well-known binary, as GeoParquet holds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

ARROW_TYPES: dict[str, pa.DataType] = {
    "s": pa.string(),
    "i": pa.int64(),
    "f": pa.float64(),
    "d": pa.date32(),
    "b": pa.bool_(),
    "s[]": pa.list_(pa.string()),
    "i[]": pa.list_(pa.int64()),
    "m": pa.decimal128(18, 2),
    "g": pa.binary(),
}


@dataclass(frozen=True)
class Table:
    """A table's shape. `columns` is ((name, type code), …) in the page's order; `writer` is `python` or
    `dbt`.

    dbt tables whose columns the page gives in words only have `columns == ()`; their contracts are dbt's own.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    writer: str = "python"

    @property
    def schema(self) -> pa.Schema:
        """The pyarrow schema a Python writer produces."""
        return pa.schema([(name, ARROW_TYPES[code]) for name, code in self.columns])

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    def empty(self) -> pa.Table:
        return self.schema.empty_table()


RAW_TAIL = "source s, refresh_id s, known_on d, file_sha256 s, row_number i"
COUNTS = "sides i, units f, doses f"
MEASURES = (
    "patients i, billed_usd f, diagnosed_patients i, total_usd f, addressable_usd f, phantom_usd f, unknown_usd f,"
    " is_patients_additive b, projected_procedures f, projected_low f, projected_high f, projection_factor f,"
    " completeness_share f, capture_share f"
)


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.split() for part in text.split(","))
    return tuple((name, code) for name, code in pairs)


def _table(name: str, key: str, columns: str = "", writer: str = "python") -> Table:
    return Table(name, tuple(key.split()), _columns(columns) if columns else (), writer)


def _raw(name: str, columns: str, key: str = "file_sha256 row_number") -> Table:
    return _table(f"raw/{name}", key, f"{columns}, {RAW_TAIL}")


def _mart(name: str, key: str, columns: str = "") -> Table:
    return _table(name, key, columns, "dbt")


_ALL = (
    _raw(
        "medical_claim",
        "claim_id s, claim_chain_id s, prior_claim_id s, claim_line_number i, claim_type s,"
        " claim_frequency_code s, claim_status s, patient_token s, payer s,"
        " plan s,"
        " payer_channel s, claim_start_date d, claim_end_date d, claim_line_start_date d,"
        " claim_line_end_date d,"
        " place_of_service_code s, bill_type_code s, revenue_center_code s, drg_code s,"
        " service_unit_quantity f,"
        " hcpcs_code s, hcpcs_modifiers s[], rendering_npi s, operating_npi s, referring_npi s,"
        " billing_npi s, facility_npi s, paid_date d,"
        " paid_amount f,"
        " allowed_amount f, charge_amount f, diagnosis_codes s[], diagnosis_pointers i[],"
        " diagnosis_code_type s, icd10pcs_codes s[]",
    ),
    _raw(
        "part_b_volume",
        "service_year i, rendering_npi s, provider_city s, provider_state s, provider_zip s, provider_type s,"
        " hcpcs_code s, place_of_service s, beneficiaries i, services f, average_payment_usd f",
    ),
    _raw(
        "provider",
        "npi s, entity_type_code s, provider_name s, primary_taxonomy_code s, taxonomy_codes s[], specialty s,"
        " practice_city s,"
        " practice_state s, practice_zip s, is_practice_po_box b, mailing_zip s, enumeration_date d,"
        " deactivation_date d, reactivation_date d, last_updated d",
    ),
    _raw(
        "provider_site",
        "npi s, practice_city s, practice_state s, practice_zip s, is_practice_po_box b",
    ),
    _raw("provider_name", "npi s, other_name s, other_name_kind s"),
    _raw(
        "facility",
        "facility_npi s, ccn s, facility_name s, facility_type s, facility_ownership s, facility_state s,"
        " facility_zip s, health_system_id s, health_system_name s",
    ),
    _raw(
        "eligibility",
        "patient_token s, payer s, plan s, payer_channel s, state s, enrollment_start_date d, enrollment_end_date d",
    ),
    _raw("quarantine", "file_name s, entity s, column_name s, value s, reason s, remedy s"),
    _raw(
        "refresh",
        "file_name s, entity s, layout s, delivered_rows i, accepted_rows i, quarantined_rows i,"
        " service_from d,"
        " service_to d",
        key="refresh_id file_name",
    ),
    _table(
        "config/product",
        "product_id",
        "product_id s, product_name s, price_usd f, obtainable_share f, effective_from d, effective_to d",
    ),
    _table(
        "config/value_set_code",
        "product_id code_system role code effective_from",
        "product_id s, code_system s, role s, code s, code_to s, match_kind s, effective_from d, effective_to d",
    ),
    _table(
        "config/value_set_rule",
        "product_id",
        "product_id s, combine s, link_scope s, link_days i, modifiers_any s[], modifiers_none s[],"
        " places_of_service_any s[], places_of_service_none s[], taxonomies_any s[],"
        " last_diagnosis_position i, count_by s",
    ),
    _table(
        "config/rule_out",
        "match_on code",
        "match_on s, code s, code_to s",
    ),
    _table("config/modifier_rule", "modifier", "modifier s, effect s"),
    _table(
        "config/code_rule",
        "code_system code",
        "code_system s, code s, match_kind s, unit_kind s, dose_per_unit f, dose_unit s, max_units f,"
        " is_two_sided b, is_add_on b",
    ),
    _table("config/source", "source", "source s, kind s, feed s, precedence i"),
    _table(
        "config/capture_rate",
        "payer_channel state from_month",
        "payer_channel s, state s, from_month d, to_month d, capture_rate f, capture_rate_low f,"
        " capture_rate_high f, source s",
    ),
    _table(
        "config/market_lives",
        "payer_channel state from_month",
        "payer_channel s, state s, from_month d, to_month d, lives i, source s",
    ),
    _table("config/opt_out", "npi effective_from", "npi s, effective_from d, effective_to d, reason s"),
    _table(
        "config/access_rule",
        "rule_id",
        "rule_id s, scope_kind s, scope_id s, product_id s, status s, addressable_share f, reason s,"
        " effective_from d,"
        " effective_to d, source s",
    ),
    _table(
        "config/roster",
        "rep_id",
        "rep_id s, rep_name s, base_zip s, experience_years f, experience_level s, specialties s[],"
        " hired_date d",
    ),
    _table("config/setting", "name", "name s, value s, unit s, owner s, reason s"),
    _table(
        "code_sets/code_validity",
        "code_system code effective_from",
        "code_system s, code s, effective_from d, effective_to d, release s",
    ),
    _table(
        "code_sets/code_crosswalk",
        "code_system from_code to_code effective_from",
        "code_system s, from_code s, to_code s, effective_from d, weight f, release s",
    ),
    _table(
        "code_sets/code_change",
        "code_system code effective_from change",
        "code_system s, code s, effective_from d, change s, release s",
    ),
    _table(
        "code_sets/code_release",
        "code_system release",
        "code_system s, release s, effective_from d, is_complete b, first_characters s, codes i",
    ),
    _table(
        "geography/zip_crosswalk",
        "zip",
        "zip s, zcta s, match_kind s, miles_to_host f, county_fips s, cbsa_code s, state s, latitude f,"
        " longitude f,"
        " unit_id s, vintage s",
    ),
    _table(
        "geography/unit",
        "unit_id",
        "unit_id s, unit_type s, unit_name s, county_fips s, cbsa_code s, state s, latitude f, longitude f,"
        " population i, land_area_sq_miles f, component_id i, is_island b",
    ),
    _table("geography/unit_adjacency", "unit_a unit_b", "unit_a s, unit_b s, edge_kind s, miles f"),
    _table("geography/unit_polygon", "unit_id", "unit_id s, geometry g"),
    _mart("intermediate/int_claims__current", "source claim_id claim_line_number"),
    _mart("intermediate/int_claims__retired", "refresh_id file_sha256 file_row_number known_to_order"),
    _mart("intermediate/int_claims__touched", "refresh_order day_key"),
    _mart("intermediate/int_providers__history", "npi known_from_order"),
    _mart("intermediate/int_providers__sites", "npi site_id"),
    _mart("intermediate/int_accounts__placed", "npi from_month"),
    _mart("intermediate/int_facilities__history", "source facility_id known_from_order"),
    _mart("intermediate/int_services__deduplicated", "service_id"),
    _mart("intermediate/int_services__involved", "service_id npi"),
    _mart(
        "intermediate/int_trends__counted",
        "product_id npi unit_id health_system_id source payer_channel service_month",
    ),
    _mart("intermediate/int_ranking__billed", "product_id npi procedure_code payer_channel"),
    _mart("intermediate/int_services__matched", "service_id product_id"),
    _mart("intermediate/int_access__history", "product_id site_npi status_number"),
    _mart(
        "intermediate/int_opportunity__services",
        "product_id npi account_id service_month payer_channel source first_known_source first_known_claim_type",
    ),
    _mart("intermediate/int_opportunity__planned", "product_id npi account_id unit_id"),
    _mart("intermediate/int_opportunity__cells", "product_id npi account_id service_month payer_channel"),
    _mart("intermediate/int_opportunity__changed", "cell_key"),
    _mart(
        "intermediate/int_opportunity__projected",
        "product_id npi account_id unit_id service_month months_covered payer_channel source claim_type",
    ),
    _mart(
        "opportunity/fct_provider_opportunity",
        "product_id npi unit_id service_month months_covered",
        "product_id s, npi s, unit_id s, service_month d, months_covered i, procedures f, involvements f,"
        f" {COUNTS}, {MEASURES}",
    ),
    _mart(
        "opportunity/fct_geography_opportunity",
        "product_id unit_id service_month months_covered",
        f"product_id s, unit_id s, service_month d, months_covered i, procedures f, {COUNTS}, {MEASURES},"
        " providers i",
    ),
    _mart(
        "opportunity/fct_account_opportunity",
        "product_id account_id service_month months_covered",
        "product_id s, account_id s, service_month d, months_covered i, procedures f, procedures_billed f,"
        f" {COUNTS}, {MEASURES}, health_system_id s, unit_id s",
    ),
    _mart(
        "opportunity/fct_area_opportunity",
        "product_id area_level area_id service_month",
        "product_id s, area_level s, area_id s, service_month d, procedures f, completed_procedures f,"
        " projected_procedures f, projection_factor f, completeness_share f, greatest_factor f, site_patients i,"
        " total_usd f, addressable_usd f, phantom_usd f, unknown_usd f",
    ),
    _mart(
        "opportunity/fct_unit_potential",
        "product_id unit_id",
        f"product_id s, unit_id s, procedures f, {COUNTS}, patients i, diagnosed_patients i, billed_usd f,"
        " total_usd f,"
        " addressable_usd f, phantom_usd f, unknown_usd f, accounts i, providers i, first_month d,"
        " last_month d,"
        " months_covered i, projected_procedures f, projected_low f, projected_high f, projection_factor f,"
        " completeness_share f, capture_share f",
    ),
    _mart(
        "opportunity/fct_data_through",
        "source",
        "source s, source_kind s, as_of_refresh s, last_service_month d, last_usable_month d",
    ),
    _mart(
        "opportunity/fct_completion_factor",
        "source claim_type payer_channel age_months",
        "source s, claim_type s, payer_channel s, age_months i, delivery_month d, completion_factor f, standard_error f,"
        " link_ratio f, credibility_share f, exposure_services i, months i, is_known b",
    ),
    _mart(
        "opportunity/fct_completeness",
        "product_id payer_channel service_month",
        "product_id s, payer_channel s, service_month d, captured_procedures f, projected_procedures f,"
        " projection_factor f, completeness_share f, capture_share f, is_completion_known b, is_capture_given b,"
        " projected_low f, projected_high f, is_mature b, people_at_least i",
    ),
    _mart("opportunity/fct_refresh_reconciliation", "refresh_id"),
    _mart(
        "opportunity/fct_access",
        "product_id scope_kind scope_id",
        "product_id s, scope_kind s, scope_id s, health_system_id s, access_status s, reason s, source s, rules s,"
        " effective_from d, effective_to d, accounts i, surgeons i, addressable_surgeons i, procedures f,"
        " total_usd f, addressable_usd f, phantom_usd f, unknown_usd f",
    ),
    _mart(
        "opportunity/fct_surgeon_access",
        "product_id npi",
        "product_id s, npi s, access_class s, accounts i, locked_accounts i, locked_systems s, locked_reasons s,"
        " procedures f, total_usd f, addressable_usd f, phantom_usd f, unknown_usd f, addressable_share f",
    ),
    _mart(
        "opportunity/fct_code_opportunity",
        "product_id code_system code",
        "product_id s, code_system s, code s, procedures f, patients i, total_usd f, product_share f,"
        " first_month d, last_month d",
    ),
    _mart(
        "opportunity/fct_code_set_change",
        "product_id effective_from",
        "product_id s, effective_from d, releases s, codes_added i, codes_deleted i, codes_revised i,"
        " codes_without_successor i, codes_unmapped i, deleted_codes s, successors s, unmapped_codes s,"
        " opportunity_usd f, product_share f, patients i",
    ),
    _mart(
        "opportunity/fct_provider_affiliation",
        "npi account_id service_month",
        "npi s, account_id s, service_month d, health_system_id s, unit_id s, procedures f, site_share f",
    ),
    _mart(
        "opportunity/fct_facility_change",
        "source facility_id facility_change known_on",
        "source s, facility_id s, facility_change s, known_before d, known_on d, facility_name s,"
        " facility_state s, unit_id s, value_before s, value_now s",
    ),
    _mart(
        "opportunity/fct_referral_edge",
        "product_id from_npi to_npi",
        "product_id s, from_npi s, to_npi s, shared_patients i, named_patients i, is_named b, procedures f,"
        " from_unit_id s, to_unit_id s",
    ),
    _mart(
        "opportunity/fct_referrer_value",
        "product_id npi",
        "product_id s, npi s, own_procedures f, downstream_procedures f, own_addressable_usd f,"
        " downstream_addressable_usd f, referral_alpha f, value_procedures f, value_addressable_usd f",
    ),
    _mart("opportunity/fct_unit_referral", "unit_a unit_b", "unit_a s, unit_b s, weight i"),
    _table(
        "monitoring/supply_incident",
        "incident_id",
        "incident_id s, refresh_id s, kind s, scope s, observed f, expected f, evidence s, is_blocking b",
    ),
    _table(
        "monitoring/territory_drift",
        "territory_id measure",
        "territory_id s, measure s, observed f, expected f, change_share f, p_value f, q_value f, is_drift b,"
        " baseline_from d, baseline_to d, test_from d, test_to d, verdict s",
    ),
    _table("monitoring/level_shift", "unit_id", "unit_id s, level_factor f"),
    _table("monitoring/product_level_shift", "unit_id product_id", "unit_id s, product_id s, level_factor f"),
    _table(
        "monitoring/review_flag",
        "review_id",
        "review_id s, trigger s, scope_kind s, scope_id s, evidence s, recommended_action s, owner s, state"
        " s,"
        " opened_refresh s, data_through d, plan_id s",
    ),
    _table(
        "monitoring/rebuild_decision",
        "refresh_id",
        "refresh_id s, decision s, decision_id s, base_plan_id s, imbalance_before f, imbalance_now f,"
        " drifted_territories i, reason s",
    ),
    _table(
        "providers/provider_event",
        "npi event event_month product_id",
        "npi s, event s, event_month d, product_id s, earliest_month d, latest_month d, value_before s,"
        " value_after s, evidence s, confidence f, procedures_before f, procedures_after f",
    ),
    _table(
        "trends/trend",
        "product_id level member_id",
        "product_id s, level s, member_id s, recent_from d, recent_to d, base_from d, base_to d, "
        "months_used i, recent_procedures f, base_procedures f, growth_share f, growth_low f, "
        "growth_high f, own_growth_share f, trend_class s, method s, panel_excluded s",
    ),
    _table(
        "trends/season_factor",
        "product_id payer_channel month_of_year",
        "product_id s, payer_channel s, month_of_year i, factor f, factor_error f, "
        "yearly_growth_share f, weekend_weight f, months_fitted i",
    ),
    _table(
        "trends/cohort_trend",
        "comparison_id product_id cohort_name",
        "comparison_id s, product_id s, cohort_name s, other_cohort_name s, recent_from d, recent_to d, "
        "providers i, recent_procedures f, base_procedures f, growth_share f, growth_low f, "
        "growth_high f, trend_class s, difference_share f, difference_low f, difference_high f, "
        "is_different b",
    ),
    _table(
        "ranking/target_rank",
        "product_id npi",
        "product_id s, npi s, target_rank i, rank_low i, rank_high i, score f, intensity f, "
        "intensity_unit s, charge_share f, is_charge_based b, referral_value f, growth_share f, "
        "trend_class s, addressable_share f, intensity_score f, referral_score f, trend_score f, "
        "addressable_score f",
    ),
    _table(
        "ranking/hot_region",
        "product_id region_id",
        "product_id s, region_kind s, region_id s, region_rank i, score f, population i, procedures f, "
        "volume_excess_share f, volume_excess_low f, volume_excess_high f, diagnosis_excess_share f, "
        "intensity_excess_share f, reasons s",
    ),
    _table(
        "territories/territory",
        "territory_id",
        "territory_id s, territory_name s, plan_id s, seat_unit_id s, seat_latitude f, seat_longitude f,"
        " units i,"
        " addressable_usd f, procedures f, patients i, accounts i, balance_index f, mean_drive_miles f,"
        " max_drive_miles f, compactness f, components i, is_contiguous b",
    ),
    _table(
        "territories/unit_assignment",
        "unit_id",
        "unit_id s, territory_id s, plan_id s, addressable_usd f, drive_miles f, drive_minutes f, is_bridge"
        " b",
    ),
    _table(
        "territories/plan",
        "plan_id",
        "plan_id s, built_for_refresh s, plan_hash s, measure s, objective f, bound f, gap_share f,"
        " max_deviation_share f, moved_opportunity_share f, moved_units i, what_binds s",
    ),
    _table(
        "territories/plan_change",
        "unit_id",
        "unit_id s, from_territory_id s, to_territory_id s, addressable_usd f, reason s",
    ),
    _table(
        "territories/plan_code_mix",
        "product_id code_system code",
        "plan_id s, product_id s, code_system s, code s, total_usd f, patients i, last_month d",
    ),
    _table(
        "field_plan/territory_workload",
        "territory_id",
        "territory_id s, accounts i, visit_hours f, travel_hours f, total_hours f, capacity_hours f,"
        " workload_index f",
    ),
    _table(
        "field_plan/rep_assignment",
        "territory_id",
        "territory_id s, rep_id s, rep_name s, fit_score f, experience_fit f, specialty_fit f, base_miles f,"
        " is_vacant b, note s",
    ),
    _table(
        "quotas/territory_quota",
        "territory_id",
        "territory_id s, quota_usd m, potential_share f, prior_quota_usd m, change_share f, binding s",
    ),
    _table(
        "quotas/quota_line",
        "territory_id line_number",
        "territory_id s, line_number i, product_id s, component s, amount_usd m, explanation s",
    ),
    _table(
        "delivery/published_cell",
        "snapshot_id cell_kind product_id member_id unit_id",
        "snapshot_id s, snapshot_order i, cell_kind s, product_id s, member_id s, unit_id s, first_month d,"
        " last_month d, months_covered i, procedures f, involvements f, sides i, units f, doses f, patients i,"
        " billed_usd m, total_usd m, addressable_usd m,"
        " phantom_usd m, unknown_usd m, providers i, accounts i, diagnosed_patients i, is_withheld b,"
        " is_diagnosis_withheld b, is_access_rounded b",
    ),
    _mart("reporting/mart_territory_scorecard", "territory_id"),
    _mart("reporting/mart_unit_assignment", "unit_id"),
    _mart("reporting/mart_territory_quota", "territory_id"),
    _mart("reporting/mart_quota_line", "territory_id line_number"),
    _mart("reporting/mart_review_flag", "review_id"),
    _mart("reporting/mart_completion_factor", "source claim_type payer_channel age_months"),
    _mart("reporting/mart_completion_backtest", "source claim_type payer_channel delivery_month age_months"),
    _mart("reporting/mart_completeness", "product_id payer_channel service_month"),
    _mart("reporting/mart_capture_rate", "payer_channel state from_month"),
    _mart("reporting/mart_plan", "plan_id"),
    _mart("reporting/mart_plan_change", "unit_id"),
    _mart("reporting/mart_territory_drift", "territory_id measure"),
    _mart("reporting/mart_provider_trend", "product_id npi"),
    _mart("reporting/mart_geography_trend", "product_id geography_level geography_id"),
    _mart("reporting/mart_cohort_comparison", "comparison_id product_id cohort_name"),
    _mart("reporting/mart_target_rank", "product_id npi"),
    _mart("reporting/mart_hot_region", "product_id region_id"),
    _mart("reporting/mart_geography_opportunity", ""),
    _mart("reporting/mart_provider_opportunity", ""),
    _mart("reporting/mart_account_opportunity", ""),
    _mart("reporting/mart_area_opportunity", "product_id area_level area_id service_month"),
    _mart("reporting/mart_access", "product_id scope_kind scope_id"),
    _mart("reporting/mart_phantom", "product_id npi unit_id"),
    _mart("reporting/mart_referral", "product_id from_npi to_npi"),
    _mart("reporting/mart_indication_link", "product_id link_strength"),
    _mart("reporting/mart_target_specialty", "product_id taxonomy_code"),
    _mart("reporting/mart_refresh_reconciliation", "refresh_id"),
    _mart("reporting/mart_data_through", "source"),
    _mart("reporting/mart_provider_event", "npi event_kind event_month product_id"),
    _mart("reporting/mart_provider_site", "npi site_id"),
    _mart("reporting/mart_facility_change", "source facility_id facility_change known_on"),
    _mart("reporting/mart_restatement", "source service_month"),
    _mart("reporting/mart_source_overlap", "source other_source service_year"),
    _mart("reporting/mart_code_quarantine", "code_system code reason"),
    _mart("reporting/mart_code_set_change", "product_id effective_from"),
    _mart("reporting/mart_plan_staleness", "plan_id product_id"),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
