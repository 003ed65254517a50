"""Which accounts are worth how many calls: tiers A, B and C by cumulative addressable opportunity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.config.model import Setting

TIERS = ("A", "B", "C")
NO_TIER = "none"


@dataclass(frozen=True)
class WorkloadRule:
    """How often and how long each tier is called on, and how much a rep can do.

    `visits_per_year` and `visit_minutes` are in the order of `TIERS`. `selling_hours_per_year` is the time in
    the field, travel included, spread over `field_days_per_year` (46 weeks of 5 days unless said otherwise).
    """

    visits_per_year: tuple[float, float, float]
    visit_minutes: tuple[float, float, float]
    tier_a_share: float
    tier_b_share: float
    selling_hours_per_year: float
    field_days_per_year: float = 230.0

    def __post_init__(self) -> None:
        if not (self.selling_hours_per_year > 0 and self.field_days_per_year > 0):
            raise ValueError("selling_hours_per_year and field_days_per_year must be above 0")
        if min(*self.visits_per_year, *self.visit_minutes, self.tier_a_share, self.tier_b_share) < 0:
            raise ValueError("visits, minutes and tier shares must not be below 0")

    @property
    def day_minutes(self) -> float:
        """Minutes of one field day."""
        return 60 * self.selling_hours_per_year / self.field_days_per_year

    @classmethod
    def from_settings(cls, settings: Mapping[str, Setting]) -> WorkloadRule:
        def number(name: str) -> float:
            return float(settings[name].value)

        return cls(
            visits_per_year=(
                number("visits_per_year_a"),
                number("visits_per_year_b"),
                number("visits_per_year_c"),
            ),
            visit_minutes=(number("visit_minutes_a"), number("visit_minutes_b"), number("visit_minutes_c")),
            tier_a_share=number("tier_a_share"),
            tier_b_share=number("tier_b_share"),
            selling_hours_per_year=number("selling_hours_per_year"),
        )


def account_tiers(accounts: pd.DataFrame, rule: WorkloadRule) -> pd.DataFrame:
    """Accounts with their tier and what it asks for: `account_id, unit_id, addressable_usd, tier,
    visits_per_year, visit_minutes`, sorted by account and unit.

    `accounts`: account_id, unit_id, addressable_usd, is_deactivated; rows of one account at one unit are added
    up. Ranked over the whole frame (the nation), largest first, ties by account and unit. The account that crosses a
    share still belongs to the upper tier, so the largest account is an A however large it is. An account without
    addressable opportunity has the tier `none` and no visits, and so has one whose NPI is deactivated: its work is
    for a person to look at (trap T28) and takes no share of the others.
    """
    placed = accounts.assign(unit_id=accounts["unit_id"].fillna("unlocated"))
    # sorted before it is summed: the order of the rows must not show in the last digit
    placed = placed.sort_values(["account_id", "unit_id", "addressable_usd"], kind="stable")
    ranked = placed.groupby(["account_id", "unit_id"], as_index=False)["addressable_usd"].sum()
    ranked = ranked.sort_values(
        ["addressable_usd", "account_id", "unit_id"], ascending=[False, True, True], kind="stable"
    )
    is_off = ranked["account_id"].isin(accounts.loc[accounts["is_deactivated"].astype(bool), "account_id"])
    size = ranked["addressable_usd"].clip(lower=0.0).where(~is_off, 0.0).to_numpy(float)
    before = np.concatenate([[0.0], np.cumsum(size)[:-1]]) if len(size) else size
    edges = np.array([rule.tier_a_share, rule.tier_a_share + rule.tier_b_share]) * size.sum()
    number = np.where(size > 0, (before[:, None] >= edges).sum(axis=1), len(TIERS))
    tiers = ranked.assign(
        tier=np.array([*TIERS, NO_TIER])[number],
        visits_per_year=np.array([*rule.visits_per_year, 0.0])[number],
        visit_minutes=np.array([*rule.visit_minutes, 0.0])[number],
    )
    return tiers.sort_values(["account_id", "unit_id"], kind="stable", ignore_index=True)
