"""The one registry of settings: every name a `settings.yml` may hold, its unit, its range and what it means.

A setting without a default is required: there is no hidden number in the code. A default stands only where
leaving the setting out has one obvious meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

SettingValue = str | float | int | bool

ACCESS_STATUSES = ("open", "restricted", "locked", "unknown")
BALANCE_MEASURES = (
    "addressable_usd",
    "total_usd",
    "procedures",
    "patients",
    "diagnosed_patients",
    "billed_usd",
)
_STATE_LETTERS = """
    AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT
    NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY
"""
STATES = frozenset(_STATE_LETTERS.split())


@dataclass(frozen=True)
class SettingRule:
    """What one setting may be. `kind` is number, integer, choice or states; bounds are inclusive."""

    name: str
    kind: str
    unit: str
    meaning: str
    lowest: float = 0.0
    highest: float = float("inf")
    choices: tuple[str, ...] = ()
    default: SettingValue | None = None

    def allowed(self) -> str:
        """The rule in words, for a remedy."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "states":
            return '"all" or USPS state letters separated by spaces, e.g. "ME NH VT WV"'
        noun = "a whole number" if self.kind == "integer" else "a number"
        if self.highest == float("inf"):
            return f"{noun} of at least {self.lowest:g}"
        return f"{noun} from {self.lowest:g} to {self.highest:g}"


def _share(name: str, meaning: str, highest: float = 1.0, lowest: float = 0.0) -> SettingRule:
    return SettingRule(name, "number", "share", meaning, lowest, highest)


def _number(
    name: str, unit: str, meaning: str, lowest: float, highest: float, *, default: float | None = None
) -> SettingRule:
    return SettingRule(name, "number", unit, meaning, lowest, highest, default=default)


def _integer(name: str, unit: str, meaning: str, lowest: int, highest: int) -> SettingRule:
    return SettingRule(name, "integer", unit, meaning, lowest, highest)


def _choice(name: str, meaning: str, *choices: str) -> SettingRule:
    return SettingRule(name, "choice", "choice", meaning, choices=choices)


_RULES = (
    # geography and travel
    _choice("unit_type", "the geography a territory is made of", "zcta", "county"),
    _choice("geography_source", "packaged places, or Census files given", "embedded", "census_files"),
    SettingRule("states", "states", "states", "which states are planned"),
    _share("small_component_share", "connected parts with less of the population than this are islands"),
    _number("circuity_near", "ratio", "road miles per straight mile at short range", 1, 3),
    _number("circuity_far", "ratio", "road miles per straight mile at long range", 1, 3),
    _number("circuity_decay_miles", "miles", "distance over which near turns into far", 0.1, 1000),
    _number("speed_local_mph", "mph", "driving speed of a short trip", 5, 90),
    _number("speed_highway_mph", "mph", "driving speed of a long trip", 5, 90),
    # territories
    _choice("balance_measure", "what territories hold in equal amounts", *BALANCE_MEASURES),
    _integer("territory_count", "territories", "how many territories are made", 1, 5000),
    _share("balance_tolerance_share", "allowed distance of a territory from the mean"),
    _number("disruption_price", "miles", "mean drive miles that handing over all opportunity costs", 0, 1e6),
    _number("travel_weight", "ratio", "weight of drive miles in the plan's objective", 0, 1000, default=1.0),
    _integer("solver_seed", "seed", "seed of every random choice of the solver", 0, 2**31 - 1),
    _share("rebuild_imbalance_share", "distance from the mean at which a rebuild is proposed", highest=10),
    # opportunity and access
    _integer("blind_months", "months", "newest service months not used: claims still arrive", 0, 24),
    _integer("completion_window_refreshes", "deliveries", "how far back completion factors look", 2, 120),
    _integer("completion_min_services", "services", "a triangle with fewer leans on wider ones", 1, 10**7),
    _share("completion_floor_share", "a month known to a smaller share takes no part in trends"),
    _share("interval_level", "how often an interval shown is meant to hold", 0.999, 0.5),
    _share("restricted_addressable_share", "addressable part of an account with restricted access"),
    _choice("default_access_status", "access where no rule says otherwise", *ACCESS_STATUSES),
    SettingRule(
        "referral_window_days",
        "integer",
        "days",
        "how long after a visit a procedure may follow",
        1,
        365,
        default=90,
    ),
    SettingRule(
        "referral_alpha",
        "number",
        "share",
        "downstream volume that adds to a referrer's value",
        0,
        1,
        default=0.0,
    ),
    _integer("suppression_threshold", "patients", "smallest patient count that may be published", 1, 1000),
    # trends
    _integer("trend_recent_months", "months", "length of the recent window of a trend", 1, 12),
    _share("trend_flat_share", "growth within plus or minus this is flat"),
    _share("trend_usual_change_share", "least spread of true growth that is presumed", lowest=0.01),
    _share("trend_max_interval_share", "own half width up to which a member can be called flat", highest=10),
    # ranks
    _number("rank_weight_intensity", "weight", "weight of billing intensity in the target rank", 0, 100),
    _number("rank_weight_referral", "weight", "weight of referral value in the target rank", 0, 100),
    _number("rank_weight_trend", "weight", "weight of the trend in the target rank", 0, 100),
    _number(
        "rank_weight_addressable", "weight", "weight of the addressable share in the target rank", 0, 100
    ),
    _choice("hot_region_level", "what a region is when regions are ranked", "unit", "cbsa", "state"),
    # workload
    _number("visits_per_year_a", "visits per year", "calls on a tier A account", 0, 260),
    _number("visits_per_year_b", "visits per year", "calls on a tier B account", 0, 260),
    _number("visits_per_year_c", "visits per year", "calls on a tier C account", 0, 260),
    _number("visit_minutes_a", "minutes", "length of a call on a tier A account", 0, 600),
    _number("visit_minutes_b", "minutes", "length of a call on a tier B account", 0, 600),
    _number("visit_minutes_c", "minutes", "length of a call on a tier C account", 0, 600),
    _share("tier_a_share", "opportunity held by tier A: the largest accounts up to this cumulative share"),
    _share("tier_b_share", "opportunity held by tier B: the next accounts up to this further share"),
    _number("selling_hours_per_year", "hours per year", "field hours of one rep, travel included", 1, 4000),
    # quotas
    _number("national_goal_usd", "usd", "sum of all territory quotas", 0, 1e12),
    _share("quota_weight_potential", "weight of territory potential in the quota"),
    _share("quota_weight_history", "weight of the prior quota in the quota"),
    _share("quota_floor_share", "lowest quota, as a share of the mean quota"),
    _share("quota_cap_share", "highest quota, as a share of the mean quota", highest=100, lowest=1),
    _share("quota_max_change_share", "largest change against the prior quota", highest=10),
    # monitoring
    _share("drift_min_effect_share", "smallest change of a territory that counts as drift"),
    _share("drift_false_discovery_rate", "false alarms accepted among all drift alarms"),
    _share("drift_min_opportunity_share", "smallest share of all opportunity that is tested for drift"),
    _integer("drift_baseline_months", "months", "length of the baseline drift is measured against", 1, 60),
    _share("supply_max_channel_drop_share", "drop of a payer channel that is read as a supply fault"),
    # providers
    _number(
        "event_confirm_months",
        "months",
        "completed months on each side of a provider's event",
        1,
        12,
        default=3,
    ),
    _number(
        "event_move_miles",
        "miles",
        "how far the middle of a provider's work must go to be a move",
        1,
        500,
        default=15,
    ),
    _integer("review_calendar_months", "months", "a review is due at least this often", 1, 60),
)

SETTINGS: dict[str, SettingRule] = {rule.name: rule for rule in _RULES}

# Pairs of which the first must not exceed the second, and pairs that must add up to at most / exactly one.
ORDERED_PAIRS = (("circuity_far", "circuity_near"), ("speed_local_mph", "speed_highway_mph"))
AT_MOST_ONE = (("tier_a_share", "tier_b_share"),)
EXACTLY_ONE = (("quota_weight_potential", "quota_weight_history"),)
