"""The incremental contiguity check against a plain component count, on random graphs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from pipelines.territories.contiguity import piece_of, stays_connected


def is_whole(matrix: np.ndarray, nodes: list[int]) -> bool:
    return bool(nodes) and connected_components(matrix[np.ix_(nodes, nodes)], directed=False)[0] == 1


@given(
    nodes=st.integers(1, 14),
    density=st.floats(0.05, 0.9),
    seed=st.integers(0, 10_000),
    owners=st.lists(st.integers(0, 1), min_size=14, max_size=14),
)
@settings(max_examples=200, deadline=None)
def test_removal_is_judged_as_a_component_count_judges_it(
    nodes: int, density: float, seed: int, owners: list[int]
) -> None:
    """For every unit of every whole slot: it may leave exactly when the rest is non-empty and connected."""
    upper = np.triu(np.random.default_rng(seed).random((nodes, nodes)) < density, 1)
    matrix = upper | upper.T
    neighbours = [np.flatnonzero(row).tolist() for row in matrix]
    owner = owners[:nodes]
    for unit in range(nodes):
        slot = [v for v in range(nodes) if owner[v] == owner[unit]]
        if not is_whole(matrix, slot):
            continue
        assert stays_connected(neighbours, owner, unit) == is_whole(matrix, [v for v in slot if v != unit])
        assert piece_of(neighbours, owner, unit) == set(slot)
