"""Value-set queries against hand-worked answers and brute force: the SQL means what the method says."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import small_lake
from dbt_runs import Build, Warehouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from value_set_brute_force import Answer, Row, World, answer
from value_set_lakes import NO_RULE, Product, answers_of_sql, entry, rule

SURGEON, DOCTOR = "1000000001", "1000000002"
KNEE = entry("M17*", "icd10cm")
GELS = entry("J7320-J7329")


def line(
    claim: str, patient: str, day: str, code: str, diagnoses: str = "", pointer: int = 0, **more: object
) -> Row:
    """A professional line at place 11 by the surgeon, with whatever is said differently; `pointer` 0 points nowhere."""
    return small_lake.claim(claim, patient, date.fromisoformat(day), code) | {
        "rendering_npi": SURGEON,
        "place_of_service_code": "11",
        "diagnosis_codes": diagnoses.split(),
        "diagnosis_pointers": [pointer] if pointer else [],
        **more,
    }


WORLD = World(
    lines=[
        line("A", "1", "2025-03-10", "J7321", "M1711 I10", 1, hcpcs_modifiers=["RT"]),
        line("B", "2", "2025-03-11", "J7325", "I10 M1712", 1, place_of_service_code="24"),
        line("C", "3", "2025-03-12", "J7326", "I10", 1, rendering_npi=DOCTOR),
        line("D", "3", "2025-02-10", "Q9001", "M170", 1),  # 30 days before
        line("E", "4", "2025-03-13", "J7321", "I10", 1, place_of_service_code="22"),
        line("F", "4", "2025-02-10", "Q9001", "M170", 1, rendering_npi=DOCTOR),  # 31 days before
        line("G", "5", "2025-03-14", "J7321", "M170", 1, hcpcs_modifiers=["LT"]),
        line("G", "5", "2025-03-14", "J7321", "M170", 1, hcpcs_modifiers=["RT"], claim_line_number=2),
        line("H", "6", "2025-01-05", "Q9001", "M1711", 1),
        line("I", "6", "2025-02-04", "Q9001", "M1711", 1),  # 30 days apart
        line("J", "7", "2025-01-05", "Q9001", "M1711", 1),
        line("K", "7", "2025-03-05", "R0075", "M1711", 1),  # an X-ray: a rule-out
        line("L", "8", "2025-01-05", "Q9001", "Z853", 1),
        line("M", "8", "2025-03-05", "Q9001", "Z853 Z1231", 1),
        line("N", "9", "2025-03-16", "J7333", "M1711", 1),
        line("O", "10", "2025-03-20", "J7399", rendering_npi=DOCTOR),  # took over half of J7324
        line("P", "10", "2024-12-31", "J7399", rendering_npi=DOCTOR),  # the day before it did
        line("Q", "11", "2025-04-01", "J7321", "M170", 1, hcpcs_modifiers=["GA"], rendering_npi=DOCTOR)
        | {"place_of_service_code": "12"},
    ],
    taxonomies={SURGEON: "207XS0117X", DOCTOR: "207Q00000X"},
    successions=[
        {
            "code_system": "hcpcs",
            "from_code": "J7324",
            "to_code": "J7399",
            "effective_from": date(2025, 1, 1),
            "weight": 0.5,
        }
    ],
    rule_out_codes=frozenset({"R0075"}),
)
BOTH = "procedures_and_diagnoses"
TREATED = "1 2 3 5 6 11"  # 6 by two dates, the others by one date with an injection at most 30 days away

# name: codes, rule; procedures, services by link strength, diagnosed patients
QUERIES: dict[str, tuple[list[Row], Row, str, dict[str, int], str]] = {
    "one code": ([entry("J7321")], rule(), "4", {"none": 4}, ""),
    "a prefix": ([entry("J73*")], rule(), "9", {"none": 9}, ""),
    "a range without one code, and the successor of another": (
        [GELS, entry("J7326", role="exclude")], rule(), "5.5", {"none": 6}, "",
    ),
    "modifiers, counted by sides": (
        [entry("J7321")], rule(modifiers_any=["RT", "LT"], count_by="sides"), "3", {"none": 2}, "",
    ),
    "a barred modifier and a place": (
        [entry("J7321")], rule(modifiers_none=["GA"], places_of_service_any=["11"]), "2", {"none": 2}, "",
    ),
    "surgeons only": ([GELS], rule(taxonomies_any=["207X"]), "4", {"none": 4}, ""),
    "with the diagnosis on the line": ([GELS, KNEE], rule(combine=BOTH, link_scope="line"), "3", {"line": 3}, TREATED),
    "with the diagnosis on the claim": ([GELS, KNEE], rule(combine=BOTH), "4", {"line": 3, "claim": 1}, TREATED),
    "with the diagnosis of the patient": (
        [GELS, KNEE], rule(combine=BOTH, link_scope="patient"), "5", {"line": 3, "claim": 1, "patient": 1}, TREATED,
    ),
    "with the diagnosis seen by the same person": (
        [GELS, KNEE], rule(combine=BOTH, link_scope="provider"), "4", {"line": 3, "claim": 1}, TREATED,
    ),
    "patients of a diagnosis": ([KNEE], rule(combine="diagnoses"), "0", {}, "6"),
    "a procedure or a diagnosis": (
        [entry("J7326"), KNEE],
        rule(combine="procedures_or_diagnoses"),
        "12",
        {"line": 10, "claim": 1, "patient": 1},
        "3 6",
    ),
    "history and screening are not the disease": ([entry("Z*", "icd10cm")], rule(combine="diagnoses"), "0", {}, ""),
    "history where it is asked for": ([entry("Z85*", "icd10cm")], rule(combine="diagnoses"), "0", {}, "8"),
}  # fmt: skip


@pytest.fixture(scope="module")
def worked(
    warehouse: Warehouse, golden: Build, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Answer]:
    """All queries as products of one lake."""
    products: dict[str, Product] = {name: (entries, said) for name, (entries, said, *_) in QUERIES.items()}
    return answers_of_sql(warehouse, tmp_path_factory.mktemp("worked") / "lake", WORLD, products)


@pytest.mark.parametrize("name", QUERIES)
def test_a_worked_query_gives_the_answer_worked_out_by_hand(worked: dict[str, Answer], name: str) -> None:
    """Procedures, services by the strength of their link, and diagnosed patients of each query; brute force agrees."""
    entries, said, procedures, links, patients = QUERIES[name]
    found = worked[name]
    assert sum(count for _, count in found.services.values()) == Decimal(procedures)
    assert Counter(link for link, _ in found.services.values()) == links
    assert found.diagnosed == set(patients.split())
    assert found == answer(WORLD, entries, said)


CODES = ("J7320", "J7321", "J7400", "C1776", "R0075")
DIAGNOSES = ("M1711", "M170", "C509", "Z853", "I10")
DAYS = [date(2025, 1, 1) + timedelta(days=days) for days in (0, 1, 29, 30, 31, 60, 95)]
PEOPLE = {"1000000001": "207XS0117X", "1000000002": "207Q00000X", "1000000003": "208600000X"}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    lines = []
    for number in range(draw(st.integers(8, 30))):
        patient, day = draw(st.sampled_from("abc")), draw(st.sampled_from(DAYS))
        listed = draw(st.lists(st.sampled_from(DIAGNOSES), max_size=3))
        lines.append(
            line(
                f"{patient}{draw(st.integers(0, 4))}",
                patient,
                day.isoformat(),
                draw(st.sampled_from([*CODES, *CODES[:2]])),
                " ".join(listed),
                draw(st.integers(0, 3)),
                claim_line_number=number,
                hcpcs_modifiers=draw(st.lists(st.sampled_from(["RT", "LT", "GA"]), max_size=2, unique=True)),
                place_of_service_code=draw(st.sampled_from(["11", "22", None])),
                # One person a day, so that who performed is not in question.
                rendering_npi=sorted(PEOPLE)[(DAYS.index(day) + ord(patient)) % 3],
            )
        )
    days = st.sampled_from([date(2024, 6, 1), *DAYS])
    handed = st.fixed_dictionaries(
        {
            "code_system": st.just("hcpcs"),
            "from_code": st.sampled_from(["J7319", *CODES]),
            "to_code": st.sampled_from(CODES),
            "effective_from": days,
            "weight": st.sampled_from([0.25, 0.5, 1.0]),
        }
    ).filter(lambda row: row["from_code"] < row["to_code"])
    pairs = draw(
        st.lists(
            handed,
            max_size=4,
            unique_by=lambda row: (row["from_code"], row["to_code"], row["effective_from"]),
        )
    )
    validities = [
        {
            "code_system": "hcpcs",
            "code": code,
            "effective_from": DAYS[0],
            "effective_to": draw(st.sampled_from([None, DAYS[4]])),
        }
        for code in CODES
        if draw(st.integers(0, 9)) > 0
    ]
    return World(
        lines=lines,
        taxonomies=PEOPLE,
        validities=validities if draw(st.booleans()) else [],
        successions=pairs,
        rule_out_codes=frozenset({"R0075"}),
    )


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    """No condition more often than one."""
    return st.one_of(
        st.just([]), st.just([]), st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    )


@st.composite
def products(draw: st.DrawFn) -> Product:
    windows = st.sampled_from([{}, {}, {"effective_from": DAYS[2]}, {"effective_to": DAYS[4]}])
    roles = st.sampled_from(["include", "include", "exclude"])
    procedures = [
        entry(
            draw(st.sampled_from(["J7320", "J7321", "J73*", "J7320-J7399", "C*", "J7319"])),
            role=draw(roles),
            **draw(windows),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    diagnoses = [
        entry(
            draw(st.sampled_from(["M17*", "M1711", "C50-C59", "Z*", "Z85*", "M16-M17"])),
            "icd10cm",
            draw(roles),
            **draw(windows),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    combine = draw(st.sampled_from(["procedures", "diagnoses", BOTH, BOTH, "procedures_or_diagnoses"]))
    scopes = (
        ["line", "claim"]
        if combine == "procedures_or_diagnoses"
        else ["line", "claim", "patient", "provider"]
    )
    said = NO_RULE | {
        "combine": combine,
        "link_scope": draw(st.sampled_from(scopes)),
        "link_days": draw(st.sampled_from([0, 1, 30])),
        "places_of_service_any": draw(some(["11", "22"])),
        "places_of_service_none": draw(some(["22"])),
        "last_diagnosis_position": draw(st.sampled_from([None, None, 1, 2])),
        "count_by": draw(st.sampled_from(["events", "sides"])),
    }
    if combine != "diagnoses":
        said |= {
            "modifiers_any": draw(some(["RT", "LT"])),
            "modifiers_none": draw(some(["GA"])),
            "taxonomies_any": draw(some(["207X", "2086"])),
        }
    return procedures + diagnoses, said


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(world=worlds(), sold=st.lists(products(), min_size=10, max_size=16))
def test_random_rules_on_random_claims_equal_brute_force(
    warehouse: Warehouse, golden: Build, tmp_path: Path, world: World, sold: list[Product]
) -> None:
    """Every product of a random lake gives the services, links, counts and patients that brute force finds."""
    named = {f"p{number}": product for number, product in enumerate(sold)}
    found = answers_of_sql(warehouse, tmp_path / "lake", world, named)
    for name, (entries, said) in named.items():
        assert found[name] == answer(world, entries, said), (entries, said)
