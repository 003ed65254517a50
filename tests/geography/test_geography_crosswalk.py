"""ZIP → ZCTA → county → CBSA → state: every ZIP is a row, and each says how it got its place."""

from __future__ import annotations

import pandas as pd
import pytest

from pipelines.geography.build import Geography
from pipelines.geography.crosswalk import zip_crosswalk
from pipelines.geography.places import ZCTA_COLUMNS
from pipelines.geography.zip_table import embedded_zip_table, located_zips


def kinds(geography: Geography) -> dict[str, int]:
    return geography.zip_crosswalk["match_kind"].value_counts().to_dict()


def test_every_zip_is_one_row(counties: Geography) -> None:
    """33,791 exact, the PO boxes hosted, the rest unlocated; the sum is the whole ZIP table."""
    assert kinds(counties) == {"exact": 33_791, "host": 7_403, "unlocated": 800}
    assert counties.zip_crosswalk["zip"].is_unique
    assert list(counties.zip_crosswalk["zip"]) == list(embedded_zip_table()["zip"])


def test_leading_zeros_are_kept(counties: Geography) -> None:
    """ZIPs, ZCTAs and counties are five characters of text, also in Massachusetts and Puerto Rico."""
    rows = counties.zip_crosswalk.set_index("zip")
    assert rows.loc["01238", ["zcta", "county_fips", "state", "unit_id"]].to_list() == [
        "01238",
        "25003",
        "MA",
        "25003",
    ]
    for column in ("zcta", "county_fips"):
        assert rows[column].dropna().str.fullmatch(r"\d{5}").all()


def test_a_po_box_is_hosted_in_its_own_county(counties: Geography) -> None:
    """PO-box ZIPs of Flint, Parkersburg and Pismo Beach are in Genesee, Wood and San Luis Obispo."""
    rows = counties.zip_crosswalk.set_index("zip")
    boxes = rows.loc[["48550", "26102", "93448"]]
    assert set(boxes["match_kind"]) == {"host"}
    assert list(boxes["unit_id"]) == ["26049", "54107", "06079"]


def test_hosts_are_near_and_in_the_same_state(counties: Geography) -> None:
    """Half of the hosts are within two miles, none is beyond fifty, and the postal state never changes."""
    rows = counties.zip_crosswalk
    hosts = rows[rows["match_kind"] == "host"]
    assert hosts["miles_to_host"].median() < 2
    assert hosts["miles_to_host"].max() < 50
    postal = embedded_zip_table().set_index("zip")["state"]
    assert (postal[hosts["zip"]].to_numpy() == postal[hosts["zcta"]].to_numpy()).all()


def test_a_wrong_county_name_does_not_move_a_zip_across_the_state(counties: Geography) -> None:
    """33112 lies in Miami, whatever county the table names beside it; Wake Island is not in Hawaii."""
    rows = counties.zip_crosswalk.set_index("zip")
    assert rows.loc["33112", "unit_id"] == "12086"
    assert rows.loc["96898", "match_kind"] == "unlocated"


def test_military_and_placeless_zips_are_unlocated(counties: Geography) -> None:
    """They have no ZCTA, no miles and the unit `unlocated`, and no ZIP with a place is among them."""
    rows = counties.zip_crosswalk
    lost = rows[rows["match_kind"] == "unlocated"]
    assert set(lost["unit_id"]) == {"unlocated"}
    assert lost[["zcta", "county_fips", "miles_to_host"]].isna().all().all()
    military = set(embedded_zip_table().query("zip_type == 'Military'")["zip"])
    assert military <= set(lost["zip"])
    assert set(lost["zip"]) & located_zips() == {"96898", "96960", "96970"}  # Wake, Marshall Islands


def test_zips_outside_the_planned_states_stay_rows(packaged_zctas: Geography) -> None:
    """Outside rows keep their place but have no unit; what is inside reconciles with the units."""
    found = kinds(packaged_zctas)
    assert sum(found.values()) == 41_994
    assert found["exact"] == len(packaged_zctas.unit)
    assert found["exact"] + found["host"] + found["outside"] == 33_791 + 7_403
    rows = packaged_zctas.zip_crosswalk
    outside = rows[rows["match_kind"] == "outside"]
    assert set(outside["unit_id"]) == {"unlocated"}
    assert outside[["zcta", "county_fips", "state"]].notna().all().all()
    inside = rows[rows["unit_id"] != "unlocated"]
    assert set(inside["unit_id"]) == set(packaged_zctas.unit["unit_id"])
    assert set(inside["state"]) == {"ME", "NH", "VT", "WV"}


def test_units_and_crosswalk_agree_on_county_and_cbsa(counties: Geography) -> None:
    """A located ZIP has the county, CBSA and state of its unit."""
    rows = counties.zip_crosswalk
    joined = rows[rows["unit_id"] != "unlocated"].merge(
        counties.unit, on="unit_id", suffixes=("", "_of_unit")
    )
    for column in ("county_fips", "cbsa_code", "state"):
        assert (joined[column].fillna("") == joined[f"{column}_of_unit"].fillna("")).all(), column


@pytest.fixture
def tiny() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two ZCTAs in two counties of one state, and three other ZIPs."""
    zctas = pd.DataFrame(
        [
            ("10001", "A", "Ash County", "01001", None, "XX", "XX", 40.0, -75.0, 10.0, 1.0),
            ("10002", "B", "Birch County", "01003", None, "XX", "XX", 40.2, -75.0, 10.0, 1.0),
        ],
        columns=list(ZCTA_COLUMNS),
    )
    zips = pd.DataFrame(
        [
            ("10001", "XX", "Ash County", 40.0, -75.0, "Standard"),
            ("10009", "XX", "Birch", 40.05, -75.0, "PO_Box"),
            ("20009", "XX", None, 40.05, -75.0, "PO_Box"),
            ("30009", "YY", None, 40.05, -75.0, "PO_Box"),
        ],
        columns=["zip", "state", "county_name", "latitude", "longitude", "zip_type"],
    )
    return zips, zctas


def test_the_county_comes_before_the_distance(tiny) -> None:
    """10009 is nearer to Ash but said to be in Birch; 20009 has no county and takes the nearest."""
    zips, zctas = tiny
    units = pd.Series({"10001": "01001", "10002": "01003"})
    rows = zip_crosswalk(zips, zctas, units, "test").set_index("zip")
    assert rows["zcta"].where(rows["zcta"].notna(), None).to_dict() == {
        "10001": "10001",
        "10002": "10002",  # a ZCTA that the ZIP table does not know is a row too
        "10009": "10002",
        "20009": "10001",
        "30009": None,  # its state has no ZCTA
    }
    assert rows.loc["20009", "miles_to_host"] == pytest.approx(3.45, abs=0.01)
    assert rows.loc["30009", "state"] == "YY"
