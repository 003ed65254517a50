"""Planted traps: there at their rate, told in the truth, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from delivered_market import Delivered, deliver

from pipelines.market_simulator import MarketSpec, Traps, all_traps, write_refreshes
from pipelines.market_simulator.case_histories import HISTORIES
from pipelines.market_simulator.case_shapes import NOBODY, SHAPES
from pipelines.market_simulator.catalog import CODE_NAMES
from pipelines.market_simulator.traps import FAMILIES, FEEDS
from pipelines.problems import InputRefused

PLAIN = MarketSpec(seed=5, lines_per_month=1_500, history_months=4, states=("ME", "NH", "VT"))
TRAPPED = replace(PLAIN, traps=all_traps(code_change_month="2025-11", overlap_months=1))
CLOSED, OPEN = "simulated_market", "simulated_clearinghouse"


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return deliver(TRAPPED, tmp_path_factory.mktemp("trapped"))


def lines(market: Delivered, source: str = "*") -> str:
    return f"read_parquet('{market.folders[0].parent}/{source}.*/medical_claim.parquet')"


def test_every_trap_is_planted_and_counted(trapped: Delivered) -> None:
    """With all of them on, each catches visits, and the truth says how many."""
    planted = trapped.truth["planted"]
    expected = {name for family in FAMILIES if family != "code" for name in FAMILIES[family]}
    assert set(planted) == expected
    assert (
        trapped.truth["test_rows"]
        == trapped.rows(f"select count(*) from {lines(trapped)} where person_id like 'TEST%'")[0][0]
    )
    late = trapped.rows(f"select count(*), count(product_id) from {trapped.services} where is_code_invalid")
    assert late[0][0] > 0
    assert late[0][1] == 0


def test_a_trap_is_planted_at_its_rate(tmp_path: Path) -> None:
    """The share of visits caught is the rate within sampling error."""
    rate = 0.2
    market = deliver(replace(PLAIN, traps=Traps({"denied_only": rate}), lag_curve=(1.0,)), tmp_path)
    caught, visits = market.rows(
        f"select count(distinct (patient_id, service_date)) filter (claim_history <> 'plain'), "
        f"count(distinct (patient_id, service_date)) from {market.services} where visit_type in "
        "('knee_injection', 'joint_surgery', 'contrast_imaging', 'joint_clinic')"
    )[0]
    assert market.truth["planted"] == {"denied_only": caught}
    assert caught / visits == pytest.approx(rate, abs=4 * (rate * (1 - rate) / visits) ** 0.5)


def test_no_trap_leaves_no_trace(tmp_path: Path) -> None:
    """Rates of 0 and no rates at all give the same bytes."""
    none = replace(PLAIN, traps=Traps(dict.fromkeys(FAMILIES["history"], 0.0)))
    folders = [deliver(spec, tmp_path / name).folders for name, spec in (("a", PLAIN), ("b", none))]
    for one, other in zip(*folders, strict=True):
        assert [path.read_bytes() for path in sorted(one.iterdir())] == [
            path.read_bytes() for path in sorted(other.iterdir())
        ]


def test_a_trap_changes_only_the_visits_that_it_catches(tmp_path: Path) -> None:
    """All services of visits that nothing caught are those of the market without traps."""
    at_once = replace(PLAIN, lag_curve=(1.0,), void_rate=0.0)
    plain = deliver(at_once, tmp_path / "plain")
    traps = Traps({"team_66": 0.1, "denied_only": 0.1})
    caught = deliver(replace(at_once, traps=traps), tmp_path / "caught")
    other = plain.rows(
        f"select count(*) from (select * from {caught.services} where billing_shape = 'plain' "
        f"and claim_history = 'plain' except all select * from {plain.services})"
    )
    assert other == [(0,)]
    lost = plain.rows(
        f"select count(*) from {plain.services} as old anti join {caught.services} as new "
        "using (patient_id, service_date)"
    )
    assert lost == [(0,)]


@pytest.mark.parametrize(
    ("traps", "place"),
    [
        (Traps({"co_surgeon": 0.1}), "key traps.rates[co_surgeon]"),
        (Traps({"team_66": 1.5}), "key traps.rates[team_66]"),
        (Traps({"restated": 0.6, "denied_only": 0.6}), "key traps.rates of history"),
        (Traps(overlap_months=-1), "key traps.overlap_months"),
        (Traps({"late_code_user": 0.1}), "key traps.code_change_month"),
        (Traps(code_change_month="soon"), "key traps.code_change_month"),
    ],
)
def test_senseless_traps_are_refused_by_name(traps: Traps, place: str) -> None:
    """The message names the trap and what there is."""
    with pytest.raises(InputRefused) as refused:
        replace(PLAIN, traps=traps)
    assert place in [problem.place for problem in refused.value.problems]


def test_what_is_written_down_of_each_shape_adds_up() -> None:
    """Credit sums to procedures where a person performed, and codes are HCPCS Level II or ICD-10-PCS."""
    for shape in SHAPES:
        for service in shape.services:
            credit = sum(share for _, share in service.credit)
            expected = 0 if service.performer == NOBODY else service.procedures
            assert credit == pytest.approx(expected), shape.name
            assert (service.sides > 0) == (service.procedures > 0), shape.name
    assert all(re.fullmatch(r"[A-Z][0-9]{4}", code) for code in CODE_NAMES)
    assert all(history.versions for history in HISTORIES)


def test_truth_stands_for_one_content_at_a_time(trapped: Delivered) -> None:
    """As of any refresh no service is there twice, and spans of one service do not overlap."""
    for refresh in range(TRAPPED.refreshes):
        standing = (
            f"from {trapped.services} where standing_from <= {refresh} "
            f"and coalesce(standing_to > {refresh}, true)"
        )
        rows = trapped.rows(f"select count(*), count(distinct service_key) {standing}")[0]
        assert rows[0] == rows[1] > 1_000


def test_the_open_feed_has_claims_of_its_own_and_no_payments(trapped: Delivered) -> None:
    """Same patients, other claim ids, nothing adjudicated; about the planted share of services is in both."""
    odd = trapped.rows(
        f"select count(*) from {lines(trapped, OPEN)} where paid_date is not null or paid_amount is not null "
        "or allowed_amount is not null or claim_status is not null"
    )
    assert odd == [(0,)]
    shared = trapped.rows(
        f"select count(*) from {lines(trapped, OPEN)} as told semi join {lines(trapped, CLOSED)} as too using (claim_id)"
    )
    assert shared == [(0,)]
    same = trapped.rows(
        f"select count(distinct person_id) from {lines(trapped, OPEN)} as told "
        f"semi join {lines(trapped, CLOSED)} as too using (person_id, claim_start_date, hcpcs_code)"
    )[0][0]
    assert same > 20
    closed = trapped.rows(f"select count(*) from {lines(trapped, CLOSED)} where paid_date is null")
    assert closed == [(0,)]


def test_overlapping_refreshes_repeat_what_the_one_before_brought(trapped: Delivered) -> None:
    """The last refresh repeats, row for row, what became known in the month before it."""
    row = (
        "person_id, claim_id, claim_line_number, claim_frequency_code, hcpcs_code, allowed_amount, paid_date"
    )
    last, before = TRAPPED.refresh_id(2), TRAPPED.refresh_id(1)
    home = trapped.folders[0].parent
    new = (
        f"select {row} from '{home}/{before}/medical_claim.parquet' except all "
        f"select {row} from '{home}/{TRAPPED.refresh_id(0)}/medical_claim.parquet'"
    )
    missing = trapped.rows(
        f"select count(*) from (({new}) except all select {row} from '{home}/{last}/medical_claim.parquet')"
    )
    assert missing == [(0,)]


def test_a_swapped_source_writes_8_for_a_replacement(tmp_path: Path) -> None:
    """Everything else stays as it is."""
    usual = deliver(PLAIN, tmp_path / "usual")
    swapped = deliver(replace(PLAIN, traps=Traps(swaps_frequencies=True)), tmp_path / "swapped")
    counts = [
        dict(market.rows(f"select claim_frequency_code, count(*) from {lines(market)} group by 1"))
        for market in (usual, swapped)
    ]
    assert (counts[0]["7"], counts[0]["8"], counts[0]["1"]) == (
        counts[1]["8"],
        counts[1]["7"],
        counts[1]["1"],
    )


def test_trapped_refreshes_are_the_same_one_at_a_time(trapped: Delivered, tmp_path: Path) -> None:
    """Bytes of deliveries do not depend on how many refreshes a call writes, traps or not."""
    for number in range(TRAPPED.refreshes):
        write_refreshes(TRAPPED, tmp_path / "deliveries", tmp_path / "truth", number, 1)
    for folder in trapped.folders:
        for path in folder.iterdir():
            assert path.read_bytes() == (tmp_path / "deliveries" / folder.name / path.name).read_bytes()
    assert (trapped.truth_folder / "services.parquet").read_bytes() == (
        tmp_path / "truth" / "services.parquet"
    ).read_bytes()


def test_the_code_change_comes_with_its_files(trapped: Delivered) -> None:
    """A release that deletes the old code and adds the new one, and the crosswalk between them."""
    assert sorted(path.name for path in (trapped.truth_folder / "code_sets").iterdir()) == [
        "crosswalk_2025-11.csv",
        "hcpcs_2025-11.csv",
    ]
    rows = dict(
        trapped.rows(
            f"select code, bool_or(service_date >= date '2025-11-01' and not is_code_invalid) "
            f"from {trapped.services} where code in ('J7320', 'J7399') group by 1"
        )
    )
    assert rows == {"J7320": False, "J7399": True}
    assert set(FEEDS) <= set(FAMILIES["feed"])
