"""`events.csv`: what the business already knows will happen and should be reviewed."""

from __future__ import annotations

from pathlib import Path

from pipelines.config.csv_rows import Row, read_rows
from pipelines.config.measured import nearest
from pipelines.config.model import PlannedEvent
from pipelines.config.products import Products
from pipelines.problems import Problem

FILE = "events.csv"
TRIGGERS = ("product_launch", "acquisition", "team_change", "volume_shift", "regulatory_change")
SCOPES = ("product", "health_system", "facility", "state", "territory", "rep", "national")
_COLUMNS = ("event_id", "trigger", "scope_kind", "scope_id", "effective_from", "note")


def read_events(folder: Path, products: Products) -> tuple[tuple[PlannedEvent, ...], list[Problem]]:
    """The planned events, sorted by id."""
    found, problems = read_rows(folder / FILE, FILE, _COLUMNS)
    events: dict[str, PlannedEvent] = {}
    for row in found:
        if row.optional("scope_kind") == "product" and row.optional("scope_id") in products.refused:
            continue
        event = _event(row, products)
        if event is not None and event.event_id in events:
            row.refuse("event_id", "the event_id is used twice", "Give every event its own id.")
        elif event is not None:
            events[event.event_id] = event
        problems += row.problems
    return tuple(events[key] for key in sorted(events)), problems


def _event(row: Row, products: Products) -> PlannedEvent | None:
    event_id = row.text("event_id")
    trigger = row.choice("trigger", TRIGGERS)
    scope_kind = row.choice("scope_kind", SCOPES)
    scope_id = row.optional("scope_id")
    if scope_kind == "product" and products.unknown(scope_id):
        remedy = nearest(scope_id, products.rows) + "Use a product_id of products.yml."
        row.refuse("scope_id", "the product is not known", remedy)
    elif scope_kind != "national":
        row.text("scope_id")
    day = row.day("effective_from")
    if day is None and not row.optional("effective_from"):
        row.refuse("effective_from", "the value is missing", "Write the day as YYYY-MM-DD.")
    if row.problems or day is None:
        return None
    return PlannedEvent(event_id, trigger, scope_kind, scope_id, day, row.optional("note"))
