"""Code sets: when which code may be used, and what became of codes that ended; read anew only when a release changed."""

from collections.abc import Iterator

import dagster as dg

from assets.lake_table import HomeResource, table_metadata, write_table

GROUP = "code_sets"
TABLES = {
    "code_validity": "Periods in which a code may be used, by the release that told of it.",
    "code_crosswalk": "Successors of codes, with weights: how a value set lives on after its codes ended.",
    "code_change": "Codes that a release added, deleted or revised, by the day from which it holds.",
    "code_release": "The releases that were read, and which codes a whole list covers.",
}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["code_sets", name],
            group_name=GROUP,
            description=text,
            deps=[["config", "setting"]],
            owners=["team:sales-analytics"],
            kinds={"python"},
        )
        for name, text in TABLES.items()
    ],
    check_specs=[dg.AssetCheckSpec("every_release_row_is_usable", asset=["code_sets", "code_release"])],
)
def code_sets(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Read the releases and crosswalks, unless the tables stand already for the same ones; bad rows are named."""
    from pipelines.atomic_files import read_json, sha256_of_json, write_json
    from pipelines.code_sets.content import code_sets_content
    from pipelines.code_sets.tables import KEYS, read_code_sets

    place = home.home
    made_from = code_sets_content(place.config)
    record = place.lake / GROUP / "made_from.json"
    if record.is_file() and read_json(record)["content"] == made_from:
        sentences = read_json(record)["refused"]
        context.log.info("the code sets stand: no release or crosswalk has changed")
        for name in TABLES:
            yield dg.MaterializeResult(
                asset_key=[GROUP, name],
                data_version=dg.DataVersion(sha256_of_json(made_from)[:16]),
                metadata=table_metadata(place.table(GROUP, name)),
            )
    else:
        read = read_code_sets(place.config)
        sentences = [problem.sentence() for problem in read.problems]
        for name, table in read.tables.items():
            yield write_table(
                place,
                f"{GROUP}/{name}",
                table,
                sort_by=KEYS[name],
                data_version=sha256_of_json(made_from)[:16],
            )
        write_json(record, {"content": made_from, "refused": sentences})
    for sentence in sentences:
        context.log.warning(sentence)
    yield dg.AssetCheckResult(
        passed=not sentences,
        severity=dg.AssetCheckSeverity.WARN,
        asset_key=[GROUP, "code_release"],
        check_name="every_release_row_is_usable",
        description=f"{len(sentences)} rows were refused."
        if sentences
        else "All rows of all releases are usable.",
        metadata={"problems": dg.MetadataValue.md("\n".join(f"- {text}" for text in sentences) or "none")},
    )
