"""ZCTAs with their county, CBSA and state: from the packaged ZIP table, or from a given `zctas.csv`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipelines.geography.polygons import county_of_2016
from pipelines.problems import InputRefused, Problem

ZCTA_COLUMNS = (
    "zcta",
    "city",
    "county_name",
    "county_fips",
    "cbsa_code",
    "state",
    "postal_state",
    "latitude",
    "longitude",
    "population",
    "land_area_sq_miles",
)
_FILE_COLUMNS = {
    "ZCTA5": "zcta",
    "Primary County": "county_fips",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "Population": "population",
    "Land Area": "land_area_sq_miles",
}
_MEASURES = ("latitude", "longitude", "population", "land_area_sq_miles")


def state_letters(zip_table: pd.DataFrame) -> dict[str, str]:
    """State FIPS prefix → USPS letters, as most ZCTAs of the state have them."""
    zctas = zip_table[zip_table["county_fips"].notna()]
    counts = zctas.groupby([zctas["county_fips"].str[:2], "state"]).size()
    ordered = counts.reset_index(name="n").sort_values(["n", "state"], ascending=[False, True])
    first = ordered.drop_duplicates("county_fips").sort_values("county_fips")
    return dict(zip(first["county_fips"], first["state"], strict=True))


def packaged_zctas(zip_table: pd.DataFrame) -> pd.DataFrame:
    """The 2020 ZCTAs of the ZIP table, columns `ZCTA_COLUMNS`, sorted.

    `county_fips` is the county with most of the ZCTA's land, in the vintage of the polygons; `state` is that
    county's state, `postal_state` the one in the ZIP's address. The 17 ZCTAs of the island areas without a
    known population count 0.
    """
    zctas = zip_table[zip_table["county_fips"].notna()].rename(
        columns={"zip": "zcta", "state": "postal_state"}
    )
    zctas = zctas.assign(
        state=zctas["county_fips"].str[:2].map(state_letters(zip_table)),
        county_fips=county_of_2016(zctas["county_fips"]),
        population=zctas["population"].astype(float).fillna(0.0),
    )
    return zctas[list(ZCTA_COLUMNS)].sort_values("zcta", ignore_index=True)


def zctas_from_file(path: Path, zip_table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """ZCTAs of a CSV with the columns ZCTA5, Primary County, Latitude, Longitude, Population, Land Area.

    City, CBSA and address state come from the packaged ZIP table. A row that cannot be read is refused; a
    missing column raises InputRefused.
    """
    file = path.name
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        problem = Problem(file, "whole file", "", f"not a readable CSV: {error}", "Deliver it again.")
        raise InputRefused([problem]) from None
    missing = [name for name in _FILE_COLUMNS if name not in table.columns]
    if missing:
        found = ",".join(table.columns)[:200]
        message = f"the column {', '.join(missing)} is missing"
        raise InputRefused([Problem(file, "line 1", found, message, "Name the columns as documented.")])
    table = table[list(_FILE_COLUMNS)].rename(columns=_FILE_COLUMNS)
    problems: list[Problem] = []
    good = pd.Series(True, index=table.index)

    def refuse(bad: pd.Series, column: str, message: str, remedy: str) -> None:
        for line in table.index[bad & good]:
            place = f"line {line + 2}, column {column}"
            problems.append(Problem(file, place, table.at[line, column], message, remedy))
        good[bad] = False

    five = "Write five digits as text, leading zeros included."
    refuse(~table["zcta"].str.fullmatch(r"\d{5}"), "zcta", "this is no ZCTA", five)
    refuse(table["zcta"].duplicated(), "zcta", "the ZCTA is there twice", "Keep one row for each ZCTA.")
    refuse(~table["county_fips"].str.fullmatch(r"\d{5}"), "county_fips", "this is no county FIPS", five)
    numbers = table[list(_MEASURES)].apply(pd.to_numeric, errors="coerce")
    for name, low, high in (
        ("latitude", -90, 90),
        ("longitude", -180, 180),
        ("population", 0, 1e8),
        ("land_area_sq_miles", 0, 1e6),
    ):
        remedy = f"Write a number from {low:g} to {high:g}."
        refuse(~numbers[name].between(low, high), name, "the number is unreadable or out of range", remedy)
    table[list(_MEASURES)] = numbers
    table = table[good]
    names = packaged_zctas(zip_table).set_index("zcta")
    by_county = names.drop_duplicates("county_fips").set_index("county_fips")
    county = county_of_2016(table["county_fips"])
    state = table["county_fips"].str[:2].map(state_letters(zip_table))
    known = names.reindex(table["zcta"])
    zctas = table.assign(
        county_fips=county,
        state=state,
        cbsa_code=by_county["cbsa_code"].reindex(county).to_numpy(),
        county_name=by_county["county_name"].reindex(county).to_numpy(),
        city=known["city"].to_numpy(),
        postal_state=known["postal_state"].where(known["postal_state"].notna(), state.to_numpy()).to_numpy(),
    )
    return zctas[list(ZCTA_COLUMNS)].sort_values("zcta", ignore_index=True), problems
