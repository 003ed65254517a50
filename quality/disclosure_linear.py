"""Subtraction, addition and everything linear: withheld cells that follow from published totals, now and before.

Belongs here: which published numbers are sums of which cells, and what their equations determine.
The elimination itself: linear_recovery.py. The whole audit: disclosure_audit.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from quality.disclosure_history import same_year
from quality.linear_recovery import Unknown, determined_unknowns
from quality.published import (
    Cell,
    Published,
    Record,
    Recoverable,
    cell_of,
    family_rows,
    is_multiple,
    is_withheld,
)


@dataclass(frozen=True)
class Margin:
    """A published total and its cells: `total` = Σ `members`."""

    total: Cell
    members: tuple[Cell, ...]


def by_elimination(rows: Mapping[str, list[Record]], published: Published) -> Iterator[Recoverable]:
    """Withheld cells in the row space of what is shown, now and in earlier snapshots of the same planning year."""
    for family in ("procedure", "diagnosis"):
        margins = list(_margins(rows, published.unlisted, family))
        now = _shown_values(rows, family)
        there = [[cell for cell in margin.members if cell not in now or now[cell]] for margin in margins]
        alone = {members[0] for members in there if len(members) == 1}
        equations: list[dict[Unknown, int | Fraction]] = []
        for margin in margins:
            terms: dict[Unknown, int | Fraction] = {cell: 1 for cell in margin.members if cell not in now}
            if margin.total not in now:
                terms[margin.total] = -1
            equations.append(terms)
        if family == "procedure":
            equations += _sums_over_products(rows, set(now), published)
        shown_before: set[Cell] = set()
        for before in same_year(rows, published.earlier, family):
            shown_before |= {cell for cell, value in before.items() if value is not None}
            equations += [
                {cell: 1 for cell in margin.members if before[cell] is None and cell not in now}
                for margin in margins
                if _stands(margin, now, before)
            ]
        for cell in determined_unknowns([terms for terms in equations if terms]):
            assert isinstance(cell, tuple)
            if cell in shown_before or (cell[0] == "unlisted" and cell in alone):
                continue  # known already; or all there is at a place, whose total stays (docs/methods/privacy.md)
            how = "follows from published totals by subtraction and addition"
            yield Recoverable(str(cell[0]), ", ".join(map(str, cell[1:])), family, how)


def _stands(margin: Margin, now: Mapping[Cell, Any], before: Mapping[Cell, Any]) -> bool:
    """Does an earlier total still hold, as far as one can see? It, and every cell shown both times, is the same."""
    if margin.total not in now or before.get(margin.total) != now[margin.total]:
        return False
    return all(
        cell in before and (cell not in now or before[cell] is None or before[cell] == now[cell])
        for cell in margin.members
    )


def _shown_values(rows: Mapping[str, list[Record]], family_name: str) -> dict[Cell, Any]:
    """Cells whose present value is shown, with their count."""
    return {
        cell_of(mart, row): row.get("procedures" if family_name == "procedure" else "diagnosed_patients")
        for mart, family, row in family_rows(rows)
        if family.name == family_name and not is_withheld(row, family)
    }


def _margins(
    rows: Mapping[str, list[Record]], unlisted: Iterable[tuple[str, str, str, str]], family_name: str
) -> Iterator[Margin]:
    """nation = states, state = units, unit = providers, unit = accounts; per product."""
    geography = "mart_geography_opportunity"
    members: defaultdict[tuple[str, Cell], list[Cell]] = defaultdict(list)
    places = rows.get(geography, [])
    totals = {cell_of(geography, row) for row in places}
    for row in places:
        if row["geography_level"] == "state":
            total: Cell = (geography, str(row["product_id"]), "nation", "nation")
        elif row["geography_level"] == "unit":
            total = (geography, str(row["product_id"]), "state", str(row["state"]))
        else:
            continue
        members[(geography, total)].append(cell_of(geography, row))
    for mart in ("mart_provider_opportunity", "mart_account_opportunity"):
        for row in rows.get(mart, []):
            total = (geography, str(row["product_id"]), "unit", str(row["unit_id"]))
            members[(mart, total)].append(cell_of(mart, row))
    for product, npi, unit in sorted(rest for family, *rest in unlisted if family == family_name):
        total = (geography, product, "unit", unit)
        members[("mart_provider_opportunity", total)].append(("unlisted", product, npi, unit))
    for (_, total), cells in members.items():
        if total in totals:
            yield Margin(total, tuple(sorted(cells)))


def _sums_over_products(
    rows: Mapping[str, list[Record]], known: set[Cell], published: Published
) -> list[dict[Unknown, int | Fraction]]:
    """Sums over the units of a territory that are published finer than they should be; and units over all products."""
    geography = "mart_geography_opportunity"
    of_unit: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows.get(geography, []):
        if row["geography_level"] == "unit":
            of_unit[str(row["geography_id"])].append(row)

    def terms(units: Iterable[str]) -> dict[Unknown, int | Fraction]:
        cells = [cell_of(geography, row) for unit in units for row in of_unit[unit]]
        return {cell: 1 for cell in cells if cell not in known}

    found = [
        terms([str(row["unit_id"])])
        for mart in ("mart_unit_assignment", "mart_plan_change")
        for row in rows.get(mart, [])
        if _fresh_columns(row, of_unit[str(row["unit_id"])])
    ]
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows.get("mart_unit_assignment", []):
        inside[str(row["territory_id"])].append(str(row["unit_id"]))
    return found + [terms(inside[territory]) for territory in sorted(_told_finer(rows, published))]


def _fresh_columns(row: Record, products: Sequence[Record]) -> list[str]:
    """Columns of a unit over all products that are not the sum of what its products show."""
    told = []
    for column in ("addressable_usd", "procedures"):
        value = row.get(column)
        shown = [product.get(column) for product in products]
        if value is not None and (None in shown or sum(filter(None, shown)) != value):
            told.append(column)
    return told


def _told_finer(rows: Mapping[str, list[Record]], published: Published) -> set[str]:
    """Territories of which some total is published exactly: no multiple of the step, or a quota that is finer."""
    people = Fraction(2 * published.threshold)
    usd = people * Fraction(published.dearest_usd)
    finer = set()
    scorecard = rows.get("mart_territory_scorecard", [])
    for row in scorecard:
        for column, step in (
            *((name, people) for name in ("patients", "procedures")),
            *(
                (f"{name}usd", usd)
                for name in ("planned_addressable_", "total_", "addressable_", "phantom_", "unknown_")
            ),
        ):
            value = row.get(column)
            if value is not None and not is_multiple(value, step):
                finer.add(str(row["territory_id"]))
    for row in rows.get("mart_territory_drift", []):
        step = usd if row["measure"] == "all" else people
        for column in ("observed", "expected"):
            if row.get(column) is not None and not is_multiple(row[column], step):
                finer.add(str(row["territory_id"]))
    return finer | _finer_quotas(scorecard, rows.get("mart_quota_line", []))


def _finer_quotas(scorecard: Sequence[Record], lines: Sequence[Record]) -> set[str]:
    """Territories whose part of the goal by potential is not their part of the published, rounded potential."""
    amounts: defaultdict[str, Fraction] = defaultdict(Fraction)
    number: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        if line["component"] == "potential":
            amounts[str(line["territory_id"])] += Fraction(line["amount_usd"])
            number[str(line["territory_id"])] += 1
    planned = {str(row["territory_id"]): Fraction(row["planned_addressable_usd"] or 0) for row in scorecard}
    goal, potential = sum(amounts.values(), Fraction(0)), sum(planned.values(), Fraction(0))
    if not goal or not potential:
        return set()
    cent = Fraction(1, 100)
    slack = cent * sum(number.values())
    return {
        territory
        for territory, amount in amounts.items()
        if abs(amount - goal * planned.get(territory, Fraction(0)) / potential)
        > cent * number[territory] + slack * planned.get(territory, Fraction(0)) / potential
    }


def too_narrow(rows: Mapping[str, list[Record]], published: Published) -> Iterator[Recoverable]:
    """Suppressed cells that no value of 1 to (threshold - 1) but a few is left for, given the total of their margin.

    Each suppressed cell holds at least 1 procedure, each that is held back at least `threshold`: what the total leaves
    above that is the range of any of them.
    """
    values: dict[Cell, Record] = {}
    families = {}
    for mart, family, row in family_rows(rows):
        if family.name == "procedure":
            values[cell_of(mart, row)] = row
            families[mart] = family
    for margin in _margins(rows, published.unlisted, "procedure"):
        total = values[margin.total]
        if is_withheld(total, families[margin.total[0]]):
            continue
        rest, suppressed, is_open = Fraction(total["procedures"]), [], False
        for cell in margin.members:
            if cell[0] == "unlisted":
                is_open = True
            elif values[cell]["is_suppressed"]:
                suppressed.append(cell)
                rest -= 1
            elif is_withheld(values[cell], families[cell[0]]):
                rest -= published.threshold
            else:
                rest -= Fraction(values[cell]["procedures"])
        if suppressed and not is_open and rest < published.threshold - 2:
            for cell in suppressed:
                how = f"the total of {', '.join(margin.total[1:])} leaves it less than the range of a small cell"
                yield Recoverable(cell[0], ", ".join(cell[1:]), "procedure", how)
