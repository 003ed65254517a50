"""The exact rank test against a second opinion, on random systems."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.linear_recovery import determined_unknowns


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 7), st.sampled_from([-1, 1, 2]), min_size=1, max_size=5), max_size=7
    )
)
def test_what_is_determined_lies_in_the_row_space(equations: list[dict[int, int]]) -> None:
    """Unknown by unknown, as the rank of the system with and without its unit vector says."""
    matrix = np.array([[equation.get(name, 0) for name in range(8)] for equation in equations] or [[0] * 8])
    rank = np.linalg.matrix_rank(matrix)
    expected = (
        {name for name in range(8) if np.linalg.matrix_rank(np.vstack([matrix, np.eye(8)[name]])) == rank}
        if rank
        else set()
    )
    assert determined_unknowns(equations) == expected


def test_a_large_margin_takes_no_time() -> None:
    """Three thousand units in fifty states, two withheld in each: nothing follows; with one, it does."""
    states = [{(state, unit): 1 for unit in range(60)} for state in range(50)]
    assert determined_unknowns(states) == set()
    assert determined_unknowns([*states, {(0, unit): 1 for unit in range(1, 60)}]) == {(0, 0)}
