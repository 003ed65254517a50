"""Whether a quota can be won at all: quota ÷ (addressable × obtainable share)."""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_obtainable(
    territories: pd.DataFrame, territory_products: pd.DataFrame, products: pd.DataFrame
) -> pd.DataFrame:
    """`territories` with `obtainable_usd`: Σ addressable × obtainable share, over the products.

    `territory_products`: territory_id, product_id, addressable_usd. `products`: product_id, obtainable_share
    (`config/product`); a product that is not there counts in full.
    """
    share = products.drop_duplicates("product_id").set_index("product_id")["obtainable_share"]
    of = territory_products.sort_values(["territory_id", "product_id", "addressable_usd"], kind="stable")
    usd = of["addressable_usd"] * of["product_id"].map(share).fillna(1.0).astype(float)
    sums = usd.groupby(of["territory_id"]).sum()
    return territories.assign(obtainable_usd=territories["territory_id"].map(sums).fillna(0.0).astype(float))


def winnability(quotas: pd.DataFrame, territories: pd.DataFrame) -> pd.DataFrame:
    """`territory_id, obtainable_usd, winnability, is_winnable`, sorted; `winnability` above 1 cannot be won.

    `quotas`: `quotas/territory_quota`; `territories`: as `with_obtainable` gives them. Infinite where a quota
    stands against nothing obtainable, 0 where there is neither.
    """
    both = quotas[["territory_id", "quota_usd"]].merge(
        territories[["territory_id", "obtainable_usd"]], on="territory_id", validate="one_to_one"
    )
    quota, most = both["quota_usd"].astype(float), both["obtainable_usd"]
    ratio = np.where(most > 0, quota / most.where(most > 0), np.where(quota > 0, np.inf, 0.0))
    result = both[["territory_id", "obtainable_usd"]].assign(winnability=ratio, is_winnable=ratio <= 1)
    return result.sort_values("territory_id", kind="stable", ignore_index=True)
