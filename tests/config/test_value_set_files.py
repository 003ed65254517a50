"""Value-set files and rules as people write them: one spelling, and a bad one is refused with line, value and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config.code_spelling import spell
from pipelines.config.load import load_business_config

HEADER = "code_system,role,code,code_to,match_kind,effective_from,effective_to"
PRICE = "    price_usd:\n      value: 780\n"


@pytest.mark.parametrize(
    "text", ["M17.11", "M1711", "m17.11", "m1711", " M17.11 ", "M17 11", "M17-11", "M17.11XX", "M\u00a01711"]
)
def test_spellings_of_one_diagnosis_are_one_code(text: str) -> None:
    """Dots, blanks, hyphens, case and a padding X do not make another code."""
    assert spell("icd10cm", text).code == "M1711"


@pytest.mark.parametrize(
    ("system", "text", "code"),
    [
        ("icd10cm", "s02.0xxA", "S020XXA"),
        ("icd10cm", "T36.0X1A", "T360X1A"),
        ("icd10cm", "C7A", "C7A"),
        ("hcpcs", "j7321", "J7321"),
        ("hcpcs", "0001U", "0001U"),
        ("icd10pcs", "0src0j9", "0SRC0J9"),
    ],
)
def test_a_placeholder_inside_a_code_is_kept(system: str, text: str, code: str) -> None:
    """Only an X at the end is padding; zeros in front count."""
    assert spell(system, text).code == code


@pytest.mark.parametrize(
    ("system", "text", "words"),
    [
        ("icd10cm", "715.96", "ICD-9-CM"),
        ("icd10cm", "E880.9", "ICD-9-CM"),
        ("icd10cm", "7321", "ICD-9-CM"),
        ("icd10cm", "J73211111", "icd10cm"),
        ("icd10pcs", "0SRC0JO", "icd10pcs"),
        ("hcpcs", "J732", "hcpcs"),
    ],
)
def test_what_is_no_code_of_the_system_is_refused(system: str, text: str, words: str) -> None:
    """Nothing is guessed: the message names what it looks like or what it should."""
    spelling = spell(system, text)
    assert not spelling.code
    assert words in spelling.message
    assert spelling.remedy


@given(st.from_regex(r"[A-Z][0-9][A-Z0-9]{1,5}", fullmatch=True))
def test_a_spelled_code_is_spelled(code: str) -> None:
    """Spelling a code again changes nothing."""
    once = spell("icd10cm", code).code
    assert not once or spell("icd10cm", once).code == once


BAD_ENTRIES = {
    "reversed range": ("hcpcs,include,J7329,J7320,range,,", "code_to", "ends before it begins"),
    "range across families": ("hcpcs,include,99213,J7320,range,,", "code_to", "family"),
    "range across systems": ("icd10cm,include,M16,27447,range,,", "code_to", "ICD-9-CM"),
    "range without an end": ("hcpcs,include,J7320,,range,,", "code_to", "no end"),
    "end without a range": ("hcpcs,include,J7320,J7329,exact,,", "match_kind", "only a range"),
    "exclusion of everything": ("hcpcs,exclude,J73*,,prefix,,", "code", "removes all that hcpcs J7321"),
    "unknown role": ("hcpcs,omit,J7325,,exact,,", "role", "not in the list"),
    "unknown system": ("cpt,include,J7325,,exact,,", "code_system", "not in the list"),
}


@pytest.mark.parametrize("name", BAD_ENTRIES)
def test_a_bad_entry_is_refused_at_its_line_and_the_rest_counts(business_files: Path, name: str) -> None:
    """One problem names line, column and remedy; the other entries of the file are kept."""
    row, column, message = BAD_ENTRIES[name]
    file = business_files / "value_sets" / "knee_viscosupplement.csv"
    file.write_text(f"{HEADER}\nhcpcs,include,J7321,,exact,,\n{row}\nicd10cm,include,M17.*,,prefix,,\n")
    config, problems = load_business_config(business_files)
    (problem,) = problems
    assert problem.place == f"line 3, column {column}"
    assert message in problem.message
    assert problem.remedy
    kept = config.value_set_codes.query("product_id == 'knee_viscosupplement'")
    assert sorted(kept["code"]) == ["J7321", "M17"]


def test_ranges_and_exclusions_are_read(business_files: Path) -> None:
    """An exclusion inside an include is fine, and an absent role includes."""
    file = business_files / "value_sets" / "knee_viscosupplement.csv"
    file.write_text(f"{HEADER}\nhcpcs,,j7320,j7329,,,\nhcpcs,exclude,J7326,,,,\nicd10cm,,m17.1*,,,,\n")
    config, problems = load_business_config(business_files)
    assert problems == []
    kept = config.value_set_codes.query("product_id == 'knee_viscosupplement'")
    assert kept[["role", "code", "match_kind"]].to_numpy().tolist() == [
        ["exclude", "J7326", "exact"],
        ["include", "J7320", "range"],
        ["include", "M171", "prefix"],
    ]


BAD_RULES = {
    "unknown key": ("{combin: diagnoses}", "rule.combin", "Did you mean 'combine'?"),
    "unknown mode": ("{combine: procedure}", "rule.combine", "Did you mean 'procedures'?"),
    "far link": ("{combine: procedures_and_diagnoses, link_days: 31}", "rule.link_days", "0 to 30"),
    "empty list": ("{modifiers_any: []}", "rule.modifiers_any", "[..]"),
    "modifier in words": ("{modifiers_any: [right]}", "rule.modifiers_any[0]", "two characters"),
    "place without its zero": ("{places_of_service_any: [2]}", "rule.places_of_service_any[0]", "quotes"),
    "or beyond the claim": (
        "{combine: procedures_or_diagnoses, link_scope: patient}", "rule.link_scope", "line or claim",
    ),
    "link of nothing": ("{combine: procedures, link_scope: claim}", "rule.link_scope", "procedures_and_diagnoses"),
    "asked and barred": ("{modifiers_any: [RT], modifiers_none: [RT]}", "rule.modifiers_none", "one of the two"),
    "modifiers of diagnoses": ("{combine: diagnoses, modifiers_any: [RT]}", "rule.modifiers_any", "count procedures"),
    "price per the wrong thing": ("{combine: diagnoses}", "price_usd.unit", "usd per patient and month"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_RULES)
def test_a_bad_rule_costs_its_product_and_nothing_else(business_files: Path, spoil, name: str) -> None:
    """The problem names the key at its line; the product is left out with its codes, the other goes on."""
    rule, key, remedy = BAD_RULES[name]
    line = spoil("products.yml", PRICE, f"    rule: {rule}\n{PRICE}")
    config, problems = load_business_config(business_files)
    assert any(
        problem.place.endswith(f"key products[0].{key}") and remedy in problem.remedy for problem in problems
    )
    assert all(f"line {line}" in problem.place for problem in problems if ".rule" in problem.place)
    assert list(config.products["product_id"]) == ["joint_implant"]
    assert set(config.value_set_codes["product_id"]) == {"joint_implant"}


@pytest.mark.parametrize(
    ("rule", "kept", "missing"),
    [("diagnoses", "hcpcs", "lists none"), ("procedures", "icd10cm", "lists none")],
)
def test_a_rule_must_have_the_codes_that_it_asks_for(
    business_files: Path, spoil, rule: str, kept: str, missing: str
) -> None:
    """Diagnoses without a diagnosis, procedures without a procedure."""
    spoil("products.yml", PRICE, f"    rule: {{combine: {rule}}}\n{PRICE}")
    code = "J7321" if kept == "hcpcs" else "M17*"
    (business_files / "value_sets" / "knee_viscosupplement.csv").write_text(f"{HEADER}\n{kept},,{code},,,,\n")
    _, problems = load_business_config(business_files)
    assert any(missing in problem.message for problem in problems)
