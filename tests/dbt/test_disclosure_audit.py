"""Does what dbt withholds keep every small count from following? Random markets over several refreshes, each published.

The closing is dbt's compiled SQL; the judge is the exact audit, which knows only what is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from dbt_runs import Build, Warehouse

from pipelines.delivery.published_cells import PUBLISHED_CELL
from quality.disclosure_audit import recoverable_cells
from quality.published import Published

THRESHOLD = 11
MODELS = ("cells", "geographies", "providers", "accounts")
VALUES = ("procedures", "patients", "diagnosed_patients")
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Market:
    """Cells at the bottom: one row per unit, provider and account with procedures (= patients)."""

    rows: pd.DataFrame
    year: tuple[date, date]

    def potentials(self) -> Tables:
        rows = self.rows

        def summed(keys: list[str]) -> pd.DataFrame:
            sums = rows.groupby(keys, as_index=False)[["people", "diagnosed"]].sum()
            return sums.rename(columns={"people": "patients", "diagnosed": "diagnosed_patients"}).assign(
                procedures=lambda frame: frame["patients"], first_month=self.year[0], last_month=self.year[1]
            )

        places = [
            summed(["product_id", *keys])
            .rename(columns={identifier: "geography_id"})
            .assign(geography_level=level, parent_id=lambda frame, parent=parent: frame.get("state", parent))
            for level, keys, identifier, parent in (
                ("unit", ["unit_id", "state"], "unit_id", None),
                ("nation", ["nation"], "nation", ""),
            )
        ]
        states = summed(["product_id", "state"]).rename(columns={"state": "geography_id"})
        places.append(states.assign(geography_level="state", parent_id="nation"))
        return {
            "int_potential__by_geography": pd.concat(places, ignore_index=True).drop(columns=["state"]),
            "int_potential__by_provider": summed(["product_id", "npi", "unit_id"]),
            "int_potential__by_account": summed(["product_id", "account_id", "unit_id"]),
        }


def random_market(random: np.random.Generator) -> Market:
    rows = []
    for state in range(random.integers(1, 4)):
        for unit in range(random.integers(1, 5)):
            for provider in range(random.integers(1, 4)):
                people = int(random.choice([0, random.integers(1, 11), random.integers(11, 60)]))
                account = f"A{state}{unit}{random.integers(2)}"
                npi = f"P{state}{unit}{provider}"
                ids = {
                    "product_id": "k",
                    "nation": "nation",
                    "state": f"S{state}",
                    "unit_id": f"U{state}{unit}",
                }
                rows.append(
                    ids | {"npi": npi, "account_id": account, "people": people, "diagnosed": people // 3}
                )
    return Market(pd.DataFrame(rows), (date(2024, 1, 1), date(2024, 12, 1)))


def next_market(market: Market, random: np.random.Generator) -> Market:
    """A month later, or a restatement of the same year: most cells move by a few, some by more."""
    steps = random.choice([0, 1, -2, 5, 9, 14, -20], size=len(market.rows))
    people = (market.rows["people"] + steps).clip(lower=0)
    later = int(random.integers(2))
    year = tuple((pd.Timestamp(day) + pd.DateOffset(months=later)).date() for day in market.year)
    return Market(market.rows.assign(people=people, diagnosed=people // 3), (year[0], year[1]))


@pytest.fixture(scope="module")
def closing(warehouse: Warehouse, golden: Build) -> dict[str, str]:
    """The compiled models of disclosure, reading what was published before from a given table."""
    found = {}
    for name in MODELS:
        (file,) = warehouse.compiled.rglob(f"disclosure/int_disclosure__{name}.sql")
        found[name] = re.sub(
            r"read_parquet\('[^']*published_cell\.parquet'\)", "published_cell", file.read_text()
        )
    assert "from published_cell" in found["cells"]
    return found


def close(closing: dict[str, str], market: Market, earlier: pa.Table, opted_out: list[str]) -> Tables:
    """What dbt decides on a market: the rows of each model."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as claimline; use claimline")
        connection.execute("create schema intermediate; create schema staging")
        connection.execute("create table published_cell as select * from earlier")
        connection.execute(
            f"create table staging.stg_config__settings as select {THRESHOLD} as suppression_threshold"
        )
        connection.execute(
            "create table staging.stg_config__opt_outs as select unnest(?::varchar[]) as npi", [opted_out]
        )
        for name, frame in market.potentials().items():
            connection.register("given", frame)
            connection.execute(f"create table intermediate.{name} as select * from given")
        for name, sql in closing.items():
            connection.execute(f"create table intermediate.int_disclosure__{name} as {sql}")
        return {
            name: connection.execute(f"select * from intermediate.int_disclosure__{name}").df()
            for name in closing
        }


def publish(market: Market, decided: Tables, earlier: pa.Table) -> dict[str, pd.DataFrame]:
    """The three opportunity marts as far as counts go: present values, older ones, or none."""
    before = earlier.to_pandas()
    potentials = market.potentials()
    marts = {}
    for mart, model, keys in (
        ("geography", "geographies", ["product_id", "geography_level", "geography_id"]),
        ("provider", "providers", ["product_id", "npi", "unit_id"]),
        ("account", "accounts", ["product_id", "account_id", "unit_id"]),
    ):
        frame = potentials[f"int_potential__by_{mart}"].merge(decided[model], on=keys, validate="one_to_one")
        if mart != "geography":
            frame = frame[~frame["is_opted_out"].astype(bool)]
        kind = frame["geography_level"] if mart == "geography" else mart
        member = frame[{"geography": "geography_id", "provider": "npi", "account": "account_id"}[mart]]
        unit = "" if mart == "geography" else frame["unit_id"]
        frame = frame.assign(cell_kind=kind, member_id=member, cell_unit=unit)
        for prefix, columns, snapshot in (
            ("", ("procedures", "patients"), "held_snapshot_id"),
            ("diagnosis_", ("diagnosed_patients",), "held_diagnosis_snapshot_id"),
        ):
            held = frame.merge(
                before,
                how="left",
                left_on=["cell_kind", "product_id", "member_id", "cell_unit", snapshot],
                right_on=["cell_kind", "product_id", "member_id", "unit_id", "snapshot_id"],
                suffixes=("", "_held"),
            )
            is_held = frame[f"is_{prefix}held_back"].to_numpy(bool)
            for column in columns:
                values = frame[column].astype(float).where(~is_held, held[f"{column}_held"].to_numpy(float))
                frame[column] = values.mask(frame[f"is_{prefix}suppressed"].astype(bool))
                assert frame.loc[is_held, column].notna().all()
        if mart == "account":
            frame["is_billing_suppressed"] = False
        if mart == "geography":
            frame["state"] = frame["parent_id"].where(frame["geography_level"] == "unit")
        marts[f"mart_{mart}_opportunity"] = frame.reset_index(drop=True)
    marts["mart_data_through"] = pd.DataFrame(
        [
            {
                "is_planned_with": True,
                "planning_first_month": market.year[0],
                "planning_last_month": market.year[1],
            }
        ]
    ).assign(source="claims")
    return marts


def remembered(marts: dict[str, pd.DataFrame], market: Market, order: int) -> pa.Table:
    parts = []
    for mart in ("geography", "provider", "account"):
        frame = marts[f"mart_{mart}_opportunity"]
        flags = {
            "is_withheld": frame["is_suppressed"] | frame["is_held_back"],
            "is_diagnosis_withheld": frame["is_diagnosis_suppressed"] | frame["is_diagnosis_held_back"],
        }
        frame = frame.assign(
            **flags, unit_id=frame["cell_unit"], snapshot_id=f"r{order}", snapshot_order=order
        )
        frame = frame.assign(first_month=market.year[0], last_month=market.year[1])
        frame = frame.astype({"patients": "Int64", "diagnosed_patients": "Int64"})
        absent = [name for name in PUBLISHED_CELL.names if name not in frame]
        parts.append(frame.assign(**dict.fromkeys(absent))[PUBLISHED_CELL.names])
    return pa.concat_tables(
        pa.Table.from_pandas(
            part.astype(dict.fromkeys(part.columns[part.isna().all()], object)), preserve_index=False
        ).cast(PUBLISHED_CELL)
        for part in parts
    )


@pytest.mark.parametrize("seed", range(8))
def test_nothing_follows_from_what_is_shown_refresh_after_refresh(closing: dict[str, str], seed: int) -> None:
    """Three refreshes of a random market, some of the same year: the audit finds nothing, and a zero is shown."""
    random = np.random.default_rng(seed)
    market = random_market(random)
    opted_out = sorted(random.choice(market.rows["npi"].unique(), size=1)) if seed % 3 == 0 else []
    earlier = PUBLISHED_CELL.empty_table()
    shown = 0
    for order in range(1, 4):
        decided = close(closing, market, earlier, opted_out)
        marts = publish(market, decided, earlier)
        assert not set(opted_out) & set(marts["mart_provider_opportunity"]["npi"])
        unlisted = decided["cells"].query("cell_kind == 'provider' and is_opted_out and people > 0")
        unlisted = unlisted[["measure", "product_id", "member_id", "unit_id"]]
        published = Published(
            {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in marts.items()},
            THRESHOLD,
            unlisted=frozenset(unlisted.itertuples(index=False, name=None)),
            earlier=earlier,
        )
        assert recoverable_cells(published) == []
        geographies = marts["mart_geography_opportunity"]
        true = market.potentials()["int_potential__by_geography"]["patients"].to_numpy()
        assert geographies.loc[true == 0, "patients"].eq(0).all()
        shown += int(geographies["patients"].notna().sum())
        earlier = pa.concat_tables([earlier, remembered(marts, market, order)])
        market = next_market(market, random)
    assert shown


def test_the_same_market_without_closing_is_found_out(closing: dict[str, str]) -> None:
    """The judge is not blind: with only the small cells hidden, most random markets give some away."""
    leaking = 0
    for seed in range(8):
        market = random_market(np.random.default_rng(seed))
        empty = PUBLISHED_CELL.empty_table()
        decided = close(closing, market, empty, [])
        potentials = market.potentials()
        for mart, model in (("geography", "geographies"), ("provider", "providers"), ("account", "accounts")):
            keys = [key for key in decided[model] if key in potentials[f"int_potential__by_{mart}"]]
            counts = decided[model].merge(potentials[f"int_potential__by_{mart}"], on=keys)
            decided[model]["is_suppressed"] = counts["patients"].between(1, THRESHOLD - 1).to_numpy()
        marts = publish(market, decided, empty)
        tables = {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in marts.items()}
        leaking += bool(recoverable_cells(Published(tables, THRESHOLD)))
    assert leaking >= 4


def test_the_models_of_disclosure_are_the_ones_tested() -> None:
    """A new model of disclosure that decides cells belongs into `MODELS`."""
    folder = Path(__file__).resolve().parents[2] / "dbt/models/reporting/disclosure"
    decided = {path.stem.removeprefix("int_disclosure__") for path in folder.glob("*.sql")}
    assert decided == {*MODELS, "access", "areas", "links", "projections", "steps", "units"}
