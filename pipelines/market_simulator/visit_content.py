"""What a visit of a type holds: its site, its diagnoses, its lines, and how common it is in a month."""

from __future__ import annotations

import numpy as np

from pipelines.market_simulator.case_shapes import SHAPES
from pipelines.market_simulator.catalog import (
    CODE_CHARGE,
    CODE_NAMES,
    CODE_UNITS,
    COMORBIDITIES,
    DIAGNOSES,
    MOST_SLOTS,
    TWO_SIDED,
    VisitType,
)
from pipelines.market_simulator.providers import AFFILIATION_SHARES, SECOND_SITE_VISITS, Practice
from pipelines.market_simulator.random_streams import pick

COMORBID_SHARE, THIRD_DIAGNOSIS_SHARE = 0.35, 0.1
NO_DIAGNOSIS = len(DIAGNOSES)
NO_CODE, NO_MODIFIER = -1, -1
_CASE_MODIFIERS = sorted(
    {code for shape in SHAPES for claim in shape.claims for line in claim.lines for code in line.modifiers}
)
MODIFIERS = tuple(dict.fromkeys(["RT", "LT", "50", *_CASE_MODIFIERS]))
RIGHT, LEFT, BOTH_SIDES = range(3)
SIDES = {"M1711": RIGHT, "M1611": RIGHT, "M25561": RIGHT, "M1712": LEFT, "M1612": LEFT, "M25562": LEFT}
SIDE_OF_DIAGNOSIS = np.array(
    [BOTH_SIDES if name in TWO_SIDED else SIDES.get(name, NO_MODIFIER) for name in DIAGNOSES], dtype=np.int8
)
CHARGE_SPREAD = 0.15
FLU_MONTHS = {9: 2.2, 10: 3.2, 11: 2.2, 12: 1.2, 1: 0.8, 2: 0.4}  # the rest of the year 0.33
FLU_ELSEWHERE = (12 - sum(FLU_MONTHS.values())) / (12 - len(FLU_MONTHS))


def season_factor(visit: VisitType, month: int, channel: np.ndarray, swing: float) -> np.ndarray:
    """Month-of-year factor per visit, mean about 1 over a year.

    Elective care climbs from January to December as deductibles are met: fully for commercial patients, a
    quarter as much for the others.
    """
    calendar = month % 12 + 1
    if visit.season == "flu":
        return np.full(len(channel), FLU_MONTHS.get(calendar, FLU_ELSEWHERE))
    if visit.season == "elective":
        climb = (calendar - 6.5) / 5.5
        return 1 + swing * climb * np.array([0.25, 0.25, 1.0])[channel]
    return np.ones(len(channel))


def draw_sites(visit: VisitType, practice: Practice, provider: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """The site whose NPI stands on the claim, or -1 where the practice itself is the place."""
    if visit.setting == "facility":
        rank = pick(np.cumsum(AFFILIATION_SHARES), uniform)
        return practice.surgery_sites[provider, rank]
    if visit.setting == "hospital":
        return practice.hospital[provider]
    if visit.setting == "office":
        return np.where(uniform < SECOND_SITE_VISITS, practice.second_site[provider], -1)
    return np.full(len(provider), -1)


def draw_diagnoses(visit: VisitType, count: int, rng: np.random.Generator) -> np.ndarray:
    """[visit, 3] positions in DIAGNOSES; NO_DIAGNOSIS where there is none."""
    main = _draw_named(visit.diagnoses, DIAGNOSES, rng.random(count))
    others = _draw_named(COMORBIDITIES, DIAGNOSES, rng.random((count, 2)))
    has = rng.random((count, 2)) < (COMORBID_SHARE, THIRD_DIAGNOSIS_SHARE)
    second = np.where(has[:, 0] & (others[:, 0] != main), others[:, 0], NO_DIAGNOSIS)
    third_fits = (second != NO_DIAGNOSIS) & (others[:, 1] != main) & (others[:, 1] != second)
    third = np.where(has[:, 1] & third_fits, others[:, 1], NO_DIAGNOSIS)
    return np.column_stack([main, second, third])


def _draw_named(weights: dict[str, float], names: tuple[str, ...], uniform: np.ndarray) -> np.ndarray:
    at = np.array([names.index(name) for name in weights])
    return at[pick(np.cumsum(list(weights.values())), uniform)]


def draw_lines(
    visit: VisitType, main: np.ndarray, count: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """[visit, slot] code, units, modifier and charge. Slot 1 is the second side of slot 0's service.

    Care of both knees is billed in one of three ways: one line with modifier 50, two lines (RT, LT), or one
    line with twice the units. All three are one service.
    """
    code = np.full((count, MOST_SLOTS), NO_CODE, dtype=np.int16)
    modifier = np.full((count, MOST_SLOTS), NO_MODIFIER, dtype=np.int8)
    for position, slot in enumerate(visit.slots):
        drawn = _draw_named(slot.codes, CODE_NAMES, rng.random(count))
        present = rng.random(count) < slot.probability
        if position:
            present &= (code[:, : position + 1] != drawn[:, None]).all(axis=1)
        code[:, position + 1 if position else 0] = np.where(present, drawn, NO_CODE)
    times = np.ones((count, MOST_SLOTS))
    if visit.product_id:
        side = SIDE_OF_DIAGNOSIS[main]
        both = side == BOTH_SIDES
        style = np.where(both, rng.integers(0, 3, count) if visit.setting == "office" else 2, -1)
        modifier[:, 0] = np.where(style == 2, NO_MODIFIER, np.where(style == 1, RIGHT, side))
        code[style == 1, 1] = code[style == 1, 0]
        modifier[style == 1, 1] = LEFT
        times[style == 2, 0] = 2
    charge = CODE_CHARGE[code] * np.where(modifier == BOTH_SIDES, 2, times)
    charge = charge * np.exp(rng.normal(0, CHARGE_SPREAD, charge.shape))
    return {
        "code": code,
        "units": CODE_UNITS[code] * times,
        "modifier": modifier,
        "charge": np.rint(charge * 100).astype(np.int64),
    }
