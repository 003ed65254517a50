"""`products.yml` and `value_sets/<product_id>.csv`: what is sold, and which codes show that it was used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import SINCE_ALWAYS, Row, read_rows
from pipelines.config.marked_yaml import KeyPath, MarkedYaml, read_marked_yaml
from pipelines.config.measured import nearest, read_measured_number
from pipelines.problems import Problem

FILE = "products.yml"
FOLDER = "value_sets"
_KNOWN = {"product_id", "product_name", "price_usd", "obtainable_share", "effective_from", "effective_to"}
_ID = re.compile(r"[a-z][a-z0-9_]*")
_CODE_SHAPES = {"hcpcs": re.compile(r"[A-Z0-9]{5}"), "icd10cm": re.compile(r"[A-Z][0-9][A-Z0-9]{1,5}")}
_CODE_STEMS = {"hcpcs": re.compile(r"[A-Z0-9]{1,4}"), "icd10cm": re.compile(r"[A-Z][0-9]?[A-Z0-9]{0,5}")}


@dataclass
class Products:
    """Rows of `config/product` by id, and the ids of products that were refused.

    What hangs on a refused product (its codes, rules and events) is left out with it, without a problem of
    its own: that of the product says so.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def unknown(self, product_id: str) -> bool:
        return product_id not in self.rows and product_id not in self.refused


def read_products(folder: Path) -> tuple[Products, list[Problem]]:
    """The products. Raises InputRefused where the file cannot be read at all."""
    document = read_marked_yaml(folder / FILE, FILE)
    entries = document.content.get("products")
    if not isinstance(entries, list):
        document.refuse(("products",), None, "the list of products is missing", "Start with `products:`.")
        return Products(), document.problems
    products = Products()
    for i, entry in enumerate(entries):
        before = len(document.problems)
        row = _product(document, ("products", i), entry)
        product_id = row.get("product_id")
        if len(document.problems) > before:
            products.refused.add(str(product_id))
            first = document.problems[before]
            remedy = f"{first.remedy} Until then the product is left out, with its codes, rules and events."
            document.problems[before] = replace(first, remedy=remedy)
        elif product_id in products.rows:
            message = "the product_id is used twice"
            document.refuse(("products", i, "product_id"), product_id, message, "Give it its own id.")
        else:
            products.rows[row["product_id"]] = row
    products.refused -= products.rows.keys()
    return products, document.problems


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
            document, (*path, "price_usd"), price, "usd per procedure", lowest=0.0, highest=1e9
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


def read_value_sets(folder: Path, products: Products) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/value_set_code`: one file for each product, one line for each code.

    A code that ends in `*` matches as a prefix. Two windows of one code must not overlap, or its services
    would count twice.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for product_id in sorted(products.rows):
        file = f"{FOLDER}/{product_id}.csv"
        found, wrong = read_rows(
            folder / FOLDER / f"{product_id}.csv",
            file,
            required=("code_system", "code", "effective_from", "effective_to"),
            optional=("match_kind", "note"),
        )
        good = [code for row in found if (code := _code(row, product_id, rows))]
        problems += wrong + [problem for row in found for problem in row.problems]
        if not good and not wrong:
            message = "no code is left for this product"
            problems.append(Problem(file, "whole file", "", message, "Add at least one code."))
    for path in sorted((folder / FOLDER).glob("*.csv")):
        if products.unknown(path.stem):
            remedy = nearest(path.stem, products.rows) + f"Name the file after a valid product of {FILE}."
            message = "the file belongs to no known product"
            problems.append(Problem(f"{FOLDER}/{path.name}", "whole file", path.stem, message, remedy))
    return rows, problems


def _code(row: Row, product_id: str, rows: list[dict[str, Any]]) -> bool:
    """Append the code to `rows`; False where it was refused."""
    system = row.choice("code_system", tuple(_CODE_SHAPES))
    code = row.text("code").upper().replace(".", "")
    kind = row.optional("match_kind").lower() or ("prefix" if code.endswith("*") else "exact")
    code = code.rstrip("*")
    if kind not in ("exact", "prefix"):
        row.refuse("match_kind", "the value is not in the list", "Use one of: exact, prefix.")
    elif kind == "exact" and row.optional("code").endswith("*"):
        row.refuse("match_kind", "a code with * cannot match exactly", "Remove the * or write prefix.")
    elif system in _CODE_SHAPES and row.optional("code"):
        shapes = (_CODE_SHAPES, _CODE_STEMS) if kind == "prefix" else (_CODE_SHAPES,)
        if not any(shape[system].fullmatch(code) for shape in shapes):
            remedy = "HCPCS codes have 5 characters, ICD-10-CM codes 3 to 7; leading zeros and letters count."
            row.refuse("code", f"the code does not look like {system}", remedy)
    start, end = row.window()
    if row.problems:
        return False
    new = {
        "product_id": product_id,
        "code_system": system,
        "role": "include",
        "code": code,
        "code_to": None,
        "match_kind": kind,
        "effective_from": start,
        "effective_to": end,
    }
    if any(_same_code(new, old) and windows_overlap(new, old) for old in rows):
        row.refuse("code", "the code is listed twice for the same time", "Keep one line, or part the dates.")
        return False
    rows.append(new)
    return True


def _same_code(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return all(a[name] == b[name] for name in ("product_id", "code_system", "code"))


def windows_overlap(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two rows with `effective_from` and `effective_to` (inclusive, None: open) share a day."""
    latest = date.max
    return a["effective_from"] <= (b["effective_to"] or latest) and b["effective_from"] <= (
        a["effective_to"] or latest
    )
