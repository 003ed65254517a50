"""Billing intensity: Σ units × weight per person and month, projected by payer channel, with its standard error.

Belongs here: the one definition. The weight of a unit is what was allowed for it, so that units × weight is the allowed
amount (the charge only where none is known, and flagged), or what `unit_weights.csv` says.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

INTENSITY_COLUMNS = ["product_id", "npi", "intensity", "intensity_error", "intensity_unit", "charge_share"]
USD, WEIGHTS = "usd_per_month", "weight_per_month"


def billing_intensity(
    billed: pd.DataFrame,
    unit_weights: Mapping[str, float] | None = None,
    capture: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """INTENSITY_COLUMNS by product_id and npi, sorted.

    `billed` has the columns of `int_ranking__billed`; `unit_weights` the weight by procedure code; `capture` the share (0
    to 1] of a payer channel that is told of at all (1 where none is given): each channel is divided by its own before
    they are summed (T24). A product none of whose codes has a weight stays in dollars.

    The error is that of a thinned compound Poisson sum: variance Σ x² ÷ share², x one service's worth. `charge_share` is
    the part of the dollars that is charge-based. ValueError where a capture share is not above 0 and at most 1.
    """
    weights = pd.Series(dict(unit_weights or {}), dtype=float)
    weight = billed["procedure_code"].map(weights) if len(weights) else pd.Series(np.nan, index=billed.index)
    is_weighted = billed["product_id"].isin(billed.loc[weight.notna(), "product_id"].unique())
    share = billed["payer_channel"].map(dict(capture or {})).fillna(1.0).astype(float)
    if not share.between(0.0, 1.0, inclusive="right").all():
        raise ValueError("a capture share must lie above 0 and at most at 1")
    worth = np.where(is_weighted, billed["units"] * weight.fillna(0.0), billed["billed_usd"])
    squares = np.where(
        is_weighted, billed["units_squared"] * weight.fillna(0.0) ** 2, billed["billed_squared"]
    )
    rows = pd.DataFrame(
        {
            "product_id": billed["product_id"],
            "npi": billed["npi"],
            "worth": worth / share,
            "variance": squares / share**2,
            "billed_usd": billed["billed_usd"],
            "charge_usd": billed["charge_usd"],
            "months": billed["months_covered"].astype(float),
            "is_weighted": is_weighted,
        }
    ).sort_values(["product_id", "npi"], kind="stable")
    summed = rows.groupby(["product_id", "npi"], as_index=False, sort=True).agg(
        worth=("worth", "sum"),
        variance=("variance", "sum"),
        billed_usd=("billed_usd", "sum"),
        charge_usd=("charge_usd", "sum"),
        months=("months", "max"),
        is_weighted=("is_weighted", "any"),
    )
    months = summed["months"].clip(lower=1.0)
    billed_usd = summed["billed_usd"].where(summed["billed_usd"] > 0)
    return summed.assign(
        intensity=summed["worth"] / months,
        intensity_error=np.sqrt(summed["variance"]) / months,
        intensity_unit=np.where(summed["is_weighted"], WEIGHTS, USD),
        charge_share=(summed["charge_usd"] / billed_usd).fillna(0.0),
    )[INTENSITY_COLUMNS]
