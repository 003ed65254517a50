"""What sqlfluff needs of `adapter.dispatch`: the default implementations, as text."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(name: str) -> Callable[..., str]:
    """Render the dispatched macros of macros/engine.sql and macros/lists.sql as text, `lake(relation)` as it is."""
    if name == "row_key":
        return lambda columns: f"hash({', '.join(columns)})"
    if name == "explode":
        return lambda expression: f"unnest({expression})"
    if name == "key_type":
        return lambda: "ubigint"
    if name in ("place_in", "is_pointed_at", "day_key"):
        return lambda *parts: f"{name}({', '.join(parts)})"
    if name == "lists_overlap":
        return lambda one, other: f"list_has_any({one}, {other})"
    if name == "length_of":
        return lambda expression: f"len({expression})"
    if name == "first_of":
        return lambda expression: f"{expression}[1]"
    if name in ("hold", "create_ledger_state"):
        return lambda *parts: "select 1"
    if name in ("next_change", "held_change"):
        return lambda *_: "1"
    if name == "sum_of_keys":
        return lambda expression: f"sum({expression})"
    if name == "joined_text":
        return lambda expression, separator: f"string_agg({expression}, '{separator}')"
    if name in ("create_ledger_state", "hold"):
        return lambda *_: ""
    return str
