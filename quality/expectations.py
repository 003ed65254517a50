"""Running a Great Expectations suite over a small frame, with a result people can read.

Great Expectations is imported inside `validate`: importing it costs seconds. Its context is ephemeral: no
project folder, no files, no network (a test holds it). Large tables are summarised by SQL first
(`summaries`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.config.model import Setting
from quality.suites import SUITES, Expectation

RESULT_COLUMNS = ["expectation", "observed", "passed", "severity", "owner", "reason"]
SHOWN_VALUES = 5


@dataclass(frozen=True)
class SuiteResult:
    """What a suite said: `rows` has one row per expectation, in the suite's order, with `RESULT_COLUMNS`."""

    suite: str
    rows: pd.DataFrame

    @property
    def passed(self) -> bool:
        return bool(self.rows["passed"].all())

    @property
    def is_blocking(self) -> bool:
        """True when an expectation of severity error fails."""
        return bool((self.failures["severity"] == "error").any())

    @property
    def failures(self) -> pd.DataFrame:
        return self.rows[~self.rows["passed"].astype(bool)]

    def sentence(self) -> str:
        if self.passed:
            return f"All {len(self.rows)} expectations of {self.suite} hold."
        first = self.failures.iloc[0]
        return (
            f"{len(self.failures)} of {len(self.rows)} expectations of {self.suite} fail; first:"
            f" {first['expectation']},"
            f" observed {first['observed']} ({first['reason']})."
        )

    def to_markdown(self) -> str:
        """A table for Dagster's metadata; `|` in values is escaped."""
        lines = ["| " + " | ".join(RESULT_COLUMNS) + " |", "|" + " --- |" * len(RESULT_COLUMNS)]
        for row in self.rows[RESULT_COLUMNS].itertuples(index=False):
            cells = ["yes" if cell is True else "**no**" if cell is False else str(cell) for cell in row]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(lines)


def validate(
    frame: pd.DataFrame, suite_name: str, settings: Mapping[str, Setting] | None = None
) -> SuiteResult:
    """Judge `frame` by the suite. KeyError for an unknown suite or a setting that the suite needs.

    A column that is missing fails its expectations and is named; it never raises.
    """
    import great_expectations as gx  # noqa: PLC0415  (seconds to import)

    suite = SUITES[suite_name](settings or {})
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset(suite_name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    checks = [
        getattr(gx.expectations, item.kind)(**item.arguments, meta={"place": place})
        for place, item in enumerate(suite)
    ]
    outcome = batch.validate(gx.ExpectationSuite(name=suite_name, expectations=checks))
    by_place: dict[int, Any] = {}
    for result in outcome.results:
        config = result.expectation_config
        by_place[(config.meta or {})["place"] if config else -1] = result
    rows = [_row(frame, item, by_place[place]) for place, item in enumerate(suite)]
    return SuiteResult(suite_name, pd.DataFrame(rows, columns=RESULT_COLUMNS))


def _row(frame: pd.DataFrame, item: Expectation, result: Any) -> tuple[str, str, bool, str, str, str]:
    observed = _observed(frame, item, result)
    return (item.says, observed, bool(result.success), item.severity, item.owner, item.reason)


def _observed(frame: pd.DataFrame, item: Expectation, result: Any) -> str:
    """What was seen, in words that do not depend on the order of the rows."""
    if not item.column:
        return f"{len(frame)} rows"
    if item.column not in frame:
        return f"the column {item.column} is missing"
    column = frame[item.column]
    if result.success:
        known = column.dropna()
        if known.empty:
            return "no rows" if column.empty else "null only"
        low, high = known.min(), known.max()
        return _shown(low) if low == high else f"{_shown(low)} … {_shown(high)}"
    broken = int(result.result.get("unexpected_count") or 0)
    values = sorted({_shown(value) for value in result.result.get("partial_unexpected_list") or []})
    examples = f", e.g. {', '.join(values[:SHOWN_VALUES])}" if values and values != ["nan"] else ""
    return f"{broken} of {len(column)} rows break it{examples}"


def _shown(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
