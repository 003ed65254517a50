"""The layers that the map can show, each with its caption and key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from pipelines.delivery.cartography.map_shapes import MapShapes
from pipelines.delivery.report.svg_map import DrawnMap
from pipelines.delivery.report.wording import money


@dataclass(frozen=True)
class Key:
    """`look` is the class that the sample takes its fill from."""

    look: str
    words: str


@dataclass(frozen=True)
class Layer:
    name: str
    words: str
    caption: str
    keys: list[Key]


def map_layers(
    drawn: DrawnMap, shapes: MapShapes, table: pd.DataFrame, unit_word: tuple[str, str]
) -> list[Layer]:
    """Territories, opportunity, change in volume, and what moved if anything did."""
    one, many = unit_word
    ground = (
        f" Borders are approximate: each {one} is a point, sized by opportunity, and colour fills the "
        "ground nearest to it."
        if shapes.is_points
        else ""
    )
    layers = [
        Layer(
            "territories",
            "Territories",
            "Numbers stand at each territory's seat and match the scorecard. Colours only tell "
            "neighbours apart." + ground,
            [],
        ),
        Layer(
            "opportunity",
            "Opportunity",
            f"Addressable opportunity a year in each {one}, access considered.",
            _heat_keys(drawn),
        ),
        Layer(
            "drift",
            "Change in volume",
            "Procedure volume against what each territory's own past leads one to expect.",
            _drift_keys(table),
        ),
    ]
    if drawn.has_moved:
        caption = (
            f"Coloured: {many} that changed hands, in the colour of their new territory. Everything "
            "pale stayed."
        )
        layers.append(Layer("moved", "What moved", caption, []))
    return layers


def _heat_keys(drawn: DrawnMap) -> list[Key]:
    # Breaks have two digits, so a third is only noise: $1.30M is $1.3M and $52.0K is $52K.
    edges = [re.sub(r"(\.\d*?)0+(?=[KMB]$)", r"\1", money(value)) for value in drawn.breaks]
    edges = [re.sub(r"\.(?=[KMB]$)", "", edge) for edge in edges]
    if not edges:
        keys = [Key("h0", "some opportunity")]
    else:
        keys = [Key("h0", f"under {edges[0]}")]
        keys += [
            Key(f"h{number}", f"{low} to {high}")
            for number, (low, high) in enumerate(pairwise(edges), start=1)
        ]
        keys.append(Key(f"h{len(edges)}", f"{edges[-1]} and more"))
    keys.append(Key("hz", "none"))
    return [*keys, Key("hs", "withheld: 1 to 10 patients")] if drawn.has_suppressed else keys


def _drift_keys(table: pd.DataFrame) -> list[Key]:
    words = {
        "up": "more than expected",
        "down": "less than expected",
        "steady": "steady",
        "untold": "cannot be told",
    }
    if (table["drift_class"] == "changed").any():
        words = {"changed": "changed", **words}
    tally = table["drift_class"].value_counts()
    return [Key(look, f"{text} ({int(tally.get(look, 0))})") for look, text in words.items()]
