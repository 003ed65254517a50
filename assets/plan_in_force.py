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
    as_of_refresh: str

    def previous(self, table: str) -> pd.DataFrame | None:
        """A table of the plan before, where there is one."""
        return self.before.frame(table) if self.before and self.before.has(table) else None

    def made_before(self, *tables: str) -> bool:
        """Whether these were made with the plan, at an earlier refresh and under the same business files.

        Then they are handed on as they are: a kept plan keeps its representatives and quotas, however the opportunity
        has moved since, and a stage that runs once more does not rewrite history.
        """
        return (
            self.stored.built_for_refresh != self.as_of_refresh
            and self.stored.config_hash == self.config.config_hash
            and all(self.stored.has(table) for table in tables)
        )


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
    before = active_plan(place, order, before=stored.built_for_refresh)
    return PlanInForce(config, stored, before, order[-1])
