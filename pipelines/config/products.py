"""`products.yml`: what is sold, and by which rule its codes show that it was used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import SINCE_ALWAYS
from pipelines.config.marked_yaml import KeyPath, MarkedYaml, read_marked_yaml
from pipelines.config.measured import nearest, read_measured_number
from pipelines.config.value_set_rules import Rule, complete_rule, read_rule
from pipelines.problems import Problem

FILE = "products.yml"
_KNOWN = {
    "product_id",
    "product_name",
    "price_usd",
    "obtainable_share",
    "effective_from",
    "effective_to",
    "rule",
}
PRICE_PER_PROCEDURE, PRICE_PER_PATIENT = "usd per procedure", "usd per patient and month"
_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class WrittenRule:
    """What `products.yml` says of how a product counts: its rule and the unit of its price, at the product's place."""

    place: KeyPath
    rule: Rule
    price_unit: str


@dataclass
class Products:
    """Rows of `config/product` by id, their rules as written with their place, and the ids of refused products.

    What hangs on a refused product (its codes, rules and events) is left out with it, without a problem of
    its own: that of the product says so.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    document: MarkedYaml | None = None
    rules: dict[str, WrittenRule] = field(default_factory=dict)

    def unknown(self, product_id: str) -> bool:
        return product_id not in self.rows and product_id not in self.refused


def read_products(folder: Path) -> tuple[Products, list[Problem]]:
    """The products. Raises InputRefused where the file cannot be read at all."""
    document = read_marked_yaml(folder / FILE, FILE)
    entries = document.content.get("products")
    if not isinstance(entries, list):
        document.refuse(("products",), None, "the list of products is missing", "Start with `products:`.")
        return Products(), document.problems
    products = Products(document=document)
    for i, entry in enumerate(entries):
        before = len(document.problems)
        path = ("products", i)
        row = _product(document, path, entry)
        rule = read_rule(document, (*path, "rule"), entry.get("rule")) if row else {}
        product_id = row.get("product_id")
        if len(document.problems) > before:
            products.refused.add(str(product_id))
            _say_what_is_left_out(document.problems, before)
        elif product_id in products.rows:
            message = "the product_id is used twice"
            document.refuse(("products", i, "product_id"), product_id, message, "Give it its own id.")
        else:
            products.rows[row["product_id"]] = row
            products.rules[row["product_id"]] = WrittenRule(path, rule, _price_unit(entry))
    products.refused -= products.rows.keys()
    return products, document.problems


def _price_unit(entry: dict[str, Any]) -> str:
    """The unit of the price, if it is one of the two; whether it is the right one follows from the rule."""
    price = entry.get("price_usd")
    is_per_patient = isinstance(price, dict) and price.get("unit") == PRICE_PER_PATIENT
    return PRICE_PER_PATIENT if is_per_patient else PRICE_PER_PROCEDURE


def _say_what_is_left_out(problems: list[Problem], at: int) -> None:
    remedy = f"{problems[at].remedy} Until then the product is left out, with its codes, rules and events."
    problems[at] = replace(problems[at], remedy=remedy)


def complete_rules(products: Products, codes: list[dict[str, Any]]) -> tuple[list[Rule], list[Problem]]:
    """Rows of `config/value_set_rule`, one for each product whose rule makes sense with its codes.

    `codes` are rows of `config/value_set_code`. Where a rule makes none, the product is refused, and its codes go.
    """
    if products.document is None:
        return [], []
    document = replace(products.document, problems=[])
    rows = []
    for product_id in sorted(products.rows):
        written = products.rules[product_id]
        systems = {
            code["code_system"]
            for code in codes
            if code["product_id"] == product_id and code["role"] == "include"
        }
        before = len(document.problems)
        row = complete_rule(document, (*written.place, "rule"), product_id, written.rule, systems)
        unit = PRICE_PER_PATIENT if row["combine"] == "diagnoses" else PRICE_PER_PROCEDURE
        if len(document.problems) == before and written.price_unit != unit:
            message = f"the price is not per what a rule of {row['combine']} counts"
            path = (*written.place, "price_usd", "unit")
            document.refuse(path, written.price_unit, message, f"Give the value in {unit!r}.")
        if len(document.problems) == before:
            rows.append(row)
            continue
        _say_what_is_left_out(document.problems, before)
        products.refused.add(product_id)
        del products.rows[product_id]
    codes[:] = [code for code in codes if code["product_id"] in products.rows]
    return rows, document.problems


def _product(document: MarkedYaml, path: KeyPath, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        document.refuse(path, entry, "a product must be a mapping", "Write `- product_id: ...`.")
        return {}
    for key in entry.keys() - _KNOWN:
        remedy = nearest(key, _KNOWN) + "Remove or rename it."
        document.refuse((*path, key), None, "the key is not known for a product", remedy)
    product_id = entry.get("product_id")
    if not isinstance(product_id, str) or not _ID.fullmatch(product_id):
        remedy = "Use lower case letters, digits and underscores, beginning with a letter."
        document.refuse((*path, "product_id"), product_id, "the product_id is missing or not a name", remedy)
    name = entry.get("product_name")
    if not isinstance(name, str) or not name.strip():
        document.refuse((*path, "product_name"), name, "the product has no name", "Fill in product_name.")
    start = _day(document, (*path, "effective_from"), entry.get("effective_from")) or SINCE_ALWAYS
    end = _day(document, (*path, "effective_to"), entry.get("effective_to"))
    if end is not None and end < start:
        remedy = f"effective_to is the last day and must not be before effective_from ({start})."
        document.refuse((*path, "effective_to"), end, "the end is before the start", remedy)
    price = entry.get("price_usd")
    share = entry.get("obtainable_share")
    return {
        "product_id": product_id,
        "product_name": name,
        "price_usd": read_measured_number(
            document, (*path, "price_usd"), price, _price_unit(entry), lowest=0.0, highest=1e9
        ),
        "obtainable_share": read_measured_number(
            document, (*path, "obtainable_share"), share, "share", lowest=0.0, highest=1.0
        ),
        "effective_from": start,
        "effective_to": end,
    }


def _day(document: MarkedYaml, path: KeyPath, value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        document.refuse(path, value, "the date cannot be read", "Write it as YYYY-MM-DD, e.g. 2026-01-31.")
        return None
