"""Where more is to be had than population leads to expect: regions ranked by shrunk excess, with three reasons.

Belongs here: the measure, the shrinkage and the rank. The reasons are volume (procedures a resident), diagnosis density
(diagnosed patients a resident) and intensity (dollars a procedure), each against the nation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.trends.shrinkage import shrink

REASONS = ("volume", "diagnosis", "intensity")
REGION_COLUMNS = [
    *("product_id", "region_kind", "region_id", "region_rank", "score", "population", "procedures"),
    *("volume_excess_share", "volume_excess_low", "volume_excess_high"),
    *("diagnosis_excess_share", "intensity_excess_share", "reasons"),
]
LEAST_SPREAD = 0.05  # log: no two regions are quite alike
CHI2_MEDIAN = 0.4549  # of one degree of freedom
LEAST_TOLD = 0.05  # an excess below this is "as expected"


def regions_of(units: pd.DataFrame, kind: str) -> pd.Series:
    """The region of each unit (index unit_id): itself, its CBSA or its state; units outside any are left out."""
    column = {"unit": "unit_id", "cbsa": "cbsa_code", "state": "state"}[kind]
    region = units.set_index("unit_id", drop=False)[column]
    return region[region.notna() & (region.astype(str) != "")]


def hot_regions(
    potential: pd.DataFrame, units: pd.DataFrame, kind: str, interval_level: float
) -> pd.DataFrame:
    """REGION_COLUMNS by product and region, sorted by product and rank. Ties by region_id.

    `potential`: product_id, unit_id, procedures, patients, diagnosed_patients, billed_usd of the planning year. `units`:
    unit_id, population, cbsa_code, state. Regions without residents, and what cannot be located, take no part. Expected
    = the nation's rate × residents (× procedures for dollars). The score is the mean of the shrunk log excesses of those
    reasons that the product has at all.
    """
    region = regions_of(units, kind)
    people = units.set_index("unit_id")["population"].reindex(region.index).fillna(0).groupby(region).sum()
    people = people[people > 0].sort_index()
    frames = [
        _ranked(product_id, rows, region, people, interval_level).assign(region_kind=kind)
        for product_id, rows in potential.groupby("product_id", sort=True)
    ]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=REGION_COLUMNS)
    return pd.concat(frames, ignore_index=True)[REGION_COLUMNS]


def _ranked(
    product_id: object, rows: pd.DataFrame, region: pd.Series, people: pd.Series, interval_level: float
) -> pd.DataFrame:
    measures = ["procedures", "patients", "diagnosed_patients", "billed_usd"]
    located = rows.assign(region_id=rows["unit_id"].map(region)).dropna(subset=["region_id"])
    located = located.sort_values("unit_id", kind="stable")
    sums = located.groupby("region_id")[measures].sum().reindex(people.index).fillna(0.0).astype(float)
    total = sums.sum()
    if total["procedures"] <= 0 and total["diagnosed_patients"] <= 0:
        return pd.DataFrame()
    residents = people.astype(float)
    # People have several procedures: their number varies by that much more than Poisson.
    clustering = max(1.0, total["procedures"] / total["patients"]) if total["patients"] > 0 else 1.0
    excess = {
        "volume": _excess(sums["procedures"], residents, clustering, interval_level),
        "diagnosis": _excess(sums["diagnosed_patients"], residents, 1.0, interval_level),
        "intensity": _dollars_a_procedure(sums, clustering, interval_level),
    }
    told = {name: table for name, table in excess.items() if table is not None}
    score = np.mean([table["mean"].to_numpy() for table in told.values()], axis=0)
    nothing = pd.DataFrame(np.nan, index=people.index, columns=["mean", "low", "high"])
    volume = told.get("volume", nothing)
    found = pd.DataFrame(
        {
            "product_id": product_id,
            "region_id": people.index.astype(str),
            "score": score,
            "population": people.to_numpy().astype(np.int64),
            "procedures": sums["procedures"].to_numpy(),
            "volume_excess_share": np.expm1(volume["mean"].to_numpy()),
            "volume_excess_low": np.expm1(volume["low"].to_numpy()),
            "volume_excess_high": np.expm1(volume["high"].to_numpy()),
            "diagnosis_excess_share": np.expm1(told.get("diagnosis", nothing)["mean"].to_numpy()),
            "intensity_excess_share": np.expm1(told.get("intensity", nothing)["mean"].to_numpy()),
        }
    )
    found["reasons"] = [in_words(*shares) for shares in _shares(found)]
    found = found.sort_values(
        ["score", "region_id"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return found.assign(region_rank=np.arange(1, len(found) + 1))


def _excess(
    counts: pd.Series, residents: pd.Series, clustering: float, interval_level: float
) -> pd.DataFrame | None:
    """Shrunk log of observed ÷ expected; None where the product has no such count at all."""
    if counts.sum() <= 0:
        return None
    expected = residents * counts.sum() / residents.sum()
    events = counts.to_numpy(float) / clustering
    estimates = np.log((events + 0.5) / (expected.to_numpy(float) / clustering + 0.5))
    return _shrunk(estimates, 1.0 / (events + 0.5), counts.index, interval_level)


def _dollars_a_procedure(sums: pd.DataFrame, clustering: float, interval_level: float) -> pd.DataFrame | None:
    """Shrunk log of a region's dollars a procedure against the nation's. Its noise is taken from how far regions differ
    by their number of procedures: variance c ÷ procedures, c from the median of squared gaps × procedures."""
    has = (sums["procedures"] > 0) & (sums["billed_usd"] > 0)
    if has.sum() < 2:
        return None
    usual = sums.loc[has, "billed_usd"].sum() / sums.loc[has, "procedures"].sum()
    estimates = np.zeros(len(sums))
    estimates[has] = np.log(sums.loc[has, "billed_usd"] / sums.loc[has, "procedures"] / usual)
    events = sums["procedures"].to_numpy(float) / clustering
    noise = max(float(np.median(estimates[has] ** 2 * events[has])) / CHI2_MEDIAN, 1e-6)
    # Who has no procedures says nothing: as good as infinitely noisy, so drawn to the nation's.
    variances = np.where(has, noise / np.maximum(events, 0.5), 1e6)
    return _shrunk(estimates, variances, sums.index, interval_level)


def _shrunk(
    estimates: np.ndarray, variances: np.ndarray, index: pd.Index, interval_level: float
) -> pd.DataFrame:
    posterior = shrink(estimates, variances, LEAST_SPREAD)
    tail = (1.0 - interval_level) / 2.0
    return pd.DataFrame(
        {"mean": posterior.mean, "low": posterior.quantile(tail), "high": posterior.quantile(1.0 - tail)},
        index=index,
    )


def _shares(found: pd.DataFrame) -> list[tuple[float, float, float]]:
    columns = [found[f"{name}_excess_share"].tolist() for name in REASONS]
    return list(zip(*columns, strict=True))


def in_words(volume: float, diagnosis: float, intensity: float) -> str:
    """ "volume +45 %, diagnoses as expected, dollars a procedure −10 %"; what is not known is not named."""
    names = ("volume", "diagnoses", "dollars a procedure")
    parts = []
    for name, share in zip(names, (volume, diagnosis, intensity), strict=True):
        if np.isfinite(share):
            said = f"{100 * share:+.0f} %".replace("-", "−")
            parts.append(f"{name} {said if abs(share) >= LEAST_TOLD else 'as expected'}")
    return ", ".join(parts)
