"""What sqlfluff needs of `adapter.dispatch`: the default implementations in macros/engine.sql, as text."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(name: str) -> Callable[..., str]:
    """Render `lake(relation)`, `explode(expression)` and `row_key(columns)`."""
    if name == "row_key":
        return lambda columns: f"hash({', '.join(columns)})"
    if name == "explode":
        return lambda expression: f"unnest({expression})"
    return str
