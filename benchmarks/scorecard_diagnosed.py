"""Diagnosed patients of the truth against the opportunity tables: by person, by account and by county, month for month.

Belongs here: the counts side by side. Does not belong here: who is diagnosed (market_simulator/diagnosed_patients.py
for the truth, dbt for what was found).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from pipelines.market_simulator.diagnosed_patients import diagnosed_patients

NOBODY = "unattributed"
CELLS = {  # opportunity table → its columns as the truth calls them, under product and month
    "fct_provider_opportunity": {"npi": "seen_by_npi", "unit_id": "county_fips"},
    "fct_account_opportunity": {"account_id": "site_npi"},
    "fct_geography_opportunity": {"unit_id": "county_fips"},
}


def unlike_cells(connection: duckdb.DuckDBPyConnection, truth: Path, refresh: int) -> pd.DataFrame:
    """Cells whose diagnosed patients are not those of the truth as of refresh number `refresh`: table, keys, both counts.

    Every cell of every table is compared; one that only one side has counts 0 on the other.
    """
    seen = diagnosed_patients(truth, refresh).fillna({"seen_by_npi": NOBODY})
    parts = []
    for table, named in CELLS.items():
        keys = ["product_id", "service_month", *named]
        told = seen.rename(columns={"month": "service_month", **{new: old for old, new in named.items()}})
        true = told.groupby(keys)["patient_id"].nunique()
        columns = ", ".join(keys)
        found = connection.execute(
            f"select {columns}, sum(diagnosed_patients) as patients from opportunity.{table} group by {columns}"
        ).df()
        found["service_month"] = pd.to_datetime(found["service_month"])
        both = pd.DataFrame({"true": true, "found": found.set_index(keys)["patients"]}).fillna(0)
        unlike = both[both["true"] != both["found"]].reset_index()
        parts.append(unlike.assign(table=table))
    return pd.concat(parts, ignore_index=True)
