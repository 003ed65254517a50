"""837 files: what is read, what is set aside, what is refused, and that no line is lost."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hand_made_deliveries import Inbox, csv_bytes, make_config
from hypothesis import given, settings
from hypothesis import strategies as st
from one_truth import GROUP, SURGEON_A, SURGEON_B, profile, truth, x12_file

from pipelines.landing.receipt import Receipt
from pipelines.landing.x12.claim_rows import claim_batches
from pipelines.problems import InputRefused

FILE = x12_file()["claims.837"].decode()
LINES = sum(len(claim.lines) for claim in truth())


@pytest.fixture
def clearinghouse(inbox: Inbox) -> Inbox:
    inbox.config = make_config(profile("x12", ("*.837", "x12_837"), ("*.csv", "x12_837")))
    return inbox


def land(
    inbox: Inbox, content: str | bytes, name: str = "claims.837"
) -> tuple[Receipt, list[dict[str, Any]]]:
    raw = content if isinstance(content, bytes) else content.encode()
    receipt = inbox.land_one({name: raw}, {"source": "x12", "known_on": "2026-03-31"})
    return receipt, inbox.rows("medical_claim")


def one_set(*changes: tuple[str, str], counted: bool = True) -> str:
    """The first claim of the truth alone, with texts replaced; `counted` mends the SE count after it."""
    text = x12_file(truth()[:1])["claims.837"].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    if counted:
        inside = text[text.index("ST*") : text.index("SE*")]
        start, rest = text.split("SE*", 1)
        text = f"{start}SE*{inside.count('~') + 1}*{rest.split('*', 1)[1]}"
    return text


def test_every_line_of_a_professional_claim_is_where_it_belongs(clearinghouse: Inbox) -> None:
    """Amounts, units, modifiers, pointers, dates and people of the first claim, and nobody of the other payer's loop."""
    _, (row,) = land(clearinghouse, one_set())
    assert (row["hcpcs_code"], row["service_unit_quantity"], row["charge_amount"]) == ("J7325", 1.0, 200.5)
    assert (row["claim_start_date"], row["claim_line_start_date"]) == (date(2026, 1, 5), date(2026, 1, 5))
    assert (row["rendering_npi"], row["billing_npi"], row["facility_npi"]) == (SURGEON_A, GROUP, None)
    assert (row["diagnosis_codes"], row["diagnosis_pointers"]) == (["M1711", "E119"], [1])
    assert (row["claim_id"], row["claim_frequency_code"], row["payer_channel"]) == (
        f"{GROUP}:P00",
        "1",
        "medicare",
    )
    assert (row["claim_status"], row["paid_date"], row["allowed_amount"]) == ("unknown", None, None)


def test_a_line_overrides_its_claim(clearinghouse: Inbox) -> None:
    """The line's own renderer, service facility and place count; those of the claim hold where it says nothing."""
    own = f"DTP*472*D8*20260105~\nNM1*82*1*B*B****XX*{SURGEON_B}~\nNM1*77*2*SITE*****XX*1000000046"
    _, (row,) = land(clearinghouse, one_set(("DTP*472*D8*20260105", own), ("*UN*1***1", "*UN*1*24**1")))
    assert (row["rendering_npi"], row["facility_npi"], row["place_of_service_code"]) == (
        SURGEON_B,
        "1000000046",
        "24",
    )


def test_minutes_are_not_units_and_other_codes_are_not_hcpcs(clearinghouse: Inbox) -> None:
    """Anaesthesia minutes are one service; a HIPPS code is left out and counted."""
    receipt, (row,) = land(clearinghouse, one_set(("*UN*1***1", "*MJ*75***1"), ("SV1*HC:", "SV1*HP:")))
    assert (row["service_unit_quantity"], row["hcpcs_code"]) == (1.0, None)
    assert receipt.files[0].repairs == {"units_of_time": 1, "procedure_qualifier": 1}


def test_dependents_are_people_of_their_own(clearinghouse: Inbox) -> None:
    """Two children of one subscriber are two patients, the same at every delivery, and the subscriber is a third."""

    def child(name: str, birth: str) -> str:
        return one_set(
            ("HL*2*1*22*0", "HL*2*1*22*1"),
            ("CLM*P00", f"HL*3*2*23*0~\nPAT*19~\nNM1*QC*1*SECRETNAME*{name}~\nDMG*D8*{birth}*F~\nCLM*P00"),
        )

    texts = [one_set(), child("ANN", "20100101"), child("BEA", "20120101"), child("ANN", "20100101") + "\n"]
    rows: list[dict[str, Any]] = []
    for place, text in enumerate(texts):
        said = {"source": "x12", "known_on": "2026-03-31", "refresh_id": f"x12.{place}"}
        clearinghouse.land_one({f"{place}.837": text.encode()}, said)
    rows = sorted(clearinghouse.rows("medical_claim"), key=lambda row: str(row["refresh_id"]))
    tokens = [row["patient_token"] for row in rows]
    assert len(set(tokens)) == 3
    assert tokens[1] == tokens[3]


# Broken inside one transaction set: what is changed, and the reason its line is set aside for.
SET_ASIDE = [
    (("SV1*HC", "SVX*HC"), "the service line has no SV1 or SV2"),
    (("LX*1~\n", ""), None),  # a line without LX is numbered in order
    (("LX*1", "LX*A"), "not a whole number"),
    (("*200.5*UN", "*2OO.5*UN"), "not a number"),
    (("472*D8*20260105", "472*D8*20260199"), "not a date"),
    (("MI*M0", "MI*"), "no patient identifier"),
    (("CLM*P00*", "CLM**"), "no claim_id"),
]


@pytest.mark.parametrize(("change", "reason"), SET_ASIDE)
def test_a_bad_line_is_set_aside_and_the_rest_goes_on(
    clearinghouse: Inbox, change: tuple[str, str], reason: str | None
) -> None:
    """The changed claim's line is in quarantine with its reason, the other claim's line is accepted."""
    bad = one_set(change)
    good = one_set(("CLM*P00", "CLM*P99"), ("ST*837*0001", "ST*837*0002"))
    good = good.replace("*0001~", "*0002~").replace("\nSE*", "\nSE*")
    sets = bad[bad.index("ST*") : bad.index("GE*")] + good[good.index("ST*") : good.index("GE*")]
    text = bad[: bad.index("ST*")] + sets + "GE*2*7~\nIEA*1*000000001~\n"
    receipt, rows = land(clearinghouse, text)
    assert receipt.delivered_rows == 2
    assert receipt.accepted_rows == len(rows) == (2 if reason is None else 1)
    assert [count.reason for count in receipt.files[0].quarantine] == ([reason] if reason else [])
    assert f"{GROUP}:P99" in {row["claim_id"] for row in rows}


def test_a_claim_without_lines_is_one_row_set_aside(clearinghouse: Inbox) -> None:
    """Nothing of the file is usable, so the file is refused and says where to look."""
    text = one_set(("LX*1~\nSV1*HC:J7325*200.5*UN*1***1~\nDTP*472*D8*20260105~\n", ""))
    receipt, rows = land(clearinghouse, text)
    assert (receipt.status, rows) == ("refused", [])
    assert "the claim has no service line" in receipt.problems[0].message


def test_a_wrong_segment_count_sets_its_transaction_set_aside(clearinghouse: Inbox) -> None:
    """As an acknowledgement would: the set is rejected, the sets beside it are not."""
    text = FILE.replace("DMG*D8*19440229*F~\n", "", 1)
    receipt, rows = land(clearinghouse, text)
    assert (receipt.delivered_rows, receipt.quarantined_rows) == (LINES, 1)
    assert len(rows) == LINES - 1
    (count,) = receipt.files[0].quarantine
    assert (count.reason, count.remedy.split(":")[0]) == (
        "the transaction set has another number of segments than its SE says",
        "Have the transaction set made and sent anew",
    )
    (refused,) = clearinghouse.rows("quarantine")
    assert refused["value"] == "SE says 27, there are 26"


# Broken envelopes: what is changed, where the refusal points, and a word of it.
BROKEN = [
    (("*P*:~", "*P*A~"), "segment 1", "cannot be told apart"),
    (("GS*HC", "GS*HP"), "segment 2", "no health care claims"),
    (("ST*837*", "ST*835*"), "segment 3", "neither a professional nor"),
    (("005010X222A1~\nBHT", "005010X224A2~\nBHT"), "segment 3", "neither a professional nor"),
    (("GE*1*7", "GE*2*7"), "segment 30", "counts other transaction sets"),
    (("GE*1*7", "GE*1*8"), "segment 30", "control number"),
    (("IEA*1*000000001", "IEA*1*000000002"), "segment 31", "control number"),
    (("IEA*1*000000001~\n", ""), "segment 30", "ends before its IEA"),
    (("IEA*1*000000001~\n", "IEA*1*00"), "segment 31", "inside a segment"),
    (("GE*1*7~\n", ""), "segment 30", "does not belong here"),
    (("SE*27", "SX*27"), "segment 30", "has no SE"),
]


@pytest.mark.parametrize(("change", "place", "word"), BROKEN)
def test_a_broken_envelope_refuses_the_file(change: tuple[str, str], place: str, word: str) -> None:
    """The segment's number, what is wrong and what to do."""
    content = one_set(change, counted=False).encode()
    with pytest.raises(InputRefused) as refused:
        list(claim_batches(io.BytesIO(content), "claims.837"))
    (problem,) = refused.value.problems
    assert (problem.file, problem.place) == ("claims.837", place), problem.sentence()
    assert word in problem.message
    assert problem.remedy


def test_nothing_is_kept_of_a_refused_interchange(clearinghouse: Inbox) -> None:
    """What was read before the wrong trailer is thrown away; a file that does not begin with ISA is no interchange."""
    receipt, rows = land(clearinghouse, one_set(("GE*1*7", "GE*2*7"), counted=False))
    assert (receipt.status, rows, receipt.problems[0].place) == ("refused", [], "segment 30")
    said = {"source": "x12", "refresh_id": "x12.2"}
    receipt = clearinghouse.land_one({"next.837": one_set().replace("ISA*00", "ISB*00").encode()}, said)
    assert "for X12 interchanges" in receipt.problems[0].message


def test_a_table_is_no_interchange_and_the_reverse(clearinghouse: Inbox) -> None:
    """Form and layout must fit, whatever the file is called."""
    receipt, _ = land(clearinghouse, csv_bytes([{"claim_id": "1"}]), "claims.csv")
    assert "for X12 interchanges" in receipt.problems[0].message
    clearinghouse.config = make_config(profile("x12", ("*", "tuva")))
    clearinghouse.deliver("other", {"claims.837": FILE.encode()}, {"source": "x12", "refresh_id": "x12.2"})
    messages = [receipt.problems[0].message for receipt in clearinghouse.land_all()]
    assert any("layout tuva is for tables" in message for message in messages)


@pytest.mark.parametrize("ending", ["~", "~\r\n", "\n", "'"])
def test_delimiters_and_line_ends_are_the_senders(clearinghouse: Inbox, ending: str) -> None:
    """Other delimiters, several interchanges in one file, and any line ends give the same rows."""
    first, second = FILE, FILE.replace("*", "|").replace(":", ">").replace("CLM|P", "CLM|Q")
    text = (first + second).replace("~\n", ending)
    receipt, rows = land(clearinghouse, text)
    assert (receipt.delivered_rows, receipt.accepted_rows) == (2 * LINES, 2 * LINES)
    assert len({row["row_number"] for row in rows}) == 2 * LINES


def accounted(content: bytes) -> int | str:
    """Rows and bad rows of a file, or the words of its refusal."""
    try:
        batches = list(claim_batches(io.BytesIO(content), "x.837"))
    except InputRefused as refusal:
        return refusal.problems[0].message
    return sum(len(batch.row_numbers) + len(batch.bad_rows) for batch in batches)


SEGMENTS = x12_file(truth()[:4])["claims.837"].decode().split("~\n")


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_no_service_line_is_ever_lost(data: st.DataObject) -> None:
    """Whatever segments vanish, repeat or change places: every SV1 and SV2 is counted, or the file is refused."""
    segments = list(SEGMENTS)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(1, len(segments) - 2))
        what = data.draw(st.sampled_from(["drop", "repeat", "swap", "cut"]))
        if what == "drop":
            del segments[place]
        elif what == "repeat":
            segments.insert(place, segments[place])
        elif what == "swap":
            other = data.draw(st.integers(1, len(segments) - 2))
            segments[place], segments[other] = segments[other], segments[place]
        else:
            segments[place] = segments[place][: data.draw(st.integers(1, 12))]
    services = sum(segment.startswith(("SV1", "SV2")) for segment in segments)
    counted = accounted("~\n".join(segments).encode())
    assert isinstance(counted, str) or counted >= services


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_garbage_is_refused_with_words(tail: bytes) -> None:
    """Bytes after an interchange, or instead of one, give a refusal and never another error."""
    for content in (FILE.encode() + tail, FILE[:500].encode() + tail, b"ISA*" + tail):
        assert isinstance(accounted(content), str | int)


def test_large_files_stream_in_batches(tmp_path: Path) -> None:
    """Blocks cut segments anywhere; rows and numbers do not depend on it."""
    claims = [replace(claim, claim_id=f"{claim.claim_id}-{i}") for i in range(250) for claim in truth()[:12]]
    content = x12_file(claims)["claims.837"]
    assert len(content) > 1 << 20
    assert accounted(content) == sum(len(claim.lines) for claim in claims)
