"""The real files: everything accounted for, and known facts about them found again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from hand_made_deliveries import Inbox, make_config

from dagster_project.land_real_files import as_table, land_real_files
from pipelines.config.model import FilePattern, SourceProfile
from pipelines.landing.receipt import Receipt
from pipelines.landing.replay_deliveries import split_by_file_date

pytestmark = pytest.mark.shared

TUVA_FILES = (
    FilePattern("medical_claim*.csv", "medical_claim", "tuva"),
    FilePattern("provider*", "provider", "provider_directory"),
    FilePattern("org_test*", "provider", "provider_directory"),
)
INTEGRATION = SourceProfile(
    "tuva_integration", "lines", TUVA_FILES, "tuva", "unknown", {"medicare": "medicare"}
)
DEMO = SourceProfile("tuva_demo", "lines", TUVA_FILES, "tuva_demo", "medicare")
PART_B = SourceProfile(
    "medicare_part_b", "annual", (FilePattern("part_b*", "part_b_volume", "medicare_part_b"),), "none", "medicare",
    constants={"service_year": "2012"},
)  # fmt: skip


@pytest.fixture
def real(inbox: Inbox) -> Inbox:
    inbox.config = make_config(INTEGRATION, DEMO, PART_B)
    return inbox


def land_links(inbox: Inbox, name: str, *files: Path) -> Receipt:
    folder = inbox.home.deliveries / name
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.name).symlink_to(file)
    (receipt,) = inbox.land_all()
    return receipt


def ask(inbox: Inbox, table: str, question: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW t AS SELECT * FROM read_parquet('{inbox.home.lake}/raw/{table}/*/*.parquet')"
        )
        return connection.execute(question).fetchall()


def test_the_older_tuva_file(real: Inbox, shared_data: Path) -> None:
    """6,075 lines, all accounted for; five negative payments kept, codes at full width, 13I read as adjustment."""
    receipt = land_links(real, "tuva_demo 2018", shared_data / "claims/tuva_demo/medical_claim.csv")
    file = receipt.files[0]
    assert (file.delivered_rows, file.accepted_rows + file.quarantined_rows) == (6075, 6075)
    assert file.quarantined_rows == 0
    assert (receipt.source, receipt.known_on, receipt.manifest_origin) == (
        "tuva_demo",
        date(2018, 12, 22),
        "made",
    )
    counts = ask(
        real,
        "medical_claim",
        """SELECT count(*), count(*) FILTER (WHERE paid_amount < 0), round(sum(paid_amount), 2),
            count(DISTINCT patient_token), count(DISTINCT payer_channel),
            count(*) FILTER (WHERE length(place_of_service_code) <> 2 OR length(revenue_center_code) <> 4
                OR length(drg_code) <> 3 OR length(hcpcs_code) <> 5) FROM t""",
    )
    with duckdb.connect() as connection:
        paid = connection.execute(
            f"SELECT round(sum(paid_amount), 2) FROM '{shared_data}/claims/tuva_demo/medical_claim.csv'"
        ).fetchall()[0][0]
    assert counts == [(6075, 5, paid, 87, 1, 0)]
    assert file.repairs == {"bill_type_frequency_letter": 90}
    adjusted = ask(real, "medical_claim", "SELECT count(*) FROM t WHERE claim_frequency_code = '7'")
    assert adjusted == [(90 + 46,)]


def test_medicare_volumes_to_the_last_line(real: Inbox, shared_data: Path) -> None:
    """168,832 lines with every total of the source, the comma in a city's name included."""
    folder = shared_data / "claims/medicare_part_b_2012"
    receipt = land_links(real, "annual", *folder.glob("*.csv.gz"))
    assert (receipt.delivered_rows, receipt.accepted_rows, receipt.quarantined_rows) == (168_832, 168_832, 0)
    assert (receipt.refresh_id, receipt.known_on) == ("medicare_part_b.2012-12", date(2012, 12, 31))
    assert receipt.files[0].repairs == {}
    totals = ask(
        real,
        "part_b_volume",
        "SELECT count(DISTINCT rendering_npi), count(DISTINCT hcpcs_code), count(DISTINCT provider_zip), "
        "max(row_number), bool_and(length(provider_zip) = 5) FROM t",
    )
    assert totals == [(17_915, 2_176, 686, 168_833, True)]
    odd = ask(
        real, "part_b_volume", "SELECT provider_city, provider_zip, services FROM t WHERE row_number = 97539"
    )
    assert odd == [("PITTSFORD,", "05763", 304.0)]


def test_provider_directories(real: Inbox, shared_data: Path) -> None:
    """Both real directories are accounted for: 29 deactivated once, 4 of them active again, mended ZIPs."""
    tuva = shared_data / "claims/tuva_integration/provider_data__provider.csv"
    receipt = land_links(
        real, "tuva_integration directory", tuva, shared_data / "providers/nppes/org_test.csv"
    )
    assert {file.name: (file.accepted_rows, file.quarantined_rows) for file in receipt.files} == {
        "org_test.csv": (1765, 0), "provider_data__provider.csv": (1050, 0),
    }  # fmt: skip
    assert ask(
        real,
        "provider",
        "SELECT count(deactivation_date), count(reactivation_date), "
        "bool_and(length(practice_zip) = 5), count(enumeration_date) FROM t",
    ) == [(29, 4, True, 1765)]
    assert receipt.files[0].repairs == {"reactivated": 4, "zip_leading_zeros": 141}


def test_the_integration_file_replays_as_36_refreshes(real: Inbox, shared_data: Path) -> None:
    """36 refreshes in order, every line once, providers with the first, and nothing left to do."""
    claims = shared_data / "claims/tuva_integration/medical_claim_seed.csv"
    providers = shared_data / "claims/tuva_integration/provider_data__provider.csv"
    folders = split_by_file_date(claims, real.home.deliveries, provider_directory=providers)
    assert len(folders) == 36
    assert (
        b"".join((folder / "medical_claim.csv").read_bytes().split(b"\n", 1)[1] for folder in folders) != b""
    )
    lines = sorted(
        line for folder in folders for line in (folder / "medical_claim.csv").read_bytes().splitlines()[1:]
    )
    assert lines == sorted(claims.read_bytes().splitlines()[1:])
    assert split_by_file_date(claims, real.home.deliveries, provider_directory=providers) == folders

    receipts = real.land_all()
    assert [receipt.refresh_id for receipt in receipts] == [folder.name for folder in folders]
    assert [receipt.refresh_id for receipt in real.registry.accepted()] == [folder.name for folder in folders]
    assert (receipts[0].known_on, receipts[-1].known_on) == (date(2016, 1, 31), date(2018, 12, 31))
    claim_files = [file for receipt in receipts for file in receipt.files if file.entity == "medical_claim"]
    assert sum(file.delivered_rows for file in claim_files) == 2075
    assert sum(file.accepted_rows for file in claim_files) == 2075
    assert [file.entity for file in receipts[0].files] == ["medical_claim", "provider"]
    assert ask(
        real, "refresh", "SELECT sum(delivered_rows), count(DISTINCT refresh_id), count(*) FROM t"
    ) == [(2075 + 1050, 36, 37)]
    assert ask(real, "medical_claim", "SELECT count(DISTINCT patient_token), max(known_on) FROM t") == [
        (10, date(2018, 12, 31))
    ]
    assert real.registry.pending(real.config) == []


def test_every_real_claims_file_is_accounted_for(real: Inbox, shared_data: Path) -> None:
    """Both Tuva vintages, the RIF files and the 837 samples land with every line, or are refused with a reason."""
    landed = land_real_files(shared_data, real.home)
    by_name = {Path(file.path).name: receipt for file, receipt in landed}
    assert len(by_name) == 24
    rows = {
        name: (receipt.files[0].delivered_rows, receipt.accepted_rows, receipt.quarantined_rows)
        for name, receipt in by_name.items()
        if receipt.status == "accepted"
    }
    services = {0: 5, 1: 4, 2: 3, 3: 2, 4: 1, 5: 4, 6: 5, 7: 4, 8: 4, 9: 4, 10: 3}
    assert rows == {
        "medical_claim_seed.csv": (2075, 2075, 0), "medical_claim.csv": (6075, 6075, 0),
        "carrier.csv": (221, 221, 0), "outpatient.csv": (19, 19, 0), "inpatient.csv": (16, 16, 0),
        **{f"sample_837_{i}.txt": (lines, lines, 0) for i, lines in services.items()},
        "org_test.csv": (1765, 1765, 0), "pl_pfile_20251103-20251109.csv": (9528, 9528, 0),
        "othername_pfile_20251103-20251109.csv": (2427, 2427, 0),
        "hospital_general_information_2026_02.csv": (5421, 5421, 0),
        "hospital_general_information_2026_06.csv": (5381, 5381, 0),
    }  # fmt: skip
    refused = {name: r.problems[0] for name, r in by_name.items() if r.status == "refused"}
    assert "it names people instead" in refused["beneficiary_2016.csv"].message
    assert "another number of segments" in refused["sample_837_11.txt"].message
    assert "GE counts other transaction sets" in refused["sample_837_12.txt"].message
    assert all(problem.remedy for problem in refused.values())
    # The documentation shows what the command prints.
    page = (Path(__file__).parents[2] / "docs" / "real_data.md").read_text(encoding="utf-8")
    assert "\n".join(as_table(landed)) in page
    _known_facts(real, shared_data)


def test_hospitals_keep_their_numbers(real: Inbox, shared_data: Path) -> None:
    """830 CCNs lost a zero and have it again: none is of another state, and only 15 are new in the next release."""
    land_real_files(shared_data, real.home)
    hospital = "FROM t WHERE source = 'cms_hospitals'"
    assert ask(
        real,
        "facility",
        f"SELECT count(*), count(DISTINCT ccn), min(length(ccn)), max(length(ccn)) {hospital}",
    ) == [(5421 + 5381, 5421 + 15, 6, 6)]
    first, second = (f"SELECT ccn {hospital} AND month(known_on) = {month}" for month in (2, 6))
    for one, other, changed in ((second, first, 15), (first, second, 55)):
        assert ask(real, "facility", f"SELECT count(*) FROM ({one} EXCEPT {other})") == [(changed,)]
    known = {"AL": "01", "AK": "02", "AZ": "03", "AR": "04", "CT": "07", "DE": "08", "DC": "09"}
    states = ", ".join(f"('{state}', '{code}')" for state, code in known.items())
    wrong = f"{hospital} AND facility_state || left(ccn, 2) NOT IN (SELECT s || c FROM (VALUES {states}) AS k(s, c))"
    listed = ", ".join(f"'{state}'" for state in known)
    assert ask(real, "facility", f"SELECT count(*) {wrong} AND facility_state IN ({listed})") == [(0,)]


def _known_facts(real: Inbox, shared_data: Path) -> None:
    """Totals of charges and units, taken from the files by other means, and nobody with a synthetic NPI."""
    with duckdb.connect() as connection:
        rif = shared_data / "claims/cms_rif/carrier.csv"
        expected = connection.execute(
            "SELECT sum(LINE_SBMTD_CHRG_AMT), sum(LINE_SRVC_CNT), count(DISTINCT CLM_ID), "
            f"min(strptime(LINE_1ST_EXPNS_DT, '%d-%b-%Y'))::DATE FROM read_csv('{rif}', delim = '|')"
        ).fetchall()
    found = ask(
        real,
        "medical_claim",
        "SELECT sum(charge_amount), sum(service_unit_quantity), count(DISTINCT claim_id), min(claim_line_start_date) "
        "FROM t WHERE refresh_id = 'cms_rif.carrier'",
    )
    assert [round(float(str(value)), 2) for value in found[0][:3]] == [
        round(float(v), 2) for v in expected[0][:3]
    ]
    assert found[0][3] == expected[0][3]
    nobody = "SELECT count(rendering_npi) + count(billing_npi) FROM t WHERE source = 'cms_rif'"
    assert ask(real, "medical_claim", nobody) == [(0,)]
    inpatient = (
        "SELECT count(DISTINCT diagnosis_codes[1]), max(len(diagnosis_codes)) FROM t "
        "WHERE refresh_id = 'cms_rif.inpatient'"
    )
    assert ask(real, "medical_claim", inpatient) == [(2, 25)]
    charges = "".join(
        path.read_text() for path in sorted((shared_data / "claims/x12_837").glob("*_[0-9].txt"))
    )
    total = sum(float(segment.split("*")[2]) for segment in charges.split("~") if segment.startswith("SV1*"))
    landed = (
        "SELECT round(sum(charge_amount), 2) FROM t "
        "WHERE source = 'x12_837' AND refresh_id <> 'x12_837.sample_837_10'"
    )
    assert ask(real, "medical_claim", landed) == [(round(total, 2),)]
