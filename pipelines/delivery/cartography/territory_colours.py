"""Which of a few colours each territory gets, so that neighbours always differ."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

# Seven light fills that stay apart for the common forms of colour blindness and carry dark text:
# P. Tol, "Colour Schemes" (SRON/EPS/TN/09-002, 2021), the "light" qualitative scheme without its grey, which
# reads as "no data", and without its olive, which at half strength is too near to the pear.
PALETTE = ("#77AADD", "#EE8866", "#EEDD88", "#44BB99", "#FFAABB", "#99DDFF", "#BBCC33")
TOUCHING_PIXELS = 1.5


def touching_pairs(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """`(m, 2)` index pairs i < j of shapes no further apart than a pixel or so."""
    tree = shapely.STRtree(shapes)
    pairs = tree.query(shapes, predicate="dwithin", distance=TOUCHING_PIXELS).T
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def colour_indexes(count: int, pairs: NDArray[np.int64], colours: int = len(PALETTE)) -> list[int]:
    """A colour number for each of `count` shapes; shapes in a pair differ wherever `colours` allow it.

    Saturation-first greedy colouring (D. Brélaz, CACM 22(4), 1979): the shape with the most differently
    coloured neighbours goes next, ties to more neighbours, then to the lower index. Among permitted colours
    the least used wins, so that all are used alike. If none is permitted, the colour least seen among the
    neighbours is taken.
    """
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for first, second in pairs.tolist():
        neighbours[first].add(second)
        neighbours[second].add(first)
    chosen: dict[int, int] = {}
    used = [0] * colours
    while len(chosen) < count:
        open_shapes = (index for index in range(count) if index not in chosen)
        shape = min(
            open_shapes,
            key=lambda index: (
                -len({chosen[other] for other in neighbours[index] if other in chosen}),
                -len(neighbours[index]),
                index,
            ),
        )
        around = [chosen[other] for other in sorted(neighbours[shape]) if other in chosen]
        colour = min(range(colours), key=lambda number: (around.count(number), used[number], number))
        chosen[shape] = colour
        used[colour] += 1
    return [chosen[index] for index in range(count)]
