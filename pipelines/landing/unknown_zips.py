"""ZIPs that no table knows, named once a file: what happens there lands, but can only be counted as unlocated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import duckdb
import pyarrow as pa

from pipelines.geography.zip_table import embedded_zip_table
from pipelines.landing.land_file import LandedFile, Landing
from pipelines.landing.sql_expressions import literal
from pipelines.problems import Problem

ZIP_COLUMNS = {
    "provider": "practice_zip",
    "provider_site": "practice_zip",
    "facility": "facility_zip",
    "part_b_volume": "provider_zip",
}


def unknown_zips(landing: Landing, landed: list[LandedFile]) -> Iterator[Problem]:
    """One problem for each accepted file with ZIPs that do not exist; its rows stay accepted."""
    for file in landed:
        column = ZIP_COLUMNS.get(file.receipt.entity)
        if column is None or file.receipt.status != "accepted":
            continue
        rows = literal(str(landing.target(file.receipt.entity, file.receipt.sha256)))
        with duckdb.connect() as connection:
            connection.register("known", _known_zips())
            found = connection.execute(
                f"select {column}, count(*), min(row_number) from read_parquet({rows})"
                f" where {column} is not null and {column} not in (select zip from known)"
                " group by 1 order by 3, 1"
            ).fetchall()
        if not found:
            continue
        value, _, row = found[0]
        count = sum(rows for _, rows, _ in found)
        more = f" and {len(found) - 1} other ZIPs" if len(found) > 1 else ""
        yield Problem(
            file.receipt.name,
            f"row {row}, column {column}",
            str(value),
            f"no such ZIP exists{more}; services at these {count} places are counted as unlocated",
            "Correct the ZIP and deliver the directory again.",
        )


@cache
def _known_zips() -> pa.Table:
    return pa.table({"zip": embedded_zip_table()["zip"].tolist()})
