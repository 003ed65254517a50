"""Full or incremental? Decided before dbt starts, by comparing what the warehouse says it holds with what there is.

Each incremental model leaves a row in `intermediate.ledger_state`: the last refresh it holds, what it was built with
(code, business files, code sets, map) and the registry it was built over. dbt may add to the models only where all of
them were built with what there is now, over refreshes that are still the first ones of the registry. Everything else is
a full build: the first one, a late refresh that belongs before those already in, changed SQL, a changed value set.
See docs/adr/0004-incremental-by-patient-day.md. Does not belong here: what an increment is (dbt/macros/ledger.sql).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dagster_project.dbt_project import PROJECT
from pipelines.data_home import DataHome

FULL, MARTS, INCREMENTAL = "full", "marts", "incremental"
STATE = "intermediate.ledger_state"

# What decides the rows of the line layer, and what only the opportunity tables over them.
CODE = ("macros/**/*.sql", "models/staging/*.sql", "models/intermediate/*.sql", "models/opportunity/*.sql")
# Business files that the line layer does not read; `product` it reads in part.
MART_TABLES = ("product", "access_rule", "setting", "capture_rate", "market_lives")
UNREAD_TABLES = ("roster", "opt_out")


@dataclass(frozen=True)
class BuildPlan:
    """What dbt is told: the mode, and what the models will say they were built with."""

    mode: str
    lines: str
    marts: str
    registry: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CLAIMLINE_BUILD": self.mode,
            "CLAIMLINE_FINGERPRINT": f"{self.lines} {self.marts}",
            "CLAIMLINE_REGISTRY_HASH": self.registry,
        }


def plan_build(home: DataHome, incremental_models: Iterable[str]) -> BuildPlan:
    """Compare the warehouse's state with the lake. Reads small tables only.

    `incremental_models` are the names of all models that keep a state row; one that has none has not been built.
    """
    lines, marts = _lines_fingerprint(home), _marts_fingerprint(home)
    refreshes = _refreshes(home)
    held = _held(home)
    mode = MARTS if held else FULL
    is_same_marts = True
    for model in incremental_models:
        row = held.get(model)
        if row is None:
            mode = FULL
            break
        through, fingerprint, registry = row
        built_lines, _, built_marts = fingerprint.partition(" ")
        if built_lines != lines or through < 0 or _hash(refreshes[:through]) != registry:
            mode = FULL
            break
        is_same_marts = is_same_marts and built_marts == marts
    if mode == MARTS and is_same_marts:
        mode = INCREMENTAL
    return BuildPlan(mode, lines, marts, _hash(refreshes))


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\n")
    return digest.hexdigest()[:32]


def _contents(paths: Iterable[Path]) -> list[str]:
    return [
        f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths if path.is_file()
    ]


def _lines_fingerprint(home: DataHome) -> str:
    code = sorted({path for pattern in CODE for path in PROJECT.glob(pattern)})
    folder = home.table("config", "any").parent
    tables = [
        path for path in sorted(folder.glob("*.parquet")) if path.stem not in MART_TABLES + UNREAD_TABLES
    ]
    code_sets = sorted(home.table("code_sets", "any").parent.glob("*.parquet"))
    return _hash([*_contents(code), *_contents(tables), *_contents(code_sets), *_effective_products(home)])


def _effective_products(home: DataHome) -> list[str]:
    """Which products there are, and when: their prices are the marts' business."""
    import duckdb

    path = home.table("config", "product")
    if not path.is_file():
        return []
    rows = duckdb.sql(
        f"select product_id, effective_from, effective_to from read_parquet('{path}') order by all"
    ).fetchall()
    return [str(row) for row in rows]


def _marts_fingerprint(home: DataHome) -> str:
    tables = [home.table("config", name) for name in MART_TABLES]
    geography = [home.table("geography", name) for name in ("unit", "zip_crosswalk")]
    return _hash([*_contents(tables), *_contents(geography)])


def _refreshes(home: DataHome) -> list[str]:
    """One text a refresh, in refresh order (that of stg_landing__refreshes): its name, day and files."""
    import duckdb

    folder = home.lake / "raw" / "refresh"
    if not any(folder.glob("*/*.parquet")):
        return []
    rows = duckdb.sql(
        "select refresh_id, known_on, string_agg(file_sha256, ' ' order by file_sha256)"
        f" from read_parquet('{folder}/*/*.parquet', hive_partitioning = false)"
        " group by refresh_id, known_on order by known_on, refresh_id"
    ).fetchall()
    return [f"{refresh} {known_on} {files}" for refresh, known_on, files in rows]


def _held(home: DataHome) -> dict[str, tuple[int, str, str]]:
    """{model: (through_order, fingerprint, registry hash)}; empty where nothing was built yet."""
    import duckdb

    if not home.warehouse.exists():
        return {}
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'intermediate' and table_name = 'ledger_state'"
        ).fetchone()
        if not tables or not tables[0]:
            return {}
        rows = connection.execute(
            f"select model_name, through_order, fingerprint, prefix_hash from {STATE}"
        ).fetchall()
    return {name: (int(through), fingerprint, prefix) for name, through, fingerprint, prefix in rows}
