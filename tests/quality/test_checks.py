"""The bodies of asset checks pass what is right and name what is wrong."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality import checks
from quality.contracts import Breach
from quality.summaries import small_cell_summary

UNITS = pd.DataFrame({"unit_id": ["a", "b", "c", "d", "unlocated"]})
EDGES = pd.DataFrame({"unit_a": ["a", "b", "c"], "unit_b": ["b", "c", "d"]})


def assignment(**territories: str) -> pd.DataFrame:
    return pd.DataFrame({"unit_id": list(territories), "territory_id": list(territories.values())})


def test_rows_reconcile_per_file() -> None:
    """One lost row fails and names its file; the sum over files may not hide it."""
    receipts = pd.DataFrame(
        {
            "refresh_id": ["r1", "r2"],
            "file_name": ["claims.csv", "claims.csv"],
            "delivered_rows": [10, 10],
            "accepted_rows": [9, 8],
            "quarantined_rows": [1, 2],
        }
    )
    assert checks.landing__rows_reconcile(receipts).passed
    shifted = receipts.assign(accepted_rows=[10, 7])
    outcome = checks.landing__rows_reconcile(shifted)
    assert not outcome.passed
    assert "r1/claims.csv, r2/claims.csv" in outcome.sentence


def test_every_unit_once() -> None:
    """A missing, an unknown and a repeated unit are each found; 'unlocated' needs no territory."""
    whole = assignment(a="1", b="1", c="2", d="2")
    assert checks.plan__covers_every_unit(UNITS, whole).passed
    cases = {
        "1 without a territory: d": whole[whole["unit_id"] != "d"],
        "1 not in geography: z": pd.concat([whole, assignment(z="1")]),
        "1 in two territories: a": pd.concat([whole, assignment(a="2")]),
    }
    for words, broken in cases.items():
        outcome = checks.plan__covers_every_unit(UNITS, broken)
        assert not outcome.passed
        assert words in outcome.sentence


def test_contiguity_counts_parts() -> None:
    """a–b–c–d in a row: {a, b} and {c, d} are whole, {a, c} is not."""
    assert checks.plan__territories_contiguous(assignment(a="1", b="1", c="2", d="2"), EDGES).passed
    outcome = checks.plan__territories_contiguous(assignment(a="1", b="2", c="1", d="2"), EDGES)
    assert not outcome.passed
    assert "1 (2 parts), 2 (2 parts)" in outcome.sentence


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_components_agree_with_a_walk(seed: int) -> None:
    """On random graphs the parts of each territory are those that walking from unit to unit finds."""
    random = np.random.default_rng(seed)
    units = [f"u{place:02d}" for place in range(20)]
    pairs = [(a, b) for a in units for b in units if a < b and random.random() < 0.12]
    edges = pd.DataFrame(pairs, columns=["unit_a", "unit_b"])
    frame = pd.DataFrame({"unit_id": units, "territory_id": random.choice(["x", "y", "z"], 20)})
    expected = {name: parts(set(rows["unit_id"]), pairs) for name, rows in frame.groupby("territory_id")}
    assert checks.territory_components(frame, edges).to_dict() == expected


def parts(units: set[str], pairs: list[tuple[str, str]]) -> int:
    """Connected parts of `units`, by walking."""
    count = 0
    while units:
        count += 1
        reached = [units.pop()]
        while reached:
            here = reached.pop()
            near = {b if a == here else a for a, b in pairs if here in (a, b)} & units
            units -= near
            reached += near
    return count


def test_balance_warns_only() -> None:
    """Beyond the tolerance the check fails with severity warn, and names who."""
    territory = pd.DataFrame({"territory_id": ["A", "B"], "balance_index": [88.0, 112.0]})
    assert checks.plan__is_balanced(territory, 0.15).passed
    outcome = checks.plan__is_balanced(territory, 0.1)
    assert (outcome.passed, outcome.severity) == (False, "warn")
    assert "A, B" in outcome.sentence


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=20), st.integers(-3, 3))
def test_quotas_sum_to_the_cent(amounts: list[int], off: int) -> None:
    """The check passes exactly when the gap is zero cents."""
    quota = pd.DataFrame(
        {
            "territory_id": [f"T{place}" for place in range(len(amounts))],
            "quota_usd": [Decimal(cents) / 100 for cents in amounts],
        }
    )
    outcome = checks.quota__sums_to_goal(quota, Decimal(sum(amounts) + off) / 100)
    assert outcome.passed == (off == 0)
    assert outcome.metadata["gap_cents"] == -off


def test_lines_sum_to_each_quota() -> None:
    """Lines that sum to the total but not to each territory's quota fail; a territory without lines fails."""
    quota = pd.DataFrame({"territory_id": ["A", "B"], "quota_usd": [Decimal("10.00"), Decimal("20.00")]})
    lines = pd.DataFrame(
        {"territory_id": ["A", "A", "B"], "amount_usd": [Decimal("4.00"), Decimal("6.00"), Decimal("20.00")]}
    )
    assert checks.quota__lines_sum_to_quota(quota, lines).passed
    swapped = lines.assign(amount_usd=[Decimal("5.00"), Decimal("6.00"), Decimal("19.00")])
    assert "A, B" in checks.quota__lines_sum_to_quota(quota, swapped).sentence
    assert not checks.quota__lines_sum_to_quota(quota, lines[lines["territory_id"] == "A"]).passed


def test_small_cells_are_named() -> None:
    """A mart that shows 3 patients fails and is named with its column."""
    import pyarrow as pa

    marts = {"mart_a": pa.table({"patients": [3, 20]}), "mart_b": pa.table({"patients": [0, 11]})}
    outcome = checks.snapshot__no_small_cells(small_cell_summary(marts))
    assert not outcome.passed
    assert "mart_a.patients" in outcome.sentence
    assert checks.snapshot__no_small_cells(small_cell_summary({"mart_b": marts["mart_b"]})).passed


@pytest.mark.parametrize(
    ("reconciled", "planned", "as_of", "plan_id", "said"),
    [
        (["r1", "r2"], ["P1"], "r2", "P1", ""),
        (["r1"], [], "r1", None, ""),
        (["r1"], ["P1"], "r2", "P1", "do not know refresh r2"),
        (["r1", "r2"], ["P1"], "r2", "P2", "of plan P1, in force is P2"),
    ],
)
def test_marts_of_another_refresh_or_plan_are_stale(
    reconciled: list[str], planned: list[str], as_of: str, plan_id: str | None, said: str
) -> None:
    """What the manifest would say and what the marts were built over must be one."""
    outcome = checks.snapshot__is_of_this_refresh(reconciled, planned, as_of, plan_id)
    assert outcome.passed == (not said)
    assert said in outcome.sentence


def test_one_open_review_per_scope() -> None:
    """Two open reviews of the same matter fail; a closed one beside an open one is history."""
    row = {"trigger": "volume_shift", "scope_kind": "territory", "scope_id": "T1"}
    flags = pd.DataFrame([{**row, "state": "open"}, {**row, "state": "closed"}])
    assert checks.review_flags__one_open_per_scope(flags).passed
    assert not checks.review_flags__one_open_per_scope(flags.assign(state="open")).passed


@pytest.mark.parametrize(
    ("severities", "passed", "severity"),
    [([], True, "error"), (["warn"], False, "warn"), (["warn", "error"], False, "error")],
)
def test_contract_severity(severities: list[str], passed: bool, severity: str) -> None:
    """Warnings alone warn; one error makes it an error, and the error is named first."""
    breaches = [Breach("raw/x", f"column_{kind}", "must hold", 1, "v", kind) for kind in severities]
    outcome = checks.table__keeps_contract("raw/x", breaches)
    assert (outcome.passed, outcome.severity) == (passed, severity)
    if severity == "error" and not passed:
        assert "column_error" in outcome.sentence
