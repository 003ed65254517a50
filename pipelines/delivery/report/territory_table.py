"""One row per territory with everything the report says about it: scorecard, quota, drift and its number on
the map.
"""

from __future__ import annotations

import re

import pandas as pd

from pipelines.delivery.report.inputs import ReportInputs

ALL_PRODUCTS = "all"
# Most telling first: where several measures were tested, the row shown is the first of these.
VERDICT_ORDER = ("drift", "blocked", "stable", "too_early", "not_testable")
VERDICT_WORDS = {
    "drift": "Changed",
    "stable": "Steady",
    "too_early": "Too early to tell",
    "not_testable": "Too little data to tell",
    "blocked": "On hold: data problem",
}


def territory_table(inputs: ReportInputs) -> pd.DataFrame:
    """Sorted by `territory_id`: the scorecard's columns, `quota_usd, prior_quota_usd, quota_change_share`,
    `drift_class` (up, down, changed, steady, untold), `drift_change_share, drift_words`, and its `number`.
    """
    table = inputs["mart_territory_scorecard"].sort_values("territory_id", ignore_index=True)
    table["number"] = _numbers(table["territory_id"])
    table["territory_name"] = table["territory_name"].fillna(table["territory_id"])
    table["is_vacant"] = table["is_vacant"].fillna(False).astype(bool)
    quota = inputs["mart_territory_quota"].rename(columns={"change_share": "quota_change_share"})
    fields = ["quota_usd", "prior_quota_usd", "quota_change_share"]
    table = table.drop(columns=[name for name in fields if name in table.columns])
    table = table.merge(
        quota[["territory_id", *fields]], on="territory_id", how="left", validate="one_to_one"
    )
    drift = telling_drift(inputs["mart_territory_drift"])
    table = table.drop(columns=[name for name in drift.columns[1:] if name in table.columns])
    table = table.merge(drift, on="territory_id", how="left", validate="one_to_one")
    table["drift_class"] = table["drift_class"].fillna("untold")
    table["drift_words"] = table["drift_words"].fillna("Not tested")
    return table


def _numbers(ids: pd.Series) -> list[int]:
    """The number in each id (`T07` is 7), which stays with the territory; where ids have none, 1…n."""
    found = [re.fullmatch(r"\D*(\d+)", str(name)) for name in ids]
    numbers = [int(match[1]) for match in found if match]
    return numbers if len(set(numbers)) == len(ids) else list(range(1, len(ids) + 1))


def short_name(name: str) -> str:
    """`New York-Newark-Jersey City, NY-NJ-PA` → `New York, NY`: enough for a map."""
    city = re.split(r"[-&/,]", name)[0].strip()
    state = re.search(r",\s*([A-Z]{2})\b", name)
    return f"{city}, {state[1]}" if state else city


def telling_drift(drift: pd.DataFrame) -> pd.DataFrame:
    """One row per territory: a test that found a change where there is one, else the test over all products."""
    ranked = drift.assign(
        _unchanged=drift["verdict"] != "drift",
        _partial=drift["measure"] != ALL_PRODUCTS,
        _rank=drift["verdict"].map({name: rank for rank, name in enumerate(VERDICT_ORDER)}).fillna(9),
    ).sort_values(["territory_id", "_unchanged", "_partial", "_rank", "measure"])
    told = ranked.drop_duplicates("territory_id")
    change = told["change_share"].astype(float)
    is_drift = told["verdict"] == "drift"
    known = told["verdict"].isin(["drift", "stable"])
    return pd.DataFrame(
        {
            "territory_id": told["territory_id"],
            "drift_class": pd.Series("untold", told.index)
            .mask(told["verdict"] == "stable", "steady")
            # A change too small in number to be shown is a change all the same.
            .mask(is_drift, "changed")
            .mask(is_drift & (change > 0), "up")
            .mask(is_drift & (change < 0), "down"),
            # A change that could not be told from chance is not shown as a number.
            "drift_change_share": change.where(known),
            "drift_words": told["verdict"].map(VERDICT_WORDS).fillna("Not tested"),
        }
    ).reset_index(drop=True)
