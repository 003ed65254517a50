"""Access rules planted in a simulated market, and the dollars that can be reached by its truth.

Belongs here: an oracle that knows neither the models nor their SQL: rules drawn at random, with statuses that change
between two refreshes, are asked one by one for each true service's site. Does not belong here: what was found.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

STATUSES = ("open", "restricted", "locked", "unknown")
PRODUCTS = ("knee_viscosupplement", "joint_implant")
COLUMNS = (
    *("rule_id", "scope_kind", "scope_id", "product_id", "status", "addressable_share", "reason"),
    *("effective_from", "effective_to", "source"),
)
Cell = tuple[str, str, str]  # product, site, part
MOST_SYSTEMS, FACILITIES = 8, 25


@dataclass(frozen=True)
class PlantedRule:
    """What the access team wrote down. `product_id` None is for all; dates inclusive, None is open."""

    rule_id: str
    scope_kind: str
    scope_id: str
    product_id: str | None
    status: str
    share: Decimal
    first: date | None
    last: date | None

    def speaks(self, product: str, site: str, system: str | None, day: date) -> bool:
        scope = site if self.scope_kind == "facility" else system
        return (
            self.scope_id == scope
            and self.product_id in (None, product)
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )

    def row(self) -> dict[str, str]:
        share = str(self.share) if self.status == "restricted" else ""
        said = (self.rule_id, self.scope_kind, self.scope_id, self.product_id or "all", self.status, share)
        dates = ("" if day is None else day.isoformat() for day in (self.first, self.last))
        return dict(zip(COLUMNS, (*said, "planted", *dates, "scorecard"), strict=True))


def plant_rules(seed: int, systems: dict[str, str | None], days: Sequence[date]) -> list[PlantedRule]:
    """Rules for some facilities and systems: lasting ones, and ones that begin or end about the days of the refreshes.

    `systems` gives each facility's health system.
    """
    chance = random.Random(f"access {seed}")
    named = sorted({system for system in systems.values() if system})
    scopes = [("health_system", s) for s in chance.sample(named, min(MOST_SYSTEMS, len(named)))]
    scopes += [("facility", f) for f in chance.sample(sorted(systems), min(FACILITIES, len(systems)))]
    rules: list[PlantedRule] = []
    for kind, scope in scopes:
        for product in chance.choice([(None,), PRODUCTS[:1], PRODUCTS[1:], (None, *PRODUCTS)]):
            turn = chance.choice(days) + timedelta(days=chance.choice([-40, -1, 0, 1, 40]))
            before, after = (None, turn - timedelta(days=1)), (turn, None)
            spans = chance.choice([((None, None),), (before,), (after,), (before, after), ((turn, turn),)])
            for first, last in spans:
                share = Decimal(chance.randint(5, 95)) / 100
                status, rule_id = chance.choice(STATUSES), f"P{len(rules):03d}"
                rules.append(PlantedRule(rule_id, kind, scope, product, status, share, first, last))
    return rules


def write_rules(rules: Sequence[PlantedRule], config: Path) -> None:
    """The business file, as the access team would keep it."""
    with (config / "access_rules.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        writer.writerows(rule.row() for rule in rules)


def status_on(
    rules: Sequence[PlantedRule], product: str, site: str, system: str | None, day: date
) -> tuple[str, Decimal]:
    """Status and share: facility before system, product before all, later before earlier; open where none speaks."""
    speaking = [rule for rule in rules if rule.speaks(product, site, system, day)]
    if not speaking:
        return "open", Decimal(0)
    speaking.sort(key=lambda rule: rule.rule_id)
    speaking.sort(key=lambda rule: rule.first or date.min, reverse=True)
    speaking.sort(key=lambda rule: (rule.scope_kind != "facility", rule.product_id is None))
    return speaking[0].status, speaking[0].share


def true_dollars(
    truth: Path,
    refresh: int,
    months: tuple[date, date],
    rules: Sequence[PlantedRule],
    systems: dict[str, str | None],
    prices: dict[str, Decimal],
    day: date,
) -> dict[Cell, Decimal]:
    """Addressable, phantom and unknown dollars by product and site, over the true services that stand at a refresh."""
    services = duckdb.sql(
        "select product_id, site_npi, sum(procedures) as procedures"
        f" from read_parquet('{truth / 'services.parquet'}')"
        f" where standing_from <= {refresh} and coalesce(standing_to > {refresh}, true)"
        f" and product_id is not null and service_month between date '{months[0]}' and date '{months[1]}'"
        " group by all having sum(procedures) > 0"
    ).fetchall()
    dollars: defaultdict[Cell, Decimal] = defaultdict(Decimal)
    for product, site, procedures in services:
        total = Decimal(str(procedures)) * prices[product]
        status, share = status_on(rules, product, site, systems.get(site), day)
        reached = {"open": total, "restricted": total * share}.get(status, Decimal(0))
        unknown = total if status == "unknown" else Decimal(0)
        parts = {"addressable_usd": reached, "unknown_usd": unknown, "phantom_usd": total - reached - unknown}
        for part, value in parts.items():
            dollars[product, site, part] += value
    return dict(dollars)
