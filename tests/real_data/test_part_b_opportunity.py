"""Part B opportunity reconciles to the file to the cent: the sums by hand, and the documented command on one company."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from real_commands import run_command

from dagster_project.part_b_file import (
    Volume,
    codes_billed_by_amount,
    codes_of_product,
    file_totals,
    read_volumes,
)
from dagster_project.part_b_opportunity import PROFILES, write_business_files
from dagster_project.plan_part_b import VOLUMES
from pipelines.config.load import load_business_config
from pipelines.data_home import DataHome


def volume(npi: str, zip5: str, code: str, people: str, services: str, average: str) -> Volume:
    return Volume(npi, zip5, code, Decimal(people), Decimal(services), Decimal(average))


def test_a_product_is_summed_by_hand() -> None:
    """Milligrams count their people; cents are rounded per provider and ZIP, payments row by row; a ZIP off the map."""
    rows = [
        volume("P", "04101", "J7325", "21", "1234", "9.837034"),  # 12,138.899956 paid
        volume("P", "04101", "J7321", "11", "20.5", "1"),
        volume("Q", "99999", "J7321", "11", "3", "0.335"),  # 1.005 paid
    ]
    totals = file_totals(rows, {"J7325"}, Decimal("0.33"), {"04101"})
    assert totals.rows == 3
    assert (totals.procedures, totals.located) == (Decimal("44.5"), Decimal("41.5"))
    # 41.5 x 0.33 = 13.695 and 3 x 0.33 = 0.99
    assert (totals.total_usd, totals.located_usd) == (Decimal("14.69"), Decimal("13.70"))
    assert totals.paid_usd == Decimal("12138.90") + Decimal("20.50") + Decimal("1.01")


def test_codes_of_a_year_are_those_listed_and_not_left_out() -> None:
    """A range without one of its codes, a prefix that ended the year before, a code that comes on the last day."""
    day = pd.Timestamp
    entries = pd.DataFrame(
        [
            ("hcpcs", "include", "J7320", "J7329", "range", day("2000-01-01").date(), None),
            ("hcpcs", "exclude", "J7326", None, "exact", day("2012-01-01").date(), None),
            ("hcpcs", "include", "Q9", None, "prefix", day("2000-01-01").date(), day("2011-12-31").date()),
            ("hcpcs", "include", "J3301", None, "exact", day("2012-12-31").date(), None),
            ("icd10cm", "include", "M17", None, "prefix", day("2000-01-01").date(), None),
        ],
        columns=["code_system", "role", "code", "code_to", "match_kind", "effective_from", "effective_to"],
    )
    seen = {"J7321", "J7326", "J7330", "Q9999", "J3301", "M1711"}
    assert codes_of_product(entries, seen, 2012) == {"J7321", "J3301"}


def test_every_profile_says_how_the_file_can_tell_of_its_products(tmp_path: Path) -> None:
    """Diagnosed patients are not told of; a drug for an indication is an upper bound; the files stay valid."""
    notes = {}
    for profile in PROFILES:
        home = DataHome(tmp_path / profile)
        notes[profile] = {
            reading.product_id: (reading.is_told, reading.note)
            for reading in write_business_files(home, profile, "zcta")
        }
        config, problems = load_business_config(home.config)
        assert problems == []
        assert config.text("unit_type") == "zcta"
        assert set(config.sources) == {"medicare_part_b"}
    assert [told for told, _ in notes["diagnostics_company"].values()] == [False, False, True]
    assert [told for told, _ in notes["device_maker"].values()] == [True, True]
    told, note = notes["specialty_therapeutic"]["depot_steroid"]
    assert told
    assert note.endswith(
        "more than its rule asks for: the file does not tell the diagnosis and places of service"
    )


def test_drugs_by_the_milligram_are_amounts() -> None:
    """By the shipped code rules: mg, not injections; a code without a rule is counted as billed."""
    home_rules = load_business_config(Path("pipelines/config/profiles/device_maker"))[0].code_rules
    assert codes_billed_by_amount(home_rules, {"J7325", "J7321", "J3301", "C1776"}) == {"J7325", "J3301"}


@pytest.mark.shared
def test_the_file_is_read_whole(shared_data: Path) -> None:
    assert sum(1 for _ in read_volumes(shared_data / VOLUMES)) == 168_832


@pytest.mark.shared
@pytest.mark.slow
def test_the_command_reconciles_a_company_to_the_cent(shared_data: Path, tmp_path: Path) -> None:
    """Exit code 0 means that no sum differs; what is printed has both sides."""
    home = DataHome(tmp_path / "home")
    told = run_command(
        "dagster_project.part_b_opportunity", home,
        "--data", str(shared_data), "--profile", "specialty_therapeutic", "--unit", "county",
    )  # fmt: skip
    assert "168,832 rows delivered, 168,832 accepted, 0 quarantined" in told
    assert "equal: yes" in told
    assert "equal: NO" not in told
    assert "Every sum is that of the file" in told
