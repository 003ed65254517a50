"""When the engine stops: counts and deterministic time only, never the clock, so that a rerun gives the same
plan.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """Effort of `solve`. The defaults take seconds for a state of ZCTAs and under half a minute for all
    counties.
    """

    lloyd_rounds: int = 10
    ascent_iterations: int = 30
    search_rounds: int = 3
    proposals_per_unit: int = 100
    descent_passes: int = 50
    flow_rounds: int = 8
    polish_groups: int = 40
    polish_deterministic_time: float = 0.3
    bound_iterations: int = 100

    @classmethod
    def quick(cls) -> Stop:
        """For tests and previews: a sound plan, less polish."""
        return cls(5, 15, 2, 40, 30, 4, 10, 0.1, 40)
