"""Rules for modifiers and codes: the shipped ones hold until the user has a file, and a bad row is named and left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.config.load import load_business_config
from pipelines.config.procedure_rules import (
    CODE_FILE,
    DEFAULTS,
    EFFECTS,
    MODIFIER_FILE,
    read_code_rules,
    read_modifier_rules,
)

CODE_HEADER = "code_system,code,unit_kind,dose_per_unit,dose_unit,max_units,is_two_sided,is_add_on\n"
EFFECT_SQL = Path(__file__).resolve().parents[2] / "dbt" / "macros" / "modifiers.sql"


def test_the_shipped_rules_hold_where_there_is_no_own_file(business_files: Path) -> None:
    """A profile without these files has the shipped rules, and no problem is told of."""
    config, problems = load_business_config(business_files)
    assert problems == []
    rules = config.modifier_rules.set_index("modifier")["effect"].to_dict()
    assert " ".join(sorted(rules)) == "26 50 53 54 55 56 62 66 73 74 76 77 80 81 82 AS JW LT RT TC"
    assert set(rules.values()) == set(EFFECTS)
    doses = config.code_rules.set_index("code")
    assert (doses.loc["J7328", "dose_per_unit"], doses.loc["J7328", "dose_unit"]) == (0.1, "mg")
    assert doses.loc["J7321", "is_two_sided"]
    assert doses.loc["G2211", "is_add_on"]


def test_an_own_file_replaces_the_shipped_one(business_files: Path) -> None:
    """Nothing of the shipped rules is left, and the configuration has another hash."""
    before = load_business_config(business_files)[0].config_hash
    (business_files / MODIFIER_FILE).write_text("modifier,effect\nzz,Left\n", encoding="utf-8")
    (business_files / CODE_FILE).write_text(
        CODE_HEADER + "hcpcs,j12*,dose,0.5,mg,10,yes,\nicd10pcs,0SR*,unit,,,,,\n", encoding="utf-8"
    )
    config, problems = load_business_config(business_files)
    assert problems == []
    assert config.modifier_rules.to_dict("records") == [{"modifier": "ZZ", "effect": "left"}]
    rules = config.code_rules.set_index("code")
    assert rules["match_kind"].to_dict() == {"J12": "prefix", "0SR": "prefix"}
    assert rules.loc["J12", ["dose_per_unit", "max_units", "is_two_sided", "is_add_on"]].to_list() == [
        0.5,
        10,
        True,
        False,
    ]
    assert config.config_hash != before


@pytest.mark.parametrize(
    ("row", "column", "message", "remedy"),
    [
        ("5,left", "modifier", "does not look like", "leading zero"),
        (",left", "modifier", "missing", "Fill in"),
        ("50,double", "effect", "not in the list", "bilateral"),
        ("LT,left", "modifier", "listed twice", "keep one line"),
    ],
)
def test_a_bad_modifier_is_named_and_the_rest_goes_on(
    tmp_path: Path, row: str, column: str, message: str, remedy: str
) -> None:
    """File, line and column of the row, and the good row before it is kept."""
    (tmp_path / MODIFIER_FILE).write_text(f"modifier,effect\nLT,left\n{row}\n", encoding="utf-8")
    rows, problems = read_modifier_rules(tmp_path)
    assert [each["modifier"] for each in rows] == ["LT"]
    assert [(each.file, each.place) for each in problems] == [(MODIFIER_FILE, f"line 3, column {column}")]
    assert message in problems[0].message
    assert remedy in problems[0].remedy


@pytest.mark.parametrize(
    ("row", "column", "message", "remedy"),
    [
        ("cpt,J0001,unit,,,,,", "code_system", "not in the list", "hcpcs, icd10pcs"),
        ("hcpcs,J001,unit,,,,,", "code", "does not look like hcpcs", "5 characters"),
        ("icd10pcs,0SRIOI9,unit,,,,,", "code", "does not look like icd10pcs", "without I and O"),
        ("hcpcs,J7325,unit,,,,,", "code", "listed twice", "keep one line"),
        ("hcpcs,J0001,grams,,,,,", "unit_kind", "not in the list", "event, unit, dose"),
        ("hcpcs,J0001,dose,,mg,,,", "dose_per_unit", "without its size", "one unit"),
        ("hcpcs,J0001,dose,0,mg,,,", "dose_per_unit", "out of range", "number from"),
        ("hcpcs,J0001,dose,1,,,,", "dose_unit", "missing", "Fill in"),
        ("hcpcs,J0001,unit,1,,,,", "dose_per_unit", "only a code counted in doses", "dose as unit_kind"),
        ("hcpcs,J0001,unit,,,many,,", "max_units", "unreadable", "number from"),
        ("hcpcs,J0001,unit,,,,perhaps,", "is_two_sided", "not in the list", "yes, no"),
    ],
)
def test_a_bad_code_rule_is_named_and_the_rest_goes_on(
    tmp_path: Path, row: str, column: str, message: str, remedy: str
) -> None:
    """File, line and column of the row, and the good row before it is kept."""
    text = CODE_HEADER + f"hcpcs,J7325,dose,1,mg,96,,\n{row}\n"
    (tmp_path / CODE_FILE).write_text(text, encoding="utf-8")
    rows, problems = read_code_rules(tmp_path)
    assert [each["code"] for each in rows] == ["J7325"]
    assert [(each.file, each.place) for each in problems] == [(CODE_FILE, f"line 3, column {column}")]
    assert message in problems[0].message
    assert remedy in problems[0].remedy


def test_no_licensed_code_ships() -> None:
    """Only HCPCS Level II (a letter and four digits) is in the shipped rules."""
    rows, problems = read_code_rules(DEFAULTS)
    assert problems == []
    assert all(re.fullmatch(r"[A-V][0-9]{4}", each["code"]) for each in rows)


def test_the_sql_knows_every_effect() -> None:
    """The numbers of macros/modifiers.sql are for the effects that a file may name, in their order."""
    text = EFFECT_SQL.read_text(encoding="utf-8").split("macro effect_number(name)")[1].split("}[name]")[0]
    assert re.findall(r"'(\w+)': (\d+)", text) == [
        *((effect, str(number)) for number, effect in enumerate(EFFECTS, start=1)),
        ("several", "99"),
    ]
