"""Contracts at landing and at the marts: is this table what the architecture page says it is?

Belongs here: checking a table or its Parquet files against `table_registry.TABLES` (columns, types, key) and
`contract_rules.RULES` (values). Every rule of a table is judged in one pass of SQL over the columns it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from quality.contract_rules import RULES, ColumnRule
from quality.table_registry import ARROW_TYPES, TABLES, Table

__all__ = ["TABLES", "Breach", "contract_breaches"]


@dataclass(frozen=True)
class Breach:
    """One rule of one column that `rows` rows break; 0 rows where the column itself is wrong."""

    table: str
    column: str
    rule: str
    rows: int
    example: str
    severity: str

    def sentence(self) -> str:
        how_many = f"{self.rows:,} row(s), e.g. {self.example!r}" if self.rows else self.example
        return f"{self.table}.{self.column}: {self.rule} ({how_many})."

    def as_dict(self) -> dict[str, str | int]:
        return {
            "table": self.table,
            "column": self.column,
            "rule": self.rule,
            "rows": self.rows,
            "example": self.example,
            "severity": self.severity,
        }


def contract_breaches(name: str, data: pa.Table | str) -> list[Breach]:
    """What is wrong with table `name`; empty when all is well. `data` is a table or a glob of Parquet files.

    KeyError for a table that the registry does not know.
    """
    table = TABLES[name]
    with duckdb.connect() as connection:
        if isinstance(data, str):
            try:
                relation = connection.read_parquet(data)
            except duckdb.IOException as error:
                return [Breach(name, "*", "files must be readable", 0, str(error).splitlines()[0], "error")]
        else:
            relation = connection.from_arrow(data)
        relation.create_view("delivered")
        schema = connection.sql("select * from delivered limit 0").to_arrow_table().schema
        breaches = _shape_breaches(table, schema)
        sound = set(schema.names) - {breach.column for breach in breaches if breach.severity == "error"}
        breaches += _value_breaches(connection, table, sound)
        breaches += _key_breaches(connection, table, sound)
    return breaches


def _shape_breaches(table: Table, schema: pa.Schema) -> list[Breach]:
    breaches = []
    for name, code in table.columns:
        if name not in schema.names:
            breaches.append(Breach(table.name, name, "the column must exist", 0, "it is missing", "error"))
        elif code != "g" and schema.field(name).type != ARROW_TYPES[code]:
            found = f"it is {schema.field(name).type}"
            rule = f"the column must be {ARROW_TYPES[code]}"
            breaches.append(Breach(table.name, name, rule, 0, found, "error"))
    if table.columns:
        for name in schema.names:
            if name not in table.column_names:
                breaches.append(
                    Breach(table.name, name, "the column is not in the contract", 0, "it is extra", "warn")
                )
    return breaches


def _value_breaches(connection: duckdb.DuckDBPyConnection, table: Table, sound: set[str]) -> list[Breach]:
    checks = [
        (rule, text, condition)
        for rule in RULES.get(table.name, ())
        if rule.column in sound
        for text, condition in _conditions(rule)
    ]
    if not checks:
        return []
    selected = ", ".join(
        f"count(*) filter (where {condition}),"
        f" min(cast({_quoted(rule.column)} as varchar)) filter (where {condition})"
        for rule, _, condition in checks
    )
    found = connection.sql(f"select {selected} from delivered").fetchone() or ()
    breaches = []
    for place, (rule, text, _) in enumerate(checks):
        rows, example = found[2 * place], found[2 * place + 1]
        if rows:
            shown = "(not shown)" if rule.is_private else str("null" if example is None else example)
            breaches.append(Breach(table.name, rule.column, text, int(rows), shown, rule.severity))
    return breaches


def _conditions(rule: ColumnRule) -> list[tuple[str, str]]:
    """(the rule in words, SQL that is true where it is broken) for every part of a rule."""
    column = _quoted(rule.column)
    parts = []
    if rule.is_required:
        parts.append(("must not be null", f"{column} is null"))
    if rule.allowed:
        listed = ", ".join(f"'{value}'" for value in rule.allowed)
        parts.append((f"must be one of {', '.join(rule.allowed)}", f"{column} not in ({listed})"))
    if rule.lowest is not None:
        parts.append((f"must be at least {rule.lowest}", f"{column} < {_literal(rule.lowest)}"))
    if rule.highest is not None:
        parts.append((f"must be at most {rule.highest}", f"{column} > {_literal(rule.highest)}"))
    if rule.pattern:
        text = f"must look like {rule.pattern}"
        parts.append((text, f"not regexp_full_match({column}, '{rule.pattern}')"))
    return parts


def _key_breaches(connection: duckdb.DuckDBPyConnection, table: Table, sound: set[str]) -> list[Breach]:
    key = table.key
    if not key or not set(key) <= sound:
        return []
    columns = ", ".join(_quoted(name) for name in key)
    # Counting first is cheap; only a table with repeats is grouped to show one.
    repeats = connection.sql(f"select count(*) - count(distinct ({columns})) from delivered").fetchone()
    rows = int(repeats[0]) if repeats else 0
    missing = " or ".join(f"{_quoted(name)} is null" for name in key)
    nulls = connection.sql(f"select count(*) from delivered where {missing}").fetchone()
    breaches = []
    place = ", ".join(key)
    if rows:
        example = connection.sql(
            f"select {columns} from delivered group by all having count(*) > 1 order by all limit 1"
        ).fetchone()
        breaches.append(Breach(table.name, place, "the key must be unique", rows, str(example), "error"))
    if nulls and nulls[0]:
        breaches.append(Breach(table.name, place, "the key must not be null", int(nulls[0]), "null", "error"))
    return breaches


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal(value: float | date) -> str:
    return f"date '{value.isoformat()}'" if isinstance(value, date) else repr(value)
