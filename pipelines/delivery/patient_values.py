"""Is any patient of this home named in what is about to be shown? Looked for by value, in every text and whole number.

Belongs here: the search of files for patient tokens, and for the keys that the warehouse makes of them. Column names and
rules of suppression are judged elsewhere; this finds what slipped in under another name, in a sentence or in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from pipelines.delivery.audits import AuditCheck
from pipelines.delivery.snapshot import Snapshot
from pipelines.problems import Problem

# Words long enough for a token or a key, and tokens glued to other letters.
_WORDS = ("[0-9a-z]{8,}", "[0-9a-f]{32}")
_UNSEARCHED = ("DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "BLOB", "GEOMETRY", "DECIMAL")
"""Types that hold neither text nor a whole number of 64 bits."""

# `hash` is what dbt's row_key makes a patient key with (dbt/macros/engine.sql).
_FOUND = """
with named as (
    select patient_token as word from read_parquet($claims, hive_partitioning = false)
    where patient_token in (select word from candidate)
    union
    select cast(hash(patient_token) as varchar) from read_parquet($claims, hive_partitioning = false)
    where cast(hash(patient_token) as varchar) in (select word from candidate where length(word) between 15 and 20)
)
select file, place, count(distinct word) from candidate
where word in (select word from named) group by file, place order by file, place
"""


def no_patient_values(raw_claims: Path) -> AuditCheck:
    """An audit of staged snapshots: no file holds a patient of `raw_claims`, the folder `raw/medical_claim`."""

    def check(snapshot: Snapshot) -> Iterator[Problem]:
        files = sorted(path for path in snapshot.folder.rglob("*") if path.is_file())
        readable = [
            path for path in files if path.suffix != ".duckdb"
        ]  # holds the tables of parquet/, as audited
        yield from patient_values(readable, raw_claims, base=snapshot.folder)

    return check


def patient_values(files: Iterable[Path], raw_claims: Path, *, base: Path) -> list[Problem]:
    """A problem a column of a Parquet file, or a text file, that holds a patient's token or key; the value is not told.

    `files` are Parquet or UTF-8 text; names in the problems are relative to `base`.
    """
    told = {path: str(path.relative_to(base)) for path in files}
    tables = {name: path for path, name in told.items() if path.suffix == ".parquet"}
    texts = {name: _text_of(path) for path, name in told.items() if path.suffix != ".parquet"}
    return _search(tables, texts, raw_claims)


def patient_values_in_text(name: str, text: str, raw_claims: Path) -> list[Problem]:
    """The same for a text that is not written yet."""
    return _search({}, {name: lambda: text}, raw_claims)


def _text_of(path: Path) -> Callable[[], str]:
    return lambda: path.read_text(encoding="utf-8", errors="replace")


def _search(
    tables: Mapping[str, Path], texts: Mapping[str, Callable[[], str]], raw_claims: Path
) -> list[Problem]:
    claims = [str(path) for path in sorted(raw_claims.glob("*/*.parquet"))]
    if not claims:
        return []
    with duckdb.connect() as connection:
        connection.execute("create table candidate (file varchar, place varchar, word varchar)")
        for name, path in sorted(tables.items()):
            for column, kind in _columns(connection, path):
                if not kind.startswith(_UNSEARCHED):
                    source = f"select cast({_quoted(column)} as varchar) as text from read_parquet($path)"
                    _add(connection, source, name, f"column {column}", path=str(path))
        for name, read in sorted(texts.items()):
            _add(connection, "select $text as text", name, "whole file", text=read())
        found = connection.execute(_FOUND, {"claims": claims}).fetchall()
    return [
        Problem(
            file,
            place,
            f"{count} values",
            "patient tokens or keys would be shown",
            "Take them out of the mart or export; they end in the intermediate layer.",
        )
        for file, place, count in found
    ]


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    rows = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def _add(connection: duckdb.DuckDBPyConnection, source: str, file: str, place: str, **values: str) -> None:
    words = " union ".join(
        f"select unnest(regexp_extract_all(lower(text), '{pattern}')) as word from source"
        for pattern in _WORDS
    )
    connection.execute(
        f"insert into candidate with source as ({source}) select $file, $place, word from ({words})",
        {"file": file, "place": place, **values},
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
