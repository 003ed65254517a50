"""What a claim file says in every layout, as a frame of text: one row per line, empty text where there is nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

PAYER = "Medicare"
Line = dict[str, str]
DIAGNOSES = ("diagnosis_code_1", "diagnosis_code_2", "diagnosis_code_3")
MODIFIERS = ("hcpcs_modifier_1", "hcpcs_modifier_2", "hcpcs_modifier_3", "hcpcs_modifier_4")
# An 837 is sent before anybody pays; RIF knows one payer.
UNKNOWN_TO_SOME = ("paid_date", "paid_amount", "allowed_amount", "claim_status", "plan")


def common_claims(path: Path) -> pa.Table:
    """The claim file of a delivery without what some layout cannot say, with one payer."""
    table = pq.read_table(path)
    for name in UNKNOWN_TO_SOME:
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.nulls(table.num_rows, table.schema.field(name).type))
    at = table.schema.get_field_index("payer")
    return table.set_column(at, "payer", pa.array([PAYER] * table.num_rows))


def as_text(claims: pa.Table) -> pd.DataFrame:
    """All columns as text: dates as YYYY-MM-DD, whole numbers without a point."""
    frame = pd.DataFrame({name: claims[name].to_pylist() for name in claims.column_names}, dtype=object)
    return frame.map(_text)


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def versions(claims: pd.DataFrame) -> list[list[Line]]:
    """The lines of each version of each claim, in the order of the file; a claim sent twice in it is two."""
    copies: Counter[tuple[str, ...]] = Counter()
    found: dict[tuple[str, str, int], list[Line]] = {}
    for line in claims.to_dict("records"):
        version = (line["claim_id"], line["claim_frequency_code"])
        place = (*version, line["claim_line_number"])
        found.setdefault((*version, copies[place]), []).append(line)
        copies[place] += 1
    return list(found.values())
