"""The interactive map as SVG: one group per territory, classes instead of colours, so that CSS switches the
layers.

Classes: `c0…c6` territory colour, `h0…h5` opportunity class, `hz` none, `hs` withheld, `m` changed hands, and
on the territory `up`, `down`, `changed`, `steady`, `untold`. Which of them colours the map is decided by
`data-layer` on the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import shapely

from pipelines.delivery.cartography.frames import CAPTION_HEIGHT, Frame
from pipelines.delivery.cartography.heat_classes import heat_breaks, heat_class
from pipelines.delivery.cartography.label_places import place_labels, spread_chips
from pipelines.delivery.cartography.map_shapes import MapShapes
from pipelines.delivery.report.inputs import suppressed_units
from pipelines.delivery.report.svg_paths import UNITS_PER_PIXEL, dots_of, path_of
from pipelines.delivery.report.territory_table import short_name
from pipelines.delivery.report.wording import money

# Above this many units, those alike are drawn as one path and the map tells of territories only.
MOST_SINGLE_UNITS = 4000
# Above this many territories names would fight for room: numbers only.
MOST_NAMED = 60


@dataclass(frozen=True)
class DrawnMap:
    """`svg`: the element. `breaks`: lower bounds of the opportunity classes. `unit_order`: per territory, the
    unit ids in drawing order, or empty where units are drawn together. `has_suppressed`, `has_moved`: what
    legends need.
    """

    svg: str
    breaks: list[float]
    unit_order: dict[str, list[str]]
    has_suppressed: bool
    has_moved: bool


def draw_map(
    shapes: MapShapes, assignment: pd.DataFrame, table: pd.DataFrame, moved_units: set[str]
) -> DrawnMap:
    """`table`: the territory table with `number`; `assignment`: the assignment mart; `moved_units`: ids that
    moved.
    """
    units = assignment.drop_duplicates("unit_id").set_index("unit_id")
    value = units["addressable_usd"].astype(float).reindex(shapes.unit_ids).to_numpy()
    hidden = suppressed_units(units).reindex(shapes.unit_ids).to_numpy(bool)
    breaks = heat_breaks(value[~hidden])
    classes = [_heat(amount, is_hidden, breaks) for amount, is_hidden in zip(value, hidden, strict=True)]
    moved = np.isin(shapes.unit_ids, sorted(moved_units))
    single = not shapes.is_points and len(shapes.unit_ids) <= MOST_SINGLE_UNITS
    facts = table.set_index("territory_id")
    groups, order = [], {}
    for position, name in enumerate(shapes.territory_ids):
        members = np.flatnonzero(shapes.unit_territories == name)
        drawn, order[name] = _units(shapes, members, classes, moved, single)
        area = (
            f'<path class="area" d="{path_of(shapes.territory_shapes[position])}"/>'
            if shapes.is_points
            else ""
        )
        drift = facts["drift_class"].get(name, "untold")
        groups.append(
            f'<g class="terr c{shapes.territory_colours[position]} {drift}" data-t="{escape(str(name))}" '
            f'role="button" tabindex="{0 if position == 0 else -1}" aria-pressed="false" '
            f'aria-label="{escape(_spoken_label(name, facts))}">{area}{drawn}</g>'
        )
    outlines = "".join(
        f'<path class="outline" data-t="{escape(str(name))}" d="{path_of(shape)}"/>'
        for name, shape in zip(shapes.territory_ids, shapes.territory_shapes, strict=True)
    )
    land = "".join(path_of(shape) for shape in shapes.ground)
    box = f"0 0 {_units_of(shapes.width)} {_units_of(shapes.height)}"
    svg = (
        f'<svg id="map" viewBox="{box}" role="group" aria-label="Map of the territories" '
        f'aria-describedby="map-help"><defs>{_HATCH}</defs>'
        f'<path class="ground" d="{land}"/><g class="units{" dots" if shapes.is_points else ""}" '
        f'style="--k:{_dot_scale(shapes):.2f}">'
        f"{''.join(groups)}</g>"
        f'<path class="states" d="{land}"/><g class="outlines">{outlines}</g>'
        f'<g class="insets">{"".join(_inset(frame) for frame in shapes.frames[1:])}</g>'
        f"{_scale_bar(shapes)}{_labels(shapes, facts)}</svg>"
    )
    return DrawnMap(svg, breaks, order if single else {}, bool(hidden.any()), bool(moved.any()))


# The stripes are 6 px apart and turn with the page, not with the shape.
_HATCH = (
    '<pattern id="hatch" width="60" height="60" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="60" height="60"/><rect class="hatch-line" width="20" '
    'height="60"/></pattern>'
)


def _heat(amount: float, is_hidden: bool, breaks: Sequence[float]) -> str:
    if is_hidden:
        return "hs"
    return f"h{heat_class(amount, breaks)}" if np.isfinite(amount) and amount > 0 else "hz"


def _units(
    shapes: MapShapes, members: np.ndarray, classes: list[str], moved: np.ndarray, single: bool
) -> tuple[str, list[str]]:
    """A territory's units as paths; one each where `single`, else one per look."""
    looks = [f"{classes[index]} m" if moved[index] else classes[index] for index in members]
    if single:
        paths = [
            (look, path_of(shapes.unit_shapes[index])) for look, index in zip(looks, members, strict=True)
        ]
        text = "".join(f'<path class="{look}" d="{path}"/>' for look, path in paths)
        return text, [str(shapes.unit_ids[index]) for index in members]
    text = ""
    for look in sorted(set(looks)):
        alike = [index for index, own in zip(members, looks, strict=True) if own == look]
        if shapes.is_points:
            path = dots_of(map(tuple, shapely.get_coordinates(shapes.unit_shapes[alike])))
            text += f'<path class="dot {look}" d="{path}"/>'
        else:
            text += (
                f'<path class="{look}" d="{"".join(path_of(shapes.unit_shapes[index]) for index in alike)}"/>'
            )
    return text, []


def _spoken_label(name: Any, facts: pd.DataFrame) -> str:
    if name not in facts.index:
        return str(name)
    row = facts.loc[name]
    return (
        f"{row['number']}, {row['territory_name']}: {money(row['addressable_usd'])} opportunity. "
        f"{row['drift_words']}."
    )


def _labels(shapes: MapShapes, facts: pd.DataFrame) -> str:
    """Numbered chips at the seats, moved apart where they would overlap, and names where there is room."""
    ids, seats = [], []
    for name, shape in zip(shapes.territory_ids, shapes.territory_shapes, strict=True):
        if name not in facts.index:
            continue
        row = facts.loc[name]
        seat = shapes.place(_number(row["seat_longitude"]), _number(row["seat_latitude"]))
        point = shapely.point_on_surface(shape)
        ids.append(name)
        seats.append(seat or (shapely.get_x(point), shapely.get_y(point)))
    chips = spread_chips(seats, shapes.width, shapes.height)
    names = [short_name(str(facts.loc[name, "territory_name"])) for name in ids]
    labels = (
        place_labels(names, chips, shapes.width, shapes.height)
        if len(ids) <= MOST_NAMED
        else [None] * len(ids)
    )
    parts = []
    for name, (x, y), (seat_x, seat_y), label in zip(ids, chips, seats, labels, strict=True):
        number = facts.loc[name, "number"]
        leader = ""
        if abs(x - seat_x) + abs(y - seat_y) > 5:
            leader = (
                f'<path class="leader" d="M{_units_of(seat_x)} {_units_of(seat_y)}L{_units_of(x)} '
                f'{_units_of(y)}"/>'
            )
        text = (
            f'<text class="name" x="{_units_of(label.x)}" y="{_units_of(label.y)}" '
            f'text-anchor="{label.anchor}">'
            f"{escape(label.text)}</text>"
            if label
            else ""
        )
        parts.append(
            f'<g class="chip" data-t="{escape(str(name))}">{leader}<circle cx="{_units_of(x)}" '
            f'cy="{_units_of(y)}" r="85"/>'
            f'<text class="number" x="{_units_of(x)}" y="{_units_of(y) + 34}">{number}</text>{text}</g>'
        )
    return f'<g class="labels" aria-hidden="true">{"".join(parts)}</g>'


def _inset(frame: Frame) -> str:
    left, top, right, bottom = (_units_of(edge) for edge in frame.box)
    caption = bottom + _units_of(CAPTION_HEIGHT)
    return (
        f'<path class="frame" d="M{left} {top}H{right}V{caption}"/>'
        f'<text class="note" x="{left + 60}" y="{caption - 30}">{escape(frame.region)}, other scale</text>'
    )


def _scale_bar(shapes: MapShapes) -> str:
    """A round number of miles, at most a fifth of the width, for the main map; where at the bottom nothing is
    drawn.
    """
    scale = shapes.frames[0].pixels_per_mile
    room = shapes.width * 0.2 / scale
    power = 10.0 ** np.floor(np.log10(room))
    miles = max(step * power for step in (1, 2, 5) if step * power <= room)
    length, tall = miles * scale, 26.0
    tree = shapely.STRtree(
        [*shapes.territory_shapes, *(shapely.box(*frame.box) for frame in shapes.frames[1:])]
    )
    lefts = np.arange(shapes.width - length - 10, 0, -10)
    free = (
        left
        for left in lefts
        if not len(
            tree.query(
                shapely.box(left - 8, shapes.height - tall, left + length + 8, shapes.height), "intersects"
            )
        )
    )
    left, bottom = _units_of(next(free, float(lefts[0]))), _units_of(shapes.height) - 60
    right = left + _units_of(length)
    words = f"{miles:,.0f} miles" if miles >= 1 else f"{miles:g} miles"
    return (
        f'<g class="scale"><path d="M{left} {bottom - 40}V{bottom}H{right}V{bottom - 40}"/>'
        f'<text class="note" x="{(left + right) // 2}" y="{bottom - 50}" '
        f'text-anchor="middle">{words}</text></g>'
    )


def _dot_scale(shapes: MapShapes) -> float:
    """Smaller dots where there are many: full size to 1500 units, a third of it from 13 500 on."""
    return float(np.clip(np.sqrt(1500 / max(len(shapes.unit_ids), 1)), 0.33, 1.0))


def _units_of(pixels: float) -> int:
    return round(pixels * UNITS_PER_PIXEL)


def _number(value: Any) -> float:
    return float(value) if pd.notna(value) else float("nan")
