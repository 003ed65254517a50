"""What quotas are made from: potential at the precision in which territories are published, and no finer.

A quota is published to the cent. Made from the exact potential, it would tell the exact total of a territory, and by
subtraction a unit that is withheld. The steps are those of dbt's `int_disclosure__steps`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def at_published_precision(
    territories: pd.DataFrame, products: pd.DataFrame, price_usd: pd.Series, suppression_threshold: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with their measures rounded to twice the threshold.

    `territories`: territory_id, addressable_usd, rounded to the worth of so many procedures of the dearest product.
    `products`: territory_id, product_id, addressable_usd (rounded to the worth of so many of the product), procedures,
    patients. `price_usd`: by product_id.
    """
    people = 2 * suppression_threshold
    dearest = float(price_usd.max()) if len(price_usd) else 0.0
    of_product = products["product_id"].map(price_usd).astype(float)
    return (
        territories.assign(addressable_usd=_rounded(territories["addressable_usd"], people * dearest)),
        products.assign(
            addressable_usd=_rounded(products["addressable_usd"], people * of_product),
            procedures=_rounded(products["procedures"], people),
            patients=_rounded(products["patients"], people).where(
                products["patients"] >= suppression_threshold, 0.0
            ),
        ),
    )


def _rounded(values: pd.Series, step: pd.Series | float) -> pd.Series:
    """Halves go up, as in SQL; a step of nothing leaves the value."""
    width = pd.Series(step, index=values.index, dtype=float)
    exact = values.astype(float)
    return (np.floor(exact / width + 0.5) * width).where(width > 0, exact)
