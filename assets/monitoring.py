"""Monitoring: what changed since the active plan was made, and whether that is reason to rebuild it.

The decision comes last: it exists only where everything before it, checks included, went through. Its data version is
the id of the last decision to rebuild, so that only a new one sets the plan in motion.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.outcomes import check_result
from assets.warehouse import WAREHOUSE_POOL, query, read_relation
from pipelines.data_home import DataHome

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.config.model import BusinessConfig
    from pipelines.landing.receipt import Receipt
    from quality.refresh_measurement import MeasuredPlan, RefreshFacts

GROUP = "monitoring"

TABLES = {
    "supply_incident": "Data that stopped coming or came twice: looked at before any drift.",
    "territory_drift": "Per territory and measure: observed against what its share of the nation leads one to expect.",
    "product_level_shift": "Planning factors per unit and product in territories with confirmed drift.",
    "level_shift": "Planning factor per unit on addressable dollars; exactly 1 where nothing is confirmed.",
    "review_flag": "Who should look at what, why, and what to do; one open review per trigger and scope.",
    "rebuild_decision": "One decision per refresh, in a sentence. Only a rebuild moves its data version.",
}
DEPS = [
    ["opportunity", "fct_geography_opportunity"],
    ["opportunity", "fct_unit_potential"],
    ["opportunity", "fct_data_through"],
    ["opportunity", "fct_refresh_reconciliation"],
    ["opportunity", "fct_code_set_change"],
    ["intermediate", "int_development__expected"],
    ["intermediate", "int_providers__history"],
    ["intermediate", "int_providers__worked"],
    # The decision comes last: what the marts read of this refresh stands by then.
    ["trends", "trend"],
    ["ranking", "target_rank"],
    ["config", "setting"],
    ["config", "product"],
    ["config", "roster"],
    ["raw", "refresh"],
]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["monitoring", name],
            group_name=GROUP,
            description=text,
            deps=DEPS,
            owners=[
                "team:sales-leadership"
                if name in ("review_flag", "rebuild_decision")
                else "team:sales-analytics"
            ],
            kinds={"python"},
        )
        for name, text in TABLES.items()
    ],
    check_specs=[
        dg.AssetCheckSpec("one_open_per_scope", asset=["monitoring", "review_flag"], blocking=True),
    ],
    pool=WAREHOUSE_POOL,
)
def refresh_measurement(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Measure the as-of refresh against the plan strictly before it, and decide."""
    import pandas as pd

    from pipelines.config.load import load_business_config
    from pipelines.landing.registry import RefreshRegistry
    from pipelines.monitoring.decision_store import decision_table, previous_decision, write_decision
    from pipelines.territories.plan_store import discard_plan
    from quality.checks import review_flags__one_open_per_scope
    from quality.refresh_measurement import measure_refresh
    from quality.table_registry import TABLES as SHAPES

    place = home.home
    config, _ = load_business_config(place.config)
    registry = RefreshRegistry(place)
    receipts = registry.accepted()
    order = [receipt.refresh_id for receipt in receipts]
    as_of = receipts[-1]
    before = previous_decision(place.decisions, as_of.refresh_id, order)
    flags_file = place.table("monitoring", "review_flag")
    measured = measure_refresh(
        read_facts(place, as_of, receipts, config),
        read_measured_plan(place, as_of.refresh_id, receipts),
        config,
        previous_flags=pd.read_parquet(flags_file) if flags_file.is_file() else None,
        previous_decision_id=before.decision_id if before else None,
    )
    decision = measured.decision
    frames: dict[str, Any] = {
        "supply_incident": measured.supply_incident,
        "territory_drift": measured.territory_drift,
        "product_level_shift": measured.level_shift.by_product,
        "level_shift": measured.level_shift.table,
        "review_flag": measured.review_flag,
    }
    for name, frame in frames.items():
        shape = SHAPES[f"monitoring/{name}"]
        table = to_arrow(frame, shape.schema)
        yield write_table(
            place, f"monitoring/{name}", table, sort_by=shape.key, metadata=_headline(name, frame)
        )
    yield check_result(
        review_flags__one_open_per_scope(measured.review_flag),
        key=["monitoring", "review_flag"],
        name="one_open_per_scope",
    )
    if decision.decision in ("keep", "blocked"):
        discard_plan(place, as_of.refresh_id)
    # The table first: where the decision stands, nothing of this step is due any more.
    decided = write_table(
        place,
        "monitoring/rebuild_decision",
        decision_table(place.decisions, order, latest=decision),
        sort_by=["refresh_id"],
        data_version=decision.decision_id,
        metadata={"decision": decision.decision, "reason": decision.reason},
    )
    write_decision(place.decisions, decision, input_hash=registry.input_hash(config.config_hash))
    context.log.info(f"decision: {decision.decision}. {decision.reason}")
    yield decided


def to_arrow(frame: "pd.DataFrame", schema: Any) -> Any:
    """The frame with exactly the columns and types of `schema`."""
    import pyarrow as pa

    return pa.Table.from_pandas(frame[list(schema.names)], schema=schema, preserve_index=False)


def _headline(name: str, frame: "pd.DataFrame") -> dict[str, Any]:
    if name == "review_flag":
        return {"open_reviews": int((frame["state"] == "open").sum())}
    if name == "territory_drift":
        return {"verdicts": frame["verdict"].value_counts().sort_index().to_dict()}
    return {}


def read_facts(
    place: DataHome, as_of: "Receipt", receipts: "list[Receipt]", config: "BusinessConfig"
) -> "RefreshFacts":
    """What opportunity says as of the last accepted refresh."""
    from quality.refresh_measurement import RefreshFacts

    through = read_relation(place, "opportunity.fct_data_through")
    potential = read_relation(place, "opportunity.fct_unit_potential")
    lines = through[through["source_kind"] == "lines"]
    known_on = _known_on(as_of)
    last_usable: date | None = lines["last_usable_month"].max().date() if len(lines) else None
    data_through: date = potential["last_month"].max().date() if len(potential) else known_on
    counts = query(
        place,
        "select unit_id, product_id, service_month, cast(procedures as double) as procedures,"
        " cast(diagnosed_patients as double) as diagnosed_patients, cast(total_usd as double) as total_usd"
        " from opportunity.fct_geography_opportunity"
        f" where months_covered = 1 and service_month <= date '{last_usable or date.min}'"
        " order by all",
    )
    # What a product of diagnoses has instead of procedures.
    counts_patients = counts["product_id"].isin(config.products_of_diagnoses)
    counts.loc[counts_patients, "procedures"] = counts.loc[counts_patients, "diagnosed_patients"]
    volumes = query(
        place,
        "select source, payer_channel, date_trunc('month', service_date)::date as service_month,"
        " count(*)::double as services from intermediate.int_claims__current"
        f" where service_date < date '{last_usable or date.min}' + interval 1 month group by all order by all",
    )
    return RefreshFacts(
        refresh_id=as_of.refresh_id,
        known_on=known_on,
        data_through=data_through,
        last_usable_month=last_usable,
        unit_counts=counts.drop(columns="diagnosed_patients"),
        volumes=volumes,
        receipts=_receipt_frame(receipts, config),
        potential=potential,
        code_changes=read_relation(place, "opportunity.fct_code_set_change"),
        steps=read_relation(place, "intermediate.int_development__expected"),
        ghosts=work_after_deactivation(place, config),
    )


def work_after_deactivation(place: DataHome, config: "BusinessConfig") -> "pd.DataFrame":
    """Whose NPI is deactivated and who works on: npi, event_month; people who have opted out are not named."""
    from pipelines.providers.registry_events import WORK_AFTER, registry_events

    history = query(
        place,
        "select npi, known_from_date, status_change, deactivation_date, reactivation_date"
        " from intermediate.int_providers__history where deactivation_date is not null"
        " and known_to_order is null order by npi",
    )
    counts = query(
        place,
        "select npi, service_month, cast(sum(procedures) as double) as procedures"
        " from intermediate.int_providers__worked"
        " where npi in (select npi from intermediate.int_providers__history where npi_status = 'deactivated')"
        " group by all order by all",
    )
    told = registry_events(history, counts)
    opted_out = set(config.opt_outs["npi"])
    return told.loc[(told["event"] == WORK_AFTER) & ~told["npi"].isin(opted_out), ["npi", "event_month"]]


def _known_on(receipt: "Receipt") -> date:
    """An accepted refresh has a delivery date; ValueError otherwise."""
    if receipt.known_on is None:
        raise ValueError(f"{receipt.refresh_id} has no delivery date")
    return receipt.known_on


def _receipt_frame(receipts: "list[Receipt]", config: "BusinessConfig") -> "pd.DataFrame":
    import pandas as pd

    rows = [
        {
            "refresh_id": receipt.refresh_id,
            "source": receipt.source,
            "known_on": receipt.known_on,
            "accepted_rows": receipt.accepted_rows,
            "cadence_days": config.sources[receipt.source or ""].cadence_days,
            "repeated_files": sum(file.status == "duplicate" for file in receipt.files),
        }
        for receipt in receipts
        if receipt.source in config.sources
    ]
    return pd.DataFrame(rows)


def read_measured_plan(place: DataHome, refresh_id: str, receipts: "list[Receipt]") -> "MeasuredPlan | None":
    """The plan strictly before `refresh_id`, with what was promised when it was made."""
    from pipelines.monitoring.decide import BasePlan
    from pipelines.territories.plan_store import active_plan
    from quality.refresh_measurement import MeasuredPlan

    order = [receipt.refresh_id for receipt in receipts]
    stored = active_plan(place, order, before=refresh_id)
    if stored is None:
        return None
    known_on = {receipt.refresh_id: _known_on(receipt) for receipt in receipts}
    return MeasuredPlan(
        base=BasePlan(stored.plan_id, stored.built_for_refresh, known_on[stored.built_for_refresh]),
        data_through=stored.data_through,
        territory=stored.frame("territory"),
        assignment=stored.frame("unit_assignment"),
        rep_assignment=stored.frame("rep_assignment"),
        level_factors=stored.frame("product_level_shift"),
    )
