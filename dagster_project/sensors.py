"""Sensors: new deliveries, found by comparing the inbox with the registry, and unfinished work, found from files.

No cursor is kept: what is due is derived on every tick, so a lost or reset cursor can neither stall nor repeat anything.
"""

from __future__ import annotations

import dagster as dg

from assets.lake_table import HomeResource
from assets.landing import REFRESHES
from dagster_project.jobs import JOBS

JOB_OF = {
    "land": "refresh_job",
    "measure": "refresh_job",
    "rebuild": "rebuild_plan_job",
    "publish": "publish_job",
}
BUSY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def request_next(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SensorResult | dg.SkipReason:
    """Request the run for what is due, one at a time, and only when no run is under way."""
    from pipelines.due import next_due

    if context.instance.get_runs_count(dg.RunsFilter(statuses=BUSY)):
        return dg.SkipReason("A run is under way; what is due is looked at again when it is done.")
    failed = _failed_refreshes(context.instance)
    due = next_due(home.home, skip=failed)
    if due.kind == "nothing":
        waiting = f" Failed and waiting for a person: {', '.join(sorted(failed))}." if failed else ""
        return dg.SkipReason(due.sentence + "." + waiting)
    partitioned = due.kind in ("land", "measure")
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(job_name=JOB_OF[due.kind], partition_key=due.refresh_id if partitioned else None)
        ],
        dynamic_partitions_requests=[REFRESHES.build_add_request([due.refresh_id])] if partitioned else [],
    )


def _failed_refreshes(instance: dg.DagsterInstance) -> frozenset[str]:
    """Refreshes whose latest run failed: a person retries them (re-execute in the UI); nothing storms."""
    latest: dict[str, dg.DagsterRunStatus] = {}
    for run in instance.get_runs(dg.RunsFilter(job_name="refresh_job"), limit=200):
        key = run.tags.get("dagster/partition")
        if key:
            latest.setdefault(key, run.status)
    return frozenset(key for key, status in latest.items() if status == dg.DagsterRunStatus.FAILURE)


def sensors() -> list[dg.SensorDefinition]:
    on_delivery = dg.SensorDefinition(
        name="on_delivery_arrived",
        evaluation_fn=request_next,
        jobs=[job for job in JOBS if job.name in JOB_OF.values()],
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Finds deliveries the registry does not know, and work that a killed process left unfinished.",
    )
    automation = dg.AutomationConditionSensorDefinition(
        name="on_condition_met",
        target=dg.AssetSelection.all(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description="Evaluates the automation conditions: rebuild on a new decision, publish what was measured.",
    )
    return [on_delivery, automation]
