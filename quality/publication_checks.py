"""What must hold before a snapshot is shown to anybody: the last gate, on the very tables that would be published."""

from __future__ import annotations

from collections.abc import Mapping

from quality.checks import (
    CheckOutcome,
    quota__sums_to_goal,
    snapshot__is_of_this_refresh,
    snapshot__no_small_cells,
    snapshot__nothing_recoverable,
)
from quality.disclosure_audit import recoverable_cells
from quality.published import Published
from quality.summaries import small_cell_summary


def publication_checks(published: Published, facts: Mapping[str, object]) -> dict[str, CheckOutcome]:
    """Outcomes by check name. `facts` is the manifest's, with the national goal."""
    marts = published.marts
    plan = facts["plan_id"]
    return {
        "is_of_this_refresh": snapshot__is_of_this_refresh(
            marts["mart_refresh_reconciliation"]["refresh_id"].to_pylist(),
            marts["mart_plan"]["plan_id"].to_pylist(),
            str(facts["as_of_refresh"]),
            str(plan) if plan else None,
        ),
        "no_small_cells": snapshot__no_small_cells(small_cell_summary(marts, published.threshold)),
        "nothing_recoverable": snapshot__nothing_recoverable(recoverable_cells(published)),
        "quotas_sum_to_goal": quota__sums_to_goal(
            marts["mart_territory_quota"].to_pandas(), str(facts["national_goal_usd"])
        ),
    }
