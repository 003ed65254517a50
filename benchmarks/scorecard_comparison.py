"""The truth of a market against what the pipeline made of it: per service, per cell, per trap.

Belongs here: the comparison, as SQL over the warehouse and the truth's Parquet. A service is compared under its patient,
day, code and occurrence; a cell is product × code × month × provider. Does not belong here: making or building markets.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from benchmarks.scorecard_diagnosed import unlike_cells
from pipelines.landing.patient_token import TokenKey, token_of
from pipelines.market_simulator.traps import TEST_PATIENT
from pipelines.market_simulator.truth import read_truth

NOBODY = "unattributed"
SAME_SHARE = 0.001  # thirds are kept with four digits
MOST_CELLS = 5  # of diagnosed patients, among the examples
TRAP_COLUMNS = {  # of the truth's services: which trap of each family caught it
    "billing_shape": "told.billing_shape",
    "claim_history": "told.claim_history",
    "feed": "told.feed",
    "diagnosis_trap": "told.diagnosis_trap",
    "code_trap": "case when told.is_code_invalid then 'late_code_user' end",
}

TRUE_SERVICES = """
create temp table true_services as
select
    person.patient_key, told.service_date, told.code_system, told.code, told.occurrence,
    told.service_month, told.product_id, coalesce(told.performing_npi, '{nobody}') as npi, told.site_npi,
    told.procedures, told.sides, told.units, told.doses, told.is_units_capped, told.is_modifier_missing,
    told.is_discontinued, told.is_denied, {traps},
    [told.involved_npi_1, told.involved_npi_2, told.involved_npi_3] as people,
    [told.involvement_1, told.involvement_2, told.involvement_3] as credit
from read_parquet('{truth}/services.parquet') as told
inner join persons as person on told.patient_id = person.patient_id
where told.standing_from <= {refresh} and coalesce(told.standing_to > {refresh}, true)
"""
FOUND_SERVICES = """
create temp table found_services as
with products as (
    select service_id, string_agg(product_id, ' ' order by product_id) as product_id
    from intermediate.int_services__matched group by service_id
)
select
    service.service_id, service.patient_key, service.service_date, service.code_system,
    service.procedure_code as code, service.occurrence,
    cast(date_trunc('month', service.service_date) as date) as service_month, products.product_id,
    coalesce(service.performing_npi, '{nobody}') as npi, service.site_npi,
    cast(service.procedures as double) as procedures, service.sides, cast(service.units as double) as units,
    cast(service.doses as double) as doses, service.is_units_capped, service.is_modifier_missing,
    service.is_discontinued, service.is_denied_only as is_denied
from intermediate.int_services__deduplicated as service
left join products on service.service_id = products.service_id
"""
MEASURES = ("procedures", "sides", "units", "doses")
ATTRIBUTES = (
    "product_id",
    "npi",
    "site_npi",
    "is_units_capped",
    "is_modifier_missing",
    "is_discontinued",
    "is_denied",
)
SIDE_BY_SIDE = """
create temp table side_by_side as
select
    coalesce(told.patient_key, found.patient_key) as patient_key,
    coalesce(told.service_date, found.service_date) as service_date,
    coalesce(told.code_system, found.code_system) as code_system,
    coalesce(told.code, found.code) as code,
    coalesce(told.occurrence, found.occurrence) as occurrence,
    told.patient_key is null as is_invented,
    found.patient_key is null as is_lost,
    {columns},
    {traps}
from true_services as told
full join found_services as found
    on told.patient_key = found.patient_key and told.service_date = found.service_date
    and told.code_system = found.code_system and told.code = found.code and told.occurrence = found.occurrence
"""
CELL_DIFFERENCE = """
with both_sides as (
    select coalesce(true_product_id, 'none') as product_id, code_system, code,
        date_trunc('month', service_date) as month, coalesce(true_npi, '') as npi, true_{measure} as measure
    from side_by_side where not is_invented
    union all
    select coalesce(found_product_id, 'none'), code_system, code,
        date_trunc('month', service_date), coalesce(found_npi, ''), -found_{measure}
    from side_by_side where not is_lost
)
select coalesce(sum(abs(round(difference, 3))), 0) from (
    select sum(coalesce(measure, 0)) as difference from both_sides
    group by product_id, code_system, code, month, npi)
"""
PATIENT_DIFFERENCE = """
with true_patients as (
    select coalesce(product_id, 'none') as product_id, service_month as month, npi,
        count(distinct patient_key) as patients
    from true_services where procedures > 0 group by all
), found_patients as (
    select coalesce(product_id, 'none') as product_id, service_month as month, npi,
        count(distinct patient_key) as patients
    from found_services where procedures > 0 group by all
)
select coalesce(sum(abs(coalesce(true_patients.patients, 0) - coalesce(found_patients.patients, 0))), 0)
from true_patients full join found_patients using (product_id, month, npi)
"""
# The performer has what the others named in int_services__involved do not have.
INVOLVEMENT_DIFFERENCE = """
with true_credit as (
    select code, service_month as month, unnest(people) as npi, unnest(credit) as credit from true_services
), others as (
    select service_id, npi, cast(involvement as double) as credit
    from intermediate.int_services__involved where involvement > 0
), left_over as (
    select service_id, sum(credit) as credit from others group by service_id
), found_credit as (
    select code, service_month as month, npi, procedures - coalesce(left_over.credit, 0) as credit
    from found_services left join left_over using (service_id)
    union all
    select code, service_month, others.npi, others.credit
    from found_services inner join others using (service_id)
), cells as (
    select code, month, npi, sum(credit) as credit from true_credit where npi is not null group by all
), found_cells as (
    select code, month, npi, sum(credit) as credit from found_credit where npi <> '{nobody}' group by all
)
select coalesce(sum(difference) filter (where difference > {tolerance} * services), 0) from (
    select abs(coalesce(cells.credit, 0) - coalesce(found_cells.credit, 0)) as difference,
        greatest(1, coalesce(cells.credit, 0)) as services
    from cells full join found_cells using (code, month, npi))
"""


@dataclass
class Score:
    """Differences between truth and pipeline, summed over cells; services by column in which they differ; and by trap
    planted visits, true services, and services of which everything is right (of test patients: rows to be set aside).

    `examples` are a few services, and cells of diagnosed patients, that differ, as readable rows."""

    differences: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    unlike: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.differences + other.differences,
            self.planted + other.planted,
            self.true + other.true,
            self.right + other.right,
            self.unlike + other.unlike,
            self.examples + other.examples,
        )

    @property
    def is_exact(self) -> bool:
        return not any(self.differences.values())


def compare(warehouse: Path, truth: Path, token_domain: str, refresh: int) -> Score:
    """Score the warehouse's services against the truth as of refresh number `refresh`."""
    content = read_truth(truth)
    score = Score(planted=Counter(content["planted"]))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        _tables(connection, truth, token_domain, refresh)
        for name, statement in {
            "event_count_difference": CELL_DIFFERENCE.format(measure="procedures"),
            "side_difference": CELL_DIFFERENCE.format(measure="sides"),
            "unit_difference": CELL_DIFFERENCE.format(measure="units"),
            "dose_difference": CELL_DIFFERENCE.format(measure="doses"),
            "patient_count_difference": PATIENT_DIFFERENCE,
            "involvement_difference": INVOLVEMENT_DIFFERENCE.format(nobody=NOBODY, tolerance=SAME_SHARE),
        }.items():
            score.differences[name] = _number(connection, statement)
        diagnosed = unlike_cells(connection, truth, refresh)
        score.differences["diagnosed_patient_difference"] = int(
            (diagnosed.true - diagnosed.found).abs().sum()
        )
        wrong = f"(is_invented or is_lost or {_unlike((*MEASURES, *ATTRIBUTES))})"
        score.differences["services_unlike_the_truth"] = _number(
            connection, f"select count(*) from side_by_side where {wrong}"
        )
        for column in (*MEASURES, *ATTRIBUTES):
            score.unlike[column] = _number(
                connection,
                f"select count(*) from side_by_side where not is_invented and not is_lost and {_unlike((column,))}",
            )
        for name in ("is_invented", "is_lost"):
            score.unlike[name] = _number(connection, f"select count(*) from side_by_side where {name}")
        for column in TRAP_COLUMNS:
            for name, true, right in connection.execute(
                f"select {column}, count(*), count(*) filter (not {wrong}) from side_by_side "
                f"where not is_invented and {column} is not null group by 1"
            ).fetchall():
                score.true[name] += true
                score.right[name] += right
        score.examples = (
            connection.execute(f"select * from side_by_side where {wrong} order by all limit 20")
            .df()
            .to_dict("records")
        )
        score.examples += diagnosed.head(MOST_CELLS).to_dict("records")
        quarantined = "select count(*) from staging.stg_landing__quarantine where reason = 'test patient'"
        if refresh == len(content["refreshes"]) - 1:
            planted, set_aside = content["test_rows"], _number(connection, quarantined)
            score.differences["test_row_difference"] = abs(planted - set_aside)
            score.true[TEST_PATIENT], score.right[TEST_PATIENT] = planted, min(planted, set_aside)
    return score


def _tables(connection: duckdb.DuckDBPyConnection, truth: Path, token_domain: str, refresh: int) -> None:
    key = TokenKey.from_environment()
    services = f"read_parquet('{truth}/services.parquet')"
    ids = connection.execute(f"select distinct patient_id from {services} order by 1").fetchall()
    tokens = [(patient, token_of(patient, token_domain, key)) for (patient,) in ids]
    connection.register("tokens", pd.DataFrame(tokens, columns=["patient_id", "patient_token"]))
    # a person of whom no line was kept has no key, and must show as lost
    connection.execute(
        "create temp table persons as select patient_id, coalesce(patient_key, hash(patient_id)) as patient_key "
        "from tokens left join (select distinct patient_token, patient_key from staging.stg_claims__lines) "
        "using (patient_token)"
    )
    traps = ", ".join(f"{expression} as {column}" for column, expression in TRAP_COLUMNS.items())
    connection.execute(TRUE_SERVICES.format(truth=truth, refresh=refresh, nobody=NOBODY, traps=traps))
    connection.execute(FOUND_SERVICES.format(nobody=NOBODY))
    columns = ", ".join(
        f"told.{column} as true_{column}, found.{column} as found_{column}"
        for column in (*MEASURES, *ATTRIBUTES)
    )
    named = ", ".join(f"told.{column}" for column in TRAP_COLUMNS)
    connection.execute(SIDE_BY_SIDE.format(columns=columns, traps=named))


def _unlike(columns: tuple[str, ...]) -> str:
    return " or ".join(f"true_{column} is distinct from found_{column}" for column in columns)


def _number(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    row = connection.execute(statement).fetchone()
    value = float(row[0]) if row else 0.0
    return int(value) if value.is_integer() else round(value, 3)
