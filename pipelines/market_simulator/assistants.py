"""People who assist at surgery and never perform it: physician assistants with an NPI of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.market_simulator.names import people_names
from pipelines.market_simulator.organisations import Organisations
from pipelines.market_simulator.random_streams import Stream, generator
from pipelines.market_simulator.traps import Traps

TAXONOMY, DESCRIPTION = "363A00000X", "Physician Assistant"
PEOPLE_PER_ASSISTANT = 20
FEWEST = 4
TRAP = "assistant_as"


@dataclass(frozen=True)
class Assistants:
    """One entry per assistant; `group` is a position in Organisations."""

    npi: np.ndarray
    first_name: np.ndarray
    last_name: np.ndarray
    group: np.ndarray


def assistant_count(traps: Traps, people: int) -> int:
    """None where no assistant bills, so that such a market has the directory it always had."""
    return max(FEWEST, people // PEOPLE_PER_ASSISTANT) if traps.rate(TRAP) > 0 else 0


def make_assistants(seed: int, organisations: Organisations, npis: np.ndarray) -> Assistants:
    rng = generator(seed, Stream.ASSISTANTS)
    first, last = people_names(len(npis), rng)
    return Assistants(npis, first, last, rng.choice(organisations.of_kind("group"), len(npis)))
