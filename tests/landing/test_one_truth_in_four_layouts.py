"""The same claims in four layouts are the same canonical lines, in every column that the counts use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hand_made_deliveries import Inbox, make_config
from one_truth import FLAT_LAYOUT, KNOWN_ON, LAYOUT_SOURCES, files_of, profile, truth, x12_file

from pipelines.config.flat_layouts import read_flat_layouts
from pipelines.data_home import DataHome

# How a claim is named and what its payer decided differ by who delivers it; nothing is counted by these.
NOT_COMPARED = {
    "claim_id", "claim_chain_id", "prior_claim_id", "claim_status", "claim_line_start_date", "claim_line_end_date",
    "paid_date", "paid_amount", "allowed_amount", "plan", "source", "refresh_id", "known_on", "file_sha256", "row_number",
}  # fmt: skip


def acme_layouts(folder: Path) -> Any:
    (folder / "layouts").mkdir(parents=True, exist_ok=True)
    (folder / "layouts" / "acme_flat.yml").write_text(FLAT_LAYOUT)
    layouts, problems = read_flat_layouts(folder)
    assert problems == []
    return layouts


@pytest.fixture
def everyone(data_home: DataHome, tmp_path: Path) -> Inbox:
    config = make_config(*(profile(name, *patterns) for name, patterns in LAYOUT_SOURCES.items()))
    return Inbox(data_home, replace(config, layouts=acme_layouts(tmp_path / "business")))


def land(inbox: Inbox, source: str) -> list[dict[str, Any]]:
    said = {"source": source, "refresh_id": f"{source}.2026-03", "known_on": KNOWN_ON.isoformat()}
    receipt = inbox.land_one(files_of(source), said)
    assert receipt.status == "accepted", receipt.problems
    assert receipt.quarantined_rows == 0
    assert receipt.problems == ()
    assert [(file.unknown_columns, file.repairs) for file in receipt.files] == [((), {})] * len(receipt.files)
    return [row for row in inbox.rows("medical_claim") if row["source"] == source]


def comparable(rows: list[dict[str, Any]]) -> list[str]:
    """Lines as text in a fixed order; the day is the line's, or the claim's where lines have none."""
    lines = []
    for row in rows:
        kept = {name: value for name, value in row.items() if name not in NOT_COMPARED}
        kept["service_date"] = row["claim_line_start_date"] or row["claim_start_date"]
        lines.append(repr(sorted(kept.items())))
    return sorted(lines)


def test_four_layouts_land_the_same_lines(everyone: Inbox) -> None:
    """Tuva, RIF, 837 and the vendor's flat file agree on every line of the truth."""
    lines = sum(len(claim.lines) for claim in truth())
    landed = {source: land(everyone, source) for source in LAYOUT_SOURCES}
    assert {source: len(rows) for source, rows in landed.items()} == dict.fromkeys(LAYOUT_SOURCES, lines)
    expected = comparable(landed["tuva"])
    assert len(truth()) == 24
    for source in ("rif", "x12", "flat"):
        assert comparable(landed[source]) == expected, source
    frequencies = sorted(row["claim_frequency_code"] for row in landed["x12"])
    assert (frequencies.count("7"), frequencies.count("8")) == (2, 2)


def test_versions_of_a_claim_share_its_chain_in_every_layout(everyone: Inbox) -> None:
    """The replacement and the void of a claim have its id; in an 837 it is scoped by who bills, and REF*F8 is kept."""
    for source in LAYOUT_SOURCES:
        rows = land(everyone, source)
        chains: dict[str, set[str]] = {}
        for row in rows:
            chains.setdefault(row["claim_chain_id"].rpartition(":")[2], set()).add(
                row["claim_frequency_code"]
            )
        assert (chains["P00"], chains["P01"], chains["O00"]) == ({"1", "7"}, {"1", "8"}, {"1", "7"}), source
        assert len({row["claim_chain_id"] for row in rows}) == 21
    prior = {row["prior_claim_id"] for row in everyone.rows("medical_claim") if row["source"] == "x12"}
    named = {text.rpartition(":")[2] for text in prior if text}
    assert named == {"PAYER-O00", "PAYER-P00", "PAYER-P01"}


def test_names_in_an_837_never_leave_the_parser(everyone: Inbox) -> None:
    """No name, street, birth date or member id of the interchange is in any file of the lake."""
    land(everyone, "x12")
    secrets = (b"SECRETNAME", b"HIDDEN", b"19440229", b"OTHERNAME", b"NOBODY", b"JANE")
    written = [path.read_bytes() for path in everyone.home.lake.rglob("*") if path.is_file()]
    assert written
    assert not [secret for secret in secrets for content in written if secret in content]
    assert b"SECRETNAME" in x12_file()["claims.837"]
