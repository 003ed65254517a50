"""Registries as they come: hospitals with a CCN alone, further practices, other names, files dated by their name."""

from __future__ import annotations

from datetime import date

import pytest
from hand_made_deliveries import GOOD_NPI, OTHER_NPI, Inbox, csv_bytes, make_config

from pipelines.config.model import FilePattern, SourceProfile
from pipelines.landing.made_manifest import date_in_name

REGISTRIES = SourceProfile(
    "registries",
    "directory",
    (
        FilePattern("npidata*", "provider", "provider_directory"),
        FilePattern("pl_pfile*", "provider_site", "nppes_practice_locations"),
        FilePattern("othername*", "provider_name", "nppes_other_names"),
        FilePattern("hospital*", "facility", "hospital_general_information"),
    ),
    "none",
    "unknown",
    cadence_days=7,
)
HOSPITAL = {
    "Facility ID": "010001", "Facility Name": "Southeast", "State": "AL", "ZIP Code": "36301",
    "Hospital Type": "Acute Care Hospitals", "Hospital Ownership": "Proprietary",
}  # fmt: skip
PLACE = "Provider Secondary Practice Location Address"
SITE = {
    "NPI": GOOD_NPI, f"{PLACE}- Address Line 1": "1 Main St", f"{PLACE} - City Name": "Pittsfield",
    f"{PLACE} - State Name": "MA", f"{PLACE} - Postal Code": "012345678",
}  # fmt: skip
MAIN = {
    "NPI": GOOD_NPI, "Entity Type Code": "1", "Provider Organization Name (Legal Business Name)": "",
    "Provider First Name": "Ada", "Provider Last Name (Legal Name)": "Lovelace",
    "Healthcare Provider Taxonomy Code_1": "207X00000X", "Healthcare Provider Taxonomy Code_2": "bad",
    "Provider First Line Business Practice Location Address": "1 Main St",
    "Provider Business Practice Location Address City Name": "Pittsfield",
    "Provider Business Practice Location Address State Name": "MA",
    "Provider Business Practice Location Address Postal Code": "1234.0",
    "Provider Business Mailing Address Postal Code": "021010001.0",
    "Provider Enumeration Date": "05/24/2005", "Last Update Date": "11/05/2025",
    "NPI Deactivation Date": "", "NPI Reactivation Date": "",
}  # fmt: skip


@pytest.fixture
def registries(inbox: Inbox) -> Inbox:
    inbox.config = make_config(REGISTRIES)
    return inbox


def test_a_ccn_gets_its_zero_back_or_is_set_aside(registries: Inbox) -> None:
    """10001 is of Alabama where the state says so; of Alaska there is none, and four digits are no CCN."""
    said = [("010001", "AL"), ("10005", "AL"), ("10006", "AK"), ("1007", "AL"), ("01014F", "AL"), ("", "AL")]
    rows = [HOSPITAL | {"Facility ID": number, "State": state} for number, state in said]
    registries.deliver("h", {"hospital_general_information_2026_02.csv": csv_bytes(rows)})
    (receipt,) = registries.land_all()
    assert [row["ccn"] for row in registries.rows("facility")] == ["010001", "010005", "01014F"]
    assert {row["facility_npi"] for row in registries.rows("facility")} == {None}
    assert [(row["value"], row["reason"]) for row in registries.rows("quarantine")] == [
        ("10006", "not a CCN of its state"), ("1007", "not a CCN of its state"), (None, "not a CCN of its state"),
    ]  # fmt: skip
    assert receipt.files[0].repairs == {"ccn_leading_zeros": 1}
    assert receipt.known_on == date(2026, 2, 28)


def test_weekly_files_are_known_at_the_end_of_their_week(registries: Inbox) -> None:
    """The older week comes last and is landed first, so that it never overwrites the newer."""
    for week, name in (("20251110-20251116", "Lovelace-King"), ("20251103-20251109", "Lovelace")):
        row = MAIN | {"Provider Last Name (Legal Name)": name}
        registries.deliver(f"week {week}", {f"npidata_pfile_{week}.csv": csv_bytes([row])})
    receipts = registries.land_all()
    assert [receipt.known_on for receipt in receipts] == [date(2025, 11, 9), date(2025, 11, 16)]
    assert [row["provider_name"] for row in registries.rows("provider")] == [
        "Ada Lovelace",
        "Ada Lovelace-King",
    ]


def test_a_mailing_address_is_never_a_practice(registries: Inbox) -> None:
    """Practice and mailing ZIP are two columns; zeros come back; a practice that is a post office box is marked."""
    boxed = {
        "NPI": OTHER_NPI, "Provider First Line Business Practice Location Address": "P.O. Box 12",
        "Provider Business Practice Location Address Postal Code": "",
    }  # fmt: skip
    registries.deliver("n", {"npidata_20251109.csv": csv_bytes([MAIN, MAIN | boxed])})
    registries.land_all()
    rows = {row["npi"]: row for row in registries.rows("provider")}
    columns = ("practice_zip", "mailing_zip", "is_practice_po_box", "taxonomy_codes", "enumeration_date")
    assert [rows[GOOD_NPI][name] for name in columns] == [
        "01234", "02101", False, ["207X00000X"], date(2005, 5, 24),
    ]  # fmt: skip
    assert [rows[OTHER_NPI][name] for name in columns[:3]] == [None, "02101", True]


def test_further_practices_and_other_names(registries: Inbox) -> None:
    """Each is a row of its own table; an NPI with a wrong check digit is set aside with the reason."""
    names = [
        {
            "NPI": npi,
            "Provider Other Organization Name": name,
            "Provider Other Organization Name Type Code": kind,
        }
        for npi, name, kind in (
            (GOOD_NPI, "Indigo", "3"),
            (GOOD_NPI, "Old Indigo", "4"),
            ("1497758545", "X", "3"),
        )
    ]
    sites = [SITE, SITE | {f"{PLACE}- Address Line 1": "PO Box 9"}, SITE | {"NPI": "1497758545"}]
    registries.deliver(
        "w", {"othername_pfile_20251109.csv": csv_bytes(names), "pl_pfile_20251109.csv": csv_bytes(sites)}
    )
    (receipt,) = registries.land_all()
    assert [(row["other_name"], row["other_name_kind"]) for row in registries.rows("provider_name")] == [
        ("Indigo", "doing_business_as"), ("Old Indigo", "former_legal_name"),
    ]  # fmt: skip
    assert [(row["practice_zip"], row["is_practice_po_box"]) for row in registries.rows("provider_site")] == [
        ("01234", False), ("01234", True),
    ]  # fmt: skip
    assert {row["reason"] for row in registries.rows("quarantine")} == {"not a valid NPI"}
    assert (receipt.known_on, receipt.quarantined_rows) == (date(2025, 11, 9), 2)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("npidata_pfile_20050523-20251109.csv", date(2025, 11, 9)),
        ("hospital_general_information_2026_02.csv", date(2026, 2, 28)),
        ("hospitals_2025-12.csv", date(2025, 12, 31)),
        ("facility_20251399.csv", None),
        ("facility.csv", None),
    ],
)
def test_the_name_of_a_registrys_file_dates_it(name: str, day: date | None) -> None:
    """A period's last day; digits that are no date say nothing."""
    assert date_in_name(name) == day
