"""Can a small count of people be had from what would be published? The attacker's arithmetic, done before him.

Belongs here: from the marts of a snapshot (and of earlier ones) to the list of cells that follow. Nothing else is
read: the audit knows what a consumer knows, and beside it only which providers opted out and have no row. The attacks
are named in docs/methods/privacy.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from quality.disclosure_rules import ROUNDED_COLUMNS, TREATMENTS, Family, Treatment, untreated_columns
from quality.linear_recovery import Unknown, determined_unknowns

Marts = Mapping[str, pa.Table]
Record = dict[str, Any]


@dataclass(frozen=True, order=True)
class Recoverable:
    """A cell that could be had. `how` says by which arithmetic, and never the value."""

    mart: str
    key: str
    measure: str
    how: str

    def sentence(self) -> str:
        return f"{self.mart} [{self.key}] {self.measure}: {self.how}"


@dataclass(frozen=True)
class Published:
    """What the audit needs beside the marts themselves.

    `threshold`: smallest count that may be shown. `dearest_usd`: price of the dearest product, which sets the step of
    territory dollars. `unlisted`: (family, product_id, npi, unit_id) of providers who have people there but no row.
    `earlier`: what earlier snapshots showed, in the shape of `delivery/published_cell`.
    """

    marts: Marts
    threshold: int
    dearest_usd: Decimal = Decimal(0)
    unlisted: frozenset[tuple[str, str, str, str]] = frozenset()
    earlier: pa.Table | None = None


Cell = tuple[str, ...]  # mart, then the key


@dataclass(frozen=True)
class Margin:
    """A published total and its cells: `total` = Σ `members`."""

    total: Cell
    members: tuple[Cell, ...]


def recoverable_cells(published: Published) -> list[Recoverable]:
    """Every cell that follows from the marts, sorted; empty means that the snapshot may be published."""
    rows = {name: table.to_pylist() for name, table in published.marts.items() if name in TREATMENTS}
    found = {
        *_untreated(published.marts),
        *_unrounded(rows, published),
        *_shown_small(rows, published.threshold),
        *(_small_changes(published.marts, published.earlier, published.threshold)),
        *_exact_splits(rows, published.threshold),
        *_by_elimination(rows, published),
        *_too_narrow(rows, published),
    }
    return sorted(found)


# --- what a row shows by itself ---


def _untreated(marts: Marts) -> Iterator[Recoverable]:
    for mart, table in marts.items():
        for column in untreated_columns(mart, table.column_names):
            yield Recoverable(
                mart,
                "every row",
                column,
                "may tell a count of people, and quality/disclosure_rules.py does not say how it is treated",
            )


def _shown_small(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Small counts that are shown, and anything that is shown of a suppressed row."""
    for mart, family, row in _family_rows(rows):
        key = _key(mart, row)
        if row[family.suppressed]:
            for column in (*family.people, *family.others):
                if row.get(column) is not None:
                    yield Recoverable(mart, key, column, "is shown although the row is suppressed")
            continue
        for column in family.people:
            value = row.get(column)
            if value is not None and 0 < value < threshold:
                yield Recoverable(mart, key, column, "is a small count that is shown")


def _family_rows(rows: Mapping[str, list[Record]]) -> Iterator[tuple[str, Family, Record]]:
    for mart, treatment in TREATMENTS.items():
        for family in treatment.families:
            for row in rows.get(mart, []):
                yield mart, family, row


def _key(mart: str, row: Record) -> str:
    return ", ".join(f"{name} {row[name]}" for name in _treatment(mart).key)


def _treatment(mart: str) -> Treatment:
    return TREATMENTS[mart]


# --- against earlier snapshots ---


# mart: kind, member, unit of `delivery/published_cell`
_CELL_OF = {
    "mart_geography_opportunity": ("geography_level", "geography_id", "''"),
    "mart_provider_opportunity": ("'provider'", "npi", "unit_id"),
    "mart_account_opportunity": ("'account'", "account_id", "unit_id"),
}
_MARK = {"procedure": "is_withheld", "diagnosis": "is_diagnosis_withheld"}


def _small_changes(marts: Marts, earlier: pa.Table | None, threshold: int) -> Iterator[Recoverable]:
    """A present value that differs by 1 to (threshold - 1) from one that was shown before.

    A row that says it shows an older value must show one: then it adds nothing to what is known.
    """
    if earlier is None or not len(earlier):
        return
    with duckdb.connect() as connection:
        connection.register("earlier", earlier)
        for mart, (kind, member, unit) in _CELL_OF.items():
            if mart not in marts:
                continue
            connection.register("present", marts[mart])
            key = _treatment(mart).key
            for family in (family for family in _treatment(mart).families if family.name in _MARK):
                same = " and ".join(f"old.{name} is not distinct from now.{name}" for name in family.people)
                small = " or ".join(
                    f"(now.{name} <> old.{name} and abs(now.{name} - old.{name}) < {threshold})"
                    for name in family.people
                )
                found = connection.execute(
                    f"""
                    select {", ".join(f"now.{name}" for name in key)}, min(old.snapshot_id) filter (where {small})
                    from present as now inner join earlier as old
                    on old.cell_kind = {kind} and old.product_id = now.product_id
                    and old.member_id = now.{member} and old.unit_id = {unit if unit == "''" else f"now.{unit}"}
                    where not now.{family.suppressed} and not old.{_MARK[family.name]}
                    group by {", ".join(f"now.{name}" for name in key)}, now.{family.held}
                    having bool_or({small}) and not (now.{family.held} and bool_or({same}))
                    """
                ).fetchall()
                for *values, snapshot in found:
                    told = ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))
                    how = f"differs by a small count from snapshot {snapshot}"
                    yield Recoverable(mart, told, " and ".join(family.people), how)


def _is_withheld(row: Record, family: Family) -> bool:
    """Is the present value not there: suppressed, or an older one in its place?"""
    return bool(row[family.suppressed] or (family.held and row.get(family.held)))


def _cell(mart: str, row: Record) -> Cell:
    return (mart, *(str(row[name]) for name in _treatment(mart).key))


# --- the split by access ---


def _exact_splits(rows: Mapping[str, list[Record]], threshold: int) -> Iterator[Recoverable]:
    """Parts of a total by access that are neither all of it, nor those of one status, nor rounded to two thresholds."""
    states = {
        (row["product_id"], row["geography_id"]): row["state"]
        for row in rows.get("mart_geography_opportunity", [])
        if row["geography_level"] == "unit"
    }
    statuses: defaultdict[tuple[str, ...], set[Any]] = defaultdict(set)
    for row in rows.get("mart_account_opportunity", []):
        if "access_status" not in row:
            return
        if row.get("total_usd") == 0:
            continue
        share = (
            Fraction(row["addressable_usd"]) / Fraction(row["total_usd"]) if row.get("total_usd") else None
        )
        kinds = {row["access_status"]} if share is None else {row["access_status"], round(float(share), 3)}
        product, unit = row["product_id"], row["unit_id"]
        for place in (("unit", unit), ("state", str(states.get((product, unit)))), ("nation", "nation")):
            statuses[(product, *place)] |= kinds
    for mart in ("mart_geography_opportunity", "mart_provider_opportunity"):
        for row in rows.get(mart, []):
            total, volume = row.get("total_usd"), row.get("procedures")
            parts = [row.get(name) for name in ("addressable_usd", "phantom_usd", "unknown_usd")]
            if row["is_suppressed"] or not total or not volume or None in parts:
                continue
            place = (row.get("geography_level", "unit"), row.get("geography_id", row.get("unit_id")))
            words = [kind for kind in statuses[(row["product_id"], *place)] if isinstance(kind, str)]
            shares = len(statuses[(row["product_id"], *place)]) - len(words)
            step = 2 * threshold * Fraction(total) / Fraction(volume)
            for name, part in zip(("addressable_usd", "phantom_usd", "unknown_usd"), parts, strict=True):
                is_rounded = part in (0, total) or _is_multiple(part, step)
                if not is_rounded and (len(words) > 1 or shares > 1):
                    yield Recoverable(
                        mart,
                        _key(mart, row),
                        name,
                        "is the exact volume of the accounts behind one access status",
                    )


def _unrounded(rows: Mapping[str, list[Record]], published: Published) -> Iterator[Recoverable]:
    """Sums over shown and withheld cells, of territories and of health systems, that are finer than two thresholds."""
    people = Fraction(2 * published.threshold)
    steps = {"usd": people * Fraction(published.dearest_usd), "people": people}
    for mart, columns in ROUNDED_COLUMNS.items():
        for row in rows.get(mart, []):
            for column, kind in columns.items():
                if row.get(column) is not None and not _is_multiple(row[column], steps[kind]):
                    yield Recoverable(mart, _key(mart, row), column, "is a sum that is not rounded")


def _is_multiple(value: Any, step: Fraction) -> bool:
    """To the cent: what is published has been rounded to it."""
    if not step:
        return True
    times = Fraction(value) / step
    return abs(times - round(times)) * step <= Fraction(1, 100) * max(1, abs(round(times)))


# --- subtraction, addition, and everything linear ---


def _by_elimination(rows: Mapping[str, list[Record]], published: Published) -> Iterator[Recoverable]:
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
        for before in _same_year(rows, published.earlier, family):
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


def _same_year(
    rows: Mapping[str, list[Record]], earlier: pa.Table | None, family_name: str
) -> list[dict[Cell, Any]]:
    """Per earlier snapshot of the same planning year: cell → the count it showed, None where withheld."""
    year = _planning_year(rows)
    if earlier is None or year is None:
        return []
    same = pc.and_(pc.equal(earlier["first_month"], year[0]), pc.equal(earlier["last_month"], year[1]))
    count = "procedures" if family_name == "procedure" else "diagnosed_patients"
    columns = ["snapshot_id", "cell_kind", "product_id", "member_id", "unit_id", count, _MARK[family_name]]
    found: defaultdict[str, dict[Cell, Any]] = defaultdict(dict)
    for row in earlier.filter(same).select(columns).to_pylist():
        kind, product, member = row["cell_kind"], row["product_id"], row["member_id"]
        is_place = kind not in ("provider", "account")
        cell: Cell = ("mart_geography_opportunity", product, kind, member)
        if not is_place:
            cell = (f"mart_{kind}_opportunity", product, member, row["unit_id"])
        found[row["snapshot_id"]][cell] = None if row[_MARK[family_name]] else row[count]
    return [found[snapshot] for snapshot in sorted(found)]


def _planning_year(rows: Mapping[str, list[Record]]) -> tuple[Any, Any] | None:
    for row in rows.get("mart_data_through", []):
        if row["is_planned_with"]:
            return row["planning_first_month"], row["planning_last_month"]
    return None


def _shown_values(rows: Mapping[str, list[Record]], family_name: str) -> dict[Cell, Any]:
    """Cells whose present value is shown, with their count."""
    return {
        _cell(mart, row): row.get("procedures" if family_name == "procedure" else "diagnosed_patients")
        for mart, family, row in _family_rows(rows)
        if family.name == family_name and not _is_withheld(row, family)
    }


def _margins(
    rows: Mapping[str, list[Record]], unlisted: Iterable[tuple[str, str, str, str]], family_name: str
) -> Iterator[Margin]:
    """nation = states = strengths of link, state = units, unit = providers, unit = accounts; per product."""
    geography = "mart_geography_opportunity"
    members: defaultdict[tuple[str, Cell], list[Cell]] = defaultdict(list)
    places = rows.get(geography, [])
    totals = {_cell(geography, row) for row in places}
    for row in places:
        if row["geography_level"] == "state":
            total: Cell = (geography, str(row["product_id"]), "nation", "nation")
        elif row["geography_level"] == "unit":
            total = (geography, str(row["product_id"]), "state", str(row["state"]))
        else:
            continue
        members[(geography, total)].append(_cell(geography, row))
    for mart in ("mart_provider_opportunity", "mart_account_opportunity"):
        for row in rows.get(mart, []):
            total = (geography, str(row["product_id"]), "unit", str(row["unit_id"]))
            members[(mart, total)].append(_cell(mart, row))
    for row in rows.get("mart_indication_link", []) if family_name == "procedure" else []:
        total = (geography, str(row["product_id"]), "nation", "nation")
        members[("mart_indication_link", total)].append(_cell("mart_indication_link", row))
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
        cells = [_cell(geography, row) for unit in units for row in of_unit[unit]]
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
            if value is not None and not _is_multiple(value, step):
                finer.add(str(row["territory_id"]))
    for row in rows.get("mart_territory_drift", []):
        step = usd if row["measure"] == "all" else people
        for column in ("observed", "expected"):
            if row.get(column) is not None and not _is_multiple(row[column], step):
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


# --- ranges ---


def _too_narrow(rows: Mapping[str, list[Record]], published: Published) -> Iterator[Recoverable]:
    """Suppressed cells that no value of 1 to (threshold - 1) but a few is left for, given the total of their margin.

    Each suppressed cell holds at least 1 procedure, each that is held back at least `threshold`: what the total leaves
    above that is the range of any of them.
    """
    values: dict[Cell, Record] = {}
    families = {}
    for mart, family, row in _family_rows(rows):
        if family.name == "procedure":
            values[_cell(mart, row)] = row
            families[mart] = family
    for margin in _margins(rows, published.unlisted, "procedure"):
        total = values[margin.total]
        if _is_withheld(total, families[margin.total[0]]):
            continue
        rest, suppressed, is_open = Fraction(total["procedures"]), [], False
        for cell in margin.members:
            if cell[0] == "unlisted":
                is_open = True
            elif values[cell]["is_suppressed"]:
                suppressed.append(cell)
                rest -= 1
            elif _is_withheld(values[cell], families[cell[0]]):
                rest -= published.threshold
            else:
                rest -= Fraction(values[cell]["procedures"])
        if suppressed and not is_open and rest < published.threshold - 2:
            for cell in suppressed:
                how = f"the total of {', '.join(margin.total[1:])} leaves it less than the range of a small cell"
                yield Recoverable(cell[0], ", ".join(cell[1:]), "procedure", how)
