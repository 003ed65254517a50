"""Quotas: the national goal shared by what each territory can win, to the cent, with lines that explain each."""

from collections.abc import Iterator

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.outcomes import check_result
from assets.plan_in_force import plan_in_force
from assets.warehouse import WAREHOUSE_POOL, read_relation

GROUP = "quotas"


def territory_quotas(condition: dg.AutomationCondition) -> dg.AssetsDefinition:
    """Quotas and their lines, run when `condition` says the plan changed."""
    deps = [
        ["territories", "unit_assignment"],
        ["territories", "territory"],
        ["field_plan", "rep_assignment"],
        ["opportunity", "fct_unit_potential"],
        ["monitoring", "product_level_shift"],
        ["config", "product"],
        ["config", "setting"],
    ]

    @dg.multi_asset(
        name="territory_quotas",
        specs=[
            dg.AssetSpec(
                ["quotas", name],
                group_name=GROUP,
                description=text,
                deps=deps,
                owners=["team:sales-leadership"],
                kinds={"python"},
                automation_condition=condition,
            )
            for name, text in (
                ("territory_quota", "One quota per territory; together exactly the national goal."),
                ("quota_line", "What each quota is made of; the lines sum to it to the cent."),
            )
        ],
        check_specs=[
            dg.AssetCheckSpec("sums_to_goal", asset=["quotas", "territory_quota"], blocking=True),
            dg.AssetCheckSpec("lines_sum_to_quota", asset=["quotas", "quota_line"], blocking=True),
            dg.AssetCheckSpec("hold_expectations", asset=["quotas", "territory_quota"]),
        ],
        pool=WAREHOUSE_POOL,
    )
    def allocate(
        context: dg.AssetExecutionContext, home: HomeResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from decimal import Decimal

        import pyarrow as pa

        from pipelines.quotas.allocate import allocate_quotas
        from pipelines.quotas.explain import quota_lines
        from pipelines.quotas.published_precision import at_published_precision
        from pipelines.quotas.rule import QuotaRule
        from pipelines.quotas.tables import QUOTA_LINE, TERRITORY_QUOTA
        from pipelines.quotas.winnability import with_obtainable
        from pipelines.territories.inputs import territory_products
        from pipelines.territories.plan_store import add_table
        from quality.checks import quota__lines_sum_to_quota, quota__sums_to_goal, suite__holds
        from quality.expectations import validate
        from quality.summaries import quota_summary

        place = home.home
        plan = plan_in_force(place)
        config, stored = plan.config, plan.stored
        goal = Decimal(str(config.settings["national_goal_usd"].value)).quantize(Decimal("0.01"))
        if plan.made_before("territory_quota", "quota_line"):
            context.log.info(f"{stored.plan_id} keeps the quotas it was made with")
            quotas, lines = stored.frame("territory_quota"), stored.frame("quota_line")
        else:
            products = territory_products(
                read_relation(place, "opportunity.fct_unit_potential"),
                stored.frame("unit_assignment"),
                stored.frame("product_level_shift"),
            )
            rule = QuotaRule.from_settings(config.settings)
            territories, products = at_published_precision(
                stored.frame("territory")[["territory_id", "addressable_usd"]],
                products,
                config.products.set_index("product_id")["price_usd"],
                rule.suppression_threshold,
            )
            territories = with_obtainable(territories, products, config.products)
            quotas = allocate_quotas(territories, goal, rule, prior=plan.previous("territory_quota"))
            lines = quota_lines(quotas, products, rule)
        for name, frame, schema, key in (
            ("territory_quota", quotas, TERRITORY_QUOTA, ["territory_id"]),
            ("quota_line", lines, QUOTA_LINE, ["territory_id", "line_number"]),
        ):
            table = pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
            written = write_table(
                place, f"quotas/{name}", table, sort_by=key, metadata={"goal_usd": float(goal)}
            )
            # Kept with the plan last: a plan that is complete there is complete in what the marts read.
            add_table(place, stored.built_for_refresh, name, table, key)
            yield written
        key = ["quotas", "territory_quota"]
        yield check_result(quota__sums_to_goal(quotas, goal), key=key, name="sums_to_goal")
        yield check_result(
            quota__lines_sum_to_quota(quotas, lines), key=["quotas", "quota_line"], name="lines_sum_to_quota"
        )
        result = validate(quota_summary(quotas, lines, goal), "quotas")
        yield check_result(
            suite__holds(result), key=key, name="hold_expectations", table=result.to_markdown()
        )

    return allocate
