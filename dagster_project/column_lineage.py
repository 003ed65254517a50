"""Column schema and column lineage of dbt models, for Dagster's asset pages.

Descriptions and types come from the models' yml; lineage is read from the compiled SQL with sqlglot (which dagster-dbt
brings), once for each compiled text and version of sqlglot: what was read is kept beside dbt's own compiled files, so
that only the first process after a change pays for it. What could not be read is not kept.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project.dbt_project import TARGET
from pipelines.atomic_files import read_json, write_json

log = logging.getLogger("claimline.dbt")

# column → the (schema, table, column) it comes from
Origins = dict[str, list[tuple[str, str, str]]]

_known: dict[str, Origins] = {}
_KEPT = TARGET / "column_lineage"


def column_metadata(
    node: Any,
    columns_of: Mapping[tuple[str, str], Mapping[str, str]],
    descriptions: Mapping[str, str],
    lake: Path,
) -> dict[str, Any]:
    """Dagster metadata of one built model.

    `columns_of` maps (schema, table) to {column: type} for everything in the warehouse; `descriptions` are the yml's
    column descriptions; `lake` is where the compiled SQL reads from. Lineage covers columns that come from other dbt
    models; a source read straight from Parquet has no relation name in the compiled SQL, so lineage ends at staging.
    """
    own = columns_of.get((node.schema, node.name))
    if not own:
        return {}
    schema = dg.TableSchema(
        columns=[dg.TableColumn(name, kind, description=descriptions.get(name)) for name, kind in own.items()]
    )
    metadata: dict[str, Any] = {"dagster/column_schema": schema}
    origins = _lineage(node.compiled_code or "", list(own), columns_of, lake)
    if origins:
        deps = {
            column: [dg.TableColumnDep(dg.AssetKey([schema, table]), name) for schema, table, name in found]
            for column, found in origins.items()
        }
        metadata["dagster/column_lineage"] = dg.TableColumnLineage(deps_by_column=deps)
    return metadata


def _lineage(
    sql: str, columns: list[str], columns_of: Mapping[tuple[str, str], Mapping[str, str]], lake: Path
) -> Origins:
    # Where the lake is makes no difference to where a column comes from; who reads the SQL does.
    text = "\n".join([version("sqlglot"), sql.replace(str(lake), ""), *columns])
    key = hashlib.sha256(text.encode()).hexdigest()
    if key not in _known:
        kept = _KEPT / f"{key}.json"
        if kept.is_file():
            _known[key] = {column: [tuple(o) for o in found] for column, found in read_json(kept).items()}
        else:
            try:
                _known[key] = _read_lineage(sql, columns, columns_of)
            except (
                Exception
            ) as reason:  # sqlglot raises many kinds; lineage is a picture, never a reason to fail
                log.debug("no column lineage for one model: %s", reason)
                return {}
            write_json(kept, _known[key])
    return _known[key]


def _read_lineage(
    sql: str, columns: list[str], columns_of: Mapping[tuple[str, str], Mapping[str, str]]
) -> Origins:
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    schema: dict[str, Any] = {}
    for (schema_name, name), described in columns_of.items():
        schema.setdefault(schema_name, {})[name] = dict(described)
    tree = parse_one(sql, dialect="duckdb")
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
    qualified = qualify(tree, schema=schema, dialect="duckdb", validate_qualify_columns=False)
    scope = build_scope(qualified)
    origins: Origins = {}
    for column in columns:
        found = set()
        for node in lineage(
            column, qualified, schema=schema, scope=scope, dialect="duckdb", copy=False
        ).walk():
            origin = node.expression.find(exp.Table) if not node.downstream else None
            if origin is not None and (origin.db, origin.name) in columns_of:
                found.add((origin.db, origin.name, node.name.split(".")[-1].strip('"')))
        origins[column] = sorted(found)
    return origins
