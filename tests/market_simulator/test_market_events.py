"""Planted events: there in the truth, absent before, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from delivered_market import REGION, SMALL, Delivered, deliver

from pipelines.market_simulator import PayerOutage, ProcedureShift, SystemLockIn

IN_REGION = "state in ({})".format(", ".join(f"'{state}'" for state in REGION))


@pytest.fixture(scope="module")
def null_market(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return deliver(replace(SMALL, events=()), tmp_path_factory.mktemp("null_market"))


def monthly(market: Delivered, condition: str) -> dict[str, int]:
    return dict(
        market.rows(
            f"select strftime(service_month, '%Y-%m'), count(*) from {market.services} "
            f"where {condition} group by 1"
        )
    )


def test_the_shift_is_there_from_its_month_and_not_before(
    small_market: Delivered, null_market: Delivered
) -> None:
    """In the region injections multiply by the factor from January on; until December nothing differs."""
    condition = f"product_id = 'knee_viscosupplement' and {IN_REGION}"
    planted, without = monthly(small_market, condition), monthly(null_market, condition)
    before = [month for month in planted if month < "2026-01"]
    assert len(before) == 10
    assert all(planted[month] == without[month] for month in before)
    for month in ("2026-01", "2026-02"):
        # Poisson noise of the added part only: base visits are the same draws
        added, expected = planted[month] - without[month], 0.7 * without[month]
        assert added == pytest.approx(expected, abs=4 * expected**0.5)


def test_nothing_outside_the_events_reach_differs(small_market: Delivered, null_market: Delivered) -> None:
    """Services in January that neither the shift nor the lock-in reaches are the same services."""
    locked = ", ".join(f"'{npi}'" for npi in small_market.truth["events"][2]["facility_npis"])
    condition = f"service_month = date '2026-01-01' and not ({IN_REGION}) and site_npi not in ({locked})"
    sides = [
        market.rows(
            f"select service_key, performing_npi, site_npi from {market.services} where {condition} "
            "order by all"
        )
        for market in (small_market, null_market)
    ]
    assert len(sides[0]) > 1_000
    assert sides[0] == sides[1]


def test_the_first_refreshes_know_of_no_shift(small_market: Delivered, null_market: Delivered) -> None:
    """Refresh 0 is the same with and without events: nothing leaks into history."""
    files = [market.folders[0] / "medical_claim.parquet" for market in (small_market, null_market)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_lock_in_takes_its_share_of_one_system(small_market: Delivered, null_market: Delivered) -> None:
    """At the system's sites implants fall to the factor, from January on; the truth names the sites."""
    event = small_market.truth["events"][2]
    assert event["is_applied"]
    assert event["expected_volume_share"] == pytest.approx(0.1, abs=0.06)
    sites = ", ".join(f"'{npi}'" for npi in event["facility_npis"])
    condition = f"visit_type = 'joint_surgery' and site_npi in ({sites})"
    planted, without = monthly(small_market, condition), monthly(null_market, condition)
    assert all(planted[month] == without[month] for month in planted if month < "2026-01")
    after = [sum(counts.get(month, 0) for month in ("2026-01", "2026-02")) for counts in (planted, without)]
    assert after[1] > 100
    assert after[0] / after[1] == pytest.approx(0.3, abs=4 * (0.21 / after[1]) ** 0.5)


def test_movers_practise_and_are_listed_elsewhere(small_market: Delivered) -> None:
    """From February the moved surgeons' office visits and directory rows are in the new place, not before."""
    moved = small_market.truth["events"][1]["moved"]
    assert len(moved) == 4
    directories = [
        dict(small_market.rows(f"select npi, practice_zip_code from '{folder}/provider_directory.parquet'"))
        for folder in (small_market.folders[0], small_market.folders[2])
    ]
    for row in moved:
        assert row["from_zip"] != row["to_zip"]
        assert directories[0][row["npi"]] == row["from_zip"]
        assert directories[1][row["npi"]] == row["to_zip"]
    changed = {npi for npi, zip_code in directories[0].items() if directories[1][npi] != zip_code}
    assert changed == {row["npi"] for row in moved}
    npis = ", ".join(f"'{row['npi']}'" for row in moved)
    homes = small_market.rows(
        f"""select performing_npi, service_month >= date '2026-02-01', list(distinct site_zip)
        from {small_market.services} where visit_type = 'knee_injection' and performing_npi in ({npis})
        group by all"""
    )
    by_npi = {row["npi"]: row for row in moved}
    assert homes
    for npi, is_after, zips in homes:
        old_and_new = (by_npi[npi]["from_zip"], by_npi[npi]["to_zip"])
        assert old_and_new[not is_after] not in zips


def test_an_outage_delays_a_channel_and_loses_nothing(tmp_path: Path) -> None:
    """Claims of the channel held in one refresh arrive in the next; in the end the same services stand."""
    base = replace(SMALL, lines_per_month=1_500, history_months=4, events=())
    outage = PayerOutage("commercial", "2026-01", "2026-01")
    calm, held = deliver(base, tmp_path / "calm"), deliver(replace(base, events=(outage,)), tmp_path / "held")

    def originals(market: Delivered, refresh: int) -> dict[str, int]:
        return dict(
            market.rows(
                f"select plan, count(*) from '{market.folders[refresh]}/medical_claim.parquet' "
                "where claim_frequency_code = '1' group by 1"
            )
        )

    assert originals(held, 1).get("Commercial", 0) < 0.05 * originals(calm, 1)["Commercial"]
    assert originals(held, 1)["Medicare"] == originals(calm, 1)["Medicare"]
    assert originals(held, 2)["Commercial"] > 1.5 * originals(calm, 2)["Commercial"]
    keys = [
        market.rows(f"select service_key[:19] from {market.services} order by 1") for market in (calm, held)
    ]
    assert keys[0] == keys[1]


def test_an_event_without_a_place_says_so(tmp_path: Path) -> None:
    """A shift outside the market, or in a system that is not there, plants nothing, and the truth tells."""
    events = (
        ProcedureShift("joint_implant", "2026-01", 2.0, states=("FL",)),
        SystemLockIn("joint_implant", "2026-01", health_system_id="HS9999"),
    )
    spec = replace(SMALL, lines_per_month=300, history_months=2, states=("ME",))
    with_events, without = (
        deliver(replace(spec, events=events), tmp_path / "a"),
        deliver(replace(spec, events=()), tmp_path / "b"),
    )
    assert [event["is_applied"] for event in with_events.truth["events"]] == [False, False]
    for left, right in zip(with_events.folders, without.folders, strict=True):
        assert (left / "medical_claim.parquet").read_bytes() == (right / "medical_claim.parquet").read_bytes()


def test_a_falling_region_falls(tmp_path: Path) -> None:
    """A factor below one thins the region, for the months given only."""
    event = ProcedureShift("knee_viscosupplement", "2025-08", 0.5, states=REGION, to_month="2025-09")
    spec = replace(SMALL, lines_per_month=3_000, history_months=10, refreshes=1)
    planted = deliver(replace(spec, events=(event,)), tmp_path / "a")
    without = deliver(replace(spec, events=()), tmp_path / "b")
    condition = f"product_id = 'knee_viscosupplement' and {IN_REGION}"
    fallen, usual = monthly(planted, condition), monthly(without, condition)
    for month, count in usual.items():
        expected = 0.5 * count if month in ("2025-08", "2025-09") else count
        assert fallen[month] == pytest.approx(
            expected, abs=4 * (0.25 * count) ** 0.5 if expected < count else 0
        )


def test_seasons_are_as_planted(tmp_path: Path) -> None:
    """Commercial elective care is higher in December than in January by the swing; Medicare hardly."""
    spec = replace(
        SMALL,
        lines_per_month=5_000,
        history_months=12,
        refreshes=1,
        events=(),
        lag_curve=(1.0,),
        seasonal_swing=0.3,
        working_day_effect=0.0,
    )
    market = deliver(spec, tmp_path)
    rise = {}
    for channel in ("commercial", "medicare"):
        months = monthly(market, f"visit_type = 'knee_injection' and payer_channel = '{channel}'")
        halves = [sum(months[f"2025-{month:02d}"] for month in span) for span in (range(1, 7), range(7, 13))]
        rise[channel] = halves[1] / halves[0]
    # halves differ by the mean climb of half a year: 6/11 of the swing up, 6/11 down
    assert rise["commercial"] == pytest.approx(1.1636 / 0.8364, abs=0.12)
    assert rise["medicare"] == pytest.approx(1.0409 / 0.9591, abs=0.12)
