"""What the plan promised and what holds now, per territory (R79)."""

from __future__ import annotations

import numpy as np
import pandas as pd


def plan_vs_actual(
    territory: pd.DataFrame,
    assignment: pd.DataFrame,
    potential: pd.DataFrame,
    level_shift: pd.DataFrame,
    measure: str = "addressable_usd",
) -> pd.DataFrame:
    """One row per territory of the plan, sorted.

    `territory` and `assignment` are the plan's tables, `potential` is `fct_unit_potential` now, `level_shift`
    the factors now, `measure` the column of `potential` that the plan balances. `promised_usd`/`now_usd` are
    addressable dollars; `promised_index`/`now_index` the balance measure with the mean at 100 (nan where
    nothing is left to share out); `promised_deviation_share`/`now_deviation_share` their distance from the
    mean. Units the plan does not know belong to no territory and are left out.
    """
    columns = list(dict.fromkeys(["addressable_usd", measure]))
    units = potential.sort_values(["unit_id", "product_id"]).groupby("unit_id", as_index=False)[columns].sum()
    units = assignment[["unit_id", "territory_id"]].merge(units, on="unit_id", how="left")
    units = units.merge(level_shift, on="unit_id", how="left").sort_values("unit_id")
    factor = units["level_factor"].fillna(1.0)
    for column in columns:
        units[column] = units[column].fillna(0.0) * factor
    now = units.groupby("territory_id")[columns].sum()
    plan = territory.sort_values("territory_id", ignore_index=True)
    names = plan["territory_id"]
    now = now.reindex(names).fillna(0.0)
    held = now[measure].to_numpy(float)
    mean = held.mean() if len(held) else 0.0
    frame = pd.DataFrame(
        {
            "territory_id": names,
            "promised_usd": plan["addressable_usd"].astype(float),
            "now_usd": now["addressable_usd"].to_numpy(float),
            "promised_index": plan["balance_index"].astype(float),
            "now_index": 100.0 * held / mean if mean > 0 else np.full(len(held), np.nan),
        }
    )
    promised = frame["promised_usd"].where(frame["promised_usd"] > 0)
    frame["change_share"] = frame["now_usd"] / promised - 1.0
    frame["index_change"] = frame["now_index"] - frame["promised_index"]
    frame["promised_deviation_share"] = (frame["promised_index"] / 100.0 - 1.0).abs()
    frame["now_deviation_share"] = (frame["now_index"] / 100.0 - 1.0).abs()
    return frame
