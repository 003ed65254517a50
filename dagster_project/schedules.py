"""Calendar reviews: a monthly evaluation and a quarterly review of the plan. Off until somebody turns them on."""

from __future__ import annotations

import dagster as dg


def schedules() -> list[dg.ScheduleDefinition]:
    return [
        dg.ScheduleDefinition(
            name="evaluate_plan_monthly",
            job_name="review_plan_job",
            cron_schedule="0 6 5 * *",
            execution_timezone="UTC",
            description="Measures the active plan against the data on the fifth of each month.",
        ),
        dg.ScheduleDefinition(
            name="review_plan_quarterly",
            job_name="review_plan_job",
            cron_schedule="0 7 6 1,4,7,10 *",
            execution_timezone="UTC",
            description="The quarterly plan review; the review flag says when data have aged past the calendar.",
        ),
    ]
