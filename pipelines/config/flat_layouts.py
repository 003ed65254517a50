"""`layouts/<name>.yml`: a vendor's flat claims file, described column by column. Data only; landing compiles it.

Each canonical column is made from one delivered column or a constant, with at most one of: a map of values, a captured
part, a date format, a split into a list. There is no other language in it, so that a file can be judged before use.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.config.marked_yaml import KeyPath, MarkedYaml, read_marked_yaml
from pipelines.config.measured import nearest
from pipelines.config.model import FlatColumn, FlatLayout, FlatRule
from pipelines.problems import InputRefused, Problem

FOLDER = "layouts"
ENCODINGS = ("utf-8", "latin-1", "windows-1252")
DATE_FORMATS = ("YYYY-MM-DD", "MM/DD/YYYY", "YYYYMMDD", "DD-Mon-YYYY")
SHIPPED = (
    "cms_rif_carrier",
    "cms_rif_inpatient",
    "cms_rif_outpatient",
    "facility",
    "hospital_general_information",
    "tuva_eligibility",
    "medicare_part_b",
    "nppes_other_names",
    "nppes_practice_locations",
    "provider_directory",
    "tuva",
    "x12_837",
)
# Canonical columns of a claim line, by kind.
# fmt: off
TEXTS = (
    "claim_id", "prior_claim_id", "claim_type", "claim_frequency_code", "claim_status", "person_id",
    "payer", "plan", "place_of_service_code", "bill_type_code", "revenue_center_code", "drg_code",
    "hcpcs_code", "rendering_npi", "operating_npi", "referring_npi", "billing_npi", "facility_npi",
    "diagnosis_code_type", "diagnosis_pointers", "procedure_code_type",
)
# fmt: on
DATES = ("claim_start_date", "claim_end_date", "claim_line_start_date", "claim_line_end_date", "paid_date")
NUMBERS = ("service_unit_quantity", "paid_amount", "allowed_amount", "charge_amount")
LISTS = {"diagnosis_codes": 25, "hcpcs_modifiers": 5, "icd10pcs_codes": 25}
KINDS = {
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys(DATES, "date"),
    **dict.fromkeys(NUMBERS, "number"),
    "claim_line_number": "integer",
    **dict.fromkeys(LISTS, "list"),
}
REQUIRED = ("claim_id", "claim_line_number", "person_id", "hcpcs_code")
# What a column of each kind may say besides where it comes from.
_OPTIONS = {
    "text": {"map", "otherwise", "capture"},
    "date": {"date_format"},
    "number": set[str](),
    "integer": set[str](),
    "list": {"split"},
}
_KEYS = {"delimiter", "encoding", "date_format", "columns", "refuse", "ignored"}
_DELIMITER = re.compile(r"[^\w\s\"'\\]|\t")


def read_flat_layouts(folder: Path) -> tuple[dict[str, FlatLayout], list[Problem]]:
    """Layouts by name; one with any problem is not used, the others are."""
    layouts: dict[str, FlatLayout] = {}
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.yml")):
        file = f"{FOLDER}/{path.name}"
        try:
            document = read_marked_yaml(path, file)
        except InputRefused as refused:
            problems += refused.problems
            continue
        layout = _layout(document, path.stem)
        problems += document.problems
        if not document.problems:
            layouts[path.stem] = layout
    return layouts, problems


def _layout(document: MarkedYaml, name: str) -> FlatLayout:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in SHIPPED:
        message = "the file's name is that of a shipped layout, or no name"
        document.refuse(
            (), name, message, "Name it in lower case letters, digits and underscores, as `acme_flat.yml`."
        )
    content = document.content
    for key in sorted(content.keys() - _KEYS):
        document.refuse((key,), None, "the key is not known for a layout", nearest(key, _KEYS) + "Remove it.")
    delimiter = {"tab": "\t"}.get(str(content.get("delimiter")), content.get("delimiter"))
    if not isinstance(delimiter, str) or not _DELIMITER.fullmatch(delimiter):
        remedy = 'Write one character that is no letter, digit, blank or quote, as "|", or tab.'
        document.refuse(("delimiter",), content.get("delimiter"), "no delimiter is given", remedy)
        delimiter = ","
    return FlatLayout(
        name=name,
        delimiter=delimiter,
        encoding=_choice(document, ("encoding",), content.get("encoding", "utf-8"), ENCODINGS),
        columns=_columns(document, content.get("columns"), content.get("date_format", "YYYY-MM-DD")),
        rules=_rules(document, content.get("refuse")),
        ignored=_names(document, ("ignored",), content.get("ignored", [])),
    )


def _columns(document: MarkedYaml, said: Any, date_format: Any) -> dict[str, FlatColumn]:
    standard = _choice(document, ("date_format",), date_format, DATE_FORMATS)
    if not isinstance(said, dict) or not said:
        document.refuse(
            ("columns",), None, "no columns are described", "Write `claim_id: {column: CLM_NO}` and so on."
        )
        return {}
    columns = {}
    for target, entry in said.items():
        path: KeyPath = ("columns", target)
        if target not in KINDS:
            remedy = (
                nearest(target, set(KINDS)) + "See the columns of raw/medical_claim in docs/architecture.md."
            )
            document.refuse(path, target, "no such canonical column", remedy)
            continue
        column = _column(document, path, entry, KINDS[target], standard)
        if column is not None:
            columns[target] = column
    for target in REQUIRED:
        if target not in said:
            document.refuse(
                ("columns",), None, f"{target} is not described", f"Add `{target}: {{column: …}}`."
            )
    if not {"claim_start_date", "claim_line_start_date"} & set(said):
        document.refuse(
            ("columns",), None, "no date of service is described", "Add `claim_line_start_date: …`."
        )
    return columns


def _column(document: MarkedYaml, path: KeyPath, entry: Any, kind: str, standard: str) -> FlatColumn | None:
    remedy = "Write `{column: NAME}`, `{constant: VALUE}` or, for a list, `{columns: [NAME, NAME]}`."
    origins = {"column", "constant"} | ({"columns"} if kind == "list" else set())
    if not isinstance(entry, dict) or len(entry.keys() & origins) != 1:
        document.refuse(
            path, None, "a column has one origin: column, constant or, for a list, columns", remedy
        )
        return None
    for key in sorted(entry.keys() - origins - _OPTIONS[kind]):
        allowed = ", ".join(sorted(_OPTIONS[kind] | origins))
        document.refuse((*path, key), None, f"not possible for a {kind}", f"Possible are: {allowed}.")
    names = _names(document, (*path, "columns"), entry.get("columns", []))
    if "column" in entry:
        names = _names(document, (*path, "column"), [entry["column"]])
    if kind == "list" and "column" in entry and "split" not in entry and "columns" not in entry:
        document.refuse(path, None, "a list in one column needs its separator", 'Add `split: ";"`.')
    if kind != "text" and "constant" in entry:
        document.refuse(
            (*path, "constant"), entry["constant"], f"a {kind} cannot be constant", "Name its column."
        )
    if kind == "list" and len(names) > LISTS[str(path[-1])]:
        document.refuse(
            path, len(names), f"at most {LISTS[str(path[-1])]} columns make this list", "Leave some out."
        )
    values = entry.get("map")
    if values is not None and (
        not isinstance(values, dict) or not values or any(isinstance(v, dict | list) for v in values.values())
    ):
        document.refuse(
            (*path, "map"), None, "a map of delivered to canonical values is expected", "`{P: professional}`"
        )
        values = None
    if "otherwise" in entry and values is None:
        document.refuse((*path, "otherwise"), None, "otherwise belongs to a map", "Add a map, or remove it.")
    if values is not None and "capture" in entry:
        document.refuse(
            (*path, "capture"), None, "a column is mapped or captured, not both", "Keep one of them."
        )
    capture = entry.get("capture")
    if capture is not None and not _captures(capture):
        document.refuse(
            (*path, "capture"), capture, "not a regular expression with one group", "Write `^([0-9]+)-`."
        )
    split = entry.get("split")
    if split is not None and (not isinstance(split, str) or not split):
        document.refuse((*path, "split"), split, "not a separator", 'Write it in quotes, as ";".')
    return FlatColumn(
        columns=names,
        constant=None if entry.get("constant") is None else str(entry["constant"]),
        values=None if values is None else {str(key): str(value) for key, value in values.items()},
        otherwise=None if entry.get("otherwise") is None else str(entry["otherwise"]),
        capture=capture if isinstance(capture, str) else None,
        date_format=_choice(
            document, (*path, "date_format"), entry.get("date_format", standard), DATE_FORMATS
        ),
        split=split if isinstance(split, str) else None,
    )


def _rules(document: MarkedYaml, said: Any) -> tuple[FlatRule, ...]:
    """Rows that are not wanted: `- {column: STATUS, is: [X], reason: test claim}`."""
    remedy = "Write `- {column: STATUS, is: [X], reason: test claim}`."
    if said is None:
        return ()
    if not isinstance(said, list):
        document.refuse(("refuse",), None, "a list of rules is expected", remedy)
        return ()
    rules = []
    for i, entry in enumerate(said):
        good = isinstance(entry, dict) and set(entry) == {"column", "is", "reason"}
        if not good or not isinstance(entry["is"], list) or not entry["is"] or not entry["reason"]:
            document.refuse(("refuse", i), None, "a rule needs column, is and reason", remedy)
            continue
        names = _names(document, ("refuse", i, "column"), [entry["column"]])
        if names:
            rules.append(FlatRule(names[0], tuple(str(value) for value in entry["is"]), str(entry["reason"])))
    return tuple(rules)


def _names(document: MarkedYaml, path: KeyPath, said: Any) -> tuple[str, ...]:
    """Names of delivered columns; one without a letter or digit could not be told from another."""
    if not isinstance(said, list):
        document.refuse(path, said, "a list of column names is expected", "Write `[NAME, NAME]`.")
        return ()
    for name in said:
        if not isinstance(name, str | int) or not re.search(r"[A-Za-z0-9]", str(name)):
            document.refuse(path, name, "not the name of a column", "Write it as the file's header has it.")
    return tuple(str(name) for name in said)


def _choice(document: MarkedYaml, path: KeyPath, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        document.refuse(path, value, "the value is not in the list", f"Use one of: {', '.join(allowed)}.")
        return allowed[0]
    return str(value)


def _captures(pattern: object) -> bool:
    """Whether RE2, which reads the claims, takes the pattern, and it has one group."""
    if not isinstance(pattern, str):
        return False
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
        return re.compile(pattern).groups == 1
    except (re.error, pa.ArrowInvalid):
        return False
