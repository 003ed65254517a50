"""An X12 file of 837 claims as text columns, one row a service line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.landing.csv_lines import BadLine
from pipelines.landing.delivered_file import ROW_NUMBER, UNREADABLE, FileShape, Intake, open_delivered
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import literal
from pipelines.landing.x12.claim_rows import COLUMNS, REMEDIES, claim_batches
from pipelines.problems import InputRefused

X12_SHAPE = FileShape("x12", COLUMNS, ("VARCHAR",) * len(COLUMNS))


def take_in_x12(path: Path, columns: Sequence[str], staging: Path) -> Intake:
    """The service lines of 837 claims as text columns; what names a patient never gets here."""
    schema = pa.schema([(ROW_NUMBER, pa.int64()), *((name, pa.string()) for name in columns)])
    target = staging / f"{path.name}.lines.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows, bad_lines = 0, list[BadLine]()
    try:
        with open_delivered(path) as handle, pq.ParquetWriter(target, schema, compression="lz4") as writer:
            for batch in claim_batches(handle, path.name):
                rows += len(batch.row_numbers) + len(batch.bad_rows)
                bad_lines += [BadLine(*bad) for bad in batch.bad_rows]
                arrays = [batch.row_numbers, *(batch.columns[name] for name in columns)]
                writer.write_table(pa.table(arrays, schema=schema))
    except UNREADABLE as error:
        if isinstance(error, InputRefused):
            raise
        raise refusal(
            path.name,
            "whole file",
            str(error).replace(str(path), path.name),
            "the file cannot be read on",
            "Write or compress it anew and deliver it whole.",
        ) from error
    relation = f"read_parquet({literal(str(target))})"
    return Intake(relation, f'"{ROW_NUMBER}"', rows, tuple(bad_lines), REMEDIES)
