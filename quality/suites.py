"""The Great Expectations suites as data: what is expected, who owns the expectation and why it is there.

Belongs here: suites. Does not belong here: how one is run (`expectations`) or the numbers (`thresholds`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.config.model import Setting
from quality.thresholds import ANALYTICS, ENGINEERING, LEADERSHIP, THRESHOLDS, configured

Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Expectation:
    """One expectation of a suite. `kind` is the name of a Great Expectations class, `arguments` its
    arguments.

    `severity` error: publishing would hurt. warn: someone should look.
    """

    kind: str
    arguments: dict[str, Any] = field(hash=False)
    says: str
    owner: str
    reason: str
    severity: str = "error"

    @property
    def column(self) -> str:
        """Empty for an expectation about the table as a whole."""
        return str(self.arguments.get("column", ""))

    def as_warning(self) -> Expectation:
        return replace(self, severity="warn")


def _between(
    column: str, lowest: float | None, highest: float | None, owner: str, reason: str
) -> Expectation:
    if lowest == highest:
        says = f"{column} is {lowest:g}"
    elif lowest is None:
        says = f"{column} is at most {highest:g}"
    elif highest is None:
        says = f"{column} is at least {lowest:g}"
    else:
        says = f"{column} lies in {lowest:g} … {highest:g}"
    arguments = {"column": column, "min_value": lowest, "max_value": highest}
    return Expectation("ExpectColumnValuesToBeBetween", arguments, says, owner, reason)


def _present(column: str, owner: str, reason: str, says: str = "") -> Expectation:
    says = says or f"{column} is never null"
    return Expectation("ExpectColumnValuesToNotBeNull", {"column": column}, says, owner, reason)


def _unique(column: str, owner: str, reason: str) -> Expectation:
    says = f"{column} is unique"
    return Expectation("ExpectColumnValuesToBeUnique", {"column": column}, says, owner, reason)


def _has_rows(owner: str) -> Expectation:
    says = "the table has rows"
    return Expectation(
        "ExpectTableRowCountToBeBetween", {"min_value": 1}, says, owner, "nothing would pass unseen"
    )


def _below(column: str, threshold: str, settings: Settings) -> Expectation:
    rule = THRESHOLDS[threshold]
    return _between(column, 0, configured(threshold, settings), rule.owner, rule.reason).as_warning()


def _landed_claims(settings: Settings) -> tuple[Expectation, ...]:
    return (
        _between(
            "unaccounted_rows", 0, 0, ENGINEERING, "accepted + quarantined = delivered: nothing is lost"
        ),
        _between("unlanded_rows", 0, 0, ENGINEERING, "every accepted row lies in the raw table"),
        _below("quarantined_share", "quarantined_max_share", settings),
        _below("without_hcpcs_share", "landed_without_hcpcs_max_share", settings),
        _below("unknown_channel_share", "landed_unknown_channel_max_share", settings),
        _below("npi_repair_share", "landed_npi_repair_max_share", settings),
        _below("outside_span_share", "landed_outside_span_max_share", settings),
    )


def _unit_potential(settings: Settings) -> tuple[Expectation, ...]:
    return (
        _has_rows(ANALYTICS),
        _present("unit_id", ANALYTICS, "a place that cannot be located is 'unlocated', never null"),
        _present("product_id", ANALYTICS, "potential belongs to a product"),
        _between(
            "total_usd", 0, None, ANALYTICS, "opportunity is never negative; voids are taken out before"
        ),
        _between("addressable_usd", 0, None, ANALYTICS, "access can only take away"),
        replace(_below("split_gap_usd", "potential_split_tolerance_usd", settings), severity="error"),
        _between("months_covered", 1, 12, ANALYTICS, "the planning year has at most twelve months"),
    )


def _territory_scorecard(settings: Settings) -> tuple[Expectation, ...]:
    skipped = "a plan that skips a layer fails in the field"
    tolerance = configured("balance_tolerance_share", settings)
    return (
        _has_rows(ANALYTICS),
        _unique("territory_id", ANALYTICS, "one row per territory"),
        _present("total_usd", ANALYTICS, skipped, "the opportunity layer is there (total_usd)"),
        _present("access_share", ANALYTICS, skipped, "the accessibility layer is there (access_share)"),
        _between("access_share", 0, 1, ANALYTICS, "addressable dollars are part of all dollars"),
        _present("mean_drive_miles", ANALYTICS, skipped, "the travel layer is there (mean_drive_miles)"),
        _present("travel_hours", ANALYTICS, skipped, "the travel layer is there (travel_hours)"),
        Expectation(
            "ExpectColumnValuesToBeInSet",
            {"column": "is_contiguous", "value_set": [True]},
            "every territory is contiguous",
            LEADERSHIP,
            "a rep does not drive through a colleague's territory",
        ),
        _between(
            "deviation_share",
            0,
            tolerance,
            LEADERSHIP,
            "further from the mean is not balanced (balance_tolerance_share)",
        ).as_warning(),
    )


def _quotas(_: Settings) -> tuple[Expectation, ...]:
    return (
        _has_rows(LEADERSHIP),
        _unique("territory_id", LEADERSHIP, "one quota per territory"),
        _between("goal_gap_cents", 0, 0, LEADERSHIP, "the quotas sum to the national goal, to the cent"),
        _between("lines_gap_cents", 0, 0, LEADERSHIP, "the lines explain all of the quota, to the cent"),
        _between("quota_cents", 0, None, LEADERSHIP, "a quota is never negative"),
    )


def _published_marts(_: Settings) -> tuple[Expectation, ...]:
    return (
        _has_rows(ENGINEERING),
        _between("small_cells", 0, 0, ENGINEERING, "counts of 1 to 10 patients may not be published"),
        _between("marked_cells", 0, 0, ENGINEERING, "a suppressed row shows no count of patients"),
    )


SUITES: dict[str, Callable[[Settings], tuple[Expectation, ...]]] = {
    "landed_claims": _landed_claims,
    "unit_potential": _unit_potential,
    "territory_scorecard": _territory_scorecard,
    "quotas": _quotas,
    "published_marts": _published_marts,
}
