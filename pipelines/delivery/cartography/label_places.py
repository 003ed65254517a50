"""Where territory names can stand on a map without covering one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
# A wide font: where the reader's is narrower there is only more room.
CHARACTER_WIDTH = 6.7
LINE_HEIGHT = 12.0
CHIP_RADIUS = 8.5
GAP = 3.0
BASELINE_LIFT = 2.5


@dataclass(frozen=True)
class Label:
    """A name beside its numbered chip: baseline point in pixels, and which end of the text stands there.

    `anchor` is SVG's `start`, `middle` or `end`, so that the text hugs its chip whatever the font's width.
    """

    text: str
    x: float
    y: float
    anchor: str


def place_labels(
    names: Sequence[str], chips: Sequence[tuple[float, float]], width: float, height: float
) -> list[Label | None]:
    """For each chip a place for its name to the right, left, below or above, or None where all four are
    taken.

    Earlier entries have first choice; no label covers a chip, another label, or the page's edge.
    """
    taken: list[Box] = [
        (x - CHIP_RADIUS, y - CHIP_RADIUS, x + CHIP_RADIUS, y + CHIP_RADIUS) for x, y in chips
    ]
    labels: list[Label | None] = []
    for name, (x, y) in zip(names, chips, strict=True):
        long = len(name) * CHARACTER_WIDTH
        beside, half = CHIP_RADIUS + GAP, LINE_HEIGHT / 2
        candidates: tuple[tuple[Box, float, str], ...] = (
            ((x + beside, y - half, x + beside + long, y + half), x + beside, "start"),
            ((x - beside - long, y - half, x - beside, y + half), x - beside, "end"),
            ((x - long / 2, y + beside, x + long / 2, y + beside + LINE_HEIGHT), x, "middle"),
            ((x - long / 2, y - beside - LINE_HEIGHT, x + long / 2, y - beside), x, "middle"),
        )
        free = (
            choice
            for choice in candidates
            if _inside(choice[0], width, height) and not _meets_any(choice[0], taken)
        )
        choice = next(free, None)
        if choice is None:
            labels.append(None)
            continue
        box, anchor_x, anchor = choice
        taken.append(box)
        labels.append(Label(name, anchor_x, box[3] - BASELINE_LIFT, anchor))
    return labels


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _meets_any(box: Box, taken: Sequence[Box]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
    )


def spread_chips(
    seats: Sequence[tuple[float, float]], width: float, height: float, rounds: int = 80
) -> list[tuple[float, float]]:
    """Push overlapping chips apart, a little each round, within the page. Same input, same places.

    Each pair closer than a chip's width shares the push; two at one spot part along x, the earlier to the
    left.
    """
    places = np.asarray(seats, dtype=float).reshape(-1, 2).copy()
    apart = 2 * CHIP_RADIUS + 1.0
    low, high = CHIP_RADIUS, np.array([width, height]) - CHIP_RADIUS
    for _ in range(rounds):
        np.clip(places, low, high, out=places)
        gaps = places[:, None, :] - places[None, :, :]
        distance = np.hypot(gaps[..., 0], gaps[..., 1])
        first, second = np.nonzero(np.triu(distance < apart, k=1))
        if not len(first):
            break
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            gap = places[one] - places[other]
            length = float(np.hypot(*gap))
            direction = gap / length if length > 1e-9 else np.array([-1.0, 0.0])
            push = direction * max(0.0, apart - length) / 2
            places[one] += push
            places[other] -= push
    np.clip(places, low, high, out=places)
    return [(float(x), float(y)) for x, y in places]
