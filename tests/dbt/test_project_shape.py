"""What the dbt project must look like, whatever the data: importable, portable, documented, true to the contracts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = REPOSITORY / "dbt"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
ARCHITECTURE = (REPOSITORY / "docs" / "architecture.md").read_text()


def properties(model: Path) -> dict[str, object]:
    """What the yml beside a model says of it."""
    file = model.with_suffix(".yml")
    if not file.exists():
        file = model.parent / f"{model.parent.name}.yml"
    (found,) = [entry for entry in yaml.safe_load(file.read_text())["models"] if entry["name"] == model.stem]
    return found


def columns_of(model: Path) -> list[str]:
    return [column["name"] for column in properties(model).get("columns", [])]  # type: ignore[attr-defined]


def documented_columns(table: str) -> set[str]:
    """The columns that docs/architecture.md gives a table, key included; `the same` means those of the table above."""
    (line,) = [line for line in ARCHITECTURE.splitlines() if line.startswith(f"| `{table}`")]
    _, _, key, columns, _ = (part.strip() for part in line.split("|"))
    names = {
        name for text in re.findall(r"`([^`]*)`", columns) for name in re.findall(r"(\w+) [sifdb]\b", text)
    }
    if "the same" in columns:
        names |= documented_columns("opportunity/fct_provider_opportunity") - {"npi", "unit_id"}
    return names | set(key.split(", "))


def test_the_folder_is_no_python_package() -> None:
    """An `__init__.py` here would hide dbt itself."""
    assert not list(PROJECT.rglob("__init__.py"))


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_every_model_is_documented(model: Path) -> None:
    """A description with its grain, and every column of the model described."""
    said = properties(model)
    assert "Grain" in str(said["description"])
    if model.parent.name != "inputs":
        columns = said["columns"]
        assert columns
        assert all(column["description"].strip() for column in columns)  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_models_are_portable(model: Path) -> None:
    """Nothing that Spark reads differently: double quotes in SQL, and functions that only DuckDB has."""
    text = re.sub(r"\{#.*?#\}|--[^\n]*", "", model.read_text(), flags=re.DOTALL)
    sql = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    assert '"' not in sql
    for word in (
        "arg_max",
        "arg_min",
        "date_diff",
        "list_",
        "unnest",
        "varchar",
        "exclude (",
        "generate_series",
        "//",
    ):
        assert word not in sql.lower(), word


@pytest.mark.parametrize(
    "table",
    [
        "fct_provider_opportunity",
        "fct_geography_opportunity",
        "fct_account_opportunity",
        "fct_area_opportunity",
        "fct_unit_potential",
        "fct_data_through",
        "fct_code_opportunity",
        "fct_code_set_change",
        "fct_completeness",
        "fct_completion_factor",
        "fct_access",
        "fct_surgeon_access",
        "fct_referral_edge",
        "fct_referrer_value",
        "fct_unit_referral",
    ],
)
def test_opportunity_tables_have_the_agreed_columns(table: str) -> None:
    """The contracts of docs/architecture.md, column by column."""
    model = PROJECT / "models" / "opportunity" / f"{table}.sql"
    assert set(columns_of(model)) == documented_columns(f"opportunity/{table}")


def test_the_published_marts_are_the_agreed_ones() -> None:
    """`reporting` holds the marts of docs/architecture.md and nothing else."""
    section = ARCHITECTURE.split("### reporting")[1]
    agreed = set(re.findall(r"`(mart_\w+)`", section))
    assert {path.stem for path in (PROJECT / "models" / "reporting").glob("*.sql")} == agreed
