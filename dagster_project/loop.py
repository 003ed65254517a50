"""The loop runner: everything that is due, one refresh at a time, in this process.

`python -m dagster_project.loop` does what the daemon does with its sensors, for people without a daemon: take the next
delivery, run the refresh job, evaluate the same automation conditions, run what they ask for. What is due comes from
files alone (`pipelines.due`), so that after a kill, running again finishes what was begun.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from dagster_project.console import QUIET, say, start_logging
from dagster_project.instance import prepare_instance
from dagster_project.jobs import FOLLOWING
from pipelines.data_home import DataHome

MAX_TICKS = 5
PROCESS_TAG = "claimline/process"

# What a killed process left to do after the decision.
STILL_DUE = {
    "rebuild": FOLLOWING,
    "publish": dg.AssetSelection.groups("reporting", "delivery"),
}


@dataclass
class Loop:
    """One process's walk through what is due. Keeps the automation cursor between ticks.

    `watch` is told the id of each refresh once it has been carried through, e.g. to say how far a replay is.
    """

    home: DataHome
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    assets: Sequence[Any]
    cursor: Any = None
    watch: Callable[[str], None] | None = None
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        from pipelines.due import next_due

        self._tick()  # the first evaluation only sets the latches
        done_before: set[tuple[str, str]] = set()
        while True:
            due = next_due(self.home, skip=frozenset(self.failures))
            if due.kind == "nothing":
                say(due.sentence)
                return
            if (due.kind, due.refresh_id) in done_before:
                say(f"{due.refresh_id}: {due.kind} was run and is still due; see the reasons above")
                self.failures.append(due.refresh_id)
                continue
            done_before.add((due.kind, due.refresh_id))
            say(due.sentence)
            if due.kind in ("land", "measure"):
                if not self._refresh(due.refresh_id):
                    self.failures.append(due.refresh_id)
                    continue
                self._follow_automation()
                for sentence in what_was_published(self.home, due.refresh_id):
                    say(f"  {sentence}")
                if self.watch:
                    self.watch(due.refresh_id)
            else:
                self._materialise(STILL_DUE[due.kind], f"{due.kind} {due.refresh_id}")

    def _refresh(self, refresh_id: str) -> bool:
        from assets.landing import REFRESHES

        started = time.monotonic()
        self.instance.add_dynamic_partitions(REFRESHES.name or "", [refresh_id])
        job = self.definitions.resolve_job_def("refresh_job")
        result = job.execute_in_process(
            instance=self.instance,
            partition_key=refresh_id,
            run_config=QUIET,
            raise_on_error=False,
            tags={PROCESS_TAG: str(os.getpid())},
        )
        seconds = time.monotonic() - started
        say(f"{refresh_id}: {'measured' if result.success else 'FAILED'} in {seconds:.1f} s")
        for reason in failure_reasons(result):
            say(f"  {reason}")
        if result.success:
            for sentence in what_was_decided(self.home, refresh_id):
                say(f"  {sentence}")
        return result.success

    def _follow_automation(self) -> None:
        """Evaluate the automation conditions and run what they request, until they request nothing."""
        for _ in range(MAX_TICKS):
            requested = self._tick()
            if not requested:
                return
            self._materialise(dg.AssetSelection.assets(*requested), "automation")

    def _tick(self) -> list[dg.AssetKey]:
        outcome = dg.evaluate_automation_conditions(self.definitions, self.instance, cursor=self.cursor)
        self.cursor = outcome.cursor
        keys = {key.to_user_string(): key for key in self.definitions.resolve_all_asset_keys()}
        return [keys[name] for name in sorted(keys) if outcome.get_num_requested(keys[name])]

    def _materialise(self, selection: Any, why: str) -> None:
        started = time.monotonic()
        result = dg.materialize(
            self.assets,
            selection=selection,
            instance=self.instance,
            resources=self.definitions.resources,
            run_config=QUIET,
            raise_on_error=False,
            tags={"claimline/why": why, PROCESS_TAG: str(os.getpid())},
        )
        say(f"  {why}: {'done' if result.success else 'FAILED'} in {time.monotonic() - started:.1f} s")
        for reason in failure_reasons(result):
            say(f"  {reason}")
            self.failures.append(why)


def what_was_decided(home: DataHome, refresh_id: str) -> list[str]:
    """What landed, with everything that was set aside, and what was decided."""
    from pipelines.landing.explain import explain
    from pipelines.landing.registry import RefreshRegistry
    from pipelines.monitoring.decision_store import read_decision

    receipt = RefreshRegistry(home).receipt(refresh_id)
    decision = read_decision(home.decisions, refresh_id)
    landed = explain(receipt) if receipt else []
    return landed + ([f"Decision: {decision.decision}. {decision.reason}"] if decision else [])


def what_was_published(home: DataHome, refresh_id: str) -> list[str]:
    """The plan that was built at this refresh, if any, and the snapshot."""
    import pandas as pd

    from pipelines.delivery.publication import read_current

    sentences = []
    plan_file = home.plans / refresh_id / "plan.parquet"
    if plan_file.is_file():
        plan = pd.read_parquet(plan_file).iloc[0]
        bound = (
            "no proven bound" if pd.isna(plan["bound"]) else f"{plan['gap_share']:.1%} from its proven bound"
        )
        sentences.append(
            f"Plan {plan['plan_id']}: largest deviation {plan['max_deviation_share']:.1%}, {bound},"
            f" {plan['moved_opportunity_share']:.1%} of opportunity moved ({plan['moved_units']} units)"
        )
    published = read_current(home.published)
    if published and published["as_of_refresh"] == refresh_id:
        sentences.append(f"Snapshot {published['snapshot_id']} is published")
    return sentences


def failure_reasons(result: Any) -> list[str]:
    """One line a failed step or blocking check, in the words of the innermost error."""
    reasons = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            reasons.append(f"{event.step_key}: {(error.message if error else 'failed').strip()}")
    return reasons


def close_orphaned_runs(instance: dg.DagsterInstance) -> int:
    """End the runs of loop processes that are gone: they would block pools and conditions for ever.

    Runs of the daemon, or of a loop that is alive, are left alone.
    """
    under_way = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    closed = 0
    for run in instance.get_runs(dg.RunsFilter(statuses=under_way)):
        process = run.tags.get(PROCESS_TAG)
        if process is None or _is_alive(int(process)):
            continue
        instance.report_run_failed(run, "The process of this run is gone; the next one takes over.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        closed += 1
    return closed


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False  # a reused number: this process has started no run yet
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_loop(home: DataHome, watch: Callable[[str], None] | None = None) -> int:
    """Run until nothing is due. Returns the number of refreshes that failed (0 = all good)."""
    from dagster_project.definitions import definitions_for
    from pipelines.config.load import load_business_config

    for problem in load_business_config(home.config)[1]:
        say(problem.sentence())
    instance = prepare_instance(home)
    if orphans := close_orphaned_runs(instance):
        say(f"Taking over from a process that was killed ({orphans} unfinished runs)")
    definitions = definitions_for(home)
    assets = [*(definitions.assets or []), *(definitions.asset_checks or [])]
    loop = Loop(home, definitions, instance, assets, watch=watch)
    loop.run()
    return len(loop.failures)


def say_where_to_look(home: DataHome) -> None:
    say(f"Report    {home.current_snapshot / 'report.html'}")
    say(f"Snapshot  {home.current_snapshot / 'claimline.duckdb'}  (Parquet and GeoParquet beside it)")
    say("UI        make dev, then http://127.0.0.1:3000")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--profile", help="shipped profile to start from, if the data home has no business files yet"
    )
    options = parser.parse_args(arguments)
    start_logging()
    home = DataHome.default()
    if options.profile:
        from pipelines.config.load import initialise_home_config

        initialise_home_config(home, options.profile)
    failed = run_loop(home)
    say_where_to_look(home)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
