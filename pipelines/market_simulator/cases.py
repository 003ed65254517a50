"""Which visits are caught by a trap, and by which: the choice, made for each visit on its own.

A visit's fate depends on the seed, its patient and its day alone, so a trap changes only the visits that it catches.
Does not belong here: what a caught visit delivers (case_rows.py) and what is true of it (case_services.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipelines.market_simulator.case_histories import HISTORIES, HISTORY_NAMES
from pipelines.market_simulator.case_shapes import SHAPES
from pipelines.market_simulator.catalog import (
    CODE_NAMES,
    DELETED_CODE,
    SUCCESSOR_CODE,
    SURGICAL,
    VISIT_TYPES,
)
from pipelines.market_simulator.claim_lines import corrected_code
from pipelines.market_simulator.delivered_rows import CLOSED, OPEN
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import first_day, month_number
from pipelines.market_simulator.spec import MarketSpec
from pipelines.market_simulator.traps import DIAGNOSIS_TRAPS, FEEDS, TEST_PATIENT, Traps
from pipelines.market_simulator.versions import LONGEST_DELAY
from pipelines.market_simulator.visits import Visits

ONLY_CLOSED, IN_BOTH, ONLY_OPEN = 0, 1, 2
FEED_LABELS = ("closed", *FEEDS)
DIAGNOSIS_LABELS = tuple(DIAGNOSIS_TRAPS)
STEPS = 3
_VISIT_NAMES = tuple(visit.name for visit in VISIT_TYPES)
_CASE_VISITS = {name for shape in SHAPES for name in shape.where}
_DELETED, _SUCCESSOR = CODE_NAMES.index(DELETED_CODE), CODE_NAMES.index(SUCCESSOR_CODE)
_ONLY_ON_IMAGES = "diagnosis_ruled_out"
_IMAGING = _VISIT_NAMES.index("contrast_imaging")
_IS_OPEN_FIT = np.array([True, *(history.is_open_fit for history in HISTORIES)])


@dataclass(frozen=True)
class Cases:
    """Visits caught, one entry each. `shape` and `history` are positions in ALL_SHAPES and ALL_HISTORIES, 0 plain;
    `feed` ONLY_CLOSED, IN_BOTH or ONLY_OPEN; `diagnosis` a position in DIAGNOSIS_TRAPS or -1. `closed_months` and
    `open_months` [case, step] are when the versions of a step become known in each feed; `people` [case, 2] the partner
    and the third surgeon; `assistant` a position in Assistants; `chance` is uniform."""

    visits: Visits
    shape: np.ndarray
    history: np.ndarray
    feed: np.ndarray
    diagnosis: np.ndarray
    is_test: np.ndarray
    closed_months: np.ndarray
    open_months: np.ndarray
    people: np.ndarray
    assistant: np.ndarray
    chance: np.ndarray

    def __len__(self) -> int:
        return len(self.shape)

    def in_feed(self, feed: int) -> np.ndarray:
        """Positions of the cases of which a feed tells."""
        return np.flatnonzero(self.feed != (ONLY_OPEN if feed == CLOSED else ONLY_CLOSED))

    def months(self, feed: int) -> np.ndarray:
        return self.open_months if feed == OPEN else self.closed_months


def change_codes(spec: MarketSpec, visits: Visits, month: int) -> Visits:
    """From the month of the code change on, the deleted code is billed as its successor, but for late users."""
    if spec.traps.code_change_month is None or month < month_number(spec.traps.code_change_month):
        return visits
    is_late = chances(spec.seed, "late_code_user", visits) < spec.traps.rate("late_code_user")
    code = np.where((visits.code == _DELETED) & ~is_late[:, None], _SUCCESSOR, visits.code)
    # no correction leads to a code that is no more, or from one
    corrected = corrected_code(code[:, :1], visits.correction[:, :1])
    touches = (corrected == _DELETED) | np.isin(code[:, :1], (_DELETED, _SUCCESSOR))
    return replace(visits, code=code, correction=np.where(touches, 0, visits.correction))


def is_code_invalid(spec: MarketSpec, code: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Whether a code (position in CODE_NAMES) was not valid on its day."""
    if spec.traps.code_change_month is None:
        return np.zeros(len(code), dtype=bool)
    change = first_day(month_number(spec.traps.code_change_month))
    return ((code == _DELETED) & (day >= change)) | ((code == _SUCCESSOR) & (day < change))


def split_cases(market: Market, visits: Visits, month: int) -> tuple[Visits, Cases]:
    """The ordinary visits, and those that a trap caught."""
    traps, seed = market.spec.traps, market.spec.seed
    can = np.isin(visits.visit_type, [_VISIT_NAMES.index(name) for name in _CASE_VISITS])
    can &= market.providers.is_person[visits.provider]
    shape = np.zeros(len(visits), dtype=np.int64)
    for visit_type in np.unique(visits.visit_type[can]).tolist():
        mine = can & (visits.visit_type == visit_type)
        rates = [traps.rate(each.name) * (_VISIT_NAMES[visit_type] in each.where) for each in SHAPES]
        shape[mine] = _choose(rates, chances(seed, "shape", visits)[mine])
    history = _choose([traps.rate(name) for name in HISTORY_NAMES], chances(seed, "history", visits))
    for number, each in enumerate(HISTORIES, start=1):
        unfit = [at for at, other in enumerate(SHAPES, start=1) if other.name in each.unfit_shapes]
        history[(history == number) & np.isin(shape, unfit)] = 0
    feed = _choose([traps.rate(name) for name in FEEDS], chances(seed, "feed", visits))
    feed[~_IS_OPEN_FIT[history]] = ONLY_CLOSED
    diagnosis = _choose_diagnosis(traps, seed, visits)
    is_test = chances(seed, TEST_PATIENT, visits) < traps.rate(TEST_PATIENT)
    caught = can & ((shape > 0) | (history > 0) | (feed > 0) | (diagnosis >= 0) | is_test)
    at = np.flatnonzero(caught)
    mine = visits.take(at)
    closed = _months(seed, mine, mine.known[:, 0])
    shift = _choose([1 / 3, 1 / 3], chances(seed, "open feed", mine)) - 1
    shift = np.where(
        mine.known[:, 0] + shift < month, 0, shift
    )  # no feed knows of a visit before it happened
    cases = Cases(
        mine,
        shape[at],
        history[at],
        feed[at],
        diagnosis[at],
        is_test[at],
        closed,
        closed + shift[:, None],
        _other_surgeons(market, mine),
        (chances(seed, "assistant", mine) * max(1, len(market.assistants.npi))).astype(np.int64),
        chances(seed, "chance", mine),
    )
    return visits.take(np.flatnonzero(~caught)), cases


def chances(seed: int, family: str, visits: Visits) -> np.ndarray:
    """A uniform in [0, 1) per visit, from seed, family, patient and day (splitmix64)."""
    salt = int.from_bytes(family.encode()[:8].ljust(8, b"."), "little")
    with np.errstate(over="ignore"):
        state = visits.patient.astype(np.uint64) * np.uint64(100_003) + visits.day.astype(np.uint64)
        state = state * np.uint64(0x9E3779B97F4A7C15) + np.uint64((seed * 0xBF58476D1CE4E5B9 + salt) % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
        state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53


def _choose(rates: list[float], chance: np.ndarray) -> np.ndarray:
    """0 for none, else one more than the position of the rate that each chance falls into."""
    edges = np.cumsum(rates)
    at = np.searchsorted(edges, chance, side="right")
    return np.where(at < len(edges), at + 1, 0)


def _choose_diagnosis(traps: Traps, seed: int, visits: Visits) -> np.ndarray:
    """A position in DIAGNOSIS_TRAPS, or -1. Rule-outs are seen on images only, the others on all other visits."""
    chance, on_image = chances(seed, "diagnosis", visits), visits.visit_type == _IMAGING
    chosen = np.full(len(visits), -1, dtype=np.int64)
    for where, is_for_images in ((on_image, True), (~on_image, False)):
        rates = [traps.rate(name) * ((name == _ONLY_ON_IMAGES) == is_for_images) for name in DIAGNOSIS_LABELS]
        chosen[where] = _choose(rates, chance[where]) - 1
    return chosen


def _months(seed: int, visits: Visits, known: np.ndarray) -> np.ndarray:
    """[case, step]: each step one to six months after the one before, half of them in the next month."""
    steps = [known]
    for step in range(1, STEPS):
        chance = chances(seed, f"step {step}", visits)
        delay = 1 + np.floor(-np.log2(1 - chance)).astype(np.int64)
        steps.append(steps[-1] + np.minimum(delay, LONGEST_DELAY))
    return np.column_stack(steps)


def _other_surgeons(market: Market, visits: Visits) -> np.ndarray:
    """[case, 2] two further surgeons, neither of them the performer."""
    surgeons = np.flatnonzero(np.isin(market.providers.taxonomy, SURGICAL) & market.providers.is_person)
    at = (chances(market.spec.seed, "partner", visits) * len(surgeons)).astype(np.int64)
    columns = []
    for offset in (0, 1):
        chosen = surgeons[(at + offset) % len(surgeons)]
        taken = chosen == visits.provider
        columns.append(np.where(taken, surgeons[(at + 2) % len(surgeons)], chosen))
    return np.column_stack(columns)
