"""Delivery: the audited snapshot that consumers read, and the leadership report inside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.outcomes import check_result
from assets.warehouse import WAREHOUSE_POOL
from pipelines.data_home import DataHome
from pipelines.delivery.published_marts import PUBLISHED_MARTS

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa

GROUP = "delivery"
OWNERS = ["team:sales-leadership"]


def published_cells(condition: dg.AutomationCondition) -> dg.AssetsDefinition:
    """The memory of what was shown, brought up to date when `condition` says that marts are to be rebuilt."""

    @dg.asset(
        key=["delivery", "published_cell"],
        group_name=GROUP,
        description="Every cell that earlier snapshots showed: no two may differ by so few as is not shown.",
        deps=[["monitoring", "rebuild_decision"]],
        owners=["team:data-engineering"],
        kinds={"python", "parquet"},
        automation_condition=condition,
    )
    def published_cell(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult[None]:
        from pipelines.delivery.published_cells import KEY, earlier_cells, remember_snapshots
        from pipelines.landing.registry import RefreshRegistry

        place = home.home
        for name in remember_snapshots(place):
            context.log.info(f"remembered what {name} showed")
        order = [receipt.refresh_id for receipt in RefreshRegistry(place).accepted()]
        table = earlier_cells(place, order, order[-1])
        return write_table(place, "delivery/published_cell", table, sort_by=KEY)

    return published_cell


def published_snapshot(condition: dg.AutomationCondition) -> dg.AssetsDefinition:
    """The snapshot asset, run when `condition` says the marts were rebuilt and passed their checks."""
    deps = [["reporting", mart] for mart in PUBLISHED_MARTS]

    @dg.multi_asset(
        name="published_snapshot",
        specs=[
            dg.AssetSpec(
                ["delivery", "published_snapshot"],
                group_name=GROUP,
                description="Marts-only DuckDB, Parquet and GeoParquet with manifest, swapped in by one rename.",
                deps=deps,
                owners=OWNERS,
                kinds={"python", "duckdb", "parquet"},
                automation_condition=condition,
            ),
            dg.AssetSpec(
                ["delivery", "leadership_report"],
                group_name=GROUP,
                description="One self-contained HTML file: map, scorecard, what moved and why, open reviews.",
                deps=deps,
                owners=OWNERS,
                kinds={"python", "html"},
                automation_condition=condition,
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec("is_of_this_refresh", asset=["delivery", "published_snapshot"]),
            dg.AssetCheckSpec("no_small_cells", asset=["delivery", "published_snapshot"]),
            dg.AssetCheckSpec("nothing_recoverable", asset=["delivery", "published_snapshot"]),
            dg.AssetCheckSpec("quotas_sum_to_goal", asset=["delivery", "published_snapshot"]),
        ],
        pool=WAREHOUSE_POOL,
    )
    def snapshot(
        context: dg.AssetExecutionContext, home: HomeResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from pipelines.as_of_home import keep_publication
        from pipelines.delivery.patient_values import no_patient_values
        from pipelines.delivery.publication import publish
        from pipelines.delivery.snapshot import build_snapshot
        from quality.publication_checks import publication_checks
        from quality.published import what_is_published

        place = home.home
        facts = manifest_facts(place)
        marts, polygons = read_published(place)
        published = what_is_published(
            marts,
            int(str(facts["suppression_threshold"])),
            place.warehouse,
            place.table("delivery", "published_cell"),
        )
        outcomes = publication_checks(published, facts)
        staged = build_snapshot(marts, polygons, facts, place.published)
        for name, outcome in outcomes.items():
            yield check_result(outcome, key=["delivery", "published_snapshot"], name=name)
        failed = [outcome.sentence for outcome in outcomes.values() if not outcome.passed]
        if failed:
            raise dg.Failure("Nothing was published, yesterday's snapshot stays: " + " ".join(failed))
        keep_publication(place, dict(staged.manifest))
        raw_claims = place.raw_partition("medical_claim", "any").parent
        publication = publish(staged, place.published, checks=[no_patient_values(raw_claims)])
        manifest = staged.manifest
        context.log.info(f"published {manifest['snapshot_id']}")
        yield dg.MaterializeResult(
            asset_key=["delivery", "published_snapshot"],
            data_version=dg.DataVersion(str(manifest["snapshot_hash"])[:16]),
            metadata={
                "snapshot_id": manifest["snapshot_id"],
                "folder": dg.MetadataValue.path(str(publication.folder)),
                "tables": {name: facts["rows"] for name, facts in manifest["tables"].items()},
                "data_through": str(manifest["data_through"]),
            },
        )
        yield dg.MaterializeResult(
            asset_key=["delivery", "leadership_report"],
            metadata={
                "report": dg.MetadataValue.path(str(publication.folder / "report.html")),
                "heat_map": _heat_map(marts["mart_unit_assignment"], polygons),
            },
        )

    return snapshot


def _heat_map(assignment: "pa.Table", polygons: "gpd.GeoDataFrame | None") -> dg.MarkdownMetadataValue:
    from pipelines.delivery.snapshot import as_frame
    from pipelines.delivery.territory_map import as_markdown, opportunity_map_png

    picture = opportunity_map_png(as_frame(assignment), polygons)
    return dg.MetadataValue.md(as_markdown(picture, "Map of addressable opportunity, small cells striped"))


def read_published(place: DataHome) -> "tuple[dict[str, pa.Table], gpd.GeoDataFrame | None]":
    """The marts as Arrow tables, and the unit polygons where there are any."""
    import geopandas as gpd

    from pipelines.delivery.marts import read_marts

    polygons_file = place.table("geography", "unit_polygon")
    polygons = gpd.read_parquet(polygons_file) if polygons_file.is_file() else None
    return read_marts(place.warehouse), polygons


def manifest_facts(place: DataHome) -> dict[str, object]:
    """What the manifest says of the data: as of which refresh, through which month, from which inputs."""
    from assets.warehouse import read_relation
    from pipelines.config.load import load_business_config
    from pipelines.landing.registry import RefreshRegistry
    from pipelines.monitoring.decision_store import read_decision
    from pipelines.territories.plan_store import active_plan

    config, _ = load_business_config(place.config)
    registry = RefreshRegistry(place)
    accepted = registry.accepted()
    as_of = accepted[-1]
    order = [receipt.refresh_id for receipt in accepted]
    plan = active_plan(place, order, at=as_of.refresh_id)
    decision = read_decision(place.decisions, as_of.refresh_id)
    potential = read_relation(place, "opportunity.fct_unit_potential")
    return {
        "profile": config.profile,
        "as_of_refresh": as_of.refresh_id,
        "known_on": str(as_of.known_on),
        "data_through": str(potential["last_month"].max().date()) if len(potential) else None,
        "input_hash": registry.input_hash(config.config_hash),
        "config_hash": config.config_hash,
        "plan_id": plan.plan_id if plan else None,
        "decision": decision.decision if decision else None,
        "decision_reason": decision.reason if decision else None,
        "imbalance_before": decision.imbalance_before if decision else None,
        "imbalance_now": decision.imbalance_now if decision else None,
        "drifted_territories": decision.drifted_territories if decision else None,
        "national_goal_usd": config.number("national_goal_usd"),
        "suppression_threshold": int(config.number("suppression_threshold")),
    }
