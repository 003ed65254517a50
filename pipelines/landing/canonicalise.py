"""A file through its layout: accepted rows to a raw Parquet file, refused rows with column, value, reason and
remedy.

Up to three statements over the delivered rows, all streaming and with the same text inside: one counts, one
fetches the refused rows, one writes the accepted rows. Their counts must add up to what was delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.atomic_files import replace_file
from pipelines.landing.columns import ColumnMatch
from pipelines.landing.csv_lines import WHOLE_LINE
from pipelines.landing.intake import FileShape, Intake
from pipelines.landing.judged_rows import judged_rows, unreadable_rules
from pipelines.landing.layouts.contract import CanonicalSql, FileContext, Layout, Rule
from pipelines.landing.patient_token import SQL_VARIABLE, TokenKey
from pipelines.landing.raw_tables import ENTITY_TABLES, PROVENANCE
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import literal
from pipelines.problems import InputRefused

LONGEST_VALUE = 60
ROWS_PER_GROUP = 122_880
# What a quarantined value must not look like: it may stand in a wrong column.
IDENTIFIER_SHAPES = r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[^ ]+@[^ ]+\.[a-zA-Z]+"
REFUSED_SCHEMA = pa.schema(
    [
        ("row_number", pa.int64()),
        ("column_name", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("remedy", pa.string()),
    ]
)


@dataclass(frozen=True)
class CanonicalResult:
    """`refused` has REFUSED_SCHEMA, sorted by row number; `repairs` counts by name, `repair_notes` says what
    the names mean.

    The span covers the accepted rows (None where the entity has no dates).
    """

    accepted_rows: int
    refused: pa.Table
    repairs: dict[str, int]
    repair_notes: dict[str, str]
    service_from: date | None
    service_to: date | None


def canonicalise(
    intake: Intake,
    shape: FileShape,
    match: ColumnMatch,
    layout: Layout,
    context: FileContext,
    *,
    key: TokenKey,
    file_name: str,
    target: Path,
    scratch: Path,
) -> CanonicalResult:
    """Write the accepted rows to `target` (atomic) in file order and return what happened to the others.

    What does not fit in memory is spilled to `scratch`.

    Raises InputRefused when the file breaks while it is read (a damaged data page), AssertionError when rows
    get lost: accepted + refused must be what was delivered.
    """
    sql = layout.canonical(context)
    rules = (*unreadable_rules(layout, match, shape), *sql.rules)
    rows = judged_rows(intake, shape, match, layout=layout, sql=sql, rules=rules)
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(f"SET temp_directory = {literal(str(scratch / 'spill'))}")
            connection.execute(f"SET VARIABLE {SQL_VARIABLE} = ?", [key.key])
            refused_rows, repairs, span = _summary(connection, rows, sql)
            refused = (
                _refused(connection, rows, rules, layout, match)
                if refused_rows
                else REFUSED_SCHEMA.empty_table()
            )
            accepted = _write_accepted(connection, rows, sql, layout=layout, context=context, target=target)
    except duckdb.Error as error:
        raise _broken_file(file_name, error) from error
    if intake.bad_lines:
        refused = pa.concat_tables([refused, _bad_lines(intake)]).sort_by("row_number")
    if accepted + refused.num_rows != intake.rows:
        raise AssertionError(
            f"{file_name}: {accepted} accepted + {refused.num_rows} refused of {intake.rows} delivered rows"
        )
    notes = {repair.name: repair.sentence for repair in sql.repairs if repair.name in repairs}
    return CanonicalResult(accepted, refused, repairs, notes, *span)


def _bad_lines(intake: Intake) -> pa.Table:
    """Lines that no parser saw, as refused rows."""
    lines = intake.bad_lines
    arrays = [
        [bad.line_number for bad in lines],
        [WHOLE_LINE] * len(lines),
        [bad.found or None for bad in lines],
        [bad.reason for bad in lines],
        [intake.remedies[bad.reason] for bad in lines],
    ]
    typed = [pa.array(values, field.type) for values, field in zip(arrays, REFUSED_SCHEMA, strict=True)]
    return pa.table(typed, schema=REFUSED_SCHEMA)


def _summary(
    connection: duckdb.DuckDBPyConnection, rows: str, sql: CanonicalSql
) -> tuple[int, dict[str, int], tuple[date | None, date | None]]:
    """How many rows are refused; of the others, repairs by name and the first and last date of service."""
    span_from, span_to = sql.service_span or ("NULL::DATE", "NULL::DATE")
    counted = ", ".join(
        ["count(verdict)"]
        + [
            f"{aggregate} FILTER (WHERE verdict IS NULL)"
            for aggregate in (f"min({span_from})", f"max({span_to})")
        ]
        + [f"sum({repair.count}) FILTER (WHERE verdict IS NULL)" for repair in sql.repairs]
    )
    refused, first, last, *sums = connection.execute(f"SELECT {counted} FROM ({rows})").fetchall()[0]
    repairs = {repair.name: int(total) for repair, total in zip(sql.repairs, sums, strict=True) if total}
    return refused, repairs, (first, last)


def _refused(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    rules: tuple[Rule, ...],
    layout: Layout,
    match: ColumnMatch,
) -> pa.Table:
    def by_rule(texts: list[str | None]) -> str:
        cases = " ".join(f"WHEN {place} THEN {text}" for place, text in enumerate(texts) if text is not None)
        return f"CASE verdict {cases} END" if cases else "NULL::VARCHAR"

    columns = by_rule([literal(match.delivered.get(rule.column, rule.column)) for rule in rules])
    is_person = "value = person_id OR " if layout.holds_patients else ""
    return (
        connection.execute(
            f"SELECT row_number::BIGINT AS row_number, {columns} AS column_name, "
            f"CASE WHEN {is_person}regexp_matches(value, '{IDENTIFIER_SHAPES}') THEN '***' "
            f"ELSE left(value, {LONGEST_VALUE}) END AS value, "
            f"{by_rule([literal(rule.reason) for rule in rules])} AS reason, "
            f"{by_rule([literal(rule.remedy) for rule in rules])} AS remedy "
            f"FROM (SELECT *, {by_rule([rule.value for rule in rules])} AS value "
            f"FROM ({rows}) WHERE verdict IS NOT NULL) ORDER BY row_number"
        )
        .to_arrow_table()
        .cast(REFUSED_SCHEMA)
    )


def _write_accepted(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    sql: CanonicalSql,
    *,
    layout: Layout,
    context: FileContext,
    target: Path,
) -> int:
    """Write the raw table's columns in file order (DuckDB preserves it) and return the number of rows."""
    table = ENTITY_TABLES[layout.entity]
    if list(table) != list(sql.columns):
        raise AssertionError(f"layout {layout.name} does not make the columns of raw/{layout.entity}")
    provenance = {
        "source": literal(context.source),
        "refresh_id": literal(context.refresh_id),
        "known_on": literal(context.known_on),
        "file_sha256": literal(context.file_sha256),
        "row_number": "row_number",
    }
    columns = {**sql.columns, **provenance}
    types = {**table, **PROVENANCE}
    selected = ", ".join(f"({columns[name]})::{types[name]} AS {name}" for name in types)
    written = 0

    def write(path: Path) -> None:
        nonlocal written
        copied = connection.execute(
            f"COPY (SELECT {selected} FROM ({rows}) WHERE verdict IS NULL) TO {literal(str(path))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
        ).fetchone()
        written = int(copied[0]) if copied else 0

    replace_file(target, write)
    return written


def _broken_file(file_name: str, error: duckdb.Error) -> InputRefused:
    return refusal(
        file_name,
        "whole file",
        str(error).splitlines()[0],
        "the file breaks off or is damaged inside",
        "Write it anew and deliver it whole.",
    )
