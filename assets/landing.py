"""Landing: one delivery a partition, verified, canonicalised, with whatever is wrong set aside; and the business files.

The registry of receipts decides what a partition is. Materialising an accepted refresh again changes nothing.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.lake_table import HomeResource, write_table
from assets.outcomes import check_result
from pipelines.data_home import DataHome

GROUP = "landing"
OWNERS = ["team:data-engineering"]
REFRESHES = dg.DynamicPartitionsDefinition(name="refreshes")

RAW_TABLES = {
    "medical_claim": "Claim lines as delivered, all versions, canonical Tuva column names; patient tokens only.",
    "part_b_volume": "Medicare Part B: annual volumes by provider and procedure code.",
    "provider": "Provider directory rows: people and organisations by NPI.",
    "provider_site": "Further practice locations of providers.",
    "provider_name": "Other names of organisations.",
    "facility": "Facilities with place and health system.",
    "eligibility": "Who was covered by whom and when; patient tokens only.",
    "quarantine": "Rows that were not accepted, with column, reason and remedy.",
    "refresh": "One row per accepted file: delivered = accepted + quarantined.",
}
CONFIG_TABLES = {
    "product": ("What is sold, and at which price.", ["product_id"]),
    "value_set_code": (
        "Codes that make a product's services and patients, with effective dates.",
        ["product_id", "code_system", "role", "code", "effective_from"],
    ),
    "value_set_rule": (
        "How a product's codes combine, and what else its services must show.",
        ["product_id"],
    ),
    "rule_out": (
        "Lines that only look for a disease: their diagnoses confirm nothing.",
        ["match_on", "code"],
    ),
    "modifier_rule": ("What a modifier means for counting.", ["modifier"]),
    "code_rule": ("What a unit of a code is; two-sided and add-on codes.", ["code_system", "code"]),
    "source": ("Sources of data, with their precedence where several tell of one service.", ["source"]),
    "opt_out": ("Providers whose data must not be shown to representatives.", ["npi", "effective_from"]),
    "capture_rate": (
        "The user's own capture rates by payer channel, state and month.",
        ["payer_channel", "state", "from_month"],
    ),
    "market_lives": (
        "People covered in the market, by payer channel, state and month.",
        ["payer_channel", "state", "from_month"],
    ),
    "access_rule": ("Where a product may be sold, by facility or health system.", ["rule_id"]),
    "roster": ("Sales representatives, their base and experience.", ["rep_id"]),
    "setting": ("Every number of the business with unit, owner and reason.", ["name"]),
}


def raw_specs() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            ["raw", name],
            group_name=GROUP,
            description=text,
            owners=OWNERS,
            kinds={"python", "duckdb", "parquet"},
            tags={
                "cadence": "per_refresh",
                "phi": "limited" if name in ("medical_claim", "eligibility") else "none",
            },
        )
        for name, text in RAW_TABLES.items()
    ]


@dg.multi_asset(
    specs=raw_specs(),
    partitions_def=REFRESHES,
    check_specs=[
        dg.AssetCheckSpec("rows_reconcile", asset=["raw", "refresh"], blocking=True),
        dg.AssetCheckSpec("landed_claims_hold_expectations", asset=["raw", "medical_claim"], blocking=True),
        dg.AssetCheckSpec("patient_tokens_are_plausible", asset=["raw", "medical_claim"]),
    ],
)
def raw_refresh(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Land the delivery of this partition, or read its receipt where it was landed before."""
    from pipelines.config.load import load_business_config
    from pipelines.landing.explain import explain
    from pipelines.landing.land import land_delivery
    from pipelines.landing.raw_partitions import ensure_empty_tables
    from pipelines.landing.registry import RefreshRegistry

    place = home.home
    config, _ = load_business_config(place.config)
    ensure_empty_tables(place)
    registry = RefreshRegistry(place)
    receipt = registry.receipt(context.partition_key)
    if receipt is None:
        delivery = next(
            (found for found in registry.pending(config) if found.refresh_id == context.partition_key), None
        )
        if delivery is None:
            raise dg.Failure(
                f"No delivery {context.partition_key} is waiting in {place.deliveries}. "
                "Put it back there, or remove the partition.",
                allow_retries=False,
            )
        receipt = land_delivery(place, delivery, config, log=context.log.info)
        if receipt.status == "refused":
            raise dg.Failure("\n".join(explain(receipt)), allow_retries=False)
    sentences = explain(receipt)
    for name in RAW_TABLES:
        files = sorted(place.raw_partition(name, receipt.refresh_id).glob("*.parquet"))
        yield dg.MaterializeResult(
            asset_key=["raw", name],
            data_version=dg.DataVersion(receipt.content_hash[:16]),
            metadata={
                **_partition_metadata(files),
                "receipt": dg.MetadataValue.md("\n".join(f"- {sentence}" for sentence in sentences)),
            },
        )
    yield from _landing_checks(place, receipt.refresh_id)
    yield _token_check(context, place, receipt.refresh_id)


def _partition_metadata(files: list[Any]) -> dict[str, Any]:
    import pyarrow.parquet as pq

    metadata: dict[str, Any] = {
        "dagster/partition_row_count": sum(pq.read_metadata(file).num_rows for file in files)
    }
    if files:
        schema = pq.read_schema(files[0])
        metadata["dagster/column_schema"] = dg.TableSchema(
            columns=[dg.TableColumn(field.name, str(field.type)) for field in schema]
        )
    return metadata


def _landing_checks(place: DataHome, refresh_id: str) -> Iterator[dg.AssetCheckResult]:
    import pandas as pd

    from quality.checks import landing__rows_reconcile, suite__holds
    from quality.expectations import validate
    from quality.summaries import landed_claims_summary

    files = place.raw_partition("refresh", refresh_id)
    yield check_result(
        landing__rows_reconcile(pd.read_parquet(files)), key=["raw", "refresh"], name="rows_reconcile"
    )
    claims = place.raw_partition("medical_claim", refresh_id)
    name = "landed_claims_hold_expectations"
    if claims.is_dir():
        summary = landed_claims_summary(f"{claims}/*.parquet", f"{files}/*.parquet")
        result = validate(summary, "landed_claims")
        yield check_result(
            suite__holds(result), key=["raw", "medical_claim"], name=name, table=result.to_markdown()
        )
    else:
        yield dg.AssetCheckResult(
            passed=True,
            asset_key=["raw", "medical_claim"],
            check_name=name,
            description="No claim lines delivered.",
        )


def _token_check(context: dg.AssetExecutionContext, place: DataHome, refresh_id: str) -> dg.AssetCheckResult:
    """Whether the patients of this delivery are those of its earlier deliveries. A warning: it may be true."""
    from pipelines.landing.registry import RefreshRegistry
    from quality.checks import landing__tokens_are_plausible
    from quality.patient_tokens import token_volumes

    key, name = ["raw", "medical_claim"], "patient_tokens_are_plausible"
    receipts = RefreshRegistry(place).accepted()
    order = [receipt.refresh_id for receipt in receipts]
    source = receipts[order.index(refresh_id)].source
    deliveries = [
        receipt.refresh_id
        for receipt in receipts[: order.index(refresh_id) + 1]
        if receipt.source == source and place.raw_partition("medical_claim", receipt.refresh_id).is_dir()
    ]
    if refresh_id not in deliveries:
        return dg.AssetCheckResult(
            passed=True, asset_key=key, check_name=name, description="No claim lines delivered."
        )
    folder = place.raw_partition("medical_claim", refresh_id).parent
    outcome = landing__tokens_are_plausible(token_volumes(folder, deliveries))
    if not outcome.passed:
        context.log.warning(f"{refresh_id}: {outcome.sentence}")
    return check_result(outcome, key=key, name=name)


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["config", name],
            group_name=GROUP,
            description=text,
            owners=["team:sales-analytics"],
            kinds={"python", "yaml"},
        )
        for name, (text, _) in CONFIG_TABLES.items()
    ],
    check_specs=[dg.AssetCheckSpec("every_row_is_usable", asset=["config", "setting"])],
)
def business_files(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Validate the business files and write them as tables; a bad row is refused and named, the rest goes on."""
    from pipelines.as_of_home import keep_business_files
    from pipelines.config.load import load_business_config
    from pipelines.config.tables import config_tables

    config, problems = load_business_config(home.home.config)
    keep_business_files(home.home, config.config_hash)
    for problem in problems:
        context.log.warning(problem.sentence())
    tables = config_tables(config)
    for name, (_, key) in CONFIG_TABLES.items():
        yield write_table(
            home.home, f"config/{name}", tables[name], sort_by=key, metadata={"profile": config.profile}
        )
    yield dg.AssetCheckResult(
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        asset_key=["config", "setting"],
        check_name="every_row_is_usable",
        description="All rows of the business files are usable."
        if not problems
        else f"{len(problems)} rows were refused.",
        metadata={
            "problems": dg.MetadataValue.md("\n".join(f"- {p.sentence()}" for p in problems) or "none")
        },
    )
