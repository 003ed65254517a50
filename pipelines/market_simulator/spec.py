"""What market to make: one frozen description, checked when it is made."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pipelines.market_simulator.catalog import PRODUCTS
from pipelines.market_simulator.events import (
    CAREER_KINDS,
    CareerChanges,
    Event,
    PayerOutage,
    PracticeMoves,
    ProcedureShift,
    SystemLockIn,
)
from pipelines.market_simulator.months import month_label, month_number
from pipelines.market_simulator.payers import CHANNELS
from pipelines.market_simulator.traps import Traps
from pipelines.problems import InputRefused, Problem

SOURCE = "simulated_market"
OPEN_SOURCE = "simulated_clearinghouse"
SOURCES = (SOURCE, OPEN_SOURCE)  # by feed: closed, open
MOST_EVENTS = 100  # a claim number has room for no more
# Share of claims known by age in months: a year's run-out, then complete.
DEFAULT_LAG_CURVE = (0.60, 0.84, 0.92, 0.95, 0.97, 0.982, 0.99, 0.995, 0.998, 1.0)


@dataclass(frozen=True)
class MarketSpec:
    """Everything that decides the bytes of a simulated market.

    `lines_per_month` is the scale knob: original claim lines per service month of usual length; people,
    sites and patients follow from it. Refresh 0 delivers the history known by the end of `history_end`;
    refresh k what becomes known in the k-th month after. `lag_curve[a]` is the share of claims known a
    months after the service. `working_day_effect` 1 means volume proportional to working days, 0 none.
    `seasonal_swing` is how far elective visits of commercial patients lie above the year's mean in
    December, and below it in January. Raises InputRefused when a value makes no sense.
    """

    seed: int = 2026
    lines_per_month: int = 30_000
    history_end: str = "2025-12"
    history_months: int = 24
    refreshes: int = 3
    states: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    lag_curve: tuple[float, ...] = DEFAULT_LAG_CURVE
    replacement_rate: float = 0.03
    corrected_code_share: float = 0.3
    void_rate: float = 0.015
    resend_rate: float = 0.01
    both_claims_share: float = 0.3
    working_day_effect: float = 0.5
    seasonal_swing: float = 0.04
    file_format: str = "parquet"
    traps: Traps = field(default_factory=Traps)

    def __post_init__(self) -> None:
        problems = [
            Problem("market spec", f"key {key}", str(value), message, "Give a value that fits.")
            for key, value, message in self._faults()
        ]
        if problems:
            raise InputRefused(problems)

    @property
    def last_history_month(self) -> int:
        return month_number(self.history_end)

    @property
    def first_month(self) -> int:
        return self.last_history_month - self.history_months + 1

    def known_month(self, refresh: int) -> int:
        """The month whose news refresh number `refresh` delivers."""
        return self.last_history_month + refresh

    def refresh_id(self, refresh: int, feed: int = 0) -> str:
        return f"{SOURCES[feed]}.{month_label(self.known_month(refresh))}"

    def _faults(self) -> list[tuple[str, object, str]]:
        faults: list[tuple[str, object, str]] = []
        if self.seed < 0:
            faults.append(("seed", self.seed, "the seed must not be negative"))
        for key, least in (("lines_per_month", 100), ("history_months", 1), ("refreshes", 1)):
            if getattr(self, key) < least:
                faults.append((key, getattr(self, key), f"must be at least {least}"))
        for key in (
            "replacement_rate",
            "void_rate",
            "resend_rate",
            "corrected_code_share",
            "both_claims_share",
        ):
            if not 0 <= getattr(self, key) <= 1:
                faults.append((key, getattr(self, key), "is a share and must lie between 0 and 1"))
        if not -1 < self.seasonal_swing < 1:
            faults.append(("seasonal_swing", self.seasonal_swing, "must lie between -1 and 1"))
        curve = self.lag_curve
        if not curve or curve[0] <= 0 or list(curve) != sorted(curve) or not math.isclose(curve[-1], 1.0):
            faults.append(("lag_curve", curve, "must begin above 0, never fall, and end at 1"))
        if self.file_format not in ("parquet", "csv"):
            faults.append(("file_format", self.file_format, "must be parquet or csv"))
        for key, label in self._months_named():
            try:
                month_number(label)
            except ValueError:
                faults.append((key, label, "is not a month written as YYYY-MM"))
        if len(self.events) > MOST_EVENTS:
            faults.append(("events", len(self.events), f"there can be at most {MOST_EVENTS}"))
        for position, event in enumerate(self.events):
            faults += _event_faults(f"events[{position}]", event)
        return faults + self.traps.faults()

    def _months_named(self) -> list[tuple[str, str]]:
        named = [("history_end", self.history_end)]
        if self.traps.code_change_month is not None:
            named.append(("traps.code_change_month", self.traps.code_change_month))
        for position, event in enumerate(self.events):
            for key in ("from_month", "to_month"):
                if (label := getattr(event, key, None)) is not None:
                    named.append((f"events[{position}].{key}", label))
        return named


def _event_faults(key: str, event: Event) -> list[tuple[str, object, str]]:
    faults: list[tuple[str, object, str]] = []
    if isinstance(event, ProcedureShift | SystemLockIn):
        if event.product_id not in PRODUCTS:
            known = ", ".join(PRODUCTS)
            faults.append((f"{key}.product_id", event.product_id, f"is no product; there are {known}"))
        if event.factor < 0:
            faults.append((f"{key}.factor", event.factor, "must not be negative"))
    if isinstance(event, SystemLockIn) and event.factor > 1:
        faults.append((f"{key}.factor", event.factor, "a lock-in cannot raise volume"))
    if isinstance(event, ProcedureShift) and not (event.states or event.county_fips):
        faults.append((f"{key}.states", "", "a shift needs states or counties"))
    if isinstance(event, CareerChanges) and event.change not in CAREER_KINDS:
        faults.append((f"{key}.change", event.change, f"must be one of {', '.join(CAREER_KINDS)}"))
    if isinstance(event, PracticeMoves | CareerChanges) and event.surgeons < 1:
        faults.append((f"{key}.surgeons", event.surgeons, "must be at least 1"))
    if isinstance(event, PayerOutage) and event.payer_channel not in CHANNELS:
        faults.append((f"{key}.payer_channel", event.payer_channel, f"must be one of {', '.join(CHANNELS)}"))
    return faults


DEMO_EVENTS: tuple[Event, ...] = (
    ProcedureShift("joint_implant", "2026-01", 1.8, states=("TX",)),
    ProcedureShift("knee_viscosupplement", "2026-01", 1.8, states=("TX",)),
    PracticeMoves(surgeons=6, from_month="2026-02"),
    SystemLockIn("joint_implant", "2026-01", factor=0.4, volume_share=0.01),
)


def demo_spec(**changes: object) -> MarketSpec:
    """The national demo: two years of history, two monthly refreshes after it, three planted events."""
    return MarketSpec(**{"events": DEMO_EVENTS, **changes})  # type: ignore[arg-type]


def null_spec(**changes: object) -> MarketSpec:
    """The same market with nothing planted: whatever is found in it is a false alarm."""
    return MarketSpec(**{"events": (), **changes})  # type: ignore[arg-type]
