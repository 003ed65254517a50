"""How a source's claims are read, and vendors' flat files: what `sources.yml` and `layouts/*.yml` may say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.config import flat_layouts
from pipelines.config.load import load_business_config
from pipelines.config.model import FlatLayout, SourceProfile
from pipelines.config.sources import read_sources
from pipelines.landing.layouts import LAYOUTS
from pipelines.landing.layouts.claim_lines import CLAIM_FIELDS, DIAGNOSES, MODIFIERS, PROCEDURES
from pipelines.landing.sql_expressions import DATE_FORMATS
from pipelines.problems import Problem

KEYS = """    feed: open
    precedence: 2
    frequency_codes: {replacement: [R, 7], void: [V]}
    claim_id_suffix: "-[0-9]+"
    test_patients: [TRAIN]
"""
Spoil = Callable[[str, str, str], int]


def with_keys(
    business_files: Path, spoil: Spoil, keys: str
) -> tuple[SourceProfile | None, list[Problem], int]:
    line = spoil(
        "sources.yml", "    token_domain: simulated_market\n", f"    token_domain: simulated_market\n{keys}"
    )
    config, problems = load_business_config(business_files)
    return config.sources.get("simulated_market"), problems, line + 1


def test_keys_of_a_claims_source(business_files: Path, spoil: Spoil) -> None:
    """What is said is read; what is not has the standard's meaning, and the hash of the files moves."""
    standard, _ = load_business_config(business_files)
    plain = standard.sources["simulated_market"]
    assert (plain.feed, plain.precedence, plain.claim_id_suffix) == ("closed", 100, None)
    assert (plain.replacement_codes, plain.void_codes, plain.test_patients[0]) == (("7",), ("8",), "TEST")
    source, problems, _ = with_keys(business_files, spoil, KEYS)
    assert problems == []
    assert source is not None
    assert (source.feed, source.precedence, source.claim_id_suffix) == ("open", 2, "-[0-9]+")
    assert (source.replacement_codes, source.void_codes) == (("R", "7"), ("V",))
    assert source.test_patients == ("TRAIN",)
    changed, _ = load_business_config(business_files)
    assert changed.config_hash != standard.config_hash


BAD_KEYS = [
    # the line; what is found and a word of the message
    ("feed: half\n", "half", "not in the list"),
    ("precedence: 0\n", "0", "not a whole number"),
    ("precedence: true\n", "True", "not a whole number"),
    ("frequency_codes: {replacement: [7], void: [7]}\n", "7", "cannot mean a replacement and a void"),
    ("frequency_codes: {void: [7]}\n", "7", "cannot mean a replacement and a void"),
    ("frequency_codes: {replacement: [1]}\n", "1", "code of an original"),
    ("frequency_codes: {replacement: 7}\n", "7", "a list of codes"),
    ("frequency_codes: {replacement: ['7-']}\n", "7-", "letters and digits"),
    ("frequency_codes: {adjust: [7]}\n", "", "only replacement and void"),
    ("claim_id_suffix: '([A-Z'\n", "([A-Z", "not a regular expression"),
    ("claim_id_suffix: '(?=x)y'\n", "(?=x)y", "not a regular expression"),
    ("claim_id_suffix: '[0-9]*'\n", "[0-9]*", "without a suffix"),
    ("test_patients: TEST\n", "TEST", "a list of patterns"),
    ("test_patients: ['']\n", "", "beginning of an id"),
    ("test_patients: ['.*']\n", ".*", "beginning of an id"),
]


SOURCES = """sources:
  good:
    kind: lines
    cadence_days: {value: 31, unit: days, owner: data engineering, reason: "One file comes each calendar month."}
    default_payer_channel: unknown
    files:
      - {glob: "*", entity: medical_claim, layout: tuva}
  other:
    KEY
    kind: lines
    cadence_days: {value: 31, unit: days, owner: data engineering, reason: "One file comes each calendar month."}
    default_payer_channel: unknown
    files:
      - {glob: "*", entity: medical_claim, layout: tuva}
"""


@pytest.mark.parametrize(("key", "value", "word"), BAD_KEYS)
def test_a_bad_key_is_refused_with_its_line(tmp_path: Path, key: str, value: str, word: str) -> None:
    """The source is left out, and the problem names file, line, value and what to write."""
    (tmp_path / "sources.yml").write_text(SOURCES.replace("KEY\n", key), encoding="utf-8")
    sources, (problem,) = read_sources(tmp_path)
    assert set(sources) == {"good"}
    assert problem.file == "sources.yml"
    assert problem.place.startswith("line 9, key sources.other."), problem
    assert problem.value == value
    assert word in problem.message
    assert problem.remedy


# --- flat files ---------------------------------------------------------------------------------------------

LAYOUT = """delimiter: "|"
encoding: utf-8
date_format: MM/DD/YYYY
columns:
  claim_id: {column: CLM}
  claim_line_number: {column: LN}
  person_id: {column: MBR}
  hcpcs_code: {column: PX}
  claim_type: {column: TYPE, map: {P: professional}, otherwise: other}
  claim_line_start_date: {column: DOS}
  diagnosis_codes: {column: DX, split: ";"}
refuse:
  - {column: STATUS, is: [X], reason: cancelled by the vendor}
ignored: [NOTE]
"""


def read(folder: Path, text: str, name: str = "acme") -> tuple[dict[str, FlatLayout], list[Problem]]:
    (folder / "layouts").mkdir(exist_ok=True)
    (folder / "layouts" / f"{name}.yml").write_text(text, encoding="utf-8")
    return flat_layouts.read_flat_layouts(folder)


def test_a_flat_layout_is_read_and_hashed(business_files: Path) -> None:
    """The description is typed data; a change in it is a change of the business files."""
    before, _ = load_business_config(business_files)
    read(business_files, LAYOUT)
    config, problems = load_business_config(business_files)
    assert problems == []
    layout = config.layouts["acme"]
    assert (layout.delimiter, layout.ignored) == ("|", ("NOTE",))
    assert layout.columns["claim_line_start_date"].date_format == "MM/DD/YYYY"
    read(business_files, LAYOUT.replace("MM/DD/YYYY", "YYYYMMDD"))
    changed, _ = load_business_config(business_files)
    assert len({before.config_hash, config.config_hash, changed.config_hash}) == 3


BAD_LAYOUTS = [
    # what is changed in the layout; where the problem points and a word of its message
    (('delimiter: "|"', "delimiter: ab"), "line 1, key delimiter", "no delimiter"),
    (("encoding: utf-8", "encoding: ebcdic"), "line 2, key encoding", "not in the list"),
    (("MM/DD/YYYY", "DD/MM/YYYY"), "line 3, key date_format", "not in the list"),
    (
        ("claim_id: {column: CLM}", "claim_ids: {column: CLM}"),
        "line 5, key columns.claim_ids",
        "no such canonical",
    ),
    (
        ("{column: LN}", "{column: LN, map: {a: 1}}"),
        "line 6, key columns.claim_line_number.map",
        "not possible",
    ),
    (("{column: MBR}", "{column: MBR, constant: X}"), "line 7, key columns.person_id", "one origin"),
    (("{column: MBR}", "MBR"), "line 7, key columns.person_id", "one origin"),
    (
        ("{column: PX}", "{column: PX, capture: '[A-Z'}"),
        "line 8, key columns.hcpcs_code.capture",
        "one group",
    ),
    (("{column: PX}", "{column: PX, capture: 'A'}"), "line 8, key columns.hcpcs_code.capture", "one group"),
    (("map: {P: professional}", "map: [P]"), "line 9, key columns.claim_type.map", "a map"),
    (
        ("{column: DOS}", "{constant: 01/01/2026}"),
        "key columns.claim_line_start_date.constant",
        "cannot be constant",
    ),
    ((', split: ";"', ""), "line 11, key columns.diagnosis_codes", "needs its separator"),
    (("is: [X]", "is: X"), "line 13, key refuse[0]", "a rule needs"),
    (("ignored: [NOTE]", "ignored: NOTE"), "line 14, key ignored", "a list of column names"),
    (("  hcpcs_code: {column: PX}\n", ""), "line 4, key columns", "hcpcs_code is not described"),
    (("  claim_line_start_date: {column: DOS}\n", ""), "line 4, key columns", "no date of service"),
    (("ignored: [NOTE]", "sql: drop table"), "line 14, key sql", "not known for a layout"),
    (("columns:", "columns"), "line", "cannot be read"),
]


@pytest.mark.parametrize(("change", "place", "word"), BAD_LAYOUTS)
def test_a_bad_layout_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], place: str, word: str
) -> None:
    """The layout is not used, and each problem names file, line, value and remedy; others are used."""
    assert change[0] in LAYOUT
    read(tmp_path, LAYOUT, "good")
    layouts, problems = read(tmp_path, LAYOUT.replace(*change), "bad")
    assert set(layouts) == {"good"}
    assert all(problem.file == "layouts/bad.yml" and problem.remedy for problem in problems)
    assert any(place in problem.place and word in problem.message for problem in problems), problems


@pytest.mark.parametrize("name", ["tuva", "Acme", "a b"])
def test_a_layout_cannot_take_the_name_of_a_shipped_one(tmp_path: Path, name: str) -> None:
    """Shipped names and texts that are no names are refused."""
    layouts, problems = read(tmp_path, LAYOUT, name)
    assert (layouts, len(problems)) == ({}, 1)


def test_config_and_landing_know_the_same_words() -> None:
    """Names that the business files may use are those that landing understands."""
    scalars = {name for name, kind in flat_layouts.KINDS.items() if kind != "list"}
    assert scalars == set(CLAIM_FIELDS)
    kinds = {"text": "VARCHAR", "date": "DATE", "number": "DOUBLE", "integer": "BIGINT"}
    assert {name: kinds[flat_layouts.KINDS[name]] for name in scalars} == CLAIM_FIELDS
    assert list(flat_layouts.LISTS.values()) == [len(DIAGNOSES), len(MODIFIERS), len(PROCEDURES)]
    assert set(flat_layouts.DATE_FORMATS) == set(DATE_FORMATS)
    assert set(flat_layouts.SHIPPED) == set(LAYOUTS)
