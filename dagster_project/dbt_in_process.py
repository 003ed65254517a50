"""dbt inside the Dagster process: one parse, then about half a second of overhead an invocation.

The command-line route starts two interpreters a step (about 12 CPU-seconds); a replay of 36 refreshes would spend a
quarter of an hour on start-up alone. Here the parsed manifest is kept and handed to dbt's own `dbtRunner`, exactly the
models and tests that Dagster asked for are selected by name, and results come back as objects. The DuckDB
connection is closed after each invocation, because a held connection locks out every other step.
See docs/adr/0002-dbt-in-process.md.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from dagster_project.dbt_project import PROJECT, TARGET, dbt_environment
from dagster_project.ledger_state import plan_build
from dagster_project.recomputed_cells import CHANGED, count_recomputed_cells
from pipelines.data_home import DataHome

log = logging.getLogger("claimline.dbt")

BROKEN = {"error", "fail", "runtime error"}

_parsed_manifest: Any = None


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def invoke_dbt(
    home: DataHome,
    arguments: list[str],
    *,
    manifest: Any = None,
    callbacks: list[Callable[[Any], None]] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """One dbt command against the private warehouse of `home`; the connection is closed before returning.

    `environment` is what `BuildPlan` says of the build; without it dbt builds in full.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(TARGET)]
    # What dbt tells of itself at the level `debug` costs a tenth of an invocation's fixed cost to write down.
    logs = ["--log-path", str(home.warehouse.parent / "dbt_logs"), "--log-level-file", "info", "--quiet"]
    with _environment({**dbt_environment(home), **(environment or {})}):
        try:
            return dbtRunner(manifest=manifest, callbacks=callbacks or []).invoke(
                [*arguments, *folders, *logs]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()


def parse_project(home: DataHome) -> Any:
    """Parse the project, write `manifest.json`, keep and return the parsed manifest."""
    global _parsed_manifest  # noqa: PLW0603  one parse a process is the point
    outcome = invoke_dbt(home, ["parse"])
    if outcome.exception or not outcome.success:
        raise dg.Failure(f"dbt could not parse the project: {outcome.exception}")
    _parsed_manifest = outcome.result
    return _parsed_manifest


def incremental_models(manifest: Any) -> list[str]:
    """Models that keep a row in the ledger's state, by name."""
    return sorted(
        node.name for node in manifest.nodes.values() if node.config.get("materialized") == "incremental"
    )


class _Progress:
    """Says which model is done and how many are left; dbt calls it from its worker threads."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, event: Any) -> None:
        if event.info.name != "LogModelResult":
            return
        self.done += 1
        data = event.data
        log.info("dbt %d/%d %s %.1f s", self.done, self.total, data.node_info.node_name, data.execution_time)


class DbtInProcess(dg.ConfigurableResource):
    """Runs the selected part of the dbt project and turns its results into Dagster events."""

    home: str

    def build(self, context: dg.AssetExecutionContext) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
        """`dbt build` of exactly what this step was asked for.

        Yields an `Output` a model (row count, seconds) and an `AssetCheckResult` a test. Raises `dg.Failure` when a
        model breaks or a test of ERROR severity fails, after everything that did run has been reported.
        """
        from pipelines.landing.raw_partitions import ensure_empty_tables

        home = DataHome.at(self.home)
        models = {key.path[-1]: key for key in context.selected_asset_keys}
        checks = {check.name: check for check in context.selected_asset_check_keys}
        manifest = _parsed_manifest or parse_project(home)
        ensure_empty_tables(home)
        plan = plan_build(home, incremental_models(manifest))
        context.log.info(f"dbt builds {len(models)} models ({plan.mode}) and runs {len(checks)} tests")
        arguments = ["build", "--indirect-selection", "empty", "--exclude-resource-type", "unit_test"]
        outcome = invoke_dbt(
            home,
            [*arguments, "--select", *sorted(models), *sorted(checks)],
            # A copy: dbt writes compiled code into the manifest it is handed, and would trust it the next time.
            manifest=manifest.deepcopy(),
            callbacks=[_Progress(len(models))],
            environment=plan.environment,
        )
        if outcome.exception:
            raise dg.Failure(f"dbt stopped: {outcome.exception}")
        yield from self._events(outcome.result.results, models, checks, context)
        broken = [result for result in outcome.result.results if str(result.status) in BROKEN]
        if broken:
            raise dg.Failure(
                "; ".join(
                    " ".join([f"{result.node.name}: {result.message}", *_told(home, result)])
                    for result in broken
                )
            )

    def _events(
        self,
        results: list[Any],
        models: Mapping[str, dg.AssetKey],
        checks: Mapping[str, dg.AssetCheckKey],
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
        from dagster_project.column_lineage import column_metadata

        rows, columns = _relations(DataHome.at(self.home))
        lake = DataHome.at(self.home).lake
        for result in results:
            name, status = result.node.name, str(result.status)
            if name in models and status == "success":
                key = models[name]
                relation = (result.node.schema, name)
                counted: dict[str, float] = {"dagster/row_count": rows[relation]} if relation in rows else {}
                if name == CHANGED:
                    found = count_recomputed_cells(DataHome.at(self.home).warehouse)
                    counted |= {"recomputed_cells": found.recomputed, "recomputed_cells_share": found.share}
                described = {column.name: column.description for column in result.node.columns.values()}
                yield dg.Output(
                    None,
                    output_name=key.to_python_identifier(),
                    metadata={
                        **counted,
                        **column_metadata(result.node, columns, described, lake),
                        "execution_seconds": round(result.execution_time, 3),
                    },
                )
        for result in results:
            check = checks.get(result.node.name)
            status = str(result.status)
            if check is None or status == "skipped":
                continue
            yield dg.AssetCheckResult(
                passed=status == "pass",
                asset_key=check.asset_key,
                check_name=check.name,
                severity=dg.AssetCheckSeverity.WARN if status == "warn" else dg.AssetCheckSeverity.ERROR,
                metadata={
                    "failing_rows": result.failures or 0,
                    "message": " ".join(
                        [str(result.message or ""), *_told(DataHome.at(self.home), result)]
                    ).strip(),
                },
            )


def _told(home: DataHome, result: Any, most: int = 3) -> list[str]:
    """What the failing rows of a test say for themselves: their column `message`, where its config says so.

    Most tests' rows may hold patients' keys and are never shown.
    """
    if str(result.status) != "fail" or "message" not in result.node.config.meta.get("shown_columns", ()):
        return []
    import duckdb

    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"select message from ({result.node.compiled_code}) as failing order by message limit {most}"
        ).fetchall()
    return [str(message) for (message,) in rows]


def _relations(
    home: DataHome,
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], dict[str, str]]]:
    """Rows per table (from DuckDB's own statistics: no scan) and {column: type} per table or view."""
    import duckdb

    if not home.warehouse.exists():
        return {}, {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        sizes = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
        described = connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall()
    columns: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in described:
        columns.setdefault((schema, table), {})[column] = kind
    return {(schema, table): int(size) for schema, table, size in sizes}, columns
