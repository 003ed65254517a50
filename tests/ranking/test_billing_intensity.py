"""The definition of billing intensity, worked by hand, and what a payer we are half told of does to ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from pipelines.ranking.intensity import USD, WEIGHTS, billing_intensity

BILLED = pd.DataFrame(
    [
        # product, npi, code, channel, units, usd, Σunits², Σusd², charge
        ("knee", "A", "C1", "medicare", 6, 600.0, 18.0, 180_000.0, 0.0),
        ("knee", "A", "C2", "commercial", 1, 1800.0, 1.0, 3_240_000.0, 1800.0),
        ("knee", "B", "C1", "medicare", 12, 1200.0, 72.0, 720_000.0, 0.0),
        ("hip", "A", "C9", "medicare", 2, 240.0, 4.0, 57_600.0, 0.0),
    ],
    columns=[
        *("product_id", "npi", "procedure_code", "payer_channel", "units", "billed_usd"),
        *("units_squared", "billed_squared", "charge_usd"),
    ],
).assign(months_covered=12)


def found(frame: pd.DataFrame, product: str, npi: str) -> pd.Series:
    return frame[(frame["product_id"] == product) & (frame["npi"] == npi)].iloc[0]


def test_dollars_a_month_with_charges_flagged() -> None:
    """A: (600 + 1,800) ÷ 12 = 200 a month, three quarters of it by charge; error √(180,000 + 3,240,000) ÷ 12."""
    intensity = billing_intensity(BILLED)
    a = found(intensity, "knee", "A")
    assert (a["intensity"], a["intensity_unit"], a["charge_share"]) == (200.0, USD, 0.75)
    assert a["intensity_error"] == pytest.approx(np.sqrt(3_420_000) / 12)
    b = found(intensity, "knee", "B")
    assert (b["intensity"], b["charge_share"]) == (100.0, 0.0)


def test_the_users_own_weights() -> None:
    """C1 weighs 2: A has 6 × 2 ÷ 12 = 1, B 2; C2 has no weight and counts nothing; hip has none at all and stays in
    dollars."""
    intensity = billing_intensity(BILLED, {"C1": 2.0})
    assert found(intensity, "knee", "A")["intensity"] == 1.0
    assert found(intensity, "knee", "B")["intensity"] == 2.0
    assert found(intensity, "knee", "B")["intensity_error"] == pytest.approx(np.sqrt(72 * 4) / 12)
    assert list(intensity["intensity_unit"]) == [USD, WEIGHTS, WEIGHTS]
    assert found(intensity, "hip", "A")["intensity"] == 20.0


def test_each_channel_is_projected_by_its_own_capture() -> None:
    """Half of Medicare is told: A's 600 become 1,200, the commercial 1,800 stay; the error doubles."""
    a = found(billing_intensity(BILLED, capture={"medicare": 0.5}), "knee", "A")
    assert a["intensity"] == 250.0
    assert a["intensity_error"] == pytest.approx(np.sqrt(180_000 / 0.25 + 3_240_000) / 12)
    with pytest.raises(ValueError, match="capture share"):
        billing_intensity(BILLED, capture={"medicare": 0.0})


def test_a_payer_that_is_hardly_told_of_reorders_people_until_projected() -> None:
    """Two channels in unequal mixes, of which one is told of by a quarter (T24): ranks agree with the truth by 0.95 or
    more after projection, and by less before."""
    rng = np.random.default_rng(3)
    yearly = np.exp(rng.uniform(np.log(100), np.log(2000), 300))
    mix = rng.beta(1.0, 1.0, 300)
    rows = []
    for person, (volume, part) in enumerate(zip(yearly, mix, strict=True)):
        for channel, mean, told in (
            ("medicare", volume * part, 0.9),
            ("commercial", volume * (1 - part), 0.25),
        ):
            services = rng.poisson(mean * told)
            rows.append(
                (
                    "knee",
                    f"{person:04d}",
                    "C1",
                    channel,
                    services,
                    100.0 * services,
                    services,
                    1e4 * services,
                    0.0,
                )
            )
    billed = pd.DataFrame(rows, columns=BILLED.columns[:-1]).assign(months_covered=12)
    before = billing_intensity(billed)["intensity"]
    after = billing_intensity(billed, capture={"medicare": 0.9, "commercial": 0.25})["intensity"]
    assert spearmanr(after, yearly).statistic >= 0.95
    assert spearmanr(before, yearly).statistic < 0.95
