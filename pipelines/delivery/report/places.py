"""Where the opportunity is: the places with most of it, and what each rests on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipelines.delivery.report.changes import place_name
from pipelines.delivery.report.inputs import ReportInputs
from pipelines.delivery.report.wording import DASH, is_known, money, whole

LISTED = 10


@dataclass(frozen=True)
class Place:
    name: str
    territory: str
    product: str
    opportunity: str
    procedures: str
    density: str


def richest_places(inputs: ReportInputs, table: pd.DataFrame) -> list[Place]:
    """The ten units (per product) with most addressable opportunity; withheld ones are never among them."""
    rows = inputs["mart_geography_opportunity"]
    rows = rows[(rows["geography_level"] == "unit") & rows["addressable_usd"].notna()]
    rows = rows.assign(usd=rows["addressable_usd"].astype(float))
    rows = rows.sort_values(["usd", "geography_id", "product_name"], ascending=[False, True, True]).head(
        LISTED
    )
    assignment = inputs["mart_unit_assignment"]
    owner = dict(zip(assignment["unit_id"], assignment["territory_id"], strict=True))
    names = dict(zip(table["territory_id"], table["territory_name"], strict=True))
    return [
        Place(
            name=place_name(row.rename({"geography_name": "unit_name"}), row["geography_id"]),
            territory=str(names.get(owner.get(row["geography_id"]), DASH)),
            product=str(row["product_name"]) if is_known(row["product_name"]) else DASH,
            opportunity=money(row["usd"]),
            procedures=whole(row["procedures"]),
            density=f"{row['providers_per_100000']:.1f}" if is_known(row["providers_per_100000"]) else DASH,
        )
        for _, row in rows.iterrows()
    ]
