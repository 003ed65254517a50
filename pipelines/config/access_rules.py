"""`access_rules.csv`: may we sell where the work is done? One status for each site, product and day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import Row, read_rows, windows_overlap
from pipelines.config.measured import nearest
from pipelines.config.products import Products
from pipelines.config.settings import ACCESS_STATUSES
from pipelines.problems import Problem

FILE = "access_rules.csv"
_COLUMNS = (
    "rule_id",
    "scope_kind",
    "scope_id",
    "product_id",
    "status",
    "addressable_share",
    "reason",
    "effective_from",
    "effective_to",
    "source",
)
_SCOPES = ("health_system", "facility")


ALL_PRODUCTS = "all"
"""In place of a product: the rule holds for every product that has no rule of its own at the site or system."""


def read_access_rules(
    folder: Path, products: Products, restricted_share: float
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `config/access_rule`.

    An empty `addressable_share` follows from the status: open 1, restricted `restricted_share`, locked and
    unknown 0 (unknown opportunity is not counted as addressable). Rules for one scope and product must not
    overlap in time, so that every service meets at most one of each scope kind.
    """
    found, problems = read_rows(folder / FILE, FILE, _COLUMNS)
    shares = dict(zip(ACCESS_STATUSES, (1.0, restricted_share, 0.0, 0.0), strict=True))
    rows: dict[str, dict[str, Any]] = {}
    for row in found:
        if row.optional("product_id") in products.refused:
            continue
        rule = _rule(row, products, shares)
        if not row.problems and rule["rule_id"] in rows:
            row.refuse("rule_id", "the rule_id is used twice", "Give every rule its own id.")
        if not row.problems:
            twin = next((old for old in rows.values() if _clash(rule, old)), None)
            if twin:
                remedy = f"End rule {twin['rule_id']} before this one begins, or remove one."
                row.refuse("effective_from", "two rules hold at the same time", remedy)
        if not row.problems:
            rows[rule["rule_id"]] = rule
        problems += row.problems
    return list(rows.values()), problems


def _rule(row: Row, products: Products, shares: dict[str, float]) -> dict[str, Any]:
    product_id = row.optional("product_id")
    if product_id != ALL_PRODUCTS and products.unknown(product_id):
        remedy = nearest(product_id, products.rows) + f"Use a product_id of products.yml, or {ALL_PRODUCTS}."
        row.refuse("product_id", "the product is not known", remedy)
    status = row.choice("status", ACCESS_STATUSES)
    share = row.number("addressable_share", 0.0, 1.0)
    if status == "locked" and share:
        remedy = "Leave it empty, or use the status restricted."
        row.refuse("addressable_share", "a locked site has no addressable part", remedy)
    start, end = row.window()
    return {
        "rule_id": row.text("rule_id"),
        "scope_kind": row.choice("scope_kind", _SCOPES),
        "scope_id": row.text("scope_id"),
        "product_id": product_id,
        "status": status,
        "addressable_share": shares.get(status, 0.0) if share is None else share,
        "reason": row.text("reason"),
        "effective_from": start,
        "effective_to": end,
        "source": row.text("source"),
    }


def _clash(a: dict[str, Any], b: dict[str, Any]) -> bool:
    same = all(a[name] == b[name] for name in ("scope_kind", "scope_id", "product_id"))
    return same and windows_overlap(a, b)
