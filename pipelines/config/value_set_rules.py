"""The `rule:` of a product in `products.yml`: how its codes combine, and what else a service must show.

A rule is written in two steps: its form is read with the product, its sense is held against the product's codes. All
of it is optional. docs/methods/claims.md, 4, defines every word; dbt/models/staging/stg_config__value_set_rules.sql
fills in the same `default_combine` for tables that were written without rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from pipelines.config.code_spelling import PROCEDURE_SYSTEMS
from pipelines.config.marked_yaml import KeyPath, MarkedYaml
from pipelines.config.measured import nearest

COMBINE = ("procedures", "diagnoses", "procedures_and_diagnoses", "procedures_or_diagnoses")
SCOPES = ("line", "claim", "patient", "provider")
COUNT_BY = ("events", "sides")
LONGEST_LINK_DAYS = 30
POSITIONS = 25
_LISTS = {
    "modifiers_any": (re.compile(r"[A-Z0-9]{2}"), "Modifiers have two characters, e.g. RT or '50'."),
    "modifiers_none": (re.compile(r"[A-Z0-9]{2}"), "Modifiers have two characters, e.g. RT or '50'."),
    "places_of_service_any": (
        re.compile(r"[0-9]{2}"),
        "Places of service have two digits in quotes, e.g. '24'.",
    ),
    "places_of_service_none": (
        re.compile(r"[0-9]{2}"),
        "Places of service have two digits in quotes, e.g. '24'.",
    ),
    "taxonomies_any": (
        re.compile(r"[0-9A-Z]{2,10}"),
        "Write how the taxonomy begins, in quotes, e.g. '207X'.",
    ),
}
_KNOWN = {"combine", "link_scope", "link_days", "last_diagnosis_position", "count_by", *_LISTS}
Rule = dict[str, Any]


def default_combine(systems: Collection[str]) -> str:
    """What counts where no rule says so: procedures if any are listed, else diagnoses."""
    return "procedures" if not systems or not {"icd10cm"}.issuperset(systems) else "diagnoses"


def read_rule(document: MarkedYaml, path: KeyPath, content: Any) -> Rule:
    """The rule as it is written: only its keys, in their form. What is wrong is refused at its line."""
    if content is None:
        return {}
    if not isinstance(content, dict):
        document.refuse(path, content, "a rule must be a mapping", "Write e.g. `rule: {combine: diagnoses}`.")
        return {}
    for key in [key for key in content if key not in _KNOWN]:
        remedy = nearest(key, _KNOWN) + "Known are: " + ", ".join(sorted(_KNOWN)) + "."
        document.refuse((*path, key), None, "the key is not known for a rule", remedy)
    rule: Rule = {}
    for name, allowed in (("combine", COMBINE), ("link_scope", SCOPES), ("count_by", COUNT_BY)):
        if name in content:
            rule[name] = content[name]
            if content[name] not in allowed:
                remedy = nearest(str(content[name]), allowed) + "Use one of: " + ", ".join(allowed) + "."
                document.refuse((*path, name), content[name], "the value is not in the list", remedy)
    for name, lowest, highest in (
        ("link_days", 0, LONGEST_LINK_DAYS),
        ("last_diagnosis_position", 1, POSITIONS),
    ):
        if name in content:
            rule[name] = content[name]
            if type(content[name]) is not int or not lowest <= content[name] <= highest:
                remedy = f"Use a whole number from {lowest} to {highest}."
                document.refuse((*path, name), content[name], "the number is out of range", remedy)
    for name in _LISTS:
        if name in content:
            rule[name] = _texts(document, (*path, name), content[name])
    return rule


def _texts(document: MarkedYaml, path: KeyPath, content: Any) -> list[str]:
    shape, remedy = _LISTS[str(path[-1])]
    if not isinstance(content, list) or not content:
        document.refuse(
            path, content, "the value must be a list that holds something", f"Write [..]. {remedy}"
        )
        return []
    values = [str(value).strip().upper() for value in content]
    for i, (value, written) in enumerate(zip(values, content, strict=True)):
        if not isinstance(written, str) and not (isinstance(written, int) and len(value) == 2):
            document.refuse((*path, i), written, "the value is not text", remedy)
        elif not shape.fullmatch(value):
            document.refuse((*path, i), written, "the value has not the form that is expected", remedy)
    return sorted(set(values))


def complete_rule(
    document: MarkedYaml, path: KeyPath, product_id: str, rule: Rule, systems: Collection[str]
) -> Rule:
    """The row of `config/value_set_rule`: `rule` with its defaults, held against the `systems` of the included codes."""
    combine = rule.get("combine", default_combine(systems))
    has_procedures = any(system in PROCEDURE_SYSTEMS for system in systems)
    has_diagnoses = "icd10cm" in systems

    def refuse(key: str, message: str, remedy: str) -> None:
        document.refuse((*path, key) if key in rule else path, rule.get(key), message, remedy)

    file = f"value_sets/{product_id}.csv"
    if combine != "procedures" and not has_diagnoses:
        message = f"the rule asks for diagnoses and {file} lists none"
        refuse("combine", message, "List icd10cm codes, or use procedures.")
    if combine != "diagnoses" and systems and not has_procedures:
        message = f"the rule asks for procedures and {file} lists none"
        refuse("combine", message, "List hcpcs or icd10pcs codes, or use diagnoses.")
    if combine in ("procedures", "diagnoses") and "link_scope" in rule:
        remedy = "Remove it, or use procedures_and_diagnoses."
        refuse("link_scope", f"nothing is linked in a rule of {combine}", remedy)
    if combine == "procedures_or_diagnoses" and rule.get("link_scope") in ("patient", "provider"):
        remedy = "Use line or claim: a diagnosis stands for a procedure only where it was billed."
        refuse("link_scope", "an `or` cannot reach beyond the claim", remedy)
    if combine == "diagnoses":
        for key in [
            name for name in rule if name.startswith("modifiers") or name in ("taxonomies_any", "count_by")
        ]:
            refuse(
                key, "the rule counts diagnoses, which do not have this", "Remove it, or count procedures."
            )
    if "last_diagnosis_position" in rule and not has_diagnoses:
        refuse("last_diagnosis_position", f"{file} lists no diagnosis", "Remove it, or list icd10cm codes.")
    for kind in ("modifiers", "places_of_service"):
        both = sorted(set(rule.get(f"{kind}_any", [])) & set(rule.get(f"{kind}_none", [])))
        if both:
            message = f"{', '.join(both)} is asked for and barred at once"
            refuse(f"{kind}_none", message, "Keep it in one of the two lists.")
    return {
        "product_id": product_id,
        "combine": combine,
        "link_scope": rule.get("link_scope", "claim"),
        "link_days": rule.get("link_days", LONGEST_LINK_DAYS),
        **{name: rule.get(name, []) for name in _LISTS},
        "last_diagnosis_position": rule.get("last_diagnosis_position"),
        "count_by": rule.get("count_by", "events"),
    }
