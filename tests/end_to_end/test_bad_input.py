"""Bad input beside good: each fault is named once with file, place, value and remedy, and the loop goes on with the rest.

One home with all faults at once. The good delivery has a line that is not UTF-8 and sites at a ZIP that does not exist;
three more deliveries are unusable; one access rule speaks of a product nobody sells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from small_market import (
    REFRESHES,
    LoopProcess,
    Market,
    deliver,
    manifest,
    seal,
    small_spec,
    warehouse,
    write_business_files,
)

from pipelines.atomic_files import read_json
from pipelines.config.load import load_business_config
from pipelines.data_home import DataHome
from pipelines.landing.explain import explain
from pipelines.landing.receipt import Receipt
from pipelines.landing.registry import RefreshRegistry
from pipelines.market_simulator import write_refreshes
from pipelines.problems import Problem

NO_SUCH_ZIP = "00001"
SPOILED_LINE = 41
"""A line of the claim file, the header being line 1."""


@dataclass(frozen=True)
class Spoiled:
    """A home after a loop over bad input: what it printed, its exit code, and the services at the lost site."""

    home: DataHome
    said: str
    exit_code: int
    services_without_place: int

    def refused(self, delivery: str) -> Receipt:
        """The one receipt of a refused delivery."""
        (receipt,) = [found for found in RefreshRegistry(self.home).refused() if found.delivery == delivery]
        return receipt


def busiest_site(truth: Path) -> tuple[str, int]:
    """The site with most services of products, and how many services of any kind stand there."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select site_npi, count(*) from read_parquet(?) where not is_final_void"
            " group by 1 order by count(product_id) desc, 1 limit 1",
            [str(truth / "services.parquet")],
        ).fetchall()
    return rows[0][0], rows[0][1]


def lose_place(file: Path, npi: str, zip_column: int) -> None:
    """Write a ZIP that does not exist into the rows of `npi`."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(f'"{npi}"'):
            cells = line.split(",")
            cells[zip_column] = f'"{NO_SUCH_ZIP}"'
            lines[number] = ",".join(cells)
    file.write_text("".join(lines), encoding="utf-8")


def spoil_line(claims: Path) -> None:
    """A Latin-1 letter in the payer of one line."""
    lines = claims.read_bytes().split(b"\n")
    cells = lines[SPOILED_LINE - 1].split(b",")
    cells[5] = b'"Mutuelle S\xe9curit\xe9"'
    lines[SPOILED_LINE - 1] = b",".join(cells)
    claims.write_bytes(b"\n".join(lines))


@pytest.fixture(scope="module")
def spoiled(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Spoiled:
    folder = tmp_path_factory.mktemp("spoiled")
    home = DataHome(folder / "home")
    write_business_files(home)
    with (home.config / "access_rules.csv").open("a", encoding="utf-8") as rules:
        rules.write(
            "AR900,health_system,HS0001,hip_anchor,locked,,A rule of another company,2025-01-01,,nobody\n"
        )

    write_refreshes(small_spec(file_format="csv"), home.deliveries, folder / "truth", count=1)
    good = home.deliveries / REFRESHES[0]
    site, services = busiest_site(folder / "truth")
    lose_place(good / "facility.csv", site, zip_column=3)
    lose_place(good / "provider_directory.csv", site, zip_column=9)
    spoil_line(good / "medical_claim.csv")
    seal(good)

    cut = deliver(market.delivery(REFRESHES[1]), home, name="cut_short")
    content = (cut / "medical_claim.parquet").read_bytes()
    (cut / "medical_claim.parquet").write_bytes(content[: len(content) * 2 // 3])
    seal(cut, refresh_id="simulated_market.cut_short")

    renamed = deliver(market.delivery(REFRESHES[1]), home, name="renamed_column")
    table = pq.read_table(renamed / "medical_claim.parquet")
    names = ["procedure" if name == "hcpcs_code" else name for name in table.column_names]
    pa_csv.write_csv(table.rename_columns(names), renamed / "medical_claim.csv")
    (renamed / "medical_claim.parquet").unlink()
    (entry,) = read_json(renamed / "manifest.json")["files"]
    seal(
        renamed, refresh_id="simulated_market.renamed_column", files=[{**entry, "name": "medical_claim.csv"}]
    )

    changed = deliver(market.delivery(REFRESHES[1]), home, name="changed_on_the_way")
    seal(changed, refresh_id="simulated_market.changed_on_the_way")
    listed = (changed / "manifest.json").read_text(encoding="utf-8")
    sha = json.loads(listed)["files"][0]["sha256"]
    (changed / "manifest.json").write_text(listed.replace(sha, sha[::-1]), encoding="utf-8")

    process = LoopProcess(home)
    code = process.finish()
    return Spoiled(home, process.text, code, services)


def assert_clear(problem: Problem, *, file: str, message: str) -> None:
    """All four parts of a problem are there, and it speaks of the right thing."""
    assert problem.file == file
    assert problem.place
    assert message in problem.message.lower()
    assert problem.remedy.endswith(".")


@pytest.mark.parametrize(
    ("delivery", "file", "message", "told"),
    [
        ("cut_short", "medical_claim.parquet", "cut short", ""),
        ("renamed_column", "medical_claim.csv", "column hcpcs_code is missing", "hcpcs_code"),
        ("changed_on_the_way", "medical_claim.parquet", "sha-256", "the bytes have another"),
    ],
)
def test_unusable_delivery_is_refused_with_one_message(
    spoiled: Spoiled, delivery: str, file: str, message: str, told: str
) -> None:
    """One problem in the receipt of the refusal, the same sentence once in what the loop prints, nothing in raw."""
    receipt = spoiled.refused(delivery)
    (problem,) = receipt.problems
    assert_clear(problem, file=file, message=message)
    assert told in problem.sentence()
    assert spoiled.said.count(problem.sentence()) == 1
    assert not spoiled.home.raw_partition("medical_claim", f"simulated_market.{delivery}").exists()


def test_line_that_is_not_utf8_is_set_aside(spoiled: Spoiled) -> None:
    """The line goes to quarantine with its place and a remedy; every other line of the file is accepted."""
    receipt = RefreshRegistry(spoiled.home).receipt(REFRESHES[0])
    assert receipt is not None
    assert receipt.quarantined_rows == 1
    assert receipt.accepted_rows + 1 == receipt.delivered_rows
    quarantine = pq.read_table(spoiled.home.raw_partition("quarantine", REFRESHES[0])).to_pylist()
    (row,) = quarantine
    assert row["file_name"] == "medical_claim.csv"
    assert row["row_number"] == SPOILED_LINE
    assert "utf-8" in row["reason"].lower()
    assert "0xE9" in row["value"]
    assert row["remedy"]
    sentences = [sentence for sentence in explain(receipt) if row["reason"] in sentence]
    assert len(sentences) == 1
    assert f"first in row {SPOILED_LINE}" in sentences[0]
    assert spoiled.said.count(sentences[0]) == 1


def test_zip_that_does_not_exist_is_unlocated_and_reconciles(spoiled: Spoiled) -> None:
    """Services at the site are counted under 'unlocated': exactly those, and none of any site is lost."""
    totals = warehouse(
        spoiled.home,
        "select sum(services) as services, sum(services_located) as located, sum(services_unlocated) as unlocated"
        " from opportunity.fct_refresh_reconciliation",
    ).iloc[0]
    assert totals["located"] + totals["unlocated"] == totals["services"]
    assert abs(totals["unlocated"] - spoiled.services_without_place) <= 1  # the line in quarantine may be one
    assert totals["unlocated"] > 0
    unlocated = warehouse(
        spoiled.home,
        "select sum(total_usd) as usd from opportunity.fct_geography_opportunity where unit_id = 'unlocated'",
    )
    assert unlocated["usd"].iloc[0] > 0


def test_unknown_product_in_an_access_rule_is_named_once(spoiled: Spoiled) -> None:
    """The rule is refused with its line and the product it names; the other rules hold; the loop says so."""
    config, problems = load_business_config(spoiled.home.config)
    (problem,) = problems
    assert_clear(problem, file="access_rules.csv", message="product is not known")
    assert problem.value == "hip_anchor"
    assert "line 8" in problem.place
    assert "AR900" not in set(config.access_rules["rule_id"])
    assert len(config.access_rules) == 6
    assert spoiled.said.count(problem.sentence()) == 1


def test_loop_goes_on_with_what_is_good(spoiled: Spoiled) -> None:
    """The good delivery is planned and published, refused ones are not tried twice, and the exit code tells."""
    assert spoiled.exit_code == 1
    assert [receipt.refresh_id for receipt in RefreshRegistry(spoiled.home).accepted()] == [REFRESHES[0]]
    assert len(RefreshRegistry(spoiled.home).refused()) == 3
    published = manifest(spoiled.home)
    assert published["as_of_refresh"] == REFRESHES[0]
    assert published["decision"] == "initial"
    assert "Nothing is due" in spoiled.said.splitlines()[-4]
