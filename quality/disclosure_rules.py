"""How each published mart is treated by disclosure control: the one list that the audit goes by.

A column that may count people, or from which a count of people follows (dollars at a known price, shares, rates),
must be named here, or the audit fails: a new mart cannot be published before somebody has thought about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TELLING = re.compile(
    r"(.*_)?(patients|procedures|services|lines|events|involvement|sides|units|doses|people|beneficiaries|claims|"
    r"observed|expected|usd|share|quota|rank|index|count|counts)(_.*)?|(providers|diagnosed_patients)_per_\d+|.*_(p|q)_value"
)
"""Names of columns that may tell how many people there are."""


@dataclass(frozen=True)
class Family:
    """Columns that say one thing: whoever knows one of them knows the count of people behind all.

    `people` are counts of people or of their services, whose small values may not be shown; `others` follow from
    them. `suppressed` marks rows of which all are null, `held` (if any) rows that show an older value. `rounded` are
    shown to two thresholds only: earlier ones are not remembered, so their changes must tell nothing.
    """

    name: str
    people: tuple[str, ...]
    others: tuple[str, ...] = ()
    suppressed: str = "is_suppressed"
    held: str | None = None
    rounded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Treatment:
    """`families` of a mart with cells; `allowed` names telling columns that need none, with the reason."""

    key: tuple[str, ...]
    families: tuple[Family, ...] = ()
    allowed: dict[str, str] = field(default_factory=dict)


ROUNDED = "a total over shown and withheld cells, rounded to two thresholds; the audit tests the rounding"
NOT_PEOPLE = "counts places, sites, hours or territories"
ALL_CODES = (
    "delivered lines and their services of all codes, the nation over; no product, place or person in it"
)
FROM_PUBLISHED = "follows from other published numbers only; the audit tests it"

_COUNTS = ("sides", "units", "doses")
_MONEY = ("billed_usd", "total_usd", "addressable_usd", "phantom_usd", "unknown_usd")
PROJECTION = (
    *("projected_procedures", "projected_low", "projected_high", "projection_factor", "projection_basis"),
    *("completeness_share", "capture_share", "projected_usd", "projected_addressable_usd"),
)
"""What an opportunity mart shows of a projection."""
_PROCEDURE = ("procedures", "patients")
_GROWTH = ("growth_share", "growth_low", "growth_high", "trend_class")
_DIAGNOSIS = Family(
    "diagnosis",
    ("diagnosed_patients",),
    suppressed="is_diagnosis_suppressed",
    held="is_diagnosis_held_back",
)

TREATMENTS: dict[str, Treatment] = {
    "mart_geography_opportunity": Treatment(
        ("product_id", "geography_level", "geography_id"),
        (
            Family(
                "procedure",
                _PROCEDURE,
                (
                    *(*_COUNTS, *_MONEY, *PROJECTION, "providers", "accounts"),
                    *("addressable_rank", "addressable_share", "providers_per_100000"),
                ),
                held="is_held_back",
            ),
            Family(
                "diagnosis",
                ("diagnosed_patients",),
                ("diagnosed_patients_per_1000",),
                "is_diagnosis_suppressed",
                "is_diagnosis_held_back",
            ),
        ),
    ),
    "mart_provider_opportunity": Treatment(
        ("product_id", "npi", "unit_id"),
        (
            Family(
                "procedure",
                _PROCEDURE,
                ("involvements", *_COUNTS, *_MONEY, *PROJECTION, "addressable_rank", "addressable_share"),
                held="is_held_back",
            ),
            _DIAGNOSIS,
        ),
    ),
    "mart_account_opportunity": Treatment(
        ("product_id", "account_id", "unit_id"),
        (
            Family(
                "procedure",
                _PROCEDURE,
                (*_COUNTS, *_MONEY, *PROJECTION, "providers", "addressable_rank"),
                held="is_held_back",
            ),
            _DIAGNOSIS,
            Family("billing", ("procedures_billed",), (), "is_billing_suppressed"),
        ),
    ),
    "mart_area_opportunity": Treatment(
        ("product_id", "area_level", "area_id", "service_month"),
        (
            Family(
                "procedure",
                ("procedures", "site_patients"),
                ("projected_procedures", "projection_factor", "completeness_share", *_MONEY[1:]),
                rounded=("procedures", "site_patients", "projected_procedures"),
            ),
        ),
    ),
    "mart_provider_trend": Treatment(("product_id", "npi"), (Family("trend", (), _GROWTH),)),
    "mart_geography_trend": Treatment(
        ("product_id", "geography_level", "geography_id"), (Family("trend", (), _GROWTH),)
    ),
    "mart_cohort_comparison": Treatment(
        ("comparison_id", "product_id", "cohort_name"),
        (Family("trend", (), (*_GROWTH, "difference_share", "difference_low", "difference_high")),),
    ),
    "mart_target_rank": Treatment(
        ("product_id", "npi"),
        (
            Family(
                "rank",
                (),
                (
                    *("target_rank", "rank_low", "rank_high", "intensity", "charge_share", "referral_value"),
                    *("growth_share", "trend_class", "addressable_share"),
                    *("intensity_score", "referral_score", "trend_score", "addressable_score"),
                ),
            ),
        ),
    ),
    "mart_hot_region": Treatment(
        ("product_id", "region_id"),
        (
            Family(
                "excess",
                (),
                (
                    *("region_rank", "volume_excess_share", "volume_excess_low", "volume_excess_high"),
                    *("diagnosis_excess_share", "intensity_excess_share"),
                ),
            ),
        ),
    ),
    "mart_unit_assignment": Treatment(
        ("unit_id",), (Family("unit", (), ("addressable_usd", "procedures")),), {"procedures": FROM_PUBLISHED}
    ),
    "mart_plan_change": Treatment(("unit_id",), (Family("unit", (), ("addressable_usd",)),)),
    "mart_territory_drift": Treatment(
        ("territory_id", "measure"),
        (Family("drift", (), ("observed", "expected", "change_share", "p_value", "q_value")),),
    ),
    "mart_territory_scorecard": Treatment(
        ("territory_id",),
        allowed=dict.fromkeys(
            (
                *("patients", "procedures", "planned_addressable_usd", "total_usd", "addressable_usd"),
                *("phantom_usd", "unknown_usd", "balance_index"),
            ),
            ROUNDED,
        )
        | {"quota_usd": FROM_PUBLISHED}
        | dict.fromkeys(("units", "workload_index"), NOT_PEOPLE),
    ),
    "mart_access": Treatment(
        ("product_id", "scope_kind", "scope_id"),
        allowed=dict.fromkeys(("total_usd", "addressable_usd", "phantom_usd", "unknown_usd"), ROUNDED),
    ),
    "mart_phantom": Treatment(
        ("product_id", "npi", "unit_id"),
        (
            Family(
                "procedure",
                (),
                ("total_usd", "addressable_usd", "phantom_usd", "access_class"),
                held="is_held_back",
            ),
        ),
    ),
    "mart_referral": Treatment(("product_id", "from_npi", "to_npi"), allowed={"shared_patients": ROUNDED}),
    "mart_territory_quota": Treatment(
        ("territory_id",),
        allowed=dict.fromkeys(
            ("quota_usd", "potential_share", "prior_quota_usd", "change_share"), FROM_PUBLISHED
        ),
    ),
    "mart_quota_line": Treatment(("territory_id", "line_number"), allowed={"amount_usd": FROM_PUBLISHED}),
    "mart_plan": Treatment(
        ("plan_id",),
        allowed=dict.fromkeys(
            ("gap_share", "max_deviation_share", "moved_opportunity_share", "referral_retained_share"),
            ROUNDED,
        )
        | dict.fromkeys(("units", "moved_units"), NOT_PEOPLE),
    ),
    "mart_completion_factor": Treatment(
        ("source", "claim_type", "payer_channel", "age_months"),
        (
            Family(
                "completion", (), ("completion_factor", "standard_error", "link_ratio", "credibility_share")
            ),
        ),
    ),
    "mart_completion_backtest": Treatment(
        ("source", "claim_type", "payer_channel", "delivery_month", "age_months"),
        (Family("completion", (), ("completion_factor", "known_share", "error_points")),),
    ),
    "mart_completeness": Treatment(
        ("product_id", "payer_channel", "service_month"),
        (Family("completeness", (), ("completeness_share", "capture_share", "projection_factor")),),
    ),
    "mart_capture_rate": Treatment(("payer_channel", "state", "from_month")),
    "mart_code_quarantine": Treatment(
        ("code_system", "code", "reason"), (Family("code", ("services",), rounded=("services",)),)
    ),
    "mart_code_set_change": Treatment(
        ("product_id", "effective_from"),
        (Family("code", (), ("product_share",)),),
    ),
    "mart_plan_staleness": Treatment(("plan_id", "product_id"), (Family("code", (), ("stale_share",)),)),
    "mart_source_overlap": Treatment(
        ("source", "other_source", "service_year"),
        (
            Family(
                "overlap",
                ("services_in_both", "services_only_in_source", "services_only_in_other_source"),
                ("overlap_share",),
            ),
        ),
    ),
    "mart_indication_link": Treatment(
        ("product_id", "link_strength"), (Family("link", _PROCEDURE, rounded=_PROCEDURE),)
    ),
    "mart_target_specialty": Treatment(
        ("product_id", "taxonomy_code"), allowed={"performing_share": "a share of providers, not of patients"}
    ),
    "mart_restatement": Treatment(
        ("source", "service_month"),
        (
            Family(
                "restated",
                (),
                (
                    *("lines_before", "lines_removed", "lines_added", "change_share"),
                    *("events_removed", "events_added", "events_net", "removed_usd", "added_usd", "net_usd"),
                ),
                rounded=("lines_before",),
            ),
        ),
    ),
    "mart_review_flag": Treatment(("review_id",)),
    "mart_provider_event": Treatment(("npi", "event_kind", "event_month", "product_id")),
    "mart_provider_site": Treatment(("npi", "site_id"), (Family("site", (), ("site_share", "site_rank")),)),
    "mart_facility_change": Treatment(("source", "facility_id", "facility_change", "known_on")),
    "mart_data_through": Treatment(("source",)),
    "mart_refresh_reconciliation": Treatment(
        ("refresh_id",),
        allowed=dict.fromkeys(
            (
                *(
                    "accepted_lines",
                    "superseded_lines",
                    "voided_lines",
                    "orphan_void_lines",
                    "reversed_lines",
                    "current_lines",
                ),
                *("lines_without_procedure", "lines_without_date_or_patient"),
                *("services", "services_located", "services_unlocated"),
            ),
            ALL_CODES,
        ),
    ),
}

ROUNDED_COLUMNS: dict[str, dict[str, str]] = {
    "mart_access": dict.fromkeys(_MONEY[1:], "usd"),
    "mart_area_opportunity": dict.fromkeys(_MONEY[1:], "usd_of_product"),
    "mart_referral": {"shared_patients": "people"},
    "mart_territory_scorecard": dict.fromkeys(("referral_weight", "referral_weight_retained"), "people"),
}
"""Sums over shown and withheld cells that the audit holds to their step: `people`, or what so many procedures
are worth of the dearest product (`usd`) or of the row's own (`usd_of_product`). (Those of territories over
all products: disclosure_linear.py.)"""


def untreated_columns(mart: str, columns: list[str]) -> list[str]:
    """Telling columns of a published mart that no treatment names."""
    treatment = TREATMENTS.get(mart)
    named: set[str] = set()
    if treatment:
        named = set(treatment.allowed) | {
            column for family in treatment.families for column in (*family.people, *family.others)
        }
    return [name for name in columns if TELLING.fullmatch(name) and name not in named and not is_name(name)]


def is_name(column: str) -> bool:
    """Keys, flags, dates and words; `unit_id` and the like name a place and count nothing."""
    return column.startswith(("is_", "has_", "unit_")) or column.endswith(
        ("_id", "_date", "_month", "_name", "_kind")
    )
