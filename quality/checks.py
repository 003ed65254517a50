"""The bodies of asset checks: pure functions from frames to an outcome that the assets layer wraps.

Belongs here: one function per check, named as in Dagster (`<subject>__<assertion>`). Severity `error` blocks
what follows; `warn` shows. Nothing here imports Dagster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from quality.contracts import Breach
from quality.expectations import SuiteResult
from quality.patient_tokens import TokenVolumes, counted, token_faults
from quality.published import Recoverable
from quality.summaries import cents

UNLOCATED = "unlocated"
SHOWN = 5


@dataclass(frozen=True)
class CheckOutcome:
    """`severity` is what a failure means (error or warn); `metadata` holds plain numbers, text and lists."""

    passed: bool
    severity: str
    sentence: str
    metadata: dict[str, Any] = field(default_factory=dict)


def landing__rows_reconcile(receipts: pd.DataFrame) -> CheckOutcome:
    """Per file of `raw/refresh`: accepted + quarantined = delivered."""
    gap = receipts["delivered_rows"] - receipts["accepted_rows"] - receipts["quarantined_rows"]
    wrong = receipts.loc[gap != 0, ["refresh_id", "file_name"]].sort_values(["refresh_id", "file_name"])
    files = [f"{row.refresh_id}/{row.file_name}" for row in wrong.itertuples(index=False)]
    delivered = int(receipts["delivered_rows"].sum())
    sentence = (
        f"{len(files)} of {len(receipts)} files lose or gain rows: {_list(files)}."
        if files
        else f"All {delivered:,} delivered rows of {len(receipts)} files are accepted or quarantined."
    )
    metadata = {"delivered_rows": delivered, "unaccounted_rows": int(gap.abs().sum()), "files": files[:SHOWN]}
    return CheckOutcome(not files, "error", sentence, metadata)


def table__keeps_contract(table: str, breaches: Sequence[Breach]) -> CheckOutcome:
    """What `contracts.contract_breaches` found; a table with warnings only passes with severity warn."""
    errors = [breach for breach in breaches if breach.severity == "error"]
    metadata = {"errors": len(errors), "warnings": len(breaches) - len(errors)}
    metadata["breaches"] = [breach.sentence() for breach in breaches]  # type: ignore[assignment]
    if not breaches:
        return CheckOutcome(True, "error", f"{table} keeps its contract.", metadata)
    first = (errors or list(breaches))[0].sentence()
    sentence = f"{table} breaks its contract in {len(breaches)} place(s); first: {first}"
    return CheckOutcome(False, "error" if errors else "warn", sentence, metadata)


def suite__holds(result: SuiteResult) -> CheckOutcome:
    """A Great Expectations result as a check: severity error only if such an expectation failed."""
    severity = "warn" if not result.passed and not result.is_blocking else "error"
    metadata = {
        "expectations": len(result.rows),
        "failed": len(result.failures),
        "table": result.to_markdown(),
    }
    return CheckOutcome(result.passed, severity, result.sentence(), metadata)


def plan__covers_every_unit(units: pd.DataFrame, assignment: pd.DataFrame) -> CheckOutcome:
    """Every unit of `geography/unit` is in exactly one territory, and no unit is that geography does not
    know.
    """
    known = set(units["unit_id"]) - {UNLOCATED}
    placed = assignment.loc[assignment["territory_id"].notna(), "unit_id"]
    missing = sorted(known - set(placed))
    strange = sorted(set(placed) - known - {UNLOCATED})
    twice = sorted(placed[placed.duplicated()].unique())
    faults = [
        f"{len(ids)} {what}: {_list(ids)}"
        for what, ids in (
            ("without a territory", missing),
            ("not in geography", strange),
            ("in two territories", twice),
        )
        if ids
    ]
    sentence = (
        f"Units {'; '.join(faults)}." if faults else f"All {len(known):,} units are in one territory each."
    )
    metadata = {"units": len(known), "missing": len(missing), "unknown": len(strange), "repeated": len(twice)}
    return CheckOutcome(not faults, "error", sentence, metadata)


def territory_components(assignment: pd.DataFrame, adjacency: pd.DataFrame) -> pd.Series:
    """Connected parts of each territory over `geography/unit_adjacency`; bridges count as borders."""
    units = pd.Index(assignment["unit_id"])
    territory = pd.Categorical(assignment["territory_id"])
    first = units.get_indexer(adjacency["unit_a"])
    second = units.get_indexer(adjacency["unit_b"])
    inside = (first >= 0) & (second >= 0)
    first, second = first[inside], second[inside]
    same = territory.codes[first] == territory.codes[second]
    edges = (np.ones(int(same.sum()), dtype=np.int8), (first[same], second[same]))
    _, label = connected_components(coo_matrix(edges, shape=(len(units), len(units))), directed=False)
    frame = pd.DataFrame({"territory_id": np.asarray(territory), "component": label})
    return frame.groupby("territory_id")["component"].nunique().sort_index()


def plan__territories_contiguous(assignment: pd.DataFrame, adjacency: pd.DataFrame) -> CheckOutcome:
    """Every territory is one connected part, counting the labelled bridges to islands as borders."""
    placed = assignment[(assignment["unit_id"] != UNLOCATED) & assignment["territory_id"].notna()]
    parts = territory_components(placed, adjacency)
    broken = parts[parts > 1]
    named = [f"{territory} ({count} parts)" for territory, count in broken.items()]
    sentence = (
        f"{len(named)} of {len(parts)} territories are not contiguous: {_list(named)}."
        if named
        else f"All {len(parts)} territories are contiguous."
    )
    return CheckOutcome(not named, "error", sentence, {"territories": len(parts), "broken": named[:SHOWN]})


def plan__is_balanced(territory: pd.DataFrame, tolerance_share: float) -> CheckOutcome:
    """Every territory's `balance_index` lies within the tolerance of 100. A warning: balance may not be
    possible.
    """
    deviation = (territory["balance_index"] / 100.0 - 1.0).abs()
    worst = float(deviation.max())
    outside = sorted(territory.loc[deviation > tolerance_share, "territory_id"])
    sentence = f"The largest deviation from the mean is {worst:.1%}; {tolerance_share:.0%} is tolerated"
    sentence += f", and {len(outside)} territories exceed it: {_list(outside)}." if outside else "."
    metadata = {"max_deviation_share": worst, "outside": len(outside)}
    return CheckOutcome(not outside, "warn", sentence, metadata)


def landing__tokens_are_plausible(counts: TokenVolumes) -> CheckOutcome:
    """Patient tokens stand for people, and for the same people as before (`patient_tokens.token_faults`)."""
    faults = token_faults(counts)
    sentence = " ".join(faults) or (
        f"{counts.tokens:,} patients on {counts.claims:,} claims, {counts.tokens_known:,} of them known from before."
    )
    return CheckOutcome(not faults, "warn", sentence, counted(counts))


def quota__sums_to_goal(quota: pd.DataFrame, goal_usd: Decimal | float | str) -> CheckOutcome:
    """`quotas/territory_quota` sums to the national goal, to the cent."""
    gap = sum(quota["quota_usd"].map(cents)) - cents(goal_usd)
    total = Decimal(gap + cents(goal_usd)) / 100
    sentence = f"The quotas sum to {total:,.2f} usd, "
    sentence += "the national goal." if gap == 0 else f"{Decimal(gap) / 100:+,.2f} usd off the national goal."
    return CheckOutcome(gap == 0, "error", sentence, {"total_usd": float(total), "gap_cents": int(gap)})


def quota__lines_sum_to_quota(quota: pd.DataFrame, lines: pd.DataFrame) -> CheckOutcome:
    """`quotas/quota_line` sums to each territory's quota, to the cent."""
    of_lines = lines.assign(amount=lines["amount_usd"].map(cents)).groupby("territory_id")["amount"].sum()
    of_quota = quota.set_index("territory_id")["quota_usd"].map(cents)
    gap = of_lines.sub(of_quota, fill_value=0)
    wrong = sorted(gap.index[gap != 0])
    sentence = (
        f"The lines of {len(wrong)} territories do not sum to their quota: {_list(wrong)}."
        if wrong
        else f"The lines explain the quotas of all {len(of_quota)} territories to the cent."
    )
    return CheckOutcome(not wrong, "error", sentence, {"territories": len(of_quota), "wrong": len(wrong)})


def snapshot__is_of_this_refresh(
    reconciled: Iterable[str], planned: Iterable[str], as_of_refresh: str, plan_id: str | None
) -> CheckOutcome:
    """The marts were built over the refresh and the plan that the manifest would name: none was left behind.

    `reconciled`: refreshes in `mart_refresh_reconciliation`; `planned`: plans in `mart_plan`.
    """
    behind = [] if as_of_refresh in set(reconciled) else [f"they do not know refresh {as_of_refresh}"]
    if set(planned) != ({plan_id} if plan_id else set()):
        behind.append(f"they are of plan {_list(sorted(planned))}, in force is {plan_id or 'none'}")
    sentence = (
        f"The marts are stale: {' and '.join(behind)}. Rebuild them with publish_job."
        if behind
        else f"The marts are of refresh {as_of_refresh} and plan {plan_id or 'none'}."
    )
    return CheckOutcome(
        not behind, "error", sentence, {"as_of_refresh": as_of_refresh, "plan": plan_id or ""}
    )


def snapshot__no_small_cells(small_cells: pd.DataFrame) -> CheckOutcome:
    """No visible count of 1 to 10 patients in any published mart (`summaries.small_cell_summary`)."""
    wrong = small_cells[(small_cells["small_cells"] > 0) | (small_cells["marked_cells"] > 0)]
    named = [f"{row.mart}.{row.column_name}" for row in wrong.itertuples(index=False)]
    seen = int(small_cells["cells"].sum())
    sentence = (
        f"{int(wrong['small_cells'].sum() + wrong['marked_cells'].sum())} cells must not be seen:"
        f" {_list(named)}."
        if named
        else f"None of {seen:,} patient cells in {small_cells['mart'].nunique()} marts is small and visible."
    )
    return CheckOutcome(not named, "error", sentence, {"cells": seen, "columns": named[:SHOWN]})


def snapshot__nothing_recoverable(found: Sequence[Recoverable]) -> CheckOutcome:
    """No withheld or small cell follows from what would be published (`disclosure_audit.recoverable_cells`)."""
    named = [cell.sentence() for cell in found]
    sentence = (
        f"{len(found)} cells could be had from what would be published: {_list(named)}."
        if found
        else "No small count follows from what would be published, nor from it and earlier snapshots."
    )
    return CheckOutcome(
        not found, "error", sentence, {"recoverable_cells": len(found), "cells": named[:SHOWN]}
    )


def review_flags__one_open_per_scope(flags: pd.DataFrame) -> CheckOutcome:
    """At most one open review per trigger and scope (R75)."""
    opened = flags[flags["state"] == "open"]
    scope = opened[["trigger", "scope_kind", "scope_id"]]
    repeated = sorted(" ".join(row) for row in scope[scope.duplicated()].itertuples(index=False))
    sentence = (
        f"{len(repeated)} open reviews repeat another: {_list(repeated)}."
        if repeated
        else f"{len(opened)} open reviews, each with a trigger and scope of its own."
    )
    return CheckOutcome(
        not repeated, "error", sentence, {"open": len(opened), "closed": len(flags) - len(opened)}
    )


def _list(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(map(str, ids[:SHOWN])) + more
