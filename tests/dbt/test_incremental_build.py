"""Cost follows the change, and nothing else does: what refreshes added is what a full build makes, to the row.

One small market in three refreshes. The last one voids, corrects, comes late and restates a month nine months back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import small_lake
from dbt_runs import Build, Warehouse
from small_lake import Row, claim

from dagster_project.ledger_state import FULL, INCREMENTAL, MARTS, BuildPlan, plan_build
from dagster_project.recomputed_cells import RecomputedCells, count_recomputed_cells
from pipelines.data_home import DataHome

SITE, SURGEON = "3000000001", "1000000001"
OTHER_SITE, GROUP = "3000000002", "2000000001"  # both in unit U2
MODELS = ("+fct_provider_opportunity", "+fct_account_opportunity", "+fct_geography_opportunity")
EVERYTHING = (
    *("--select", *MODELS, "+fct_unit_potential", "+fct_refresh_reconciliation", "+mart_restatement"),
    "+fct_referrer_value",
)
RESTATED = date(2024, 5, 1)


def bill(number: int, day: date, **more: object) -> Row:
    who = {"rendering_npi": SURGEON, "facility_npi": SITE}
    return claim(f"R{number}", f"r-{number}", day, "C1776", **who) | more


def history() -> list[Row]:
    """150 operations in May 2024 with a diagnosis and a referring person each, and what small_lake has.

    Besides, the only operation of February; a patient who is operated at two accounts of a unit in July; and one who was
    seen with the diagnosis in January, once.
    """
    more = {"diagnosis_codes": ["M1711"], "referring_npi": "1000000002"}
    return [
        *[bill(n, RESTATED + timedelta(days=n % 28), **more) for n in range(150)],
        bill(450, date(2024, 2, 14)),
        bill(470, date(2024, 7, 20)) | {"facility_npi": OTHER_SITE},
        bill(472, date(2024, 7, 21)) | {"facility_npi": GROUP, "patient_token": "r-470"},
        seen(date(2024, 1, 9)),
    ]


def seen(day: date) -> Row:
    who = {"rendering_npi": "1000000003", "facility_npi": "3000000003"}
    return claim(f"S{day}", "s-1", day, "Q9001", diagnosis_codes=["M1711"], **who)


def news() -> list[Row]:
    """12 of the 150 are voided (8 %), one is corrected to another day and code, one comes late, one is new.

    February's only operation is voided; so is one in July, and another patient has one there instead; and the patient of
    January is seen once more, which confirms the diagnosis.
    """
    voided = [bill(n, RESTATED + timedelta(days=n % 28), claim_frequency_code="8") for n in range(12)]
    corrected = bill(20, date(2024, 6, 3), claim_frequency_code="7") | {"hcpcs_code": "C1789"}
    emptied = bill(450, date(2024, 2, 14), claim_frequency_code="8")
    exchanged = [
        bill(470, date(2024, 7, 20), claim_frequency_code="8") | {"facility_npi": OTHER_SITE},
        bill(471, date(2024, 7, 20)) | {"facility_npi": OTHER_SITE},
    ]
    late = [bill(400, date(2024, 5, 9)), bill(401, date(2025, 1, 20))]
    return [*voided, corrected, *late, emptied, *exchanged, seen(date(2025, 1, 15))]


class Market:
    """The lake and warehouse of this module, with the plan that Dagster's step would make."""

    def __init__(self, warehouse: Warehouse):
        self.warehouse, self.home = warehouse, DataHome.at(warehouse.lake.parent)

    def deliver_history(self) -> None:
        shutil.rmtree(self.warehouse.lake, ignore_errors=True)
        small_lake.write_empty_tables(self.warehouse.lake)
        small_lake.write_config_and_geography(self.warehouse.lake)
        (directory, first, _) = small_lake.golden_refreshes()
        small_lake.write_refresh(self.warehouse.lake, *directory)
        entities = {"medical_claim": [*first[2]["medical_claim"], *history()]}
        small_lake.write_refresh(self.warehouse.lake, first[0], first[1], entities)

    def deliver_news(self) -> None:
        (_, _, second) = small_lake.golden_refreshes()
        entities = {"medical_claim": [*second[2]["medical_claim"], *news()]}
        entities["provider"] = [{"npi": "1000000004", "entity_type_code": "2", "practice_zip": "10002"}]
        # A hospital moves from U4 to U2.
        entities["facility"] = [
            {"facility_npi": "3000000004", "facility_name": "Hospital 4", "facility_zip": "10002"}
        ]
        small_lake.write_refresh(self.warehouse.lake, second[0], second[1], entities)

    def change_terms(self) -> None:
        """Hips cost more, and a hospital that was restricted is locked; no refresh comes with it."""
        for table, change in (
            ("product", "if(product_id = 'hip', 300.0, price_usd) as price_usd"),
            ("access_rule", "if(rule_id = 'R2', 'locked', status) as status"),
        ):
            file = self.home.table("config", table)
            rows = duckdb.sql(f"select * replace ({change}) from read_parquet('{file}')").to_arrow_table()
            pq.write_table(rows, file)

    def recomputed(self) -> RecomputedCells:
        return count_recomputed_cells(self.warehouse.file)

    def plan(self) -> BuildPlan:
        return plan_build(self.home, incremental_models())

    def build(self, *arguments: str) -> Build:
        """dbt as Dagster's step runs it: the mode is that of the plan."""
        environment = self.plan().environment
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        try:
            tests = ("--indirect-selection", "buildable", "--exclude-resource-type", "unit_test")
            return self.warehouse.run("build", *tests, *arguments)
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    def forget_everything(self) -> None:
        self.warehouse.file.unlink(missing_ok=True)


def incremental_models() -> list[str]:
    models = Path(small_lake.__file__).parents[2] / "dbt" / "models"
    return [path.stem for path in models.rglob("*.sql") if "materialized='incremental'" in path.read_text()]


@pytest.fixture
def market(warehouse: Warehouse) -> Iterator[Market]:
    target = Market(warehouse)
    target.forget_everything()
    target.deliver_history()
    yield target
    target.forget_everything()


def contents(market: Market) -> dict[str, str]:
    """A hash of the rows of each table that readers see, in no order."""
    hashes = {}
    with duckdb.connect(str(market.warehouse.file), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('opportunity', 'reporting')"
            " or table_name in ('int_services__deduplicated', 'int_services__involved', 'int_services__matched',"
            " 'int_claims__referred', 'int_diagnoses__matched', 'int_patients__confirmed', 'int_patients__diagnosed',"
            " 'int_claims__retired', 'int_opportunity__cells', 'int_opportunity__patients')"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(f"select * from {schema}.{table}").fetchall()
            text = "\n".join(sorted(map(str, rows)))
            hashes[table] = f"{len(rows)} {hashlib.sha256(text.encode()).hexdigest()}"
    return hashes


def test_a_refresh_added_is_a_full_build_even_after_a_kill(market: Market) -> None:
    """Full, then a build that dies half-way, then the rest of it; the same rows as everything from nothing.

    Prices and access change after that, and the build dies between the count of people and the tables that show it.
    """
    assert market.plan().mode == FULL
    market.build(*EVERYTHING)
    everything = market.recomputed()
    assert everything.share == 1
    market.deliver_news()
    assert market.plan().mode == INCREMENTAL
    market.build("--select", "+int_services__deduplicated", "+int_diagnoses__matched")
    assert market.plan().mode == INCREMENTAL
    added = market.build(*EVERYTHING)
    assert set(added.statuses.values()) <= {"success", "pass"}
    assert len(added.table("intermediate.int_days__renewed")) < 60  # of some 260 patient-days
    # Of 150 that were sent, 12 were voided, and the one that was corrected names nobody any more.
    (edge,) = added.table("opportunity.fct_referral_edge").itertuples()
    assert (edge.from_npi, edge.shared_patients, edge.named_patients) == ("1000000002", 137, 137)
    restated = added.table("reporting.mart_restatement").set_index("service_month")
    may = restated.loc[RESTATED.isoformat()]
    # May: 150 operations, 4 lines of X1 to X3, 13 visits; 12 voided, 1 corrected away, X1's 2 lines replaced, X2 voided.
    assert (may["lines_before"], may["lines_removed"], may["lines_added"]) == (
        176,
        16,
        2,
    )  # 167 rounded to 22
    assert may["change_share"] == pytest.approx(-14 / 176, abs=1e-4)  # some -8 %
    assert not may["is_suppressed"]
    # June hears of one patient: withheld.
    assert restated.loc["2024-06-01", "is_suppressed"]
    july = added.table("opportunity.fct_geography_opportunity").query(
        "unit_id == 'U2' and months_covered == 1"
    )
    # As many people as before at one account, another one among them: the unit has one more.
    assert july[july.service_month.astype(str).str.startswith("2024-07")].patients.tolist() == [2]
    refreshed = market.recomputed()
    assert 0 < refreshed.share < 0.6
    market.change_terms()
    assert market.plan().mode == MARTS
    market.build("--select", "+int_opportunity__patients")
    repriced = market.recomputed()
    assert 0 < repriced.recomputed < refreshed.cells / 2
    market.build(*EVERYTHING)
    assert market.recomputed().recomputed == 0
    found = contents(market)
    market.forget_everything()
    market.build(*EVERYTHING)
    assert found == contents(market)
    other_inputs_ask_for_a_full_build(market)


def other_inputs_ask_for_a_full_build(market: Market) -> None:
    """A price changes the marts; a value set or a late refresh that belongs before others change the lines."""
    assert market.plan().mode == INCREMENTAL
    for table, mode in (("access_rule", MARTS), ("value_set_code", FULL)):
        file = market.home.table("config", table)
        kept = file.read_bytes()
        small_lake.write_table(market.warehouse.lake, f"config/{table}", [])
        assert market.plan().mode == mode
        file.write_bytes(kept)
        assert market.plan().mode == INCREMENTAL
    late = ("claims.2024-12", date(2024, 12, 15), {"medical_claim": news()})
    small_lake.write_refresh(market.warehouse.lake, *late)
    assert market.plan().mode == FULL


@pytest.mark.parametrize(("replacement", "void", "passes"), [("7", "8", True), ("8", "7", False)])
def test_a_swapped_mapping_is_caught(market: Market, replacement: str, void: str, passes: bool) -> None:
    """Fifteen claims corrected and fifteen voided; where the codes mean the opposite, the source is named."""
    lines = []
    for n in range(500, 530):
        day = date(2024, 3, 1 + n % 28)
        lines.append(bill(n, day, paid_date=day))
        again: Row = {"paid_date": day + timedelta(days=30)}
        if n % 2:
            again |= {"claim_frequency_code": void}
        else:
            again |= {"claim_frequency_code": replacement, "allowed_amount": 77.0}
        lines.append(bill(n, day, **again))
    small_lake.write_refresh(
        market.warehouse.lake, "panel.2025-01", date(2025, 1, 11), {"medical_claim": lines}
    )
    check = "claims__frequency_codes_fit_their_source"
    build = market.build("--select", "+int_claims__versioned", check)
    assert (build.statuses[check] == "pass") is passes
    if not passes:
        sql = (market.warehouse.compiled / "claimline" / "tests" / f"{check}.sql").read_text()
        with duckdb.connect(str(market.warehouse.file), read_only=True) as connection:
            ((source, message),) = connection.execute(f"select source, message from ({sql})").fetchall()
        assert source == "panel"
        assert "Source panel: 15 of 15 voids change" in message
