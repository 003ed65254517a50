"""A vendor's flat claims file as a layout: what `layouts/<name>.yml` describes, in SQL.

Only texts of the description that were judged when it was read get here, and all of them as literals or quoted names.
"""

from __future__ import annotations

import re

from pipelines.config.flat_layouts import KINDS, LISTS
from pipelines.config.model import FlatColumn, FlatLayout
from pipelines.landing.layouts.claim_lines import ClaimFields, canonical_claim
from pipelines.landing.layouts.contract import CanonicalSql, Field, FieldKind, FileContext, Layout, Rule
from pipelines.landing.sql_expressions import literal

TYPED: dict[str, FieldKind] = {"date": "date", "number": "number", "integer": "integer"}
NOT_IN_MAP = "a value that the layout's map does not know"
NOT_CAPTURED = "a value that the layout's pattern does not fit"
TOO_LONG = "a list with more entries than the column holds"


class _Compiled:
    """Fields, SQL and rules of one description while it is read."""

    def __init__(self, said: FlatLayout):
        self.said = said
        self.fields: dict[str, Field] = {}
        self.given: dict[str, str] = {}
        self.shown_as: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {name: [] for name in LISTS}
        self.rules: list[Rule] = []
        for target, column in said.columns.items():
            if KINDS[target] == "list":
                self.lists[target] = self._entries(target, column)
            else:
                self.given[target] = self._value(target, column)
        for rule in said.rules:
            name = self._field(rule.column, "text", "", required=True)
            listed = ", ".join(literal(value) for value in rule.values)
            self.rules.append(
                Rule(name, f"{name} IN ({listed})", rule.reason, "Leave such rows out of the delivery.", name)
            )

    def _field(self, column: str, kind: FieldKind, date_format: str, *, required: bool) -> str:
        """The field of a delivered column read as `kind`; named so that no canonical column has its name."""
        plain = re.sub(r"[^a-z0-9]+", "_", column.strip().lower()).strip("_")
        suffix = {"date": f"_{date_format.lower().replace('/', '_').replace('-', '_')}", "text": ""}.get(
            kind, f"_{kind}"
        )
        name = f"delivered__{plain}{suffix}"
        known = self.fields.get(name)
        formats = (date_format,) if kind == "date" else ("YYYY-MM-DD",)
        self.fields[name] = Field(
            name, kind, (plain,), required or bool(known and known.required), formats, label=column
        )
        return name

    def _value(self, target: str, column: FlatColumn) -> str:
        if column.constant is not None:
            return literal(column.constant)
        kind = TYPED.get(KINDS[target], "text")
        name = self._field(column.columns[0], kind, column.date_format, required=True)
        self.shown_as[target] = name
        if column.values is not None:
            cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in column.values.items())
            if column.otherwise is not None:
                return f"CASE {name} {cases} ELSE CASE WHEN {name} IS NOT NULL THEN {literal(column.otherwise)} END END"
            known = ", ".join(literal(value) for value in column.values)
            self.rules.append(
                Rule(
                    name,
                    f"{name} NOT IN ({known})",
                    NOT_IN_MAP,
                    "Add it to the map, or correct the row.",
                    name,
                )
            )
            return f"CASE {name} {cases} END"
        if column.capture is not None:
            captured = f"nullif(regexp_extract({name}, {literal(column.capture)}, 1), '')"
            self.rules.append(
                Rule(
                    name,
                    f"{name} IS NOT NULL AND {captured} IS NULL",
                    NOT_CAPTURED,
                    "Correct the pattern in the layout, or the row.",
                    name,
                )
            )
            return captured
        return name

    def _entries(self, target: str, column: FlatColumn) -> list[str]:
        """SQL of each entry: a column each, or the parts of one."""
        names = [
            self._field(delivered, "text", "", required=place == 0)
            for place, delivered in enumerate(column.columns)
        ]
        if column.split is None:
            return names
        separator = literal(column.split)
        for name in names:
            self.rules.append(
                Rule(
                    name,
                    f"coalesce(trim(split_part({name}, {separator}, {LISTS[target] + 1})), '') <> ''",
                    TOO_LONG,
                    f"Deliver at most {LISTS[target]} entries.",
                    name,
                )
            )
        return [
            f"nullif(trim(split_part({names[0]}, {separator}, {place})), '')"
            for place in range(1, LISTS[target] + 1)
        ]


def flat_layout(said: FlatLayout) -> Layout:
    """The layout of a description that `read_flat_layouts` accepted."""
    compiled = _Compiled(said)

    def canonical(context: FileContext) -> CanonicalSql:
        given = dict(compiled.given)
        if compiled.lists["icd10pcs_codes"]:
            given.setdefault("procedure_code_type", "'icd-10-pcs'")
        return canonical_claim(
            context,
            ClaimFields(
                given,
                diagnoses=compiled.lists["diagnosis_codes"],
                modifiers=compiled.lists["hcpcs_modifiers"],
                procedures=compiled.lists["icd10pcs_codes"],
                shown_as=compiled.shown_as,
                rules=tuple(compiled.rules),
            ),
        )

    dates = [compiled.shown_as.get(name) for name in ("claim_line_start_date", "claim_start_date")]
    return Layout(
        name=said.name,
        entity="medical_claim",
        fields=tuple(compiled.fields.values()),
        canonical=canonical,
        known_unused=tuple(
            re.escape(re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")) for name in said.ignored
        ),
        holds_patients=True,
        delimiter=said.delimiter,
        encoding=said.encoding,
        event_dates=tuple(name for name in dates if name),
    )
