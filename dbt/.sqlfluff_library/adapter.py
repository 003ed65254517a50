"""What sqlfluff needs of `adapter.dispatch`: the default implementations in macros/engine.sql, as text."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(name: str) -> Callable[..., str]:
    """Render `lake(relation)`, `explode(expression)`, `row_key(columns)` and `key_type()`."""
    if name == "row_key":
        return lambda columns: f"hash({', '.join(columns)})"
    if name == "explode":
        return lambda expression: f"unnest({expression})"
    if name == "key_type":
        return lambda: "ubigint"
    if name == "joined_text":
        return lambda expression, separator: f"string_agg({expression}, '{separator}')"
    if name in ("list_size", "lists_meet", "place_in", "is_pointed_at"):
        return lambda *parts: f"{name}({', '.join(parts)})"
    return str
