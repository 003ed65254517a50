"""Referral edges and values on random graphs: the project's compiled SQL against loops, visit by visit."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from compiled_models import CompiledModels
from dbt_runs import Build, Warehouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from referral_brute_force import Done, Seen, brute_force

WINDOW = 30
PEOPLE = ("A", "B", "C", "D", "G")  # G is a group
FIRST = date(2024, 1, 1)
days = st.integers(0, 80).map(lambda number: FIRST + timedelta(days=number))
people = st.sampled_from(PEOPLE)
visits = st.lists(st.builds(Seen, st.integers(1, 4), people, days, st.booleans()), max_size=25)
services = st.lists(
    st.builds(
        Done,
        st.integers(1, 4),
        people,
        days,
        st.integers(0, 2),
        st.lists(people, max_size=2).map(lambda names: tuple(sorted(set(names)))),
    ),
    max_size=12,
    unique_by=lambda done: (done.patient, done.day),
)
KNOWN = ", ".join(f"('{npi}')" for npi in PEOPLE)
GIVEN = {
    "stg_config__settings": f"select {WINDOW} as referral_window_days, cast(0.25 as decimal(9, 6)) as referral_alpha",
    "int_months__planned": "select 'lines' as source_kind, date '2024-01-01' as first_month,"
    " date '2024-03-01' as last_month",
    "int_value_sets__resolved": "select 'knee' as product_id, 'icd10cm' as code_system",
    "int_services__deduplicated": "select 1::ubigint as patient_key, date '2024-01-01' as service_date,"
    " null::varchar as performing_npi where false",
    "int_providers__located": "select npi, case when npi = 'G' then '2' else '1' end as entity_type_code, npi as unit_id"
    f" from (values {KNOWN}) as known(npi)",
}


@pytest.fixture(scope="module")
def models(warehouse: Warehouse, golden: Build, tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    lake = tmp_path_factory.mktemp("no_lake")
    found = CompiledModels(warehouse.compiled_in_full, warehouse.lake, Path(lake))
    for name, sql in GIVEN.items():
        found.connection.execute(f"create table {name} as {sql}")
    return found


def ask(models: CompiledModels, seen: list[Seen], done: list[Done]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The edges and values of a graph, from the compiled models."""
    connection: duckdb.DuckDBPyConnection = models.connection
    tables = {
        "int_diagnoses__matched": (
            "product_id varchar, patient_key ubigint, npi varchar, account_id varchar, service_date date,"
            " is_rule_out boolean",
            [("knee", v.patient, v.npi, v.npi, v.day, v.is_rule_out) for v in seen],
        ),
        "int_services__matched": (
            "product_id varchar, patient_key ubigint, npi varchar, account_id varchar, service_date date,"
            " service_month date, code_system varchar, procedure_code varchar, procedures decimal(18, 4)",
            [
                ("knee", d.patient, d.npi, d.npi, d.day, d.day.replace(day=1), "hcpcs", "K", d.procedures)
                for d in done
            ],
        ),
        "int_claims__referred": (
            "patient_key ubigint, service_date date, procedure_code varchar, referring_npi varchar",
            [(d.patient, d.day, "K", name) for d in done for name in d.named],
        ),
        "fct_surgeon_access": (
            "product_id varchar, npi varchar, procedures decimal(18, 4), addressable_usd decimal(18, 2)",
            [],
        ),
    }
    made = {"int_referrals__paired", "int_referrals__placed", "fct_referral_edge", "fct_referrer_value"}
    for name, (columns, rows) in tables.items():
        connection.execute(f"create or replace table {name} ({columns})")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"insert into {name} values ({marks})", rows)
    for name in made:
        connection.execute(f"drop table if exists {name}")
    models.made = {"ledger_state", *GIVEN, *tables}
    return models.frame("fct_referral_edge"), models.frame("fct_referrer_value")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=visits, done=services)
def test_random_graphs_are_what_loops_find(
    models: CompiledModels, seen: list[Seen], done: list[Done]
) -> None:
    """Same edges, same patients on each; downstream to the fourth digit, and in sum what was referred."""
    edges, values = ask(models, seen, done)
    weights, downstream = brute_force(seen, done, WINDOW, {"G"})
    assert {(row.from_npi, row.to_npi): row.shared_patients for row in edges.itertuples()} == weights
    found = {row.npi: float(row.downstream_procedures) for row in values.itertuples()}
    assert found == pytest.approx({npi: float(value) for npi, value in downstream.items()}, abs=1e-3)


def test_the_order_of_rows_changes_nothing(models: CompiledModels) -> None:
    """The same graph told backwards gives the same rows."""
    seen = [Seen(n % 4, PEOPLE[n % 3], FIRST + timedelta(days=3 * n)) for n in range(20)]
    done = [Done(n % 4, PEOPLE[(n + 1) % 4], FIRST + timedelta(days=5 * n), 1, ("D",)) for n in range(12)]
    forwards = [frame.sort_values(list(frame.columns)) for frame in ask(models, seen, done)]
    backwards = [frame.sort_values(list(frame.columns)) for frame in ask(models, seen[::-1], done[::-1])]
    for one, other in zip(forwards, backwards, strict=True):
        assert one.to_csv(index=False) == other.to_csv(index=False)
