"""Every number that decides whether something is good enough, with its unit, its owner and its reason.

Belongs here: data, for what the business does not set itself. `configured` reads the business's settings
first, so that one reader serves both. Numbers of laws and identities ("the quotas sum to the goal") are not
thresholds and stay with their check.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.config.model import Setting

ENGINEERING = "data-engineering"
ANALYTICS = "sales-analytics"
LEADERSHIP = "sales-leadership"


THRESHOLDS: dict[str, Setting] = {
    threshold.name: threshold
    for threshold in (
        Setting(
            "drift_max_interval_share",
            0.30,
            "share, half width of the 95 % interval",
            ANALYTICS,
            "where even twice the smallest relevant shift hides in the noise, 'stable' would claim too much",
        ),
        Setting(
            "drift_min_baseline_months",
            3,
            "months",
            ANALYTICS,
            "month-to-month noise cannot be told from fewer",
        ),
        Setting(
            "supply_late_warn_days",
            7,
            "days past the cadence",
            ENGINEERING,
            "a week late is noted; the data still describe the market",
        ),
        Setting(
            "supply_late_block_days",
            21,
            "days past the cadence",
            ENGINEERING,
            "three weeks late, the source no longer describes the months that are compared",
        ),
        Setting(
            "lag_shift_points",
            5.0,
            "points of completeness",
            ANALYTICS,
            "a month just over that is known to five points more or less moves a projection by about a tenth",
        ),
        Setting(
            "landed_without_hcpcs_max_share",
            0.60,
            "share of lines",
            ENGINEERING,
            "institutional lines often carry only a revenue centre; more than this means that a column is"
            " not mapped",
        ),
        Setting(
            "landed_unknown_channel_max_share",
            0.20,
            "share of lines",
            ENGINEERING,
            "the supply check works by channel; unknown payers hide an outage",
        ),
        Setting(
            "landed_npi_repair_max_share",
            0.10,
            "share of professional lines",
            ENGINEERING,
            "a rendering NPI that is no NPI is replaced by the billing one, which credits a group with its"
            " doctors' work",
        ),
        Setting(
            "landed_outside_span_max_share",
            0.01,
            "share of lines",
            ENGINEERING,
            "lines outside the manifest's service dates mean the wrong file or the wrong date column",
        ),
        Setting(
            "quarantined_max_share",
            0.05,
            "share of delivered rows",
            ENGINEERING,
            "more refused rows than this would read as a fall of the market",
        ),
        Setting(
            "token_changed_max_share",
            0.05,
            "share of claims delivered before",
            ENGINEERING,
            "a corrected patient is rare; a share of claims with other patients means new tokens",
        ),
        Setting(
            "token_known_max_fall_share",
            0.50,
            "share, fall against the delivery before",
            ENGINEERING,
            "who is new differs from month to month, but half of all known patients do not leave at once",
        ),
        Setting(
            "token_shared_claim_max_share",
            0.01,
            "share of claims",
            ENGINEERING,
            "a claim is one patient's; a few mother-and-child claims occur",
        ),
        Setting(
            "token_claims_a_day_max",
            40,
            "claims of one token on one day",
            ENGINEERING,
            "a long stay's day has a dozen claims; more is not one person",
        ),
        Setting(
            "token_claims_rate_max_ratio",
            2.0,
            "ratio to the delivery before",
            ENGINEERING,
            "claims per patient and month hardly move with season; twice or half is tokens, not care",
        ),
        Setting(
            "potential_split_tolerance_usd",
            0.01,
            "usd per unit and product",
            ANALYTICS,
            "addressable, phantom and unknown are parts of the total; only rounding may separate them",
        ),
    )
}


def configured(name: str, settings: Mapping[str, Setting]) -> float:
    """The value in the business's settings, else the one here. KeyError names what is in neither."""
    if name in settings:
        return float(settings[name].value)
    return float(THRESHOLDS[name].value)
