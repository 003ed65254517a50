"""Services whose true volume and lag are planted, and the project's own completeness models run over them.

Belongs here: an instrument that knows the truth independently of what it measures. A service happens in a
month, becomes known
some months later by the planted curve of its payer channel, or is never told of where capture is planted
below 1; deliveries bring
what became known. Does not belong here: what is concluded from it (scorecard_completeness.py, tests).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

CHANNELS = ("medicare", "medicaid", "commercial")
CLAIM_TYPES = ("professional", "institutional")
SOURCE = "planted"
FAST = (0.60, 0.84, 0.92, 0.95, 0.97, 0.982, 0.99, 0.995, 0.998, 1.0)
SLOW = (0.45, 0.72, 0.85, 0.91, 0.945, 0.965, 0.98, 0.99, 0.996, 1.0)
FASTER = (0.75, 0.92, 0.96, 0.98, 0.99, 0.995, 1.0)
SETTINGS = {
    "completion_window_refreshes": 12,
    "completion_min_services": 1000,
    "completion_floor_share": 0.8,
    "interval_level": 0.9,
    "suppression_threshold": 11,
}
MODELS = (
    "int_deliveries__numbered",
    "int_development__counted",
    "int_development__ratios",
    "int_development__factors",
    "int_development__expected",
    "fct_completion_factor",
    "int_capture__rates",
    "int_opportunity__services",
    "int_opportunity__projected",
    "fct_completeness",
    "mart_completion_backtest",
)
"""In the order in which they rest on each other."""


@dataclass(frozen=True)
class PlantedClaims:
    """`volumes`: services a month by channel. `curves`: share known by age, by channel. From service month number
    `shift_from` (0: the first after the history) on, `shifted` holds for all channels. `channel_drift` moves
    this share of
    Medicare's volume a year to Medicaid. `cells`: in how many places services happen, unequally. `capture`: share of
    the channel's services that the source ever tells of.
    """

    seed: int
    volumes: Mapping[str, int] = field(
        default_factory=lambda: {"medicare": 9000, "medicaid": 2500, "commercial": 7000}
    )
    curves: Mapping[str, Sequence[float]] = field(
        default_factory=lambda: {"medicare": FAST, "medicaid": SLOW, "commercial": FAST}
    )
    capture: Mapping[str, float] = field(default_factory=dict)
    history_months: int = 24
    refreshes: int = 24
    first_month: date = date(2022, 1, 1)
    shift_from: int | None = None
    shifted: Sequence[float] = FASTER
    channel_drift: float = 0.0
    cells: int = 60
    institutional_share: float = 0.3

    @property
    def months(self) -> int:
        """Service months until the one that the last delivery knows first."""
        return self.history_months + self.refreshes - 1

    def curve(self, channel: str, month: int) -> np.ndarray:
        """Share known by age, of services of a month (number from the first month of the history)."""
        is_shifted = self.shift_from is not None and month >= self.history_months + self.shift_from
        return np.array(self.shifted if is_shifted else self.curves[channel])

    def service_month(self, number: int) -> date:
        years, month = divmod(self.first_month.month - 1 + number, 12)
        return date(self.first_month.year + years, month + 1, 1)

    def known_on(self, refresh: int) -> date:
        """A delivery comes on the fifth after the month that it knows last. `refresh` counts from 0."""
        return self.service_month(self.history_months + refresh).replace(day=5)


def plant(spec: PlantedClaims) -> pd.DataFrame:
    """All services that happen: month, channel, claim_type, cell, person, refresh (that first tells of it;
    -1: nobody ever does).
    """
    rng = np.random.default_rng(spec.seed)
    shares = 1 / np.arange(1, spec.cells + 1)
    shares /= shares.sum()
    parts = []
    for month in range(spec.months):
        for channel, volume in spec.volumes.items():
            moved = (1 - spec.channel_drift) ** (month / 12)
            gone = spec.volumes.get("medicare", 0) * (1 - moved)
            mean = volume * moved if channel == "medicare" else volume + gone * (channel == "medicaid")
            count = int(rng.poisson(mean))
            age = np.searchsorted(spec.curve(channel, month), rng.random(count), side="right")
            refresh = np.maximum(month + age - spec.history_months + 1, 0)
            is_told = rng.random(count) < spec.capture.get(channel, 1.0)
            parts.append(
                pd.DataFrame(
                    {
                        "month": month,
                        "channel": channel,
                        "claim_type": np.where(
                            rng.random(count) < spec.institutional_share, *CLAIM_TYPES[::-1]
                        ),
                        "cell": rng.choice(spec.cells, count, p=shares),
                        "person": rng.integers(0, 10**9, count),
                        "refresh": np.where(is_told, refresh, -1),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def compiled_models(names: Sequence[str] = MODELS) -> dict[str, str]:
    """The SQL of models by name, as dbt compiles it for a warehouse called `claimline`. RuntimeError where it cannot."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from dagster_project.dbt_project import PROJECT

    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet"]
    try:
        outcome: Any = dbtRunner().invoke(["compile", "--select", *names, *places, "--log-level", "none"])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise RuntimeError(f"dbt cannot compile: {outcome.exception}")
    return {node.node.name: str(node.node.compiled_code) for node in outcome.result}


class CompletenessModels:
    """Runs the compiled models over planted services, as of any refresh."""

    def __init__(self, compiled: Mapping[str, str], settings: Mapping[str, float] = SETTINGS):
        self.compiled = compiled
        self.connection = duckdb.connect(config={"threads": 2})
        self.connection.execute("attach ':memory:' as claimline")
        for schema in ("staging", "intermediate", "opportunity", "reporting"):
            self.connection.execute(f"create schema claimline.{schema}")
        self._table(
            "staging.stg_config__settings", pa.table({key: [value] for key, value in settings.items()})
        )
        self.connection.execute(
            "create table claimline.intermediate.int_volumes__annual (product_id varchar, npi varchar,"
            " account_id varchar, unit_id varchar, service_month date, procedures decimal(18, 4));"
            "create table claimline.intermediate.int_capture__lives (payer_channel varchar, state varchar,"
            " service_month date, capture_rate double, rate_source varchar)"
        )

    def __enter__(self) -> CompletenessModels:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _table(self, name: str, rows: pa.Table) -> None:
        # DuckDB reads `rows` by its name.
        self.connection.execute(f"create or replace table claimline.{name} as select * from rows")

    def run(
        self, spec: PlantedClaims, services: pd.DataFrame, refresh: int, models: Sequence[str] = MODELS
    ) -> None:
        """Everything that was told by `refresh` (number from 0), through `models` in their order.

        A cell is a product, a place and a performer of its own, each in one of two states.
        """
        told = services[(services["refresh"] >= 0) & (services["refresh"] <= refresh)]
        months = pa.array([spec.service_month(number) for number in range(spec.months)])
        month = months.take(pa.array(told["month"].to_numpy()))
        cell = pa.array([f"cell {number:03}" for number in range(spec.cells)]).take(
            pa.array(told["cell"].to_numpy())
        )
        rows = pa.table(
            {
                "patient_key": pa.array(told["person"].to_numpy(), pa.uint64()),
                "service_date": month,
                "service_month": month,
                "payer_channel": told["channel"].to_numpy(dtype=object),
                "first_known_source": pa.array([SOURCE] * len(told)),
                "first_known_claim_type": told["claim_type"].to_numpy(dtype=object),
                "first_known_order": pa.array(told["refresh"].to_numpy() + 1, pa.int32()),
                "product_id": cell,
                "npi": cell,
                "account_id": cell,
            }
        )
        self._table("intermediate.services", rows)
        self.connection.execute(
            "create or replace table claimline.intermediate.int_services__deduplicated as"
            " select *, 1 as procedures from claimline.intermediate.services;"
            "create or replace table claimline.intermediate.int_services__matched as"
            " select *, cast(1 as decimal(18, 4)) as procedures, first_known_source as source, 1 as sides, 1 as units,"
            " null as doses, 0 as billed_usd from claimline.intermediate.services"
        )
        known_on = [spec.known_on(number) for number in range(refresh + 1)]
        self._table(
            "staging.stg_landing__refreshes",
            pa.table(
                {
                    "source": [SOURCE] * len(known_on),
                    "entity": ["medical_claim"] * len(known_on),
                    "known_on": known_on,
                    "refresh_order": pa.array(range(1, len(known_on) + 1), pa.int64()),
                }
            ),
        )
        names = [f"cell {number:03}" for number in range(spec.cells)]
        states = ["NY" if number % 2 else "NJ" for number in range(spec.cells)]
        always = {"from_month": [date(1900, 1, 1)] * spec.cells, "to_month": [date(9999, 1, 1)] * spec.cells}
        self._table("intermediate.int_accounts__placed", pa.table({"npi": names, "unit_id": names, **always}))
        self._table("staging.stg_geography__units", pa.table({"unit_id": names, "state": states}))
        self._table(
            "intermediate.int_claims__delivered",
            pa.table({"service_month": months, "is_ahead": [False] * len(months)}),
        )
        self._table("staging.stg_config__capture_rates", _capture_rates(spec))
        for name in models:
            schema = {"fct": "opportunity", "mart": "reporting"}.get(name.split("_")[0], "intermediate")
            self.connection.execute(
                f"create or replace table claimline.{schema}.{name} as {self.compiled[name]}"
            )

    def frame(self, relation: str, where: str = "true") -> pd.DataFrame:
        return self.connection.execute(f"select * from claimline.{relation} where {where} order by all").df()


def _capture_rates(spec: PlantedClaims) -> pa.Table:
    schema = pa.schema(
        [
            ("payer_channel", pa.string()),
            ("state", pa.string()),
            ("from_month", pa.date32()),
            ("to_month", pa.date32()),
            ("capture_rate", pa.float64()),
            ("capture_rate_low", pa.float64()),
            ("capture_rate_high", pa.float64()),
            ("source", pa.string()),
        ]
    )
    rates = dict.fromkeys(("capture_rate", "capture_rate_low", "capture_rate_high"))
    rows = [
        {"payer_channel": channel, "source": "planted", **dict.fromkeys(rates, rate)}
        for channel, rate in spec.capture.items()
    ]
    return pa.Table.from_pylist(rows, schema=schema)
