"""Review flags as a leader reads them: what happened where, the evidence, what to do, who does it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipelines.delivery.report.headline import open_flags
from pipelines.delivery.report.inputs import ReportInputs
from pipelines.delivery.report.wording import is_known, spoken, with_names

WHOLE_MARKET = "All territories"
# Other triggers are said as they are named.
TRIGGER_WORDS = {
    "volume_shift": "Procedure volume changed",
    "supply_incident": "Claims are missing or late",
    "code_set": "Codes of a product changed",
    "provider": "Work of a deactivated NPI",
    "calendar": "Scheduled review",
}


@dataclass(frozen=True)
class Flag:
    title: str
    where: str
    evidence: str
    action: str
    owner: str
    state: str
    opened: str
    review_id: str


def flags(inputs: ReportInputs, table: pd.DataFrame) -> list[Flag]:
    """Open flags, in the order of their ids."""
    names = table.set_index("territory_id")["territory_name"].to_dict()
    rows = open_flags(inputs["mart_review_flag"]).sort_values("review_id")
    return [
        Flag(
            title=TRIGGER_WORDS.get(row["trigger"]) or spoken(row["trigger"]),
            where=_where(row, names),
            evidence=with_names(_text(row["evidence"]), names),
            action=with_names(_text(row["recommended_action"]), names),
            owner=spoken(row["owner"]) if is_known(row["owner"]) else "",
            state=spoken(row["state"]),
            opened=_text(row["opened_refresh"]),
            review_id=_text(row["review_id"]),
        )
        for _, row in rows.iterrows()
    ]


def _where(row: pd.Series, names: dict[str, str]) -> str:
    scope, kind = row["scope_id"], row["scope_kind"]
    if kind == "territory":
        # A flag may be about several territories, their ids with commas between.
        return ", ".join(names.get(part.strip(), part.strip()) for part in str(scope).split(","))
    if not is_known(scope) or kind in ("national", "plan"):
        return WHOLE_MARKET
    return f"{spoken(kind)} {scope}"


def _text(value: object) -> str:
    return str(value) if is_known(value) else ""
