"""ZIP → ZCTA → county → CBSA → state, one row for every ZIP, so that nothing that is located is lost.

`match_kind` says how: `exact` the ZIP is a ZCTA; `host` it is not (a PO box), and the nearest ZCTA stands for
it; `outside` it is found but in a state that is not planned; `unlocated` it has no place (military, no
coordinates, no ZCTA near). `outside` and `unlocated` rows have the unit `unlocated`.

The host is in the same county where one is within 50 miles (the table names some counties wrongly, far from
the coordinates beside them), else has the same first three digits within 50 miles, else is in the same state
within 200 miles (Alaska is wide; Wake Island is not in Hawaii).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.geography.sphere import Floats, chord_to_miles, great_circle_miles, unit_vectors

UNLOCATED = "unlocated"
_COLUMNS = (
    "zip",
    "zcta",
    "match_kind",
    "miles_to_host",
    "county_fips",
    "cbsa_code",
    "state",
    "latitude",
    "longitude",
    "unit_id",
    "vintage",
)
_REACH_MILES = (50.0, 50.0, 200.0)  # same county, same first three digits, same state
_FAR_APART = 10.0  # more than the diameter of the unit sphere: places of other groups are never nearest
_LEGAL_SUFFIX = r"\s+(?:county|parish|borough|census area|municipality|municipio|city and borough|island)$"


def zip_crosswalk(
    zip_table: pd.DataFrame, zctas: pd.DataFrame, unit_of_zcta: pd.Series, vintage: str
) -> pd.DataFrame:
    """`geography/zip_crosswalk`.

    `zctas` has the columns of `places.ZCTA_COLUMNS`; `unit_of_zcta` maps a planned ZCTA to its unit and does
    not hold the others. ZCTAs that the ZIP table does not know become rows too.
    """
    extra = zctas.loc[~zctas["zcta"].isin(zip_table["zip"])]
    new = extra[["zcta", "postal_state", "latitude", "longitude"]]
    zips = pd.concat(
        [zip_table, new.rename(columns={"zcta": "zip", "postal_state": "state"})], ignore_index=True
    ).sort_values("zip", ignore_index=True)
    is_exact = zips["zip"].isin(zctas["zcta"])
    has_place = zips["latitude"].notna() & zips["longitude"].notna() & (zips["zip_type"] != "Military")
    host = pd.Series(None, index=zips.index, dtype=object)
    host[is_exact] = zips.loc[is_exact, "zip"]
    guests = zips[~is_exact & has_place]
    host[guests.index] = _hosts(guests, zctas)
    place = zctas.set_index("zcta").reindex(host.fillna(""))
    for name in ("latitude", "longitude"):  # a ZCTA stands at its own centroid, another ZIP where it says
        zips.loc[is_exact, name] = place[name].to_numpy()[is_exact]
    miles = great_circle_miles(zips["latitude"], zips["longitude"], place["latitude"], place["longitude"])
    unit = host.map(unit_of_zcta)
    kind = np.select([host.isna(), unit.isna(), is_exact], [UNLOCATED, "outside", "exact"], default="host")
    rows = pd.DataFrame(
        {
            "zip": zips["zip"],
            "zcta": host,
            "match_kind": kind,
            "miles_to_host": np.where(is_exact, 0.0, miles),
            "county_fips": place["county_fips"].to_numpy(),
            "cbsa_code": place["cbsa_code"].to_numpy(),
            "state": place["state"].where(place["state"].notna(), zips["state"].to_numpy()).to_numpy(),
            "latitude": zips["latitude"],
            "longitude": zips["longitude"],
            "unit_id": unit.fillna(UNLOCATED),
            "vintage": vintage,
        }
    )
    return rows[list(_COLUMNS)]


def _hosts(guests: pd.DataFrame, zctas: pd.DataFrame) -> NDArray[np.object_]:
    """The ZCTA that stands for each guest ZIP, or None where its state has none within reach."""
    guest_points = unit_vectors(guests["latitude"], guests["longitude"])
    zcta_points = unit_vectors(zctas["latitude"], zctas["longitude"])
    guest_state, zcta_state = guests["state"].astype(object), zctas["postal_state"].astype(object)
    groups = [
        (guest_state + "|" + _plain(guests["county_name"]), zcta_state + "|" + _plain(zctas["county_name"])),
        (guest_state + "|" + guests["zip"].str[:3], zcta_state + "|" + zctas["zcta"].str[:3]),
        (guest_state, zcta_state),
    ]
    found = np.full(len(guests), -1)
    for (guest_group, zcta_group), reach in zip(groups, _REACH_MILES, strict=True):
        nearest = _nearest_in_group(guest_points, guest_group, zcta_points, zcta_group)
        miles = chord_to_miles(np.linalg.norm(guest_points - zcta_points[nearest], axis=1))
        found = np.where((found < 0) & (nearest >= 0) & (miles <= reach), nearest, found)
    names = zctas["zcta"].to_numpy(object)
    hosts: np.ndarray = names[found]
    hosts[found < 0] = None
    return hosts


def _nearest_in_group(
    guests: Floats, guest_group: pd.Series, hosts: Floats, host_group: pd.Series
) -> NDArray[np.int64]:
    """Position of the nearest host of the guest's own group, -1 where the group has none (or is unknown).

    The group's number is a fourth coordinate, so that one tree answers for all groups.
    """
    numbers = {name: i for i, name in enumerate(sorted(host_group.dropna().unique()))}
    host_number = host_group.map(numbers).astype(float)
    guest_number = guest_group.map(numbers).astype(float).to_numpy()
    in_group = np.flatnonzero(host_number.notna())
    asked = np.flatnonzero(~np.isnan(guest_number))
    tree = cKDTree(np.column_stack([hosts[in_group], _FAR_APART * host_number.to_numpy()[in_group]]))
    nearest = np.full(len(guests), -1)
    if len(asked):
        _, at = tree.query(np.column_stack([guests[asked], _FAR_APART * guest_number[asked]]))
        nearest[asked] = in_group[at]
    return nearest


def _plain(county_name: pd.Series) -> pd.Series:
    """'Suffolk County' and 'Suffolk', 'Roanoke city' and 'Roanoke (city)' become one spelling."""
    plain = county_name.astype(object).str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii")
    plain = plain.str.lower().str.replace(r"\((city)\)", r"\1", regex=True)
    plain = plain.str.replace(_LEGAL_SUFFIX, "", regex=True)
    return plain.str.replace(r"\bsaint\b", "st.", regex=True).str.strip()
