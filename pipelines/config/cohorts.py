"""`cohorts.yml`: pairs of groups of surgeons whose trends are shown side by side.

A group is given by taxonomy prefixes, a list of targets (a CSV with a column `npi` beside the file), health systems or
states of the sites; where several are given, all must hold. The second group may be `everybody_else: true`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.config.csv_rows import read_rows
from pipelines.config.marked_yaml import KeyPath, MarkedYaml, read_marked_yaml
from pipelines.config.measured import nearest
from pipelines.config.model import Cohort, CohortComparison
from pipelines.config.products import Products
from pipelines.config.settings import STATES
from pipelines.problems import InputRefused, Problem

FILE = "cohorts.yml"
_COMPARISON = ("comparison_id", "products", "cohorts")
_LISTS = ("taxonomies", "health_systems", "states")
_COHORT = ("name", *_LISTS, "target_list", "everybody_else")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FORM = "Write `- comparison_id: ...` with two `cohorts`."


def read_cohorts(folder: Path, products: Products) -> tuple[tuple[CohortComparison, ...], list[Problem]]:
    """The comparisons by id; a folder without the file has none. A comparison with a fault is left out whole."""
    if not (folder / FILE).is_file():
        return (), []
    try:
        document = read_marked_yaml(folder / FILE, FILE)
    except InputRefused as refused:
        return (), refused.problems
    entries = document.content.get("comparisons")
    if not isinstance(entries, list):
        document.refuse(
            ("comparisons",), None, "the list of comparisons is missing", "Start with `comparisons:`."
        )
        return (), document.problems
    found: dict[str, CohortComparison] = {}
    lists = _TargetLists(folder)
    for place, entry in enumerate(entries):
        before = len(document.problems)
        comparison = _comparison(document, ("comparisons", place), entry, lists, products)
        if comparison is None or len(document.problems) > before:
            continue
        if comparison.comparison_id in found:
            path = ("comparisons", place, "comparison_id")
            remedy = "Give every comparison its own id."
            document.refuse(path, comparison.comparison_id, "the comparison_id is used twice", remedy)
            continue
        found[comparison.comparison_id] = comparison
    return tuple(found[name] for name in sorted(found)), document.problems + lists.problems


@dataclass
class _TargetLists:
    """The lists beside the file. Their bad rows are said, but are no fault of a comparison: the others are compared."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def read(self, document: MarkedYaml, path: KeyPath, file: Any) -> tuple[str, ...] | None:
        """NPIs of a list, sorted."""
        if not isinstance(file, str) or Path(file).name != file or not (self.folder / file).is_file():
            remedy = "Put a CSV with a column npi beside cohorts.yml and give its name."
            document.refuse(path, file, "there is no such list of targets", remedy)
            return None
        rows, problems = read_rows(self.folder / file, file, ("npi",))
        npis = set()
        for row in rows:
            npi = row.text("npi")
            if npi and not re.fullmatch(r"[12]\d{9}", npi):
                row.refuse("npi", "the value is not an NPI", "Write the ten digits of the provider's NPI.")
            elif npi:
                npis.add(npi)
            problems += row.problems
        self.problems += problems
        return tuple(sorted(npis))


def _comparison(
    document: MarkedYaml, path: KeyPath, entry: Any, lists: _TargetLists, products: Products
) -> CohortComparison | None:
    if not _known_keys(document, path, entry, _COMPARISON, _FORM):
        return None
    name = entry.get("comparison_id")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        remedy = "Use lower case letters, digits and underscores, beginning with a letter."
        document.refuse((*path, "comparison_id"), name, "the comparison_id is missing or not a name", remedy)
    product_ids = _texts(document, (*path, "products"), entry.get("products"))
    for place, product_id in enumerate(product_ids):
        if products.unknown(product_id):
            remedy = nearest(product_id, products.rows) + "Use a product_id of products.yml."
            document.refuse((*path, "products", place), product_id, "the product is not known", remedy)
    groups = entry.get("cohorts")
    if not isinstance(groups, list) or len(groups) != 2:
        document.refuse((*path, "cohorts"), None, "a comparison needs two cohorts", _FORM)
        return None
    first, second = (
        _cohort(document, (*path, "cohorts", place), group, lists) for place, group in enumerate(groups)
    )
    if first is None or second is None:
        return None
    if first.is_everybody_else:
        remedy = "Swap the two: the second cohort is everybody whom the first leaves out."
        document.refuse(
            (*path, "cohorts", 0, "everybody_else"), "true", "the first cohort must be given", remedy
        )
    if first.name == second.name:
        remedy = "Give the two cohorts names of their own."
        document.refuse((*path, "cohorts", 1, "name"), second.name, "both cohorts have this name", remedy)
    used = tuple(one for one in product_ids if one not in products.refused)
    return CohortComparison(str(name), used, first, second)


def _cohort(document: MarkedYaml, path: KeyPath, entry: Any, lists: _TargetLists) -> Cohort | None:
    if not _known_keys(document, path, entry, _COHORT, "Write `- name: ...` with what the cohort is."):
        return None
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        document.refuse((*path, "name"), name, "the cohort has no name", "Fill in name.")
    wanted = {key: _texts(document, (*path, key), entry.get(key)) for key in _LISTS}
    for place, state in enumerate(wanted["states"]):
        if state not in STATES:
            remedy = nearest(state, STATES) + "Use USPS state letters."
            document.refuse((*path, "states", place), state, "there is no such state", remedy)
    is_rest = entry.get("everybody_else", False)
    if not isinstance(is_rest, bool):
        document.refuse((*path, "everybody_else"), is_rest, "the value is not true or false", "Write true.")
    target_list = entry.get("target_list")
    is_given = any(wanted.values()) or target_list is not None
    if bool(is_rest) == is_given:
        message = "the cohort is given twice" if is_given else "nothing says who is in the cohort"
        remedy = "Give " + ", ".join((*_LISTS, "target_list")) + ", or everybody_else: true alone."
        document.refuse(path, None, message, remedy)
    npis = lists.read(document, (*path, "target_list"), target_list) if target_list is not None else None
    return Cohort(
        str(name), wanted["taxonomies"], wanted["health_systems"], wanted["states"], npis, bool(is_rest)
    )


def _texts(document: MarkedYaml, path: KeyPath, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        document.refuse(path, value, "the value is not a list of texts", 'Write it as ["...", "..."].')
        return ()
    return tuple(value)


def _known_keys(document: MarkedYaml, path: KeyPath, entry: Any, known: tuple[str, ...], form: str) -> bool:
    if not isinstance(entry, dict):
        document.refuse(path, entry, "the entry is not a mapping", form)
        return False
    unknown = [key for key in entry if key not in known]
    for key in unknown:
        remedy = nearest(key, known) + "Remove or rename it."
        document.refuse((*path, key), None, "the key is not known here", remedy)
    return not unknown
