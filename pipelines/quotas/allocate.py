"""The national goal, split among the territories to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from pipelines.quotas.blend import blend_shares, potential_shares
from pipelines.quotas.bounds import Bound, fill_between, quota_bounds, round_to_cents
from pipelines.quotas.rule import QuotaRule, to_cents, to_usd

COLUMNS = ["territory_id", "quota_usd", "potential_share", "prior_quota_usd", "change_share", "binding"]


def allocate_quotas(
    territories: pd.DataFrame, goal_usd: Decimal, rule: QuotaRule, *, prior: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`quotas/territory_quota`, sorted; amounts are Decimal with two places and add up to `goal_usd`.

    `territories`: territory_id, addressable_usd and, where known, obtainable_usd (`winnability`). `prior`:
    territory_id, quota_usd of the last cycle; territories that are gone are not counted. Σ quotas is the goal
    exactly; bounds hold where they can hold together. `binding` names, separated by "; ", the bound that
    stopped a quota (floor, cap, max_increase, max_decrease), each bound that had to be "given up: …", and
    "above_obtainable" where the quota exceeds all that could be won. ValueError for an id used twice, an
    amount below 0 or missing, a goal with parts of a cent, or a goal without territories.
    """
    ordered = territories.sort_values("territory_id", kind="stable", ignore_index=True)
    goal = to_cents(goal_usd)
    _refuse(ordered, goal)
    before = _prior_cents(ordered["territory_id"], prior)
    if ordered.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    potential = potential_shares([Fraction(value) for value in ordered["addressable_usd"].tolist()])
    wanted = [goal * share for share in blend_shares(potential, before, rule).total()]
    bounds = quota_bounds(goal, before, rule)
    amounts = fill_between(wanted, bounds, goal)
    cents = round_to_cents(amounts)
    obtainable = ordered.get("obtainable_usd", pd.Series(np.nan, index=ordered.index)).tolist()
    return pd.DataFrame(
        {
            "territory_id": ordered["territory_id"],
            "quota_usd": [to_usd(value) for value in cents],
            "potential_share": [float(share) for share in potential],
            "prior_quota_usd": pd.Series([None if b is None else to_usd(b) for b in before], dtype=object),
            "change_share": [value / b - 1 if b else np.nan for value, b in zip(cents, before, strict=True)],
            "binding": [
                "; ".join([*_binding(amount, bound), *_above(value, most)])
                for amount, bound, value, most in zip(amounts, bounds, cents, obtainable, strict=True)
            ],
        }
    )


def _refuse(territories: pd.DataFrame, goal: int) -> None:
    ids = territories["territory_id"]
    if ids.duplicated().any():
        raise ValueError(f"territory_id {ids[ids.duplicated()].min()!r} is used twice")
    usd = territories["addressable_usd"].astype(float)
    wrong = ids[~(np.isfinite(usd) & (usd >= 0))]
    if len(wrong):
        raise ValueError(f"addressable_usd of territory {wrong.min()!r} is not an amount of at least 0")
    if goal < 0 or (goal and territories.empty):
        raise ValueError("the goal must not be below 0 and needs territories to be split among")


def _prior_cents(ids: pd.Series, prior: pd.DataFrame | None) -> list[int | None]:
    if prior is None:
        return [None] * len(ids)
    if prior["territory_id"].duplicated().any():
        raise ValueError("prior names a territory twice")
    known = {
        key: to_cents(Decimal(str(value)))
        for key, value in zip(prior["territory_id"], prior["quota_usd"], strict=True)
        if not pd.isna(value)
    }
    if min(known.values(), default=0) < 0:
        raise ValueError("a prior quota is below 0")
    return [known.get(key) for key in ids]


def _binding(amount: Fraction, bound: Bound) -> Sequence[str]:
    """The bound an amount lies on, and what was given up. A fixed amount lies on the bound that fixed it."""
    names = []
    if amount == bound.low and bound.low > 0:
        names.append(bound.low_name)
    elif amount == bound.high and bound.high_name != "goal":
        names.append(bound.high_name)
    return [*names, *(f"given up: {name}" for name in bound.given_up)]


def _above(cents: int, obtainable_usd: float) -> list[str]:
    """Quota over what could be won at most: unwinnable from day one."""
    return ["above_obtainable"] if cents > obtainable_usd * 100 else []
