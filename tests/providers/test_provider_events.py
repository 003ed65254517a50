"""Provider events: each kind planted by hand, nothing where nothing happened, and months and reasons as they were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pipelines.market_simulator.careers import CareerSpec, simulate_careers
from pipelines.providers.events import COLUMNS, EventRules, provider_events
from pipelines.providers.panel import composition, provider_panel
from pipelines.providers.volume_change import lower_tail, monthly_exposure, work_began, work_ended

MONTHS, CHANGE = 24, 12
FIRST = np.datetime64("2024-01", "M")
SITES = pd.DataFrame(
    [
        ("near", 40.0, -75.0, "A", "hospital"),
        ("next", 40.05, -75.0, "A", "ambulatory_surgery_center"),
        ("rival", 40.05, -75.05, "B", "hospital"),
        ("alone", 40.02, -75.02, None, "hospital"),
        ("far", 41.0, -75.0, "A", "hospital"),
        ("lost", np.nan, np.nan, None, "hospital"),
    ],
    columns=["account_id", "latitude", "longitude", "health_system_id", "site_kind"],
)  # fmt: skip
Work = Callable[[int], dict[tuple[str, str], float]]


def steady(_: int) -> dict[tuple[str, str], float]:
    return {("near", "knee"): 8.0, ("next", "knee"): 2.0, ("near", "hip"): 4.0}


def worked(person: Work, npi: str = "X") -> list[tuple[str, str, str, object, float]]:
    return [
        (npi, site, product, (FIRST + month).astype("datetime64[ns]"), count)
        for month in range(MONTHS)
        for (site, product), count in person(month).items()
        if count
    ]


def events_of(person: Work, sites: pd.DataFrame = SITES) -> pd.DataFrame:
    """One person among forty to whom nothing happens."""
    rows = worked(person)
    for number in range(40):
        rows += worked(steady, f"S{number:02d}")
    counts = pd.DataFrame(rows, columns=["npi", "account_id", "product_id", "service_month", "procedures"])
    panel = provider_panel(counts, "2024-01", "2025-12", 12.0)
    found = provider_events(panel, sites, EventRules())
    assert set(found["npi"]) <= {"X"}
    return found


def after(month: int, then: dict[tuple[str, str], float]) -> Work:
    return lambda at: then if at >= month else steady(at)


@pytest.mark.parametrize(
    ("person", "event", "before", "after_"),
    [
        (after(CHANGE, {}), "retired", None, None),
        (lambda at: steady(at) if at >= CHANGE else {}, "new", None, None),
        (after(CHANGE, {("far", "knee"): 10.0, ("far", "hip"): 4.0}), "moved", "near", "far"),
        (after(CHANGE, {("rival", "knee"): 10.0, ("rival", "hip"): 4.0}), "switched_system", "A", "B"),
        (after(CHANGE, {("alone", "knee"): 10.0, ("alone", "hip"): 4.0}), "switched_system", "A", "independent"),
        (after(CHANGE, {("near", "knee"): 4.0, ("next", "knee"): 2.0, ("near", "hip"): 8.0}),
         "mix_changed", "knee", "hip"),
    ],
)  # fmt: skip
def test_each_kind_is_found_with_its_month(
    person: Work, event: str, before: str | None, after_: str | None
) -> None:
    """One event and no other, in the month it happened, with what it was before and after."""
    (row,) = events_of(person).to_dict("records")
    assert (row["event"], row["event_month"]) == (event, pd.Timestamp("2025-01-01"))
    assert row["earliest_month"] <= row["event_month"] <= row["latest_month"]
    assert (row["value_before"], row["value_after"]) == (before, after_)
    assert row["product_id"] == ("hip" if event == "mix_changed" else "all")
    assert row["confidence"] > 0.95


def test_work_that_goes_to_a_surgery_centre_is_no_decline() -> None:
    """Three tenths of the work from hospital to surgery centre, the total flat: a migration, and nothing else (T19)."""
    shifted = {("near", "knee"): 4.0, ("next", "knee"): 6.0, ("near", "hip"): 4.0}
    (row,) = events_of(after(CHANGE, shifted)).to_dict("records")
    assert (row["event"], row["product_id"]) == ("mix_changed", "all")
    assert (row["value_before"], row["value_after"]) == ("hospital", "ambulatory_surgery_center")
    assert "site of service" in row["evidence"]
    assert row["procedures_before"] == row["procedures_after"]


def test_what_is_no_event() -> None:
    """A steady year, a month off, the last two months silent, and a third more of everything."""
    assert events_of(steady).empty
    assert events_of(lambda at: {} if at == 9 else steady(at)).empty
    assert events_of(after(MONTHS - 2, {})).empty
    assert events_of(after(CHANGE, {key: value * 1.33 for key, value in steady(0).items()})).empty


def test_a_hospital_that_is_bought_moves_nobody() -> None:
    """Systems are taken as of today, so an acquisition is a change of the facility and not of its surgeons."""
    bought = SITES.assign(health_system_id="NEW")
    assert events_of(steady, bought).empty


def test_unlocated_sites_are_no_move() -> None:
    """Work at a site without a place says nothing of distance; that the system is another one still shows."""
    found = events_of(after(CHANGE, {("lost", "knee"): 10.0, ("lost", "hip"): 4.0}))
    assert list(found["event"]) == ["switched_system"]


def test_the_end_of_work_has_an_exact_p() -> None:
    """24 procedures, one a month, and then silence for six of thirty months: p = (24/30) to the 24th."""
    totals = np.zeros((1, 30))
    totals[0, :24] = 1.0
    exposure = np.full(30, 1 / 30)
    ended = work_ended(totals, exposure, 1.0, confirm=3, left_share=0.05)
    assert (ended.month[0], ended.before[0], ended.after[0]) == (24, 24.0, 0.0)
    assert ended.p_value[0] == pytest.approx((24 / 30) ** 24)
    began = work_began(totals[:, ::-1], exposure, 1.0, confirm=3, left_share=0.05)
    assert (began.month[0], began.p_value[0]) == (6, pytest.approx((24 / 30) ** 24))
    tail = lower_tail(np.array([1.0]), np.array([5.0]), np.array([0.3]))
    assert tail[0] == pytest.approx(0.7**5 + 5 * 0.3 * 0.7**4)


def test_long_and_short_months_are_no_event() -> None:
    """A nation that works half in every second half-year does not make its people begin and end."""
    rows = [
        (f"P{who}", "near", "knee", (FIRST + month).astype("datetime64[ns]"), 12.0 if month % 12 < 6 else 1.0)
        for who in range(30)
        for month in range(MONTHS)
    ]
    counts = pd.DataFrame(rows, columns=["npi", "account_id", "product_id", "service_month", "procedures"])
    panel = provider_panel(counts, "2024-01", "2025-12", 12.0)
    assert provider_events(panel, SITES, EventRules()).empty
    assert monthly_exposure(panel.totals()).sum() == pytest.approx(1.0)


def test_months_without_anybody_tell_nothing(recwarn: pytest.WarningsRecorder) -> None:
    """A panel whose last half-year is empty: nobody is retired for it, and nothing is divided by nothing."""
    rows = [
        row for who in range(30) for row in worked(steady, f"P{who}") if row[3] < np.datetime64("2025-07")
    ]
    counts = pd.DataFrame(rows, columns=["npi", "account_id", "product_id", "service_month", "procedures"])
    assert provider_events(provider_panel(counts, "2024-01", "2025-12", 12.0), SITES, EventRules()).empty
    assert not [warning for warning in recwarn if issubclass(warning.category, RuntimeWarning)]


def test_the_order_of_rows_does_not_matter() -> None:
    """The same rows in another order give the same events, to the last bit."""
    market = simulate_careers(CareerSpec(3, providers=600, planted=5))
    answers = []
    for counts in (market.counts, market.counts.sample(frac=1.0, random_state=1)):
        panel = provider_panel(counts, "2024-01", "2025-12", 12.0)
        answers.append(provider_events(panel, market.sites, EventRules()))
    pd.testing.assert_frame_equal(*answers)
    assert list(answers[0].columns) == list(COLUMNS)
    assert answers[0]["npi"].nunique() >= 20


def test_a_person_has_few_categories_of_its_own() -> None:
    """The five largest sites are shown in the order of their volume, the others together; nothing is lost."""
    rows = [("P", f"s{site}", "knee", FIRST.astype("datetime64[ns]"), float(site + 1)) for site in range(8)]
    counts = pd.DataFrame(rows, columns=["npi", "account_id", "product_id", "service_month", "procedures"])
    parts = composition(panel := provider_panel(counts, "2024-01", "2024-06", 1.0), panel.account)
    assert parts.counts[0, 0].tolist() == [8.0, 7.0, 6.0, 5.0, 4.0, 6.0]
    assert parts.category[0].tolist() == [7, 6, 5, 4, 3]


def test_nothing_is_said_of_few_months_or_nobody() -> None:
    """An empty panel, and fewer months than two sides need."""
    counts = pd.DataFrame(
        worked(steady), columns=["npi", "account_id", "product_id", "service_month", "procedures"]
    )
    assert provider_events(provider_panel(counts, "2024-01", "2024-05", 1.0), SITES, EventRules()).empty
    assert provider_events(provider_panel(counts, "2024-01", "2025-12", 1e6), SITES, EventRules()).empty


def test_planted_events_are_found() -> None:
    """One small market: nine of ten events or more, one false call in ten or fewer."""
    market = simulate_careers(CareerSpec(11, providers=1500, planted=20))
    panel = provider_panel(market.counts, "2024-01", "2025-12", 12.0)
    called = provider_events(panel, market.sites, EventRules()).merge(market.truth, on=["npi", "event"])
    all_called = provider_events(panel, market.sites, EventRules())
    assert called["npi"].nunique() >= 0.9 * len(market.truth)
    assert len(called) >= 0.9 * len(all_called)
