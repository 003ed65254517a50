"""Everything that is measured at one refresh, in its order: supply, drift, levels, decision, reviews.

Belongs here: the composition of `quality` and `pipelines.monitoring`, frames in and frames out. Reading the
warehouse and writing the tables is the assets' business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from pipelines.config.model import BusinessConfig
from pipelines.monitoring.decide import BasePlan, Decision, RebuildRule, decide
from pipelines.monitoring.flag_causes import undecided_shifts
from pipelines.monitoring.flags import ReviewMoment, all_causes, review_flags
from pipelines.monitoring.level_shift import LevelShift, level_factors, with_planned_levels
from pipelines.monitoring.plan_vs_actual import plan_vs_actual
from pipelines.monitoring.windows import Windows, comparison_windows
from quality.drift import DriftReport, DriftRule, measure_drift
from quality.lag_shift import LagRule, no_steps
from quality.supply import SupplyRule, has_blocking, supply_incidents
from quality.table_registry import TABLES

UNLOCATED = "unlocated"
NO_COUNTS = pd.DataFrame(columns=["territory_id", "product_id", "service_month", "procedures", "total_usd"])


@dataclass(frozen=True)
class MeasuredPlan:
    """The plan strictly before the refresh, with what was promised when it was made.

    `assignment`, `territory`, `rep_assignment` are its tables; `level_factors` the factors per unit and product it was
    built on; `data_through` the last usable month it knew.
    """

    base: BasePlan
    data_through: date
    territory: pd.DataFrame
    assignment: pd.DataFrame
    rep_assignment: pd.DataFrame
    level_factors: pd.DataFrame


@dataclass(frozen=True)
class RefreshFacts:
    """What opportunity says as of a refresh.

    `unit_counts`: unit_id, product_id, service_month, procedures, total_usd of line sources (usable months only);
    for products of diagnoses `procedures` holds their patients of the month.
    `volumes`: source, payer_channel, service_month, services. `receipts`: see `quality.supply.supply_incidents`.
    `potential`: `fct_unit_potential`. `code_changes`: `fct_code_set_change`.
    `steps`: `int_development__expected`, how months grew against what was expected.
    `ghosts`: npi, event_month of people whose work is told of after their deactivation.
    `last_usable_month` is None where only annual volumes exist.
    """

    refresh_id: str
    known_on: date
    data_through: date
    last_usable_month: date | None
    unit_counts: pd.DataFrame
    volumes: pd.DataFrame
    receipts: pd.DataFrame
    potential: pd.DataFrame
    code_changes: pd.DataFrame
    steps: pd.DataFrame = field(default_factory=no_steps)
    ghosts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["npi", "event_month"]))


@dataclass(frozen=True)
class Measurement:
    """The five `monitoring/*` tables of one refresh, and the factors that the next plan would be built on."""

    supply_incident: pd.DataFrame
    territory_drift: pd.DataFrame
    level_shift: LevelShift
    review_flag: pd.DataFrame
    decision: Decision


def measure_refresh(
    facts: RefreshFacts,
    plan: MeasuredPlan | None,
    config: BusinessConfig,
    *,
    previous_flags: pd.DataFrame | None,
    previous_decision_id: str | None,
) -> Measurement:
    """Measure one refresh against the plan strictly before it. Pure: the same inputs give the same tables."""
    rule = RebuildRule.from_settings(config.settings)
    if plan is None:
        return _before_the_first_plan(facts, rule)
    windows = _windows(facts, plan, config)
    incidents = supply_incidents(
        facts.volumes,
        facts.receipts,
        windows,
        SupplyRule.from_settings(config.settings),
        refresh_id=facts.refresh_id,
        steps=facts.steps,
        lag_rule=LagRule.from_settings(config.settings),
    )
    drift = _drift(facts, plan, windows, config, is_blocked=has_blocking(incidents))
    levels = level_factors(
        facts.unit_counts,
        plan.assignment,
        drift.details,
        windows,
        facts.potential,
        planned=plan.level_factors,
    )
    comparison = plan_vs_actual(
        plan.territory,
        plan.assignment,
        facts.potential,
        levels.table,
        measure=config.text("balance_measure"),
    )
    decision = decide(
        facts.refresh_id,
        facts.known_on,
        plan.base,
        rule,
        drift=drift.details,
        incidents=incidents,
        comparison=comparison,
        events=config.events,
        previous_decision_id=previous_decision_id,
    )
    moment = ReviewMoment(
        refresh_id=facts.refresh_id,
        known_on=facts.known_on,
        data_through=facts.data_through,
        plan_id=plan.base.plan_id,
        plan_known_on=plan.base.known_on,
        plan_data_through=plan.data_through,
    )
    causes = all_causes(
        moment,
        drift=drift.details,
        incidents=incidents,
        events=config.events,
        code_changes=facts.code_changes,
        ghosts=facts.ghosts,
        roster=config.roster,
        planned_reps=plan.rep_assignment,
        calendar_months=int(config.number("review_calendar_months")),
        smallest_shown=int(config.number("suppression_threshold")),
    )
    flags = review_flags(moment, causes, previous_flags, undecided=undecided_shifts(drift.details))
    return Measurement(incidents, drift.table, levels, flags, decision)


def _windows(facts: RefreshFacts, plan: MeasuredPlan, config: BusinessConfig) -> Windows:
    months = facts.unit_counts["service_month"]
    first = pd.Timestamp(months.min()).date() if len(months) else None
    return comparison_windows(
        plan.data_through,
        facts.last_usable_month or plan.data_through,
        first_month=first,
        baseline_months=int(config.number("drift_baseline_months")),
    )


def _drift(
    facts: RefreshFacts, plan: MeasuredPlan, windows: Windows, config: BusinessConfig, *, is_blocked: bool
) -> DriftReport:
    expected = with_planned_levels(facts.unit_counts, plan.level_factors, windows)
    located = expected.merge(plan.assignment[["unit_id", "territory_id"]], on="unit_id")
    counts = (
        located.groupby(["territory_id", "product_id", "service_month"], as_index=False)[
            ["procedures", "total_usd"]
        ].sum()
        if len(located)
        else NO_COUNTS
    )
    return measure_drift(
        counts,
        windows,
        DriftRule.from_settings(config.settings),
        territories=list(plan.territory["territory_id"]),
        products=list(config.products["product_id"]),
        is_blocked=is_blocked,
        has_monthly_lines=facts.last_usable_month is not None,
    )


def _before_the_first_plan(facts: RefreshFacts, rule: RebuildRule) -> Measurement:
    def empty(name: str) -> pd.DataFrame:
        return TABLES[name].empty().to_pandas()

    no_levels = LevelShift(
        table=empty("monitoring/level_shift"), by_product=empty("monitoring/product_level_shift")
    )
    located = facts.potential[facts.potential["unit_id"] != UNLOCATED]
    if not (located["total_usd"].astype(float) > 0).any():
        reason = (
            f"There is no plan before {facts.refresh_id} and no usable opportunity to make one from:"
            " the first plan waits for more months or for places that can be located."
        )
        decision = Decision(
            facts.refresh_id, "blocked", f"none-before-{facts.refresh_id}", None, None, None, 0, reason
        )
        return _nothing_measured(decision, no_levels, empty)
    decision = decide(
        facts.refresh_id,
        facts.known_on,
        None,
        rule,
        drift=empty("monitoring/territory_drift"),
        incidents=empty("monitoring/supply_incident"),
        comparison=pd.DataFrame(),
    )
    return _nothing_measured(decision, no_levels, empty)


def _nothing_measured(
    decision: Decision, no_levels: LevelShift, empty: Callable[[str], pd.DataFrame]
) -> Measurement:
    return Measurement(
        empty("monitoring/supply_incident"),
        empty("monitoring/territory_drift"),
        no_levels,
        empty("monitoring/review_flag"),
        decision,
    )
