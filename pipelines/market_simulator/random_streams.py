"""Named, independent random streams.

Every month, shard and visit type draws from a stream of its own, so that a month can be generated without
the ones before it and an event changes only what it touches.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    GEOGRAPHY = 1
    ORGANISATIONS = 2
    PROVIDERS = 3
    PATIENTS = 4
    EVENT_PLANS = 5
    VISITS = 6
    EVENT_VISITS = 7
    THINNING = 8
    OUTAGES = 9
    ASSISTANTS = 10
    CAREERS = 11


def generator(seed: int, stream: Stream, *place: int) -> np.random.Generator:
    """A generator for one place in one stream, e.g. `generator(seed, Stream.VISITS, month, shard,
    visit_type)`.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(stream), *place)))


def pick(cumulative: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Positions drawn by cumulative weights (any total) from uniforms in [0, 1)."""
    at = np.searchsorted(cumulative, uniform * cumulative[-1], side="right")
    return np.minimum(at, len(cumulative) - 1)


def evenly(count: int, rng: np.random.Generator) -> np.ndarray:
    """Rising uniforms, one in each of `count` equal strata: draws follow their weights closely."""
    return (np.arange(count) + rng.random(count)) / max(count, 1)


def interleaved(count: int, rng: np.random.Generator) -> np.ndarray:
    """Uniforms of which any run of neighbours is spread out: golden-ratio steps from a random start."""
    return (rng.random() + np.arange(count) * 0.6180339887498949) % 1.0
