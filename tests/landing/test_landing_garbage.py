"""Nothing is lost, whatever is delivered."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hand_made_deliveries import VENDOR, VOLUMES, Inbox, claim, csv_bytes, make_config
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.data_home import DataHome

HEADER = csv_bytes([claim()]).split(b"\n")[0]
COLUMNS = list(claim())

# Values as vendors might send them, good and bad, and bytes nobody should.
value = st.one_of(
    st.sampled_from(
        ["", " ", "x", "0", "-1", "1.5", "1e400", "nan", "2026-01-05", "2026-13-01", "99213", "'", "NULL"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"), max_size=6),
)
good_line = st.just(csv_bytes([claim()]).split(b"\n")[1])
changed_line = st.dictionaries(st.sampled_from(COLUMNS), value, max_size=4).map(
    lambda changes: csv_bytes([claim(**changes)]).split(b"\n", 1)[1].rstrip(b"\n")
)
garbage_line = st.binary(max_size=40).map(lambda line: line.replace(b"\n", b" "))


@given(st.lists(st.one_of(good_line, changed_line, garbage_line), max_size=12))
@settings(max_examples=12, deadline=None)
def test_accepted_and_quarantined_are_what_was_delivered(lines: list[bytes]) -> None:
    """Every line that is not blank is accepted or in quarantine under its own number, or the file is refused whole."""
    with tempfile.TemporaryDirectory() as folder:
        inbox = Inbox(DataHome(Path(folder)), make_config(VENDOR, VOLUMES))
        receipt = inbox.land_one({"medical_claim.csv": b"\n".join([HEADER, *lines])})
        numbers = [
            number
            for number, line in enumerate(b"\n".join(lines).split(b"\n"), start=2)
            if line not in (b"", b"\r")
        ]
        accepted = [row["row_number"] for row in inbox.rows("medical_claim")]
        refused = [row["row_number"] for row in inbox.rows("quarantine")]
        if receipt.status == "accepted":
            assert sorted(accepted + refused) == numbers
            assert receipt.delivered_rows == len(numbers)
            assert all(row["reason"] and row["remedy"] for row in inbox.rows("quarantine"))
        else:
            assert (accepted, refused) == ([], [])
            assert len(receipt.problems) == 1
            assert numbers
