"""Which values the columns of a table may hold: ranges, allowed values, patterns, and what must be there.

Belongs here: data, one line a column. An *error* means that numbers built on the table would be wrong; a
*warn* that they may be incomplete. Columns are in `table_registry`, the checking is in `contracts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
NPI = "[0-9]{10}"
REFUSED_ROW = "landing should have quarantined it"


@dataclass(frozen=True)
class ColumnRule:
    """What one column may hold; null is allowed unless `is_required`. `is_private` values are never shown."""

    column: str
    is_required: bool = False
    allowed: tuple[str, ...] = ()
    lowest: float | date | None = None
    highest: float | date | None = None
    pattern: str = ""
    severity: str = "error"
    is_private: bool = False


def _share(column: str) -> ColumnRule:
    return ColumnRule(column, lowest=0.0, highest=1.0)


def _not_negative(*columns: str) -> tuple[ColumnRule, ...]:
    return tuple(ColumnRule(column, is_required=True, lowest=0.0) for column in columns)


def _service_date(column: str) -> ColumnRule:
    return ColumnRule(column, lowest=EARLIEST, highest=LATEST, severity="warn")


_PROVENANCE = tuple(
    ColumnRule(column, is_required=True)
    for column in ("source", "refresh_id", "known_on", "file_sha256", "row_number")
)
_TREND_CLASSES = ("growing", "flat", "contracting", "undetermined")
_OPPORTUNITY = (
    *_not_negative("procedures", "total_usd", "addressable_usd", "phantom_usd", "unknown_usd"),
    ColumnRule("unit_id", is_required=True),
    ColumnRule("months_covered", is_required=True, lowest=1, highest=12),
)

RULES: dict[str, tuple[ColumnRule, ...]] = {
    "raw/medical_claim": (
        *_PROVENANCE,
        ColumnRule("claim_id", is_required=True, is_private=True),
        ColumnRule("patient_token", is_private=True),
        ColumnRule("claim_line_number", is_required=True, lowest=0),
        ColumnRule("claim_type", is_required=True, allowed=("professional", "institutional", "other")),
        ColumnRule(
            "payer_channel", is_required=True, allowed=("medicare", "medicaid", "commercial", "unknown")
        ),
        _service_date("claim_start_date"),
        _service_date("claim_end_date"),
        _service_date("claim_line_start_date"),
        _service_date("claim_line_end_date"),
        ColumnRule("hcpcs_code", pattern="[0-9A-Z]{5}", severity="warn"),
        ColumnRule("place_of_service_code", pattern="[0-9]{2}", severity="warn"),
        ColumnRule("rendering_npi", pattern=NPI, severity="warn"),
        ColumnRule("billing_npi", pattern=NPI, severity="warn"),
        ColumnRule("facility_npi", pattern=NPI, severity="warn"),
        ColumnRule("service_unit_quantity", lowest=-10_000, highest=1_000_000, severity="warn"),
    ),
    "raw/part_b_volume": (
        *_PROVENANCE,
        ColumnRule("service_year", is_required=True, lowest=2000, highest=2100),
        ColumnRule("rendering_npi", is_required=True, pattern=NPI),
        ColumnRule("hcpcs_code", is_required=True, pattern="[0-9A-Z]{5}"),
        ColumnRule("place_of_service", allowed=("F", "O")),
        *_not_negative("services"),
        ColumnRule("beneficiaries", lowest=0),
        ColumnRule("provider_zip", pattern="[0-9]{5}", severity="warn"),
    ),
    "raw/provider": (
        *_PROVENANCE,
        ColumnRule("npi", is_required=True, pattern=NPI),
        ColumnRule("entity_type_code", allowed=("1", "2")),
        ColumnRule("practice_zip", pattern="[0-9]{5}", severity="warn"),
    ),
    "raw/provider_site": (
        *_PROVENANCE,
        ColumnRule("npi", is_required=True, pattern=NPI),
        ColumnRule("practice_zip", pattern="[0-9]{5}", severity="warn"),
    ),
    "raw/provider_name": (*_PROVENANCE, ColumnRule("npi", is_required=True, pattern=NPI)),
    "raw/facility": (
        *_PROVENANCE,
        ColumnRule("facility_npi", pattern=NPI),
        ColumnRule("ccn", pattern="[0-9]{2}[0-9A-Z][0-9]{2}[0-9A-Z]"),
        ColumnRule("facility_zip", pattern="[0-9]{5}", severity="warn"),
    ),
    "raw/quarantine": (
        *_PROVENANCE,
        ColumnRule("reason", is_required=True),
        ColumnRule("value", is_private=True),
    ),
    "raw/refresh": (*_PROVENANCE, *_not_negative("delivered_rows", "accepted_rows", "quarantined_rows")),
    "config/product": (*_not_negative("price_usd"), _share("obtainable_share")),
    "config/access_rule": (
        ColumnRule("status", is_required=True, allowed=("open", "restricted", "locked", "unknown")),
        _share("addressable_share"),
    ),
    "geography/zip_crosswalk": (
        ColumnRule("zip", is_required=True, pattern="[0-9]{5}"),
        ColumnRule("match_kind", is_required=True, allowed=("exact", "host", "unlocated")),
        ColumnRule("unit_id", is_required=True),
    ),
    "geography/unit": (
        ColumnRule("unit_id", is_required=True),
        ColumnRule("latitude", lowest=-90, highest=90),
        ColumnRule("longitude", lowest=-180, highest=180),
    ),
    "geography/unit_adjacency": (
        ColumnRule("edge_kind", is_required=True, allowed=("exact", "approximate", "bridge")),
    ),
    "opportunity/fct_geography_opportunity": _OPPORTUNITY,
    "opportunity/fct_unit_potential": _OPPORTUNITY,
    "trends/trend": (ColumnRule("trend_class", is_required=True, allowed=_TREND_CLASSES),),
    "trends/season_factor": (
        ColumnRule("month_of_year", is_required=True, lowest=1, highest=12),
        *_not_negative("factor", "weekend_weight"),
    ),
    "trends/cohort_trend": (ColumnRule("trend_class", is_required=True, allowed=_TREND_CLASSES),),
    "ranking/target_rank": (
        ColumnRule("target_rank", is_required=True, lowest=1),
        *_not_negative("intensity"),
        _share("addressable_share"),
        _share("charge_share"),
    ),
    "ranking/hot_region": (
        ColumnRule("region_rank", is_required=True, lowest=1),
        ColumnRule("region_kind", is_required=True, allowed=("unit", "cbsa", "state")),
    ),
    "monitoring/supply_incident": (ColumnRule("is_blocking", is_required=True),),
    "monitoring/territory_drift": (
        ColumnRule(
            "verdict", is_required=True, allowed=("drift", "stable", "too_early", "not_testable", "blocked")
        ),
        _share("p_value"),
        _share("q_value"),
    ),
    "monitoring/level_shift": _not_negative("level_factor"),
    "monitoring/review_flag": (
        ColumnRule("state", is_required=True, allowed=("open", "closed")),
        ColumnRule("evidence", is_required=True),
    ),
    "monitoring/rebuild_decision": (
        ColumnRule("decision", is_required=True, allowed=("initial", "rebuild", "keep", "blocked")),
        ColumnRule("reason", is_required=True),
    ),
    "territories/unit_assignment": (
        ColumnRule("territory_id", is_required=True),
        *_not_negative("addressable_usd"),
    ),
    "territories/territory": (
        *_not_negative("addressable_usd"),
        ColumnRule("units", is_required=True, lowest=1),
    ),
    "quotas/territory_quota": (ColumnRule("quota_usd", is_required=True, lowest=0.0),),
    "quotas/quota_line": (
        ColumnRule("amount_usd", is_required=True),
        ColumnRule("explanation", is_required=True),
    ),
}
