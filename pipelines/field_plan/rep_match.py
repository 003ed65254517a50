"""Who works which territory: the best whole assignment, not the best rep for one territory after another.

In this order:
1. No `new` rep in a complex territory, unless there is no other way; then the note says so.
2. The greatest sum of fit, where the rep a territory had before counts `stay_gain` more, so that a change has
   to earn what it disturbs, and an empty territory costs `vacancy_price` × its size against the mean.
3. Equal sums: territories and reps pair up in the order of their ids, as far as that decides.

With fewer reps than territories only the smaller half by opportunity may stay empty (more where more must):
an empty large territory loses most. Within that half the sum decides, because sending somebody away from a
good match for one percent of size would be worse.

OR-tools' assignment solver finds the optimum in integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from ortools.graph.python import linear_sum_assignment

from pipelines.field_plan.mismatch import mismatch_signs
from pipelines.field_plan.rep_fit import DECIMALS, MatchRule, TeamFit, team_fit
from pipelines.geography.travel import TravelModel

NO_REP_FREE = "Vacant: there are fewer reps than territories, and larger territories are filled first."
NO_OTHER_WAY = "There is no other way: no experienced rep is left for it."

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class RepMatch:
    """`assignments`: `field_plan/rep_assignment`. `unassigned`: rep_id, rep_name, note of reps left over."""

    assignments: pd.DataFrame
    unassigned: pd.DataFrame


def match_reps(
    territories: pd.DataFrame,
    workload: pd.DataFrame,
    complexity: pd.DataFrame,
    territory_products: pd.DataFrame,
    roster: pd.DataFrame,
    *,
    zip_points: pd.DataFrame,
    travel: TravelModel,
    previous: pd.DataFrame | None = None,
    rule: MatchRule | None = None,
) -> RepMatch:
    """The best match; inputs as in `rep_fit.team_fit`. `previous`: territory_id, rep_id (null: vacant)."""
    fit = team_fit(
        territories,
        workload,
        complexity,
        territory_products,
        roster,
        zip_points=zip_points,
        travel=travel,
        rule=rule or MatchRule(),
    )
    return best_match(fit, previous)


def best_match(fit: TeamFit, previous: pd.DataFrame | None = None) -> RepMatch:
    """The optimum of the module's docstring. ValueError where a team is too large for exact integers
    (thousands of reps).
    """
    before = _rep_before(fit, previous)
    rep_of = _solve(_costs(fit, before))[: len(fit.territories)]
    reps = len(fit.roster)
    assignments = _describe(fit, np.where(rep_of < reps, rep_of, -1), before, is_optimal=True)
    left = fit.roster.drop(index=rep_of[rep_of < reps])[["rep_id", "rep_name"]].reset_index(drop=True)
    return RepMatch(
        assignments, left.assign(note="No territory is left: there are more reps than territories.")
    )


def review_match(fit: TeamFit, pairs: pd.DataFrame) -> pd.DataFrame:
    """Any given match in the shape of `field_plan/rep_assignment`, with its warning signs.

    `pairs`: territory_id, rep_id (null: vacant; a rep who is not on the roster counts as vacant).
    """
    rep_of = _rep_before(fit, pairs)
    return _describe(fit, rep_of, rep_of, is_optimal=False)


def _rep_before(fit: TeamFit, previous: pd.DataFrame | None) -> Ints:
    """(T,) position of the rep each territory had, -1 where none is known."""
    if previous is None:
        return np.full(len(fit.territories), -1)
    known = previous.dropna(subset=["rep_id"]).drop_duplicates("territory_id").set_index("territory_id")
    rep_ids = known["rep_id"].reindex(fit.territories["territory_id"])
    return np.asarray(pd.Index(fit.roster["rep_id"]).get_indexer(rep_ids), np.int64)


def _costs(fit: TeamFit, before: Ints) -> Ints:
    """(n, n) integer costs, n = max(T, R); beyond the real rows and columns lie bench and vacancies.

    -1 marks a pair that must not be (a vacancy in the larger half).
    """
    t, r = fit.score.shape
    n, unit = max(t, r), 10**DECIMALS
    gain = np.zeros((n, n), np.int64)
    gain[:t, :r] = np.rint(fit.score * unit)
    had = np.flatnonzero(before >= 0)
    gain[had, before[had]] += round(fit.rule.stay_gain * unit)
    gain[:t, r:] = _vacancy_gain(fit, unit)[:, None]
    # worse than anything all other pairs together could make good
    overreach = np.zeros((n, n), bool)
    overreach[:t, :r] = fit.is_overreach
    span = int(gain.max() - gain.min()) if n else 0
    cost = (gain.max(initial=0) - gain) + np.where(overreach, n * (span + 1), 0)
    # the pairing of ids decides only what the sum leaves open: n² exceeds any sum of |i - j|
    order = np.arange(n)
    if n and int(cost.max()) > np.iinfo(np.int64).max // (4 * n * n * (n + 1)):
        raise ValueError(f"a team of {n} is too large to be matched in exact integers")
    cost = cost * (n * n) + np.abs(order[:, None] - order)
    candidates = np.zeros(n, bool)
    candidates[_may_stay_empty(fit, t - r)] = True
    cost[:t, r:][~candidates[:t]] = -1
    return np.asarray(cost, np.int64)


def _vacancy_gain(fit: TeamFit, unit: int) -> Ints:
    """(T,) what leaving a territory empty gains: less than nothing, in proportion to its size."""
    size = np.nan_to_num(fit.territories["opportunity_index"].to_numpy(float)) / 100
    return np.asarray(-np.rint(fit.rule.vacancy_price * size * unit), np.int64)


def _may_stay_empty(fit: TeamFit, vacancies: int) -> Ints:
    """Positions of the smaller half by opportunity, or of as many as must stay empty."""
    if vacancies <= 0:
        return np.zeros(0, np.int64)
    smallest = np.argsort(fit.territories["addressable_usd"].to_numpy(float), kind="stable")
    return np.asarray(smallest[: max(vacancies, len(smallest) // 2)], np.int64)


def _solve(cost: Ints) -> Ints:
    """(n,) the column of each row at least total cost; pairs of cost -1 are left out."""
    if not len(cost):
        return np.zeros(0, np.int64)
    rows, columns = np.nonzero(cost >= 0)
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(rows.astype(np.int32), columns.astype(np.int32), cost[rows, columns])
    if solver.solve() != solver.OPTIMAL:
        raise ValueError("the assignment solver found no optimum")
    return np.array([solver.right_mate(row) for row in range(len(cost))], np.int64)


def _describe(fit: TeamFit, rep_of: Ints, before: Ints, *, is_optimal: bool) -> pd.DataFrame:
    rows = []
    overreach = fit.is_overreach
    for i, territory_id in enumerate(fit.territories["territory_id"]):
        j = int(rep_of[i])
        if j < 0:
            note = NO_REP_FREE if is_optimal else "Vacant."
            rows.append((territory_id, None, None, np.nan, np.nan, np.nan, np.nan, True, note))
            continue
        rep = fit.roster.iloc[j]
        notes = mismatch_signs(fit, i, j)
        if is_optimal and overreach[i, j]:
            notes.append(NO_OTHER_WAY)
        if before[i] >= 0 and before[i] != j:
            notes.append(f"Takes over from {fit.roster['rep_id'].iloc[int(before[i])]}.")
        if np.isnan(fit.base_miles[i, j]):
            notes.append(f"Base ZIP {rep['base_zip']} has no location; its distance counts as the longest.")
        rows.append(
            (territory_id, rep["rep_id"], rep["rep_name"], fit.score[i, j], fit.experience[i, j])
            + (fit.specialty[i, j], fit.base_miles[i, j], False, " ".join(notes))
        )
    names = "territory_id rep_id rep_name fit_score experience_fit specialty_fit base_miles is_vacant note"
    frame = pd.DataFrame(rows, columns=names.split())
    floats = ["fit_score", "experience_fit", "specialty_fit", "base_miles"]
    return frame.astype(dict.fromkeys(floats, "float64") | {"is_vacant": "bool"})
