"""Deliveries as they arrive: whole, half-copied, damaged, repeated, amended, interrupted."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hand_made_deliveries import (
    VENDOR,
    VOLUMES,
    Inbox,
    claim,
    csv_bytes,
    make_config,
    parquet_bytes,
    typed_claims,
)

from pipelines.landing import land as land_module
from pipelines.landing import land_file as land_file_module
from pipelines.landing.delivery import find_delivery, identify
from pipelines.landing.explain import explain
from pipelines.landing.land import land_delivery
from pipelines.landing.raw_tables import arrow_schema
from pipelines.landing.receipt import Receipt
from pipelines.problems import InputRefused

GOOD = csv_bytes([claim(), claim(claim_id="C2")])
OTHER = csv_bytes([claim(claim_id="C3", claim_line_start_date="2026-01-28")])


def one_problem(receipt: Receipt) -> str:
    assert len(receipt.problems) == 1, receipt.problems
    return receipt.problems[0].sentence()


# --- manifests -------------------------------------------------------------------------------------------------


def test_a_full_manifest_is_kept_with_the_receipt(inbox: Inbox) -> None:
    """Code sets, dates and files of the manifest are in the receipt, which reads back equal."""
    receipt = inbox.land_one({"medical_claim.csv": GOOD})
    assert receipt.status == "accepted"
    assert receipt.manifest_origin == "delivered"
    assert receipt.code_sets == {"icd10cm": "2026"}
    assert (receipt.service_from, receipt.service_to) == (date(2026, 1, 5), date(2026, 1, 5))
    assert Receipt.from_json(json.loads(json.dumps(receipt.as_json()))) == receipt
    assert inbox.registry.receipt("vendor.2026-01") == receipt


def test_a_delivery_without_a_manifest_gets_one_made(inbox: Inbox) -> None:
    """Source by file name, date by the last date of service, id by source and month; the receipt says so."""
    inbox.deliver("from the ftp server", {"MEDICAL_CLAIM_x.csv": GOOD + OTHER.split(b"\n", 1)[1]})
    (receipt,) = inbox.land_all()
    assert (receipt.manifest_origin, receipt.source) == ("made", "vendor")
    assert (receipt.refresh_id, receipt.known_on) == ("vendor.2026-01", date(2026, 1, 28))
    assert receipt.manifest is not None
    assert receipt.manifest["files"][0]["rows"] == 3
    assert receipt.manifest["service_to"] == "2026-01-28"
    assert any("without a manifest" in sentence for sentence in explain(receipt))
    assert {path.name for path in (inbox.home.deliveries / "from the ftp server").iterdir()} == {
        "MEDICAL_CLAIM_x.csv"
    }


@pytest.mark.parametrize(
    ("file_date", "known_on"),
    [("2026-02-03", date(2026, 2, 3)), ("2026-01-01", date(2026, 1, 31)), ("2026-02-01", date(2026, 2, 1))],
)
def test_a_file_date_tells_when_the_file_was_known(inbox: Inbox, file_date: str, known_on: date) -> None:
    """A day is that day; a first of month with services in the month is the name of the month, known at its end."""
    inbox.deliver("x", {"medical_claim.csv": csv_bytes([claim(file_date=file_date)])})
    (receipt,) = inbox.land_all()
    assert (receipt.known_on, receipt.accepted_rows) == (known_on, 1)


def test_one_mistyped_year_does_not_date_a_delivery(inbox: Inbox) -> None:
    """2108 for 2018 in one line neither moves known_on by ninety years nor gets accepted."""
    rows = [claim(claim_id=f"C{day}", claim_line_start_date=f"2026-01-{day:02d}") for day in range(1, 20)]
    inbox.deliver("x", {"medical_claim.csv": csv_bytes([*rows, claim(claim_line_start_date="2108-01-01")])})
    (receipt,) = inbox.land_all()
    assert (receipt.known_on, receipt.accepted_rows, receipt.quarantined_rows) == (date(2026, 1, 19), 19, 1)


def test_an_ambiguous_source_is_asked_back_unless_the_folder_tells(inbox: Inbox) -> None:
    """Two sources that expect the same names are told apart by the folder's name, or not guessed at all."""
    twin = VENDOR.__class__(**{**VENDOR.__dict__, "source": "vendor_two"})
    inbox.config = make_config(VENDOR, twin)
    inbox.deliver("january", {"medical_claim.csv": GOOD})
    inbox.deliver("vendor_two january", {"medical_claim.csv": OTHER})
    accepted, refused = inbox.land_all()
    assert (accepted.status, accepted.source) == ("accepted", "vendor_two")
    assert refused.status == "refused"
    assert "more than one source (vendor, vendor_two)" in one_problem(refused)


@pytest.mark.parametrize(
    ("manifest", "place", "message"),
    [
        ({"source": "nobody"}, "key source", "not configured"),
        ({"refresh_id": "../../etc"}, "key refresh_id", "letters, digits"),
        ({"refresh_id": "a+2"}, "key refresh_id", "letters, digits"),
        ({"known_on": "5.2.2026"}, "key known_on", "not a date"),
        ({"manifest_version": 9}, "key manifest_version", "unknown version"),
        ({"files": []}, "key files", "no files"),
        ({"files": [{"name": "../x.csv", "sha256": "0" * 64}]}, "key files[0].name", "plain file name"),
        ({"files": [{"name": "medical_claim.csv", "sha256": "abc"}]}, "key files[0].sha256", "SHA-256"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_key(
    inbox: Inbox, manifest: dict[str, object], place: str, message: str
) -> None:
    """The receipt of the refusal names the key; nothing lands."""
    inbox.deliver("x", {"medical_claim.csv": GOOD}, manifest)
    (receipt,) = inbox.land_all()
    assert receipt.status == "refused"
    assert receipt.problems[0].place == place
    assert message in receipt.problems[0].message
    assert inbox.rows("medical_claim") == []
    assert inbox.registry.pending(inbox.config) == []


def test_a_manifest_that_is_no_json_is_refused_with_its_line(inbox: Inbox) -> None:
    """A broken manifest does not stop the look at the inbox, and the next good delivery lands."""
    folder = inbox.deliver("broken", {"medical_claim.csv": GOOD})
    (folder / "manifest.json").write_text('{"source": "vendor",\n oops}')
    inbox.deliver("good", {"medical_claim.csv": OTHER}, {})
    good, broken = inbox.land_all()
    assert (good.status, broken.status) == ("accepted", "refused")
    assert "broken/manifest.json, line 2" in one_problem(broken)


def test_mending_only_the_manifest_is_a_new_try(inbox: Inbox) -> None:
    """A wrong hash in the manifest refuses the file; the right one, same bytes, lands it."""
    entry = {"name": "medical_claim.csv", "sha256": "0" * 64, "rows": None}
    inbox.deliver("x", {"medical_claim.csv": GOOD}, {"files": [entry]})
    (refused,) = inbox.land_all()
    assert refused.status == "refused"
    sentence = one_problem(refused)
    assert hashlib.sha256(GOOD).hexdigest() in sentence
    assert "0" * 64 in sentence
    assert inbox.registry.pending(inbox.config) == []
    inbox.deliver("x", {"medical_claim.csv": GOOD}, {})
    (accepted,) = inbox.land_all()
    assert (accepted.status, accepted.refresh_id) == ("accepted", "vendor.2026-01")


def test_configuring_the_source_is_a_new_try(inbox: Inbox) -> None:
    """A delivery refused for its unknown source lands once the source is configured."""
    inbox.config = make_config(VOLUMES)
    inbox.deliver("x", {"medical_claim.csv": GOOD}, {})
    assert [receipt.status for receipt in inbox.land_all()] == ["refused"]
    assert inbox.land_all() == []
    inbox.config = make_config(VENDOR, VOLUMES)
    assert [receipt.status for receipt in inbox.land_all()] == ["accepted"]


def test_a_wrong_row_count_refuses_the_file(inbox: Inbox) -> None:
    """A file with fewer rows than announced is not whole."""
    entry = {"name": "medical_claim.csv", "sha256": hashlib.sha256(GOOD).hexdigest(), "rows": 3}
    receipt = inbox.land_one({"medical_claim.csv": GOOD}, {"files": [entry]})
    assert "the manifest says 3 rows (found '2 rows')" in one_problem(receipt)


def test_services_outside_of_the_announced_span_are_told(inbox: Inbox) -> None:
    """The rows are accepted, and the receipt says that the manifest is wrong about them."""
    receipt = inbox.land_one(
        {"medical_claim.csv": GOOD}, {"service_from": "2026-01-10", "service_to": "2026-01-31"}
    )
    assert receipt.status == "accepted"
    assert "services lie outside" in one_problem(receipt)


# --- half-copied -----------------------------------------------------------------------------------------------


def test_a_half_copied_delivery_waits_and_is_reported(inbox: Inbox) -> None:
    """An unfinished manifest, a missing listed file and an empty folder are told; once complete, it lands."""
    folder = inbox.deliver("half", {"medical_claim.csv": GOOD}, {})
    content = (folder / "medical_claim.csv").read_bytes()
    (folder / "medical_claim.csv").unlink()
    (inbox.home.deliveries / "empty").mkdir()
    writing = inbox.deliver("writing", {"medical_claim.csv": OTHER})
    (writing / "manifest.json.tmp").write_text("{")
    assert inbox.registry.pending(inbox.config) == []
    assert [problem.file for problem in inbox.registry.unfinished()] == [
        "empty", "half/medical_claim.csv", "writing/manifest.json.tmp",
    ]  # fmt: skip
    (folder / "medical_claim.csv").write_bytes(content)
    (delivery,) = inbox.registry.pending(inbox.config)
    (folder / "medical_claim.csv").rename(folder / "medical_claim.csv.part")
    with pytest.raises(InputRefused, match="waits"):
        land_delivery(inbox.home, delivery, inbox.config, log=inbox.log.append)
    assert inbox.lake_bytes() == {}


def test_a_read_only_inbox_is_fine(inbox: Inbox) -> None:
    """Landing never writes into the inbox, with or without a manifest."""
    folder = inbox.deliver("x", {"medical_claim.csv": GOOD})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    os.chmod(folder, stat.S_IRUSR | stat.S_IXUSR)
    try:
        (receipt,) = inbox.land_all()
    finally:
        os.chmod(folder, stat.S_IRWXU)
    assert receipt.status == "accepted"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# --- damaged files ---------------------------------------------------------------------------------------------


def damaged_files() -> dict[str, tuple[str, bytes, str]]:
    whole = parquet_bytes(typed_claims([claim(claim_id=f"C{i}") for i in range(2000)]))
    half = bytearray(whole)
    half[100:400] = b"\0" * 300
    return {
        "truncated parquet": ("medical_claim.parquet", whole[: len(whole) // 2], "cut short or damaged"),
        "damaged page": ("medical_claim.parquet", bytes(half), "damaged"),
        "no parquet at all": ("medical_claim.parquet", b"PAR1 not really", "cut short or damaged"),
        "truncated gzip": ("medical_claim.csv.gz", gzip.compress(GOOD * 50, mtime=0)[:-20], "cannot be read"),
        "renamed column": ("medical_claim.csv", GOOD.replace(b"rendering_npi", b"rendering_npis"), "rendering_npis"),
        "missing column": ("medical_claim.csv", csv_bytes([claim(hcpcs_code=None)]), "hcpcs_code is missing"),
        "empty file": ("medical_claim.csv", b"", "no header"),
        "utf-16": ("medical_claim.csv", GOOD.decode().encode("utf-16"), "not UTF-8"),
        "wrong dates everywhere": ("medical_claim.csv", csv_bytes([claim(claim_start_date="1/5/26")]), "not a date"),
        "an unexpected name": ("notes.csv", GOOD, "expects no file of this name"),
        "names patients": ("medical_claim.csv", csv_bytes([claim(last_name="Doe")]), "names patients directly"),
        "names patients in parquet": (
            "medical_claim.parquet", parquet_bytes(typed_claims([claim(ssn="123-45-6789")])), "names patients directly",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("kind", damaged_files())
def test_a_damaged_file_costs_itself_and_one_message(inbox: Inbox, kind: str) -> None:
    """The file is refused with one problem that names it; the good file beside it lands; nothing of it is kept."""
    name, content, message = damaged_files()[kind]
    receipt = inbox.land_one({name: content, "medical_claim_good.csv": OTHER})
    assert receipt.status == "accepted"
    assert {file.name: file.status for file in receipt.files} == {
        name: "refused",
        "medical_claim_good.csv": "accepted",
    }
    problem = receipt.problems[0]
    assert len(receipt.problems) == 1
    assert problem.file == name
    assert message in problem.sentence()
    assert problem.place
    assert problem.remedy
    assert "123-45-6789" not in problem.sentence()
    assert "Doe" not in problem.sentence()
    assert [row["claim_id"] for row in inbox.rows("medical_claim")] == ["C3"]
    assert [row["file_name"] for row in inbox.rows("refresh")] == ["medical_claim_good.csv"]


def test_a_delivery_without_any_good_file_is_refused_once(inbox: Inbox) -> None:
    """Nothing lands, the refusal has a receipt, and the next look does not try again."""
    receipt = inbox.land_one({"medical_claim.csv": csv_bytes([claim(claim_id=None)])})
    assert receipt.status == "refused"
    assert inbox.registry.accepted() == []
    assert inbox.registry.refused() == [receipt]
    assert list(inbox.lake_bytes()) == [f"registry/refused/{receipt.delivery_hash}.json"]
    assert inbox.land_all() == []


def test_an_empty_identifier_column_is_no_reason_to_refuse(inbox: Inbox) -> None:
    """Vendors blank identifiers and leave the columns; those files are welcome."""
    receipt = inbox.land_one({"medical_claim.csv": csv_bytes([claim(last_name="", ssn=" ")])})
    assert (receipt.status, receipt.problems, receipt.files[0].unknown_columns) == ("accepted", (), ())


@pytest.mark.parametrize(
    ("column", "value"),
    [("plan", "Gold for 123-45-6789"), ("payer", "ann.lee@example.org"), ("plan", "call (212) 555-0123"),
     ("claim_id", "123-45-6789")],
)  # fmt: skip
def test_identifying_values_in_free_columns_refuse_the_file(inbox: Inbox, column: str, value: str) -> None:
    """A person's number or address in a column that is kept: nothing of the file lands, and the value is not repeated."""
    receipt = inbox.land_one(
        {"medical_claim.csv": csv_bytes([claim(), claim(**{"claim_id": "C2", column: value})])}
    )
    assert receipt.status == "refused"
    assert any("identifies a person" in problem.message for problem in receipt.problems)
    assert all(value not in problem.sentence() for problem in receipt.problems)


def test_bytes_that_are_not_utf8_cost_their_line(inbox: Inbox) -> None:
    """The line goes to quarantine with its number; the file's other lines land with theirs."""
    lines = csv_bytes([claim(claim_id=f"C{i}", plan="Plan") for i in range(5)]).split(b"\n")
    lines[3] = lines[3].replace(b"Plan", b"Pl\xe4n")
    receipt = inbox.land_one({"medical_claim.csv": b"\n".join(lines)})
    assert (receipt.delivered_rows, receipt.accepted_rows, receipt.quarantined_rows) == (5, 4, 1)
    (refused,) = inbox.rows("quarantine")
    assert refused["row_number"] == 4
    assert (refused["column_name"], refused["reason"]) == ("whole line", "bytes that are not UTF-8")
    assert "0xE4" in refused["value"]
    assert [row["row_number"] for row in inbox.rows("medical_claim")] == [2, 3, 5, 6]


def test_lines_with_a_wrong_number_of_fields_cost_themselves(inbox: Inbox) -> None:
    """Too many and too few fields are set aside with what was found; blank lines are nothing."""
    lines = csv_bytes([claim(claim_id=f"C{i}") for i in range(4)]).split(b"\n")
    lines[2] += b",extra"
    lines[3] = b"C2,1"
    receipt = inbox.land_one({"medical_claim.csv": b"\n".join([*lines[:4], b"", *lines[4:]])})
    assert [row["row_number"] for row in inbox.rows("medical_claim")] == [2, 6]
    assert [(row["row_number"], row["reason"]) for row in inbox.rows("quarantine")] == [
        (3, "too many fields"), (4, "too few fields"),
    ]  # fmt: skip
    assert receipt.delivered_rows == 4


@pytest.mark.parametrize("delimiter", [b"|", b"\t", b";"])
def test_other_delimiters_and_forms_are_read(inbox: Inbox, delimiter: bytes) -> None:
    """Pipes, tabs and semicolons, a byte order mark, CRLF and gzip change nothing in the rows."""
    inbox.land_one({"medical_claim.csv": GOOD})
    plain = [{**row, "file_sha256": "", "refresh_id": ""} for row in inbox.rows("medical_claim")]
    other = b"\xef\xbb\xbf" + GOOD.replace(b",", delimiter).replace(b"\n", b"\r\n")
    inbox.land_one({"medical_claim.txt.gz": gzip.compress(other, mtime=0)}, {"refresh_id": "vendor.z"})
    rows = [
        {**row, "file_sha256": "", "refresh_id": ""}
        for row in inbox.rows("medical_claim")
        if row["refresh_id"] == "vendor.z"
    ]
    assert rows == plain


def test_files_not_listed_are_told(inbox: Inbox) -> None:
    """A file beside the manifest that it does not list is not read, and the receipt says so."""
    folder = inbox.deliver("x", {"medical_claim.csv": GOOD}, {})
    (folder / "medical_claim_2.csv").write_bytes(OTHER)
    (receipt,) = inbox.land_all()
    assert [file.name for file in receipt.files] == ["medical_claim.csv"]
    assert "medical_claim_2.csv" in one_problem(receipt)


# --- repeated and amended --------------------------------------------------------------------------------------


def test_the_same_bytes_again_are_a_no_op(inbox: Inbox) -> None:
    """Another folder, another file name, another manifest: the same content is known and nothing is written."""
    first = inbox.land_one({"medical_claim.csv": GOOD, "facility.csv": b"x\n"})
    inbox.deliver("clean", {"medical_claim_b.csv": OTHER}, {"refresh_id": "vendor.2026-02"})
    second = inbox.land_all()[0]
    before = inbox.lake_bytes()
    again = inbox.deliver("again", {"medical_claim_renamed.csv": OTHER}, {"refresh_id": "vendor.2026-03"})
    assert inbox.registry.pending(inbox.config) == []
    receipt = land_delivery(
        inbox.home, identify(find_delivery(again), inbox.config), inbox.config, log=inbox.log.append
    )
    assert (receipt.status, receipt.duplicate_of) == ("duplicate", second.refresh_id)
    assert inbox.lake_bytes() == before
    assert first.status == "accepted"


def test_a_partial_resend_is_a_no_op(inbox: Inbox) -> None:
    """One of two accepted files delivered again alone is nothing new."""
    inbox.land_one({"medical_claim_a.csv": GOOD, "medical_claim_b.csv": OTHER})
    inbox.deliver("part", {"medical_claim_b.csv": OTHER}, {"refresh_id": "vendor.2026-02"})
    assert inbox.registry.pending(inbox.config) == []


def test_an_overlapping_delivery_lands_only_what_is_new(inbox: Inbox) -> None:
    """A file that landed before is not landed twice, or its rows would share their key with themselves."""
    inbox.land_one({"medical_claim_a.csv": GOOD})
    receipt = inbox.land_one(
        {"medical_claim_a.csv": GOOD, "medical_claim_b.csv": OTHER}, {"refresh_id": "vendor.2026-02"}
    )
    assert [file.status for file in receipt.files] == ["duplicate", "accepted"]
    rows = inbox.rows("medical_claim")
    keys = [(row["file_sha256"], row["row_number"]) for row in rows]
    assert len(keys) == len(set(keys)) == 3


def test_the_same_file_twice_in_one_delivery_lands_once(inbox: Inbox) -> None:
    """Two names for the same bytes are one file."""
    receipt = inbox.land_one({"medical_claim_a.csv": GOOD, "medical_claim_b.csv": GOOD})
    assert [file.status for file in receipt.files] == ["accepted", "duplicate"]
    assert len(inbox.rows("medical_claim")) == 2


def test_other_content_under_the_same_refresh_id_is_an_amendment(inbox: Inbox) -> None:
    """It lands beside the first as +2, then +3; both earlier ones stay as they are."""
    inbox.land_one({"medical_claim.csv": GOOD})
    before = inbox.lake_bytes()
    second = inbox.land_one({"medical_claim.csv": OTHER})
    third = inbox.land_one({"medical_claim.csv": csv_bytes([claim(claim_id="C4")])})
    assert [(r.refresh_id, r.amends) for r in (second, third)] == [
        ("vendor.2026-01+2", "vendor.2026-01"), ("vendor.2026-01+3", "vendor.2026-01"),
    ]  # fmt: skip
    assert before.items() <= inbox.lake_bytes().items()
    assert [receipt.refresh_id for receipt in inbox.registry.accepted()] == [
        "vendor.2026-01", "vendor.2026-01+2", "vendor.2026-01+3",
    ]  # fmt: skip


def test_mending_the_bad_file_of_a_landed_delivery_lands_it(inbox: Inbox) -> None:
    """The good file landed at once; when the other is mended in place it follows as an amendment, alone."""
    bad = OTHER.replace(b"claim_id", b"claim_no")
    folder = inbox.deliver("x", {"medical_claim_a.csv": GOOD, "medical_claim_b.csv": bad})
    (first,) = inbox.land_all()
    assert first.has_refused_files
    assert inbox.land_all() == []
    (folder / "medical_claim_b.csv").write_bytes(OTHER)
    (second,) = inbox.land_all()
    assert [file.status for file in second.files] == ["duplicate", "accepted"]
    assert len(inbox.rows("medical_claim")) == 3


def test_shuffled_rows_and_columns_make_the_same_claims(inbox: Inbox) -> None:
    """Order of rows and columns is no content: landing makes the same set of rows, provenance aside."""
    rows = [claim(claim_id=f"C{i}", paid_amount=str(i)) for i in range(20)]
    inbox.land_one({"medical_claim.csv": csv_bytes(rows)})
    inbox.land_one(
        {"medical_claim.csv": csv_bytes(rows[::-1], sorted(rows[0]))}, {"refresh_id": "vendor.shuffled"}
    )
    landed: dict[str, list[str]] = {}
    for row in inbox.rows("medical_claim"):
        refresh = row.pop("refresh_id")
        del row["file_sha256"], row["row_number"]
        landed.setdefault(refresh, []).append(repr(row))
    first, second = landed.values()
    assert sorted(first) == sorted(second)


# --- interrupted -----------------------------------------------------------------------------------------------

FILES = {"medical_claim_a.csv": GOOD, "medical_claim_b.csv": OTHER}


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it and go on."""


@pytest.mark.parametrize("point", ["second file", "shared tables", "move", "receipt"])
def test_a_killed_landing_ends_in_the_same_bytes(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Interrupted at any point and run again, the lake is byte for byte what an uninterrupted landing makes."""
    undisturbed = Inbox(type(inbox.home)(tmp_path / "undisturbed"), inbox.config)
    undisturbed.land_one(FILES)

    # A killed process runs no clean-up, so neither does this one.
    monkeypatch.setattr(land_module.shutil, "rmtree", lambda *_, **__: None)
    kill_at(monkeypatch, point)
    inbox.deliver("delivery-0", FILES, {})
    with pytest.raises(Killed):
        inbox.land_all()
    monkeypatch.undo()
    assert inbox.registry.accepted() == []
    (receipt,) = inbox.land_all()
    assert receipt.status == "accepted"
    assert inbox.lake_bytes() == undisturbed.lake_bytes()
    assert not (inbox.home.lake / "raw" / ".landing").exists()


def kill_at(monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    calls = 0

    def killed(*_: object, **__: object) -> None:
        raise Killed

    def killed_at_second(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed
        return canonicalise(*arguments, **options)  # type: ignore[arg-type]

    canonicalise = land_file_module.canonicalise
    if point == "second file":
        monkeypatch.setattr(land_file_module, "canonicalise", killed_at_second)
    elif point == "receipt":
        monkeypatch.setattr(land_module.RefreshRegistry, "record", killed)
    else:
        name = {"shared tables": "write_shared_tables", "move": "move_into_place"}[point]
        monkeypatch.setattr(land_module, name, killed)


def test_what_a_killed_attempt_left_in_place_is_replaced(inbox: Inbox) -> None:
    """Parquet without a receipt is cleared, also in tables the new attempt does not write."""
    stray = inbox.home.raw_partition("facility", "vendor.2026-01") / "stray.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"left over")
    inbox.land_one({"medical_claim.csv": GOOD})
    assert not stray.parent.exists()


def test_another_token_key_is_refused_before_it_splits_patients(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No receipt is left: with the right key again the same delivery lands."""
    inbox.land_one({"medical_claim.csv": GOOD})
    inbox.deliver("next", {"medical_claim.csv": OTHER}, {"refresh_id": "vendor.2026-02"})
    monkeypatch.setenv("CLAIMLINE_TOKEN_KEY", "another key")
    with pytest.raises(InputRefused, match="two patients of each"):
        inbox.land_all()
    monkeypatch.delenv("CLAIMLINE_TOKEN_KEY")
    assert [receipt.status for receipt in inbox.land_all()] == ["accepted"]


def test_the_receipt_explains_itself(inbox: Inbox) -> None:
    """Sentences name counts, reasons, rows, repairs, the development key and new columns."""
    rows = [
        claim(network_tier="1"),
        claim(network_tier="2", hcpcs_code="X", rendering_npi="1"),
        claim(rendering_npi="1"),
    ]
    receipt = inbox.land_one({"medical_claim.csv": csv_bytes(rows, list(rows[0]))})
    text = "\n".join(explain(receipt))
    for part in (
        "2 of 3 rows accepted, 1 set aside", "impossible HCPCS code (column hcpcs_code, first in row 3)",
        "1 NPIs are not ten digits", "CLAIMLINE_TOKEN_KEY", "network_tier", "from 2026-01-05 to 2026-01-05",
    ):  # fmt: skip
        assert part in text
    assert any("file 1 of 1" in line for line in inbox.log)


def test_parquet_schemas_are_the_contract(inbox: Inbox) -> None:
    """Types on disk are those of the architecture page, also in the empty quarantine file."""
    receipt = inbox.land_one({"medical_claim.csv": GOOD})
    for table in ("medical_claim", "quarantine", "refresh"):
        (path,) = inbox.home.raw_partition(table, receipt.refresh_id).glob("*.parquet")
        on_disk = pq.read_schema(path).remove_metadata()
        expected = arrow_schema(table)
        assert on_disk.names == expected.names
        for field in expected:
            found = on_disk.field(field.name).type
            assert found == field.type or (pa.types.is_list(found) and found.value_type == pa.string())
