"""Who is truly diagnosed as of a refresh, counted from the written truth by docs/methods/claims.md, section 4.

Belongs here: from sightings and services to diagnosed patients by product, month, person, account and county. Small
markets only: a patient's whole history is looked at at once. Does not belong here: anything the pipeline made.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from pipelines.market_simulator.catalog import DELETED_CODE, PRODUCTS, SUCCESSOR_CODE

APART = pd.Timedelta(days=30)  # two sightings so far apart, or one so near to a procedure of the product


def diagnosed_patients(truth: Path, refresh: int) -> pd.DataFrame:
    """patient_id, product_id, month, seen_by_npi (null: nobody named), site_npi, county_fips: every sighting of a
    diagnosed patient once a month, as of refresh number `refresh`."""
    sightings = _standing(truth / "sightings.parquet", refresh)
    sightings = sightings[~sightings["is_ruled_out"]]
    services = _standing(truth / "services.parquet", refresh)
    services = services[~services["is_code_invalid"]]
    parts = [
        sightings[
            (sightings["product_id"] == product)
            & sightings["patient_id"].isin(_diagnosed(sightings, services, product))
        ]
        for product in PRODUCTS
    ]
    seen = pd.concat(parts)
    seen["month"] = seen["service_date"].dt.to_period("M").dt.to_timestamp()
    columns = ["patient_id", "product_id", "month", "seen_by_npi", "site_npi", "county_fips"]
    return seen[columns].drop_duplicates(ignore_index=True)


def _standing(path: Path, refresh: int) -> pd.DataFrame:
    frame = pq.read_table(path).to_pandas(date_as_object=False)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(object)
    until = frame["standing_to"]
    return frame[(frame["standing_from"] <= refresh) & (until.isna() | (until > refresh))]


def _diagnosed(sightings: pd.DataFrame, services: pd.DataFrame, product: str) -> set[str]:
    """Patients seen on two days APART or more, or within APART of a service with a code of the product."""
    codes = set(PRODUCTS[product][0])
    if DELETED_CODE in codes:
        codes.add(SUCCESSOR_CODE)
    seen = sightings.loc[sightings["product_id"] == product, ["patient_id", "service_date"]].drop_duplicates()
    days = seen.groupby("patient_id")["service_date"].agg(["min", "max"])
    twice = set(days.index[days["max"] - days["min"] >= APART])
    treated = services.loc[
        services["hcpcs_code"].isin(codes), ["patient_id", "service_date"]
    ].drop_duplicates()
    pairs = seen.merge(treated, on="patient_id", suffixes=("", "_treated"))
    is_near = (pairs["service_date"] - pairs["service_date_treated"]).abs() <= APART
    return twice | set(pairs.loc[is_near, "patient_id"])
