"""Cohorts and unit weights: read as written, refused with file, line and remedy, and the rest goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.config.cohorts import read_cohorts
from pipelines.config.products import Products
from pipelines.config.unit_weights import read_unit_weights

PRODUCTS = Products({"knee": {"product_id": "knee"}})
GOOD = """\
comparisons:
  - comparison_id: targets
    products: [knee]
    cohorts:
      - name: Targets
        target_list: targets.csv
        taxonomies: ["207X"]
      - name: Others
        everybody_else: true
  - comparison_id: north
    cohorts:
      - {name: North, states: [ME, NH]}
      - {name: Alpha, health_systems: [HS1]}
"""


def test_comparisons_are_read_as_written(tmp_path: Path) -> None:
    """Two comparisons, sorted by id; a bad row of the target list is said and the list stands."""
    (tmp_path / "cohorts.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "targets.csv").write_text("npi\n1234567893\n12\n1000000001\n", encoding="utf-8")
    (north, targets), problems = read_cohorts(tmp_path, PRODUCTS)
    assert (north.first.states, north.second.health_systems, north.product_ids) == (
        ("ME", "NH"),
        ("HS1",),
        (),
    )
    assert targets.first.npis == ("1000000001", "1234567893")
    assert targets.first.taxonomies == ("207X",)
    assert targets.second.is_everybody_else
    assert [(problem.file, problem.place) for problem in problems] == [("targets.csv", "line 3, column npi")]


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    assert read_cohorts(tmp_path, PRODUCTS) == ((), [])
    assert read_unit_weights(tmp_path) == ({}, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("comparison_id: targets", "comparison_id: Targets!", 2, "not a name"),
        ("comparison_id: targets", "comparison: targets", 2, "not known here"),
        ("[knee]", "[nee]", 3, "product is not known"),
        ("targets.csv", "nowhere.csv", 6, "no such list"),
        ("targets.csv", "../targets.csv", 6, "no such list"),
        ('["207X"]', "207X", 7, "not a list of texts"),
        ("everybody_else: true", "everybody_else: maybe", 9, "not true or false"),
        ("name: Others", "name: Targets", 8, "both cohorts have this name"),
        ("        everybody_else: true\n", "", 8, "nothing says who"),
        ("everybody_else: true", "everybody_else: true\n        states: [ME]", 8, "given twice"),
    ],
)
def test_a_fault_leaves_out_its_comparison(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    """The place is named, a remedy given, and the other comparison stands."""
    assert old in GOOD
    (tmp_path / "cohorts.yml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "targets.csv").write_text("npi\n1234567893\n", encoding="utf-8")
    found, problems = read_cohorts(tmp_path, PRODUCTS)
    assert [comparison.comparison_id for comparison in found] == ["north"]
    assert says in problems[0].message
    assert problems[0].place.startswith(f"line {line},")
    assert problems[0].remedy.endswith(".")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ME, NH", "ME, XX", "no such state"),
        ("comparison_id: north", "comparison_id: targets", "used twice"),
        ("      - {name: Alpha, health_systems: [HS1]}\n", "", "two cohorts"),
    ],
)
def test_faults_of_the_second(tmp_path: Path, old: str, new: str, says: str) -> None:
    """The first comparison stands where the second is wrong."""
    (tmp_path / "cohorts.yml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "targets.csv").write_text("npi\n1234567893\n", encoding="utf-8")
    found, problems = read_cohorts(tmp_path, PRODUCTS)
    assert [comparison.comparison_id for comparison in found] == ["targets"]
    assert says in problems[0].message


def test_a_broken_file_is_one_problem(tmp_path: Path) -> None:
    """What is no YAML, or no list, compares nothing and says so."""
    for text in ("comparisons: {", "comparisons: 3", "- a"):
        (tmp_path / "cohorts.yml").write_text(text, encoding="utf-8")
        found, problems = read_cohorts(tmp_path, PRODUCTS)
        assert found == ()
        assert [problem.file for problem in problems] == ["cohorts.yml"]


def test_unit_weights(tmp_path: Path) -> None:
    """Codes in their one spelling; a number that is none, a second weight and no code are refused."""
    (tmp_path / "unit_weights.csv").write_text(
        "code,weight,reason\nc1776,2.5,value\nC1776,3,twice\nJ7321,many,\n,1,\nJ7325,0,none\n0SRD0J9,9,inpatient\n",
        encoding="utf-8",
    )
    weights, problems = read_unit_weights(tmp_path)
    assert weights == {"0SRD0J9": 9.0, "C1776": 2.5, "J7325": 0.0}
    assert [problem.place.split(",")[0] for problem in problems] == ["line 3", "line 4", "line 5"]
