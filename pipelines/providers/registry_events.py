"""What the registry says of an NPI: deactivated, reactivated, and work that was told of after a deactivation.

An NPI that is deactivated and still performs is somebody's mistake or worse: it is for a person to look at
(trap T28), and no target until then.
"""

from __future__ import annotations

import pandas as pd

from pipelines.providers.events import ALL_PRODUCTS, COLUMNS

WORK_AFTER = "work_after_deactivation"


def registry_events(history: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Events with `events.COLUMNS`.

    `history` has npi, known_from_date, status_change, deactivation_date, reactivation_date of people's history rows;
    `counts` npi, service_month, procedures of the months used.
    """
    changed = history[history["status_change"].notna()]
    day = changed["deactivation_date"].where(
        changed["status_change"] == "deactivated", changed["reactivation_date"]
    )
    day = pd.to_datetime(day.fillna(changed["known_from_date"]))
    told = _events(changed["npi"], changed["status_change"], day, "the registry says so")
    off = history[history["deactivation_date"].notna()].groupby("npi")["deactivation_date"].max()
    back = history[history["reactivation_date"].notna()].groupby("npi")["reactivation_date"].max()
    off = off[~(back.reindex(off.index) >= off)]
    worked = counts[counts["procedures"] > 0].assign(
        off=lambda frame: pd.to_datetime(frame["npi"].map(off.to_dict()))
    )
    # The month of the deactivation itself is no evidence: work may have been before the day.
    after = worked[pd.to_datetime(worked["service_month"]) > worked["off"]]
    first = after.groupby("npi").agg(month=("service_month", "min"), procedures=("procedures", "sum"))
    ghost = _events(
        first.index.to_series(),
        WORK_AFTER,
        pd.to_datetime(first["month"]),
        "work is told of after the deactivation",
    )
    ghost["procedures_after"] = first["procedures"].to_numpy(float)
    rows = pd.concat([told, ghost], ignore_index=True)
    return rows.sort_values(["npi", "event", "event_month"], ignore_index=True).drop_duplicates(
        ["npi", "event", "event_month"], ignore_index=True
    )


def _events(npi: pd.Series, event: object, day: pd.Series, evidence: str) -> pd.DataFrame:
    month = day.dt.to_period("M").dt.to_timestamp().to_numpy()
    return pd.DataFrame(
        {
            "npi": npi.to_numpy(dtype=object),
            "event": event.to_numpy(dtype=object) if isinstance(event, pd.Series) else event,
            "event_month": month,
            "product_id": ALL_PRODUCTS,
            "earliest_month": month,
            "latest_month": month,
            "value_before": None,
            "value_after": None,
            "evidence": evidence,
            "confidence": 1.0,
            "procedures_before": 0.0,
            "procedures_after": 0.0,
        },
        columns=list(COLUMNS),
    )
