"""The text of one SELECT: delivered rows with every field typed, everything derived, and a verdict on each
row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.landing.columns import ColumnMatch
from pipelines.landing.intake import FileShape, Intake
from pipelines.landing.layouts.contract import CanonicalSql, Field, Layout, Rule
from pipelines.landing.sql_expressions import identifier, strict_date, strict_integer, strict_number

UNREADABLE = {
    "date": ("not a date", "Deliver dates as {formats}."),
    "integer": ("not a whole number", "Deliver a whole number without separators."),
    "number": ("not a number", "Deliver a plain decimal number without separators or currency signs."),
}
INTEGER_TYPES = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
NUMBER_TYPES = re.compile(r"FLOAT|DOUBLE|DECIMAL.*")
DATE_TYPES = re.compile(r"DATE|TIMESTAMP.*")


def judged_rows(
    intake: Intake,
    shape: FileShape,
    match: ColumnMatch,
    *,
    layout: Layout,
    sql: CanonicalSql,
    rules: tuple[Rule, ...],
) -> str:
    """A SELECT with row_number, all fields typed, everything derived, and `verdict`: the rule's place, null =
    good.

    One nested SELECT per step, so that each expression is evaluated once and not once per use.
    """
    types = dict(zip(shape.names, shape.types, strict=True))
    delivered, parsed = [f"{intake.row_number} AS row_number"], []
    for field in layout.fields:
        name = match.delivered.get(field.name)
        column, kind = (identifier(name), types[name]) if name is not None else ("NULL::VARCHAR", "VARCHAR")
        if field.kind == "text":
            delivered.append(f"{_as_text(column, kind)} AS {field.name}")
        elif _is_typed(field, kind):
            delivered.append(f"{_as_typed(field, column)} AS {field.name}")
            delivered.append(f"{_infinite(field, column)} AS {field.name}__text")
        else:
            delivered.append(f"{_as_text(column, kind)} AS {field.name}__text")
            parsed.append(f"{_parsed(field)} AS {field.name}")
    query = f"SELECT {', '.join(delivered)} FROM {intake.relation}"
    for additions in (parsed, *_levels(sql.derived)):
        if additions:
            query = f"SELECT *, {', '.join(additions)} FROM ({query})"
    cases = " ".join(f"WHEN {rule.when} THEN {place}" for place, rule in enumerate(rules))
    return f"SELECT *, CASE {cases} END AS verdict FROM ({query})"


def _as_text(column: str, kind: str) -> str:
    if kind == "VARCHAR":
        # Trimming costs more than all other reading; few values need it.
        return (
            f"CASE WHEN {column} LIKE ' %' OR {column} LIKE '% ' OR {column} = '' "
            f"THEN nullif(trim({column}), '') ELSE {column} END"
        )
    if NUMBER_TYPES.fullmatch(kind):  # NaN is how data frames write "no value"
        return f"CASE WHEN NOT isnan({column}::DOUBLE) THEN {column}::VARCHAR END"
    return f"{column}::VARCHAR"


def _is_typed(field: Field, kind: str) -> bool:
    """True where a Parquet column already has the field's type, so that nothing must be parsed."""
    if field.kind == "date":
        return bool(DATE_TYPES.fullmatch(kind))
    if field.kind == "integer":
        return bool(INTEGER_TYPES.fullmatch(kind))
    return bool(NUMBER_TYPES.fullmatch(kind) or INTEGER_TYPES.fullmatch(kind))


def _as_typed(field: Field, column: str) -> str:
    if field.kind == "number":
        return f"CASE WHEN isfinite({column}::DOUBLE) THEN {column}::DOUBLE END"
    return f"{column}::{'DATE' if field.kind == 'date' else 'BIGINT'}"


def _infinite(field: Field, column: str) -> str:
    """What of an already typed column cannot be used: infinity. (NaN is no value.)"""
    if field.kind == "number":
        return f"CASE WHEN isinf({column}::DOUBLE) THEN {column}::VARCHAR END"
    return "NULL::VARCHAR"


def _parsed(field: Field) -> str:
    text = f"{field.name}__text"
    if field.kind == "date":
        return strict_date(text, field.date_formats)
    return strict_integer(text) if field.kind == "integer" else strict_number(text)


def _levels(derived: Mapping[str, str]) -> list[list[str]]:
    """The derived columns in steps: each step uses only fields and the steps before it."""
    level_of: dict[str, int] = {}
    for name, expression in derived.items():
        used = [level_of[word] for word in re.findall(r"[a-z_0-9]+", expression) if word in level_of]
        level_of[name] = 1 + max(used, default=-1)
    steps: list[list[str]] = [[] for _ in range(1 + max(level_of.values(), default=-1))]
    for name, expression in derived.items():
        steps[level_of[name]].append(f"{expression} AS {name}")
    return steps


def unreadable_rules(layout: Layout, match: ColumnMatch, shape: FileShape) -> tuple[Rule, ...]:
    """A typed field with text that is none of its type refuses the row: it would become a silent null."""
    return tuple(
        Rule(
            field.name,
            f"{field.name}__text IS NOT NULL AND {field.name} IS NULL",
            UNREADABLE[field.kind][0],
            UNREADABLE[field.kind][1].format(formats=" or ".join(field.date_formats)),
            f"{field.name}__text",
        )
        for field in layout.fields
        if field.kind != "text" and field.name in match.delivered
    )
