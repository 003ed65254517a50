"""Field plan: what each territory asks of a representative, and who covers it."""

from collections.abc import Iterator

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.outcomes import check_result
from assets.plan_in_force import plan_in_force
from assets.warehouse import WAREHOUSE_POOL, query, read_relation

GROUP = "field_plan"
OWNERS = ["team:sales-operations"]
ACCOUNTS = (
    "select account_id, unit_id, cast(sum(addressable_usd) as double) as addressable_usd,"
    " cast(sum(procedures) as double) as procedures, account_id in (select npi"
    " from intermediate.int_providers__history where known_to_order is null and npi_status = 'deactivated')"
    " as is_deactivated"
    " from intermediate.int_potential__by_account group by account_id, unit_id order by account_id, unit_id"
)


def field_plan(condition: dg.AutomationCondition) -> dg.AssetsDefinition:
    """Workload and representatives, run when `condition` says the plan changed."""
    deps = [
        ["territories", "unit_assignment"],
        ["territories", "territory"],
        ["opportunity", "fct_account_opportunity"],
        ["intermediate", "int_providers__history"],
        ["geography", "unit"],
        ["geography", "zip_crosswalk"],
        ["config", "roster"],
        ["config", "setting"],
    ]

    @dg.multi_asset(
        name="field_plan",
        specs=[
            dg.AssetSpec(
                ["field_plan", "territory_workload"],
                group_name=GROUP,
                description="Visit and travel hours a year by the Talley build-up; index 100 is the mean territory.",
                deps=deps,
                owners=OWNERS,
                kinds={"python"},
                automation_condition=condition,
            ),
            dg.AssetSpec(
                ["field_plan", "rep_assignment"],
                group_name=GROUP,
                description="Which representative covers which territory, with the parts of the fit.",
                deps=deps,
                owners=OWNERS,
                kinds={"python", "ortools"},
                automation_condition=condition,
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "every_layer_is_present", asset=["field_plan", "territory_workload"], blocking=True
            )
        ],
        pool=WAREHOUSE_POOL,
    )
    def plan_the_field(
        context: dg.AssetExecutionContext, home: HomeResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        import pandas as pd
        import pyarrow as pa

        from pipelines.field_plan.complexity import territory_complexity
        from pipelines.field_plan.rep_match import match_reps
        from pipelines.field_plan.tables import REP_ASSIGNMENT, TERRITORY_WORKLOAD
        from pipelines.field_plan.tiers import WorkloadRule
        from pipelines.field_plan.workload import territory_workload
        from pipelines.geography.travel import travel_from_settings
        from pipelines.territories.inputs import territory_products
        from pipelines.territories.plan_store import add_table
        from quality.checks import suite__holds
        from quality.expectations import validate
        from quality.summaries import territory_layers

        place = home.home
        plan = plan_in_force(place)
        config, stored = plan.config, plan.stored
        territory, assignment = stored.frame("territory"), stored.frame("unit_assignment")
        potential = read_relation(place, "opportunity.fct_unit_potential")
        if plan.made_before("territory_workload", "rep_assignment"):
            context.log.info(f"{stored.plan_id} keeps the workload and representatives it was made with")
            workload, reps = stored.frame("territory_workload"), stored.frame("rep_assignment")
        else:
            accounts = query(place, ACCOUNTS)
            travel, rule = travel_from_settings(config), WorkloadRule.from_settings(config.settings)
            units = pd.read_parquet(place.table("geography", "unit"))
            workload = territory_workload(accounts, assignment, units, territory, rule, travel)
            match = match_reps(
                territory,
                workload,
                territory_complexity(accounts, assignment, rule),
                territory_products(potential, assignment, stored.frame("product_level_shift")),
                config.roster,
                zip_points=pd.read_parquet(place.table("geography", "zip_crosswalk")),
                travel=travel,
                previous=plan.previous("rep_assignment"),
            )
            reps = match.assignments
            for row in match.unassigned.itertuples():
                context.log.warning(f"{row.rep_name} ({row.rep_id}): {row.note}")
        for name, frame, schema in (
            ("territory_workload", workload, TERRITORY_WORKLOAD),
            ("rep_assignment", reps, REP_ASSIGNMENT),
        ):
            table = pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
            add_table(place, stored.built_for_refresh, name, table, ["territory_id"])
            yield write_table(place, f"field_plan/{name}", table, sort_by=["territory_id"])
        layers = territory_layers(territory, assignment, potential, workload)
        result = validate(layers, "territory_scorecard", config.settings)
        yield check_result(
            suite__holds(result),
            key=["field_plan", "territory_workload"],
            name="every_layer_is_present",
            table=result.to_markdown(),
        )

    return plan_the_field
