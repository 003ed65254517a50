"""The published marts as the report wants them: every expected column there, suppressed cells empty, gaps
named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipelines.delivery.report.wording import is_known, joined
from pipelines.problems import InputRefused, Problem

NEEDED = {"mart_territory_scorecard": ("territory_id",), "mart_unit_assignment": ("unit_id", "territory_id")}
# What the report shows of each mart. A column that is absent leaves a dash, and a sentence beside it.
SHOWN = {
    "mart_territory_scorecard": (
        "territory_name units accounts addressable_usd total_usd phantom_usd unknown_usd balance_index "
        "workload_index mean_drive_miles "
        "compactness "
        "is_contiguous seat_latitude seat_longitude rep_name is_vacant"
    ),
    "mart_unit_assignment": "unit_name unit_type state addressable_usd",
    "mart_territory_quota": "territory_id quota_usd prior_quota_usd change_share",
    "mart_quota_line": "territory_id line_number product_name component amount_usd explanation",
    "mart_review_flag": (
        "review_id trigger scope_kind scope_id evidence recommended_action owner state opened_refresh"
    ),
    "mart_plan": (
        "plan_id built_for_refresh max_deviation_share moved_opportunity_share moved_units bound "
        "gap_share what_binds"
    ),
    "mart_plan_change": "unit_id from_territory_id to_territory_id addressable_usd reason",
    "mart_territory_drift": "territory_id measure change_share is_drift verdict q_value test_from test_to",
    "mart_geography_opportunity": (
        "product_name geography_level geography_id geography_name state addressable_usd procedures "
        "providers_per_100000"
    ),
    "mart_refresh_reconciliation": (
        "refresh_id known_on delivered_rows accepted_rows quarantined_rows superseded_lines voided_lines "
        "current_lines services services_located services_unlocated"
    ),
    "mart_data_through": "source source_kind last_service_month last_usable_month",
    "mart_plan_staleness": "plan_id product_id stale_codes stale_share mix_distance",
    "mart_code_set_change": (
        "product_id product_name effective_from codes_deleted codes_without_successor codes_unmapped successors "
        "unmapped_codes product_share"
    ),
    "mart_code_quarantine": "code_system code reason services",
}
# What the manifest may carry of the rebuild decision, where the plan mart does not.
DECISION_FACTS = ("decision", "decision_reason", "imbalance_before", "imbalance_now", "drifted_territories")
MEASURES = frozenset(
    [
        "procedures",
        "involvements",
        "sides",
        "doses",
        "patients",
        "diagnosed_patients",
        "billed_usd",
        "total_usd",
        "addressable_usd",
        "phantom_usd",
        "unknown_usd",
        "accounts",
        "providers",
        "observed",
        "expected",
    ]
)


@dataclass(frozen=True)
class ReportInputs:
    """One clean frame per mart (empty where the mart is absent), the manifest, and what was missing, in
    sentences.
    """

    manifest: Mapping[str, Any]
    frames: dict[str, pd.DataFrame]
    gaps: list[str] = field(default_factory=list)

    def __getitem__(self, mart: str) -> pd.DataFrame:
        return self.frames[mart]

    @property
    def plan(self) -> dict[str, Any]:
        """The active plan's row as a mapping without unknown values, with what the manifest knows of the
        decision.

        Empty where there is no plan and no decision.
        """
        told = {name: self.manifest[name] for name in DECISION_FACTS if is_known(self.manifest.get(name))}
        plans = self.frames["mart_plan"]
        if plans.empty:
            return told
        active = plans[plans["plan_id"] == self.manifest.get("plan_id")]
        row = (active if len(active) else plans).iloc[-1]
        return told | {str(name): value for name, value in row.items() if is_known(value)}


def clean_inputs(frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> ReportInputs:
    """Check, complete and blank. Raises `InputRefused` without territories or units."""
    problems = [
        Problem(
            mart,
            f"column {column}",
            "",
            "the report cannot be made without it",
            "Rebuild the reporting marts.",
        )
        for mart, columns in NEEDED.items()
        for column in columns
        if mart not in frames or column not in frames[mart].columns
    ]
    if problems:
        raise InputRefused(problems)
    clean: dict[str, pd.DataFrame] = {}
    gaps: list[str] = []
    for mart, wanted in SHOWN.items():
        columns = wanted.split()
        if mart not in frames:
            gaps.append(f"The table {mart} was not delivered, so what it says is missing here.")
            clean[mart] = pd.DataFrame(columns=columns)
            continue
        frame = without_suppressed(frames[mart])
        if missing := [name for name in columns if name not in frame.columns]:
            gaps.append(f"The table {mart} came without {joined(missing)}; a dash stands in their place.")
            frame = frame.assign(**dict.fromkeys(missing))
        clean[mart] = frame.reset_index(drop=True)
    return ReportInputs(manifest, clean, gaps)


def without_suppressed(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows with every measure emptied where `is_suppressed`: a second lock behind the mart's own."""
    if "is_suppressed" not in frame.columns:
        return frame.copy()
    hidden = frame["is_suppressed"].fillna(False).astype(bool)
    measures = [name for name in frame.columns if name in MEASURES]
    return frame.assign(**{name: frame[name].astype(float).mask(hidden) for name in measures})


def suppressed_units(assignment: pd.DataFrame) -> pd.Series:
    """True where a unit's opportunity is withheld."""
    if "is_suppressed" in assignment.columns:
        return assignment["is_suppressed"].fillna(False).astype(bool)
    return assignment["addressable_usd"].isna()
