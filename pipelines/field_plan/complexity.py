"""How complex a territory is to sell in: how much of its opportunity sits in few big accounts.

A big account (a hospital group, an academic centre) buys through committees, contracts and long evaluations;
many small ones buy fast. *Big* is a national word: the accounts of tier A, the few that together hold
`tier_a_share` of all opportunity. The only account of a thin territory is therefore not complex because
it is alone, which a Herfindahl index within the territory would claim.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.field_plan.tiers import WorkloadRule, account_tiers


def territory_complexity(
    accounts: pd.DataFrame, assignment: pd.DataFrame, rule: WorkloadRule
) -> pd.DataFrame:
    """`territory_id, complexity`: share (0–1) of a territory's addressable opportunity in tier A accounts.

    `accounts` and `assignment` as in `workload.territory_workload`. One row for each territory of
    `assignment`, sorted; 0 where there is no opportunity at all.
    """
    tiers = account_tiers(accounts, rule)
    tiers["big_usd"] = tiers["addressable_usd"].where(tiers["tier"] == "A", 0.0)
    placed = tiers.merge(assignment[["unit_id", "territory_id"]], on="unit_id", validate="many_to_one")
    sums = placed.groupby("territory_id")[["big_usd", "addressable_usd"]].sum()
    sums = sums.reindex(pd.Index(sorted(assignment["territory_id"].unique()), name="territory_id"))
    share = sums["big_usd"] / sums["addressable_usd"].replace(0.0, np.nan)
    return share.fillna(0.0).clip(0.0, 1.0).rename("complexity").reset_index()
