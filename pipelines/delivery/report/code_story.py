"""Whether the codes still are those that the plan was built on, in sentences: staleness, what releases changed, what is
set apart.
"""

from __future__ import annotations

import pandas as pd

from pipelines.delivery.report.inputs import ReportInputs
from pipelines.delivery.report.wording import count, is_known, long_date, percent

MOST_CHANGES = 6


def code_story(inputs: ReportInputs) -> list[str]:
    """The plan's staleness first, then the changes that took codes away, the latest first, then the quarantine."""
    changes = inputs["mart_code_set_change"]
    gone = changes[
        (changes["codes_deleted"].astype(float) > 0) | (changes["codes_unmapped"].astype(float) > 0)
    ]
    gone = gone.sort_values(["effective_from", "product_id"], ascending=[False, True])
    sentences = [*_staleness(inputs["mart_plan_staleness"])]
    sentences += [_change(row) for _, row in gone.head(MOST_CHANGES).iterrows()]
    if len(gone) > MOST_CHANGES:
        sentences.append(f"{len(gone) - MOST_CHANGES} earlier changes are in mart_code_set_change.")
    return sentences + _quarantine(inputs["mart_code_quarantine"])


def _staleness(frame: pd.DataFrame) -> list[str]:
    whole_plan = frame[frame["product_id"] == "all"]
    if whole_plan.empty:
        return []
    row = whole_plan.iloc[-1]
    if is_known(row["stale_share"]) and not row["stale_codes"]:
        said = "The plan rests on codes that are all still in use as they were"
    elif is_known(row["stale_share"]):
        said = (
            f"{percent(row['stale_share'])} of the opportunity that the plan was built on rests on"
            f" {count(row['stale_codes'], 'code')} deleted or revised since"
        )
    else:
        said = "Some of the codes that the plan was built on were deleted or revised since, for few patients"
    moved = row["mix_distance"]
    if is_known(moved):
        said += (
            f"; {percent(moved)} of it is with other products or codes now than then"
            if float(moved) > 0
            else "; the mix of products and codes is what it was"
        )
    return [f"{said}."]


def _change(row: pd.Series) -> str:
    parts = []
    if row["codes_deleted"]:
        share = (
            f", {percent(row['product_share'])} of its opportunity" if is_known(row["product_share"]) else ""
        )
        followed = f" ({row['successors']})" if is_known(row["successors"]) and row["successors"] else ""
        lost = f"; {count(row['codes_without_successor'], 'code')} of them without a successor"
        parts.append(
            f"the value set loses {count(row['codes_deleted'], 'code')}{share}{followed}"
            f"{lost if row['codes_without_successor'] else ''}"
        )
    if row["codes_unmapped"]:
        parts.append(
            f"{count(row['codes_unmapped'], 'new code')} beside it in no value set: {row['unmapped_codes']}"
        )
    return f"{row['product_name']}, {long_date(row['effective_from'])}: {'; '.join(parts)}."


def _quarantine(frame: pd.DataFrame) -> list[str]:
    services = frame[frame["code_system"] != "icd10cm"]
    if services.empty:
        return []
    shown = services["services"].astype(float)
    told = (
        f"{count(shown.sum(), 'service')} and more" if shown.isna().any() else count(shown.sum(), "service")
    )
    return [
        f"{told if shown.notna().any() else 'Few services'} with {count(services['code'].nunique(), 'code')} that could"
        " not be used on their day are set apart; they come back with a release that knows the code."
    ]
