"""Opportunity is dbt's; what is here are the expectations on it that people read, before anything is built on it."""

import dagster as dg

from assets.lake_table import HomeResource
from assets.outcomes import check_result
from assets.warehouse import WAREHOUSE_POOL, read_relation

UNIT_POTENTIAL = ["opportunity", "fct_unit_potential"]


@dg.asset_check(
    asset=UNIT_POTENTIAL,
    name="holds_expectations",
    blocking=True,
    pool=WAREHOUSE_POOL,
    description="Great Expectations on the planning year: no negative money, and the parts sum to the total.",
)
def unit_potential_holds_expectations(home: HomeResource) -> dg.AssetCheckResult:
    from quality.checks import suite__holds
    from quality.expectations import validate
    from quality.summaries import unit_potential_summary

    potential = read_relation(home.home, ".".join(UNIT_POTENTIAL))
    result = validate(unit_potential_summary(potential), "unit_potential")
    return check_result(
        suite__holds(result), key=UNIT_POTENTIAL, name="holds_expectations", table=result.to_markdown()
    )
