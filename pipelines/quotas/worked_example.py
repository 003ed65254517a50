"""A market of four territories, split by hand-sized numbers: `python -m pipelines.quotas.worked_example`.

It prints the example of docs/methods/quotas.md; a test compares the two.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from pipelines.quotas.allocate import allocate_quotas
from pipelines.quotas.explain import quota_lines
from pipelines.quotas.rule import QuotaRule
from pipelines.quotas.winnability import winnability, with_obtainable

GOAL_USD = Decimal("1000000.01")
RULE = QuotaRule(
    weight_potential=0.7, weight_history=0.3, floor_share=0.5, cap_share=1.8, max_change_share=0.25
)
PRODUCTS = pd.DataFrame({"product_id": ["hip", "knee"], "obtainable_share": [0.25, 0.5]})
TERRITORY_PRODUCTS = pd.DataFrame(
    [
        ("T1 Houston", "hip", 1_600_000.0, 381),
        ("T1 Houston", "knee", 800_000.0, 1026),
        ("T2 Denver", "hip", 700_000.0, 167),
        ("T2 Denver", "knee", 300_000.0, 385),
        ("T3 Omaha", "knee", 300_000.0, 385),
        ("T4 Boise", "hip", 290_000.0, 69),
        ("T4 Boise", "knee", 10_000.0, 9),
    ],
    columns=["territory_id", "product_id", "addressable_usd", "procedures"],
)
PRIOR = pd.DataFrame(
    {
        "territory_id": ["T1 Houston", "T2 Denver", "T3 Omaha"],
        "quota_usd": [Decimal("350000.00"), Decimal("250000.00"), Decimal("200000.00")],
    }
)


def example() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """`quotas/territory_quota`, `quotas/quota_line` and the winnability of the example."""
    territories = TERRITORY_PRODUCTS.groupby("territory_id", as_index=False)["addressable_usd"].sum()
    territories = with_obtainable(territories, TERRITORY_PRODUCTS, PRODUCTS)
    quotas = allocate_quotas(territories, GOAL_USD, RULE, prior=PRIOR)
    return quotas, quota_lines(quotas, TERRITORY_PRODUCTS, RULE), winnability(quotas, territories)


def printed() -> str:
    """The example as text."""
    quotas, lines, chances = example()
    out = []
    for quota, chance in zip(quotas.itertuples(), chances.itertuples(), strict=True):
        share = f"potential {quota.potential_share:.2%}"
        binding = f", {quota.binding}" if quota.binding else ""
        out.append(f"{quota.territory_id}: {quota.quota_usd:,} usd ({share}{binding})")
        for line in lines[lines["territory_id"] == quota.territory_id].itertuples():
            name = line.component if pd.isna(line.product_id) else f"{line.component} {line.product_id}"
            out.append(f"  {name:<15} {line.amount_usd:>12,}  {line.explanation}")
        out.append(f"  winnability {chance.winnability:.2f} of {chance.obtainable_usd:,.2f} usd obtainable")
    out.append(f"All quotas: {sum(quotas['quota_usd']):,} usd")
    return "\n".join(out)


if __name__ == "__main__":
    print(printed())
