"""What a layout is: data that says which columns to expect and how each becomes a column of a raw table.

A layout never reads a file. It names fields, SQL expressions over them, rules that send a row to quarantine
and repairs that are counted; `canonicalise.py` turns that into two DuckDB statements over any file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

FieldKind = Literal["text", "integer", "number", "date"]


@dataclass(frozen=True)
class Field:
    """A delivered column: `name` is how expressions call it, `synonyms` what else vendors call it.

    Names are compared in the form of `columns.normalise`. A typed field whose value cannot be read sends its
    row to quarantine; `date_formats` are names of `sql_expressions.DATE_FORMATS`. `label` is how messages call
    a field whose `name` no sender has ever seen.
    """

    name: str
    kind: FieldKind = "text"
    synonyms: tuple[str, ...] = ()
    required: bool = False
    date_formats: tuple[str, ...] = ("YYYY-MM-DD",)
    label: str = ""

    @property
    def shown_names(self) -> tuple[str, ...]:
        """What a sender may call the column."""
        return (self.label,) if self.label else (self.name, *self.synonyms)


@dataclass(frozen=True)
class Rule:
    """A row for which `when` holds goes to quarantine. `value` is SQL for what was found."""

    column: str
    when: str
    reason: str
    remedy: str
    value: str | None = None


@dataclass(frozen=True)
class Repair:
    """Something mended or dropped in an accepted row: counted, never silent. `count` is integer SQL."""

    name: str
    count: str
    sentence: str


@dataclass(frozen=True)
class FileContext:
    """What is known of a file besides its content: SQL of a layout may use these as literals.

    `delivered_fields` are the fields of the layout that the file has. `test_patients` are regular expressions
    for the beginnings of person ids that belong to nobody.
    """

    source: str
    refresh_id: str
    known_on: date
    file_sha256: str
    token_domain: str
    default_payer_channel: str
    payer_channels: Mapping[str, str]
    constants: Mapping[str, str]
    delivered_fields: frozenset[str]
    replacement_codes: tuple[str, ...] = ("7",)
    void_codes: tuple[str, ...] = ("8",)
    claim_id_suffix: str | None = None
    test_patients: tuple[str, ...] = ()


@dataclass(frozen=True)
class CanonicalSql:
    """SQL over the fields of a layout: raw columns in order, then rules (first that holds wins) and repairs.

    `derived` are named in-between results, which may build on each other; raw columns, rules and repairs may
    use them and the fields. `service_span` is SQL for the first and last date of service of a row, where rows
    have dates.
    """

    derived: Mapping[str, str]
    columns: Mapping[str, str]
    rules: tuple[Rule, ...]
    repairs: tuple[Repair, ...]
    service_span: tuple[str, str] | None = None


@dataclass(frozen=True)
class Layout:
    """One vendor format of one entity (= raw table without its schema).

    `known_unused` are name patterns (regular expressions, whole normalised name) of columns that belong to
    the format but are not used, so that a column outside of both is noticed as new. `holds_patients` turns on
    the refusal of files with direct identifiers. `required_constants` must stand in the source profile.

    `form` is what files of it are: text with a delimiter, or X12 interchanges. `delimiter` and `encoding` are
    fixed where a vendor's file cannot be left to guesses.

    The rest tells when a delivery without a manifest became known: `label_date` is a column that dates the
    file, `event_dates` are fields that date its rows, `update_date` is when a directory's entry was last
    touched. Registries are `dated_by_name` where a file's name says of which period it is.
    """

    name: str
    entity: str
    fields: tuple[Field, ...]
    canonical: Callable[[FileContext], CanonicalSql]
    known_unused: tuple[str, ...] = ()
    holds_patients: bool = False
    required_constants: tuple[str, ...] = ()
    form: Literal["table", "x12"] = "table"
    delimiter: str | None = None
    encoding: str = "utf-8"
    label_date: Field | None = None
    event_dates: tuple[str, ...] = ()
    update_date: Field | None = None
    dated_by_name: bool = False

    @property
    def dating_fields(self) -> tuple[Field, ...]:
        """Columns that date the delivery and are no part of its rows."""
        return tuple(field for field in (self.label_date, self.update_date) if field is not None)
