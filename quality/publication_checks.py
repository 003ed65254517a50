"""What must hold before a snapshot is shown to anybody: the last gate, on the very tables that would be published."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality.checks import CheckOutcome, quota__sums_to_goal, snapshot__no_small_cells
from quality.summaries import small_cell_summary


def publication_checks(marts: Mapping[str, pa.Table], facts: Mapping[str, object]) -> dict[str, CheckOutcome]:
    """Outcomes by check name. `facts` is the manifest's: goal and suppression threshold."""
    threshold = int(str(facts["suppression_threshold"]))
    return {
        "no_small_cells": snapshot__no_small_cells(small_cell_summary(marts, threshold)),
        "quotas_sum_to_goal": quota__sums_to_goal(
            marts["mart_territory_quota"].to_pandas(), str(facts["national_goal_usd"])
        ),
    }
