"""Counts of procedures as arrays: providers × months, and providers × months × where or what.

Belongs here: the shape. Does not belong here: judging a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SHOWN_CATEGORIES = 5  # a person's largest sites, systems or products; the rest of them is one category more


@dataclass(frozen=True)
class ProviderPanel:
    """One row per provider × month × site × product with procedures, as positions.

    `npis` [P] and `months` [T] (numpy months, consecutive) are sorted; `provider`, `month`, `account`, `product` [N] are
    positions in `npis`, `months`, `accounts`, `products`; `procedures` [N] is positive.
    """

    npis: NDArray[np.str_]
    months: NDArray[np.datetime64]
    accounts: NDArray[np.str_]
    products: NDArray[np.str_]
    provider: Whole
    month: Whole
    account: Whole
    product: Whole
    procedures: Floats

    def totals(self) -> Floats:
        """Procedures [P, T]."""
        table = np.zeros((len(self.npis), len(self.months)))
        np.add.at(table, (self.provider, self.month), self.procedures)
        return table


@dataclass(frozen=True)
class Composition:
    """`counts` [P, T, K] by a person's own categories, the largest first, the last one all that is left.

    `category` [P, K - 1] says which they are (-1: none), as positions in what they were made from.
    """

    counts: Floats
    category: Whole


def provider_panel(counts: pd.DataFrame, first_month: str, last_month: str, least: float) -> ProviderPanel:
    """`counts` has npi, account_id, product_id, service_month, procedures; months outside of first..last are left out.

    Providers with fewer than `least` procedures in all are left out: nothing can be said of them.
    """
    months = np.arange(np.datetime64(first_month, "M"), np.datetime64(last_month, "M") + 1)
    frame = counts.assign(
        at=counts["service_month"].to_numpy().astype("datetime64[M]").astype(int) - months[0].astype(int)
    )
    frame = frame[(frame["at"] >= 0) & (frame["at"] < len(months)) & (frame["procedures"] > 0)]
    frame = frame[frame.groupby("npi")["procedures"].transform("sum") >= least]
    # One order whatever the rows came in, so that sums are the same to the last bit.
    frame = frame.sort_values(["npi", "at", "account_id", "product_id"], ignore_index=True)
    texts = {name: frame[name].to_numpy(dtype=str) for name in ("npi", "account_id", "product_id")}
    (npis, provider), (accounts, account), (products, product) = (
        np.unique(column, return_inverse=True) for column in texts.values()
    )
    return ProviderPanel(
        npis,
        months,
        accounts,
        products,
        provider.astype(np.int64),
        frame["at"].to_numpy(np.int64),
        account.astype(np.int64),
        product.astype(np.int64),
        frame["procedures"].to_numpy(float),
    )


def composition(panel: ProviderPanel, category: Whole) -> Composition:
    """Counts by `category` [N] of the panel's rows (-1: unknown, left out)."""
    known = category >= 0
    provider, code = panel.provider[known], category[known]
    width = int(code.max(initial=0)) + 1
    pairs, pair = np.unique(provider * width + code, return_inverse=True)
    volume = np.bincount(pair, panel.procedures[known], minlength=len(pairs))
    owner = pairs // width
    order = np.lexsort((pairs % width, -volume, owner))
    rank = np.empty(len(pairs), dtype=np.int64)
    starts = np.searchsorted(owner[order], owner[order])
    rank[order] = np.arange(len(pairs)) - starts
    counts = np.zeros((len(panel.npis), len(panel.months), SHOWN_CATEGORIES + 1))
    place = np.minimum(rank, SHOWN_CATEGORIES)[pair]
    np.add.at(counts, (provider, panel.month[known], place), panel.procedures[known])
    shown = np.full((len(panel.npis), SHOWN_CATEGORIES), -1, dtype=np.int64)
    kept = rank < SHOWN_CATEGORIES
    shown[owner[kept], rank[kept]] = (pairs % width)[kept]
    return Composition(counts, shown)
