"""What follows from published totals by linear algebra: exact, over whole numbers and fractions, no tolerance.

Belongs here: the rank test on any sparse system of equations. What the equations are is `disclosure_audit`'s.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

Unknown = Hashable
Row = dict[Unknown, Fraction]


def determined_unknowns(equations: Sequence[Mapping[Unknown, int | Fraction]]) -> set[Unknown]:
    """The unknowns whose value follows from the equations: those whose unit vector lies in their row space.

    `equations` are the left-hand sides, coefficients by unknown (the right-hand sides are published numbers, whatever
    they are). Each is solved for one unknown; an unknown is determined where nothing free is left in its solution.
    Equations that end in an unknown of their own are set aside first, so that the elimination proper meets only what
    is truly entangled.
    """
    rows = [{name: Fraction(value) for name, value in equation.items() if value} for equation in equations]
    peeled, core = _peel([row for row in rows if row])
    solved = _solve(core)
    for pivot, row in reversed(peeled):
        solved[pivot] = _expressed(row, pivot, solved)
    return {name for name, rest in solved.items() if not rest}


def _peel(rows: Sequence[Row]) -> tuple[list[tuple[Unknown, Row]], list[Row]]:
    """Equations with an unknown that no other (remaining) equation has, in the order found; and the others."""
    used = Counter(name for row in rows for name in row)
    where: defaultdict[Unknown, set[int]] = defaultdict(set)
    for place, row in enumerate(rows):
        for name in row:
            where[name].add(place)
    waiting = sorted((name for name, times in used.items() if times == 1), key=repr)
    peeled: list[tuple[Unknown, Row]] = []
    gone: set[int] = set()
    while waiting:
        name = waiting.pop()
        places = where[name] - gone
        if len(places) != 1:
            continue
        (place,) = places
        gone.add(place)
        peeled.append((name, rows[place]))
        for other in rows[place]:
            used[other] -= 1
            if used[other] == 1:
                waiting.append(other)
    return peeled, [row for place, row in enumerate(rows) if place not in gone]


def _solve(rows: Sequence[Row]) -> dict[Unknown, Row]:
    """Gauss-Jordan: each pivot in terms of the free unknowns."""
    solved: dict[Unknown, Row] = {}
    holds: defaultdict[Unknown, set[Unknown]] = defaultdict(set)  # free unknown: pivots whose solution has it
    for row in sorted(rows, key=len):
        rest = _substituted(row, solved)
        if not rest:
            continue
        pivot = min(rest, key=lambda name: (len(holds[name]), repr(name)))
        solution = _expressed(rest, pivot, {})
        for other in holds.pop(pivot, set()):
            factor = solved[other].pop(pivot)
            for name, value in solution.items():
                _add(solved[other], name, factor * value)
                (holds[name].add if name in solved[other] else holds[name].discard)(other)
        solved[pivot] = solution
        for name in solution:
            holds[name].add(pivot)
    return solved


def _substituted(row: Row, solved: Mapping[Unknown, Row]) -> Row:
    rest: Row = {}
    for name, value in row.items():
        if name in solved:
            for free, factor in solved[name].items():
                _add(rest, free, value * factor)
        else:
            _add(rest, name, value)
    return rest


def _expressed(row: Row, pivot: Unknown, solved: Mapping[Unknown, Row]) -> Row:
    """`pivot` in terms of the others: pivot = Σ −value/pivot value × other (+ what is known)."""
    others = _substituted({name: value for name, value in row.items() if name != pivot}, solved)
    return {name: -value / row[pivot] for name, value in others.items()}


def _add(row: Row, name: Unknown, value: Fraction) -> None:
    total = row.get(name, Fraction(0)) + value
    if total:
        row[name] = total
    else:
        row.pop(name, None)
