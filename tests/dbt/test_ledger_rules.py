"""The SQL of the ledger against its rules in plain Python, on random chains: as of every refresh, and in every order.

The compiled models run by themselves over rows in memory, a few hundred chains at a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_runs import PROJECT, Warehouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_reference import PART_OF, Line, current_places

MODELS = ("int_claims__linked", "int_claims__contested", "int_claims__versioned", "int_claims__retired")
REFRESHES = 4
UNSAID = ", ".join(
    f"cast(null as {kind}) as {column}"
    for kind, columns in {
        "date": "known_on",
        "varchar": "claim_type claim_status payer_channel place_of_service_code rendering_npi operating_npi"
        " billing_npi facility_npi",
        "double": "service_unit_quantity",
        "bigint": "claim_day_key",
        "varchar[]": "hcpcs_modifiers diagnosis_codes icd10pcs_codes",
    }.items()
    for column in columns.split()
)


@pytest.fixture(scope="module")
def compiled(warehouse: Warehouse) -> dict[str, str]:
    """The SQL of the models, over tables named like them."""
    outcome = dbtRunner().invoke(
        [
            "compile",
            "--select",
            *MODELS,
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--quiet",
        ]
    )
    DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception
    nodes: Any = outcome.result
    return {node.node.name: str(node.node.compiled_code) for node in nodes}


@pytest.fixture
def ledger(compiled: dict[str, str]) -> Iterator[Ledger]:
    with duckdb.connect() as connection:
        yield Ledger(connection, compiled)


class Ledger:
    """Runs the models over given lines."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, compiled: dict[str, str]):
        self.connection, self.compiled = connection, compiled
        connection.execute("attach ':memory:' as claimline; create schema claimline.staging")
        connection.execute("create schema claimline.intermediate")
        rows = ", ".join(
            f"('r{order}', {order}, {PART_OF.get(order, order)})" for order in range(1, REFRESHES + 1)
        )
        connection.execute(
            "create table claimline.staging.stg_landing__refreshes as select refresh_id, 's' as source,"
            " cast(refresh_order as bigint) as refresh_order, date '2024-01-01' + day as known_on"
            f" from (values {rows}) as given(refresh_id, refresh_order, day)"
        )

    def retired(self, lines: list[Line]) -> list[tuple[int, int, int | None, str]]:
        """(place, known_to_order, known_again_order, line_status) of lines, all delivered."""
        rows = pa.Table.from_pylist([line.__dict__ for line in lines])  # noqa: F841  DuckDB reads it by its name
        self.connection.execute(
            "create or replace table claimline.staging.stg_claims__lines as select 's' as source,"
            " 'r' || \"order\" as refresh_id, 'f' || \"order\" as file_sha256, place as file_row_number,"
            " claim as claim_id, hash('s', chain) as chain_key, number as claim_line_number,"
            " frequency as claim_frequency_code, cast(1 as ubigint) as patient_key, date '2024-01-01' as service_date,"
            " code as hcpcs_code, date '2024-01-01' + cast(paid as integer) as paid_date,"
            " cast(amount as double) as paid_amount, cast(amount as double) as allowed_amount,"
            f" cast(amount as double) as charge_amount, prior as prior_claim_id, {UNSAID} from rows"
        )
        for model in MODELS:
            self.connection.execute(
                f"create or replace table claimline.intermediate.{model} as {self.compiled[model]}"
            )
        return self.connection.execute(
            "select file_row_number, known_to_order, known_again_order, line_status"
            " from claimline.intermediate.int_claims__retired order by all"
        ).fetchall()

    def current(self, lines: list[Line]) -> dict[int, set[int]]:
        """The places that count, as of each refresh."""
        retired = self.retired(lines)
        return {
            order: {line.place for line in lines if line.order <= order}
            - {place for place, to, again, _ in retired if to <= order < (again or REFRESHES + 1)}
            for order in range(1, REFRESHES + 1)
        }


def random_chain(draw: random.Random, name: str, *, is_paid: bool) -> list[Line]:
    """Versions of one claim, each perhaps sent again, in random refreshes. Places are set later."""
    ids = [name] if draw.random() < 0.6 else [name, f"{name}x", f"{name}y"]
    lines: list[Line] = []
    for version in range(draw.randint(1, 5)):
        claim = draw.choice(ids)
        frequency = draw.choices(["1", "7", "8"], [5, 3, 2])[0]
        # The day orders versions: no two of a chain share one. Undated versions mix in where the rules must cope.
        paid = version * 3 + draw.randint(0, 2) if is_paid or draw.random() < 0.5 else None
        prior = ids[ids.index(claim) - 1] if claim != name else None
        sign = -1 if frequency == "1" and draw.random() < 0.3 else 1
        amount, code = draw.choice([5, 7]), draw.choice(["A", "B"])
        for number in range(1, draw.randint(1, 2) + 1):
            for _ in range(1 + (draw.random() < 0.25)):
                order = draw.randint(1, REFRESHES)
                lines.append(
                    Line(0, order, claim, claim, number, frequency, paid, code, sign * amount, prior)
                )
    return lines


def random_lines(seed: int, chains: int, *, is_paid: bool) -> list[Line]:
    draw = random.Random(seed)
    lines = [line for number in range(chains) for line in random_chain(draw, f"C{number}", is_paid=is_paid)]
    return [_at(line, place) for place, line in enumerate(lines)]


def _at(line: Line, place: int, order: int | None = None) -> Line:
    return Line(**{**line.__dict__, "place": place, "order": order or line.order})


def said(lines: list[Line], places: set[int]) -> set[tuple[object, ...]]:
    return {(line.chain, *line.content) for line in lines if line.place in places}


MANY = settings(
    max_examples=6, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@given(seed=st.integers(0, 10**6), is_paid=st.booleans())
def test_as_of_any_refresh_the_sql_says_what_the_rules_say(ledger: Ledger, seed: int, is_paid: bool) -> None:
    """`known_from <= r < known_to` is what the rules say of the first r refreshes alone, reinstated lines too."""
    lines = random_lines(seed, 150, is_paid=is_paid)
    found = ledger.current(lines)
    for order in range(1, REFRESHES + 1):
        assert found[order] == current_places([line for line in lines if line.order <= order])


@MANY
@given(seed=st.integers(0, 10**6))
def test_with_dates_of_payment_order_duplication_and_splitting_change_nothing(
    ledger: Ledger, seed: int
) -> None:
    """The same versions in other refreshes, some twice: the same lines count in the end."""
    lines = random_lines(seed, 150, is_paid=True)
    draw = random.Random(seed)
    again = lines + [line for line in lines if draw.random() < 0.3]
    draw.shuffle(again)
    shuffled = [_at(line, place, draw.randint(1, REFRESHES)) for place, line in enumerate(again)]
    one, other = ledger.current(lines)[REFRESHES], ledger.current(shuffled)[REFRESHES]
    assert said(lines, one) == said(shuffled, other)
    assert len(one) == len(other)


def test_reinstatement_occurs_in_the_random_chains(ledger: Ledger) -> None:
    """The tests above do meet lines that count, are out, and count again."""
    assert any(again is not None for _, _, again, _ in ledger.retired(random_lines(1, 400, is_paid=True)))
