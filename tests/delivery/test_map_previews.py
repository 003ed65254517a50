"""The small map pictures for run metadata."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sample_market import SampleMarket

from pipelines.delivery.territory_map import (
    NothingToDraw,
    as_markdown,
    opportunity_map_png,
    territory_map_png,
)

LARGEST_BYTES = 150_000


@pytest.mark.parametrize("draw", [territory_map_png, opportunity_map_png])
@pytest.mark.parametrize("kind", ["county_market", "point_market"])
def test_pictures_are_small_and_repeatable(draw, kind: str, request: pytest.FixtureRequest) -> None:
    """A PNG under 150 kB that comes out byte for byte again, for areas and for points."""
    market: SampleMarket = request.getfixturevalue(kind)
    assignment = market.frames["mart_unit_assignment"]
    png = draw(assignment, market.polygons)
    assert png == draw(assignment.iloc[::-1], market.polygons)
    assert len(png) <= LARGEST_BYTES
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) > 5


def test_withheld_amounts_do_not_shade_the_heat_map(county_market: SampleMarket) -> None:
    """Two markets that differ only in withheld amounts give the same picture."""
    assignment = county_market.frames["mart_unit_assignment"]
    leaky = assignment.assign(
        addressable_usd=assignment["addressable_usd"].mask(assignment["is_suppressed"], 9e9)
    )
    assert opportunity_map_png(leaky, county_market.polygons) == opportunity_map_png(
        assignment, county_market.polygons
    )


def test_nothing_to_draw_is_said() -> None:
    """Units without any place raise instead of giving an empty picture."""
    with pytest.raises(NothingToDraw):
        territory_map_png(pd.DataFrame({"unit_id": ["1"], "territory_id": ["T1"]}), None)


def test_markdown_carries_the_picture() -> None:
    """The picture is inline: metadata shows it without a file."""
    assert as_markdown(b"abc", "map") == "![map](data:image/png;base64,YWJj)"
