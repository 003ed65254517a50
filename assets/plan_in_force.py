"""The plan that field plan and quotas are built on, with the one before it to stay close to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.config.model import BusinessConfig
    from pipelines.territories.plan_store import StoredPlan


@dataclass(frozen=True)
class PlanInForce:
    config: BusinessConfig
    stored: StoredPlan
    before: StoredPlan | None

    def previous(self, table: str) -> pd.DataFrame | None:
        """A table of the plan before, where there is one."""
        return self.before.frame(table) if self.before and self.before.has(table) else None


def plan_in_force(place: DataHome) -> PlanInForce:
    """The plan as of the last accepted refresh. Raises `dg.Failure` where none has been built."""
    from pipelines.config.load import load_business_config
    from pipelines.landing.registry import RefreshRegistry
    from pipelines.territories.plan_store import active_plan

    config, _ = load_business_config(place.config)
    order = [receipt.refresh_id for receipt in RefreshRegistry(place).accepted()]
    stored = active_plan(place, order, at=order[-1]) if order else None
    if stored is None:
        raise dg.Failure("There is no plan yet: build the territories first.", allow_retries=False)
    return PlanInForce(config, stored, active_plan(place, order, before=stored.built_for_refresh))
