"""Regions of unequal size and taste, one of them planted hot: what the hot-region figure is measured on.

Belongs here: making the market. Patients are drawn in number, each with one to four procedures, each of its own
price, so that neither the clustering nor the noise of dollars is what the ranking assumes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

REGIONS = 80
RATE = 0.004
DIAGNOSED_RATE = 0.02
NATURAL_SPREAD = 0.08  # log: regions differ a little without reason
HOT_VOLUME, HOT_DIAGNOSES, HOT_PRICE = 1.5, 1.3, 1.15
HOT_POPULATION = 100_000


@dataclass(frozen=True)
class PlantedRegions:
    potential: pd.DataFrame
    units: pd.DataFrame
    hot: str


def planted_regions(seed: int) -> PlantedRegions:
    """80 regions of 2,000 to 2,000,000 residents; one of 100,000 has half as many patients again as is usual."""
    rng = np.random.default_rng((seed, 22))
    population = np.exp(rng.uniform(np.log(2_000), np.log(2_000_000), REGIONS)).astype(int)
    hot = int(rng.integers(REGIONS))
    population[hot] = HOT_POPULATION
    tastes = np.exp(rng.normal(0.0, NATURAL_SPREAD, (3, REGIONS)))
    tastes[:, hot] = (HOT_VOLUME, HOT_DIAGNOSES, HOT_PRICE)
    patients = rng.poisson(population * RATE * tastes[0])
    diagnosed = rng.poisson(population * DIAGNOSED_RATE * tastes[1])
    procedures, billed = np.zeros(REGIONS), np.zeros(REGIONS)
    for region in range(REGIONS):
        each = rng.choice([1, 2, 3, 4], p=[0.6, 0.25, 0.1, 0.05], size=patients[region])
        procedures[region] = each.sum()
        billed[region] = (rng.gamma(4.0, 250.0, int(each.sum())) * tastes[2, region]).sum()
    ids = [f"U{number:03d}" for number in range(REGIONS)]
    units = pd.DataFrame({"unit_id": ids, "population": population, "cbsa_code": None, "state": "ME"})
    potential = pd.DataFrame(
        {
            "product_id": "joint",
            "unit_id": ids,
            "procedures": procedures,
            "patients": patients,
            "diagnosed_patients": diagnosed,
            "billed_usd": billed,
        }
    )
    return PlantedRegions(potential, units, ids[hot])
