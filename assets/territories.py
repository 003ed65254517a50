"""Territories: the plan of the refresh at which a rebuild was decided. Nothing else can change it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.outcomes import check_result
from assets.warehouse import WAREHOUSE_POOL, query, read_relation
from pipelines.data_home import DataHome

if TYPE_CHECKING:
    from pipelines.territories.plan_store import StoredPlan

GROUP = "territories"
TABLES = {
    "territory": ("One row per territory: opportunity, balance index, drive, compactness.", ["territory_id"]),
    "unit_assignment": ("Which unit belongs to which territory, with the drive from its seat.", ["unit_id"]),
    "plan": ("The plan as a whole: measure, proven bound, gap, what moved, what binds.", ["plan_id"]),
    "plan_change": ("Units that changed hands, and why.", ["unit_id"]),
    "plan_code_mix": (
        "What the plan's opportunity was made of, by procedure code, when it was built.",
        ["product_id", "code_system", "code"],
    ),
}
CODE_MIX = "plan_code_mix"
BUILT_ON = {"product_level_shift": ["unit_id", "product_id"]}


def territory_plan(condition: dg.AutomationCondition) -> dg.AssetsDefinition:
    """The plan asset, run when `condition` says a rebuild was decided."""
    deps = [
        ["monitoring", "rebuild_decision"],
        ["monitoring", "level_shift"],
        ["monitoring", "product_level_shift"],
        ["opportunity", "fct_unit_potential"],
        ["opportunity", "fct_account_opportunity"],
        ["opportunity", "fct_code_opportunity"],
        ["geography", "unit"],
        ["geography", "unit_adjacency"],
        ["config", "setting"],
    ]

    @dg.multi_asset(
        name="territory_plan",
        specs=[
            dg.AssetSpec(
                ["territories", name],
                group_name=GROUP,
                description=text,
                deps=deps,
                owners=["team:sales-analytics"],
                kinds={"python", "ortools"},
                automation_condition=condition,
            )
            for name, (text, _) in TABLES.items()
        ],
        check_specs=[
            dg.AssetCheckSpec("covers_every_unit", asset=["territories", "unit_assignment"], blocking=True),
            dg.AssetCheckSpec(
                "territories_contiguous", asset=["territories", "unit_assignment"], blocking=True
            ),
            dg.AssetCheckSpec("is_balanced", asset=["territories", "territory"]),
        ],
        pool=WAREHOUSE_POOL,
    )
    def plan(
        context: dg.AssetExecutionContext, home: HomeResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        import pandas as pd

        from pipelines.landing.registry import RefreshRegistry
        from pipelines.monitoring.decision_store import read_decision
        from pipelines.territories.plan_store import active_plan

        place = home.home
        order = [receipt.refresh_id for receipt in RefreshRegistry(place).accepted()]
        as_of = order[-1]
        decision = read_decision(place.decisions, as_of)
        if decision is None:
            raise dg.Failure(
                f"Nothing was decided at {as_of} yet: run refresh_job first.", allow_retries=False
            )
        if decision.decision in ("initial", "rebuild"):
            stored = _build(context, place, order, as_of)
        else:
            kept = active_plan(place, order, at=as_of)
            if kept is None:
                raise dg.Failure(
                    f"The decision at {as_of} keeps a plan, but there is none.", allow_retries=False
                )
            context.log.info(f"the decision at {as_of} is to keep {kept.plan_id}: it is handed on unchanged")
            stored = kept
        pictures = _pictures(place, stored)
        for name, (_, key) in TABLES.items():
            table = _stored_table(stored, name)
            yield write_table(place, f"territories/{name}", table, sort_by=key, metadata=pictures.get(name))
        units = pd.read_parquet(place.table("geography", "unit"))
        adjacency = pd.read_parquet(place.table("geography", "unit_adjacency"))
        yield from _checks(place, stored, units, adjacency)

    def _checks(
        place: DataHome, stored: "StoredPlan", units: Any, adjacency: Any
    ) -> Iterator[dg.AssetCheckResult]:
        from pipelines.config.load import load_business_config
        from quality.checks import plan__covers_every_unit, plan__is_balanced, plan__territories_contiguous

        config, _ = load_business_config(place.config)
        assignment, territory = stored.frame("unit_assignment"), stored.frame("territory")
        key = ["territories", "unit_assignment"]
        yield check_result(plan__covers_every_unit(units, assignment), key=key, name="covers_every_unit")
        yield check_result(
            plan__territories_contiguous(assignment, adjacency), key=key, name="territories_contiguous"
        )
        tolerance = config.number("balance_tolerance_share")
        yield check_result(
            plan__is_balanced(territory, tolerance), key=["territories", "territory"], name="is_balanced"
        )

    return plan


def _build(context: dg.AssetExecutionContext, place: DataHome, order: list[str], as_of: str) -> "StoredPlan":
    """Solve, store, and say in one line what came out."""
    import pandas as pd
    import pyarrow.parquet as pq

    from pipelines.config.load import load_business_config
    from pipelines.territories.code_mix import plan_code_mix
    from pipelines.territories.plan_store import active_plan, write_plan
    from pipelines.territories.planning import NoPlanExists, plan_territories

    config, _ = load_business_config(place.config)
    potential = read_relation(place, "opportunity.fct_unit_potential")
    try:
        planned = plan_territories(
            as_of,
            pd.read_parquet(place.table("geography", "unit")),
            pd.read_parquet(place.table("geography", "unit_adjacency")),
            potential,
            pd.read_parquet(place.table("monitoring", "level_shift")),
            query(place, ACCOUNTS_PER_UNIT),
            config,
            base=active_plan(place, order, before=as_of),
        )
    except NoPlanExists as refusal:
        raise dg.Failure(str(refusal), allow_retries=False) from refusal
    built = planned.tables.by_name()
    built[CODE_MIX] = plan_code_mix(
        planned.tables.facts["plan_id"], read_relation(place, "opportunity.fct_code_opportunity")
    )
    tables = {name: (built[name], key) for name, (_, key) in TABLES.items()}
    for name, key in BUILT_ON.items():
        tables[name] = (pq.read_table(place.table("monitoring", name)), key)
    stored = write_plan(
        place,
        as_of,
        tables,
        plan_id=planned.tables.facts["plan_id"],
        data_through=potential["last_month"].max().date(),
        config_hash=config.config_hash,
        facts=planned.tables.facts,
    )
    plan = planned.plan
    bound = "no bound" if plan.bound is None else f"gap to the bound {plan.gap_share or 0:.2%}"
    context.log.info(
        f"plan {stored.plan_id}: {len(plan.territories)} territories, largest deviation"
        f" {plan.max_deviation_share:.1%}, {bound}, {plan.moved_opportunity_share:.1%} of opportunity moved"
    )
    return stored


def _stored_table(stored: "StoredPlan", name: str) -> Any:
    """A table of the plan; a plan that was built before code mixes were kept has an empty one."""
    from pipelines.territories.code_mix import SCHEMA

    return SCHEMA.empty_table() if name == CODE_MIX and not stored.has(name) else stored.table(name)


ACCOUNTS_PER_UNIT = (
    "select unit_id, count(distinct account_id)::bigint as accounts from opportunity.fct_account_opportunity"
    " where total_usd > 0 group by unit_id order by unit_id"
)


def _pictures(place: DataHome, stored: "StoredPlan") -> dict[str, dict[str, Any]]:
    """The territory map for the UI, and the plan's figures. Opportunity is drawn by delivery only, suppressed."""
    import geopandas as gpd
    import pandas as pd

    from pipelines.delivery.territory_map import as_markdown, territory_map_png

    polygons_file = place.table("geography", "unit_polygon")
    polygons = gpd.read_parquet(polygons_file) if polygons_file.is_file() else None
    units = pd.read_parquet(place.table("geography", "unit"))[["unit_id", "latitude", "longitude"]]
    assignment = stored.frame("unit_assignment").merge(units, on="unit_id", how="left")
    plan = stored.frame("plan").iloc[0]
    return {
        "unit_assignment": {
            "map": dg.MetadataValue.md(
                as_markdown(territory_map_png(assignment, polygons), "Map of the territories")
            ),
        },
        "plan": {
            "plan_id": str(plan["plan_id"]),
            "max_deviation_share": float(plan["max_deviation_share"]),
            "moved_opportunity_share": float(plan["moved_opportunity_share"]),
            "what_binds": str(plan["what_binds"]),
        },
    }
