"""The shapes of the `config/*` tables of docs/architecture.md: types, keys, frames and Parquet files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pipelines.atomic_files import write_parquet
from pipelines.config.model import BusinessConfig, Setting, SourceProfile
from pipelines.data_home import DataHome

_S, _F, _D, _L = pa.string(), pa.float64(), pa.date32(), pa.list_(pa.string())
_I, _B = pa.int64(), pa.bool_()

SCHEMAS: dict[str, pa.Schema] = {
    "product": pa.schema(
        {
            "product_id": _S,
            "product_name": _S,
            "price_usd": _F,
            "obtainable_share": _F,
            "effective_from": _D,
            "effective_to": _D,
        }
    ),
    "value_set_code": pa.schema(
        {
            "product_id": _S,
            "code_system": _S,
            "role": _S,
            "code": _S,
            "code_to": _S,
            "match_kind": _S,
            "effective_from": _D,
            "effective_to": _D,
        }
    ),
    "access_rule": pa.schema(
        {
            "rule_id": _S,
            "scope_kind": _S,
            "scope_id": _S,
            "product_id": _S,
            "status": _S,
            "addressable_share": _F,
            "reason": _S,
            "effective_from": _D,
            "effective_to": _D,
            "source": _S,
        }
    ),
    "roster": pa.schema(
        {
            "rep_id": _S,
            "rep_name": _S,
            "base_zip": _S,
            "experience_years": _F,
            "experience_level": _S,
            "specialties": _L,
            "hired_date": _D,
        }
    ),
    "value_set_rule": pa.schema(
        {
            "product_id": _S,
            "combine": _S,
            "link_scope": _S,
            "link_days": _I,
            "modifiers_any": _L,
            "modifiers_none": _L,
            "places_of_service_any": _L,
            "places_of_service_none": _L,
            "taxonomies_any": _L,
            "last_diagnosis_position": _I,
            "count_by": _S,
        }
    ),
    "rule_out": pa.schema({"match_on": _S, "code": _S, "code_to": _S}),
    "modifier_rule": pa.schema({"modifier": _S, "effect": _S}),
    "code_rule": pa.schema(
        {
            "code_system": _S,
            "code": _S,
            "match_kind": _S,
            "unit_kind": _S,
            "dose_per_unit": _F,
            "dose_unit": _S,
            "max_units": _F,
            "is_two_sided": _B,
            "is_add_on": _B,
        }
    ),
    "source": pa.schema({"source": _S, "kind": _S, "feed": _S, "precedence": _I}),
    "opt_out": pa.schema({"npi": _S, "effective_from": _D, "effective_to": _D, "reason": _S}),
    "capture_rate": pa.schema(
        {
            "payer_channel": _S,
            "state": _S,
            "from_month": _D,
            "to_month": _D,
            "capture_rate": _F,
            "capture_rate_low": _F,
            "capture_rate_high": _F,
            "source": _S,
        }
    ),
    "market_lives": pa.schema(
        {"payer_channel": _S, "state": _S, "from_month": _D, "to_month": _D, "lives": _I, "source": _S}
    ),
    "setting": pa.schema({"name": _S, "value": _S, "unit": _S, "owner": _S, "reason": _S}),
}

KEYS: dict[str, list[str]] = {
    "product": ["product_id"],
    "value_set_code": ["product_id", "code_system", "role", "code", "effective_from"],
    "value_set_rule": ["product_id"],
    "rule_out": ["match_on", "code"],
    "modifier_rule": ["modifier"],
    "code_rule": ["code_system", "code"],
    "source": ["source"],
    "opt_out": ["npi", "effective_from"],
    "capture_rate": ["payer_channel", "state", "from_month"],
    "market_lives": ["payer_channel", "state", "from_month"],
    "access_rule": ["rule_id"],
    "roster": ["rep_id"],
    "setting": ["name"],
}


def frame_of(table: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a frame with the columns of `table`, sorted by its key; dates are `datetime.date` or None."""
    ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in KEYS[table]))
    arrow = pa.Table.from_pylist([dict(row) for row in ordered], schema=SCHEMAS[table])
    frame = arrow.to_pandas()
    for column in [name for name in frame.columns if pa.types.is_list(SCHEMAS[table].field(name).type)]:
        frame[column] = pd.Series([list(cell) for cell in frame[column]], dtype=object)
    return frame


def setting_text(value: object) -> str:
    """A setting's value as the text of `config/setting`: 0.15, 30, true, county."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def setting_rows(settings: Mapping[str, Setting]) -> list[dict[str, str]]:
    return [
        {
            "name": s.name,
            "value": setting_text(s.value),
            "unit": s.unit,
            "owner": s.owner,
            "reason": s.reason,
        }
        for s in settings.values()
    ]


def source_rows(sources: Mapping[str, SourceProfile]) -> list[dict[str, Any]]:
    return [
        {"source": s.source, "kind": s.kind, "feed": s.feed, "precedence": s.precedence}
        for s in sources.values()
    ]


def config_tables(config: BusinessConfig) -> dict[str, pa.Table]:
    """The `config/*` tables, typed and sorted."""
    frames = {
        "product": config.products,
        "value_set_code": config.value_set_codes,
        "value_set_rule": config.value_set_rules,
        "rule_out": config.rule_outs,
        "modifier_rule": config.modifier_rules,
        "code_rule": config.code_rules,
        "opt_out": config.opt_outs,
        "capture_rate": config.capture_rates,
        "market_lives": config.market_lives,
        "source": frame_of("source", source_rows(config.sources)),
        "access_rule": config.access_rules,
        "roster": config.roster,
        "setting": frame_of("setting", setting_rows(config.settings)),
    }
    return {
        name: pa.Table.from_pandas(frame, schema=SCHEMAS[name], preserve_index=False)
        for name, frame in frames.items()
    }


def write_config_tables(config: BusinessConfig, home: DataHome) -> dict[str, Path]:
    """Write the `config/*` tables; returns path by name."""
    return {
        name: write_parquet(home.table("config", name), table, sort_by=KEYS[name])
        for name, table in config_tables(config).items()
    }
