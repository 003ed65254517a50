"""From one row a person and place to the members that trends are measured of: providers, units, states, the nation.

Belongs here: summing up, and what of a month is known by now. Which months and series are compared is `trend`'s.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.trends.trend import INPUT_COLUMNS, NATION

NOBODY = "unattributed"
_SERIES_MONTH = ["product_id", "source", "payer_channel", "service_month"]
_KNOWN = ["completeness_share", "completeness_error"]
_SUMS = ["procedures", "weekend_procedures"]


def with_completeness(
    counted: pd.DataFrame, last_month: pd.Timestamp, known: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`counted` with `completeness_share` and `completeness_error`.

    `known` (product_id, payer_channel, service_month, completeness_share, completeness_error) tells what is known of a
    month. Of months that it does not name (all, where there is none) those up to `last_month`, the last usable one
    (claims run-out of `blind_months`), count as known, and later ones are left out.
    """
    if known is None:
        told = counted.assign(completeness_share=np.nan, completeness_error=np.nan)
    else:
        told = counted.merge(known, how="left", on=["product_id", "payer_channel", "service_month"])
    kept = told.loc[told["completeness_share"].notna() | (told["service_month"] <= last_month)]
    return kept.fillna({"completeness_share": 1.0, "completeness_error": 0.0})


def at_levels(counted: pd.DataFrame, states: dict[str, str]) -> pd.DataFrame:
    """The input of `measure_trends` (INPUT_COLUMNS) at levels provider, unit, state and nation.

    `counted` has product_id, npi, unit_id, source, payer_channel, service_month, procedures, weekend_procedures and what
    is known of the month, which is one value a product, source, channel and month. `states` gives the state of a unit;
    others are `unlocated`. Volume of nobody in particular is in places, not in providers.
    """
    members = {
        "provider": counted["npi"],
        "unit": counted["unit_id"],
        "state": counted["unit_id"].map(states).fillna("unlocated"),
        NATION: pd.Series(NATION, index=counted.index),
    }
    return pd.concat(
        [at_level(counted, level, member) for level, member in members.items()], ignore_index=True
    )


def at_level(counted: pd.DataFrame, level: str, member: pd.Series) -> pd.DataFrame:
    """`counted` summed up by `member` (one id a row; 'unattributed' is nobody and left out)."""
    rows = counted.assign(level=level, member_id=member)
    rows = rows[rows["member_id"] != NOBODY]
    grouped = rows.groupby(["level", "member_id", *_SERIES_MONTH], sort=True, as_index=False)
    return grouped.agg(dict.fromkeys(_SUMS, "sum") | dict.fromkeys(_KNOWN, "first"))[INPUT_COLUMNS]
