"""The architecture page, the registry of tables and the code that writes them say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.landing.raw_tables import RAW_TABLES, arrow_schema
from pipelines.monitoring.decision_store import DECISION_SCHEMA
from pipelines.monitoring.flags import FLAG_COLUMNS
from quality.contract_rules import RULES
from quality.table_registry import RAW_TAIL, TABLES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
TYPED = re.compile(r"([a-z0-9_]+) ([si]\[\]|[sifdb]\b)")
ROW = re.compile(r"^\| `([a-z_]+/[a-z_]+)` \| ([a-z0-9_, ]+) \| (.+) \|$", re.MULTILINE)


def columns_on_the_page(cell: str) -> list[tuple[str, str]]:
    """The `name type` pairs of a table row; amounts are written as `name (decimal 18,2)`."""
    cell = re.sub(r"(\w+) \(decimal 18,2\)", r"\1 m", cell)
    cell = cell.replace("prior_quota_usd,", "prior_quota_usd m,").replace("geometry`", "geometry g`")
    cell = re.sub(r"\([^)]*\)", "", cell)
    pairs = re.findall(
        r"([a-z0-9_]+) ([si]\[\]|[sifdbmg])(?=[,` <]|$)", " ".join(re.findall(r"`([^`]*)`", cell)) + "`"
    )
    return [(name, code) for name, code in pairs]


def page_tables() -> dict[str, tuple[tuple[str, ...], str]]:
    return {
        name: (tuple(part.strip() for part in key.split(",")), cell) for name, key, cell in ROW.findall(PAGE)
    }


def test_every_table_of_the_page_is_registered_and_the_reverse() -> None:
    """Names on the page and names in the registry are the same set."""
    marts = set(re.findall(r"`(mart_[a-z_]+)`", PAGE))
    assert len(marts) > 5
    on_page = set(page_tables()) | {f"reporting/{mart}" for mart in marts}
    assert on_page == set(TABLES)


@pytest.mark.parametrize("name", sorted(name for name in TABLES if not name.startswith("reporting/")))
def test_keys_and_columns_agree(name: str) -> None:
    """Each table's key and its columns, with types and order, are those of the page."""
    key, cell = page_tables()[name]
    table = TABLES[name]
    assert table.key == key
    listed = columns_on_the_page(cell)
    if name.startswith("raw/"):
        listed += TYPED.findall(RAW_TAIL)
    if table.writer == "python":
        assert list(table.columns) == listed
        return
    if "the same" in cell:
        measures = columns_on_the_page(page_tables()["opportunity/fct_provider_opportunity"][1])
        listed = measures + listed
    if table.columns:
        registered = dict(table.columns)
        assert set(registered) == {column for column, _ in listed} | set(key)
        assert all(registered[column] == code for column, code in listed)
    else:
        assert not listed


def test_the_tail_of_raw_tables_is_the_pages() -> None:
    """The provenance columns are those that the heading of the raw tables lists."""
    assert RAW_TAIL in PAGE


@pytest.mark.parametrize("name", sorted(RAW_TABLES))
def test_landing_writes_what_the_contract_says(name: str) -> None:
    """Landing's own schemas equal the registry's, column for column."""
    assert arrow_schema(name).equals(TABLES[f"raw/{name}"].schema)


def test_monitoring_writes_what_the_contract_says() -> None:
    """The decision's schema and the flags' columns equal the registry's."""
    assert DECISION_SCHEMA.equals(TABLES["monitoring/rebuild_decision"].schema)
    assert tuple(FLAG_COLUMNS) == TABLES["monitoring/review_flag"].column_names


def test_rules_speak_of_columns_that_exist() -> None:
    """No rule and no key names a column that its table does not have."""
    for name, rules in RULES.items():
        assert {rule.column for rule in rules} <= set(TABLES[name].column_names), name
    for table in TABLES.values():
        if table.columns:
            assert set(table.key) <= set(table.column_names), table.name


def test_empty_tables_have_their_types() -> None:
    """An empty table of the registry carries every type, lists and decimals included."""
    claim = TABLES["raw/medical_claim"].empty()
    assert claim.num_rows == 0
    assert claim.schema.field("diagnosis_codes").type == pa.list_(pa.string())
    assert TABLES["quotas/quota_line"].schema.field("amount_usd").type == pa.decimal128(18, 2)
