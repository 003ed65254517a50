"""The registry: derived from receipts on every look, cheap, and in the order of what was known when."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hand_made_deliveries import Inbox, claim, csv_bytes

from pipelines.landing import file_hashes
from pipelines.landing.land import land_delivery


def content(number: int) -> bytes:
    return csv_bytes([claim(claim_id=f"C{number}")])


def deliver(inbox: Inbox, name: str, number: int, known_on: str, refresh_id: str) -> Path:
    return inbox.deliver(
        name, {"medical_claim.csv": content(number)}, {"known_on": known_on, "refresh_id": refresh_id}
    )


def test_an_empty_home_has_nothing(inbox: Inbox) -> None:
    """No inbox, no registry: nothing accepted, nothing pending, and looking creates no folder."""
    registry = inbox.registry
    assert (registry.accepted(), registry.refused(), registry.as_of()) == ([], [], None)
    assert (registry.pending(inbox.config), registry.unfinished()) == ([], [])
    assert not inbox.home.root.exists()


def test_refreshes_are_ordered_by_what_was_known_when(inbox: Inbox) -> None:
    """Pending and accepted go by (known_on, refresh_id), whatever folders are called and in which order they landed."""
    deliver(inbox, "a", 1, "2026-03-05", "r.march")
    deliver(inbox, "b", 2, "2026-02-05", "r.february-b")
    deliver(inbox, "c", 3, "2026-02-05", "r.february-a")
    pending = inbox.registry.pending(inbox.config)
    assert [delivery.refresh_id for delivery in pending] == ["r.february-a", "r.february-b", "r.march"]
    inbox.land_all()
    deliver(inbox, "d", 4, "2026-01-05", "r.late-january")
    inbox.land_all()
    assert [receipt.refresh_id for receipt in inbox.registry.accepted()] == [
        "r.late-january", "r.february-a", "r.february-b", "r.march",
    ]  # fmt: skip
    as_of = inbox.registry.as_of()
    assert as_of is not None
    assert as_of.refresh_id == "r.march"


def test_two_pending_deliveries_under_one_id_get_ids_of_their_own(inbox: Inbox) -> None:
    """The partition of each is known before either lands, and landing the second first changes nothing in that."""
    deliver(inbox, "a", 1, "2026-02-05", "r.one")
    deliver(inbox, "b", 2, "2026-02-06", "r.one")
    assert [delivery.refresh_id for delivery in inbox.registry.pending(inbox.config)] == ["r.one", "r.one+2"]
    second = inbox.registry.pending(inbox.config)[1]
    assert land_delivery(inbox.home, second, inbox.config, log=inbox.log.append).refresh_id == "r.one+2"
    assert [delivery.refresh_id for delivery in inbox.registry.pending(inbox.config)] == ["r.one"]


def test_two_folders_with_the_same_bytes_are_one_pending_delivery(inbox: Inbox) -> None:
    """A delivery copied twice into the inbox is landed once."""
    deliver(inbox, "a", 1, "2026-02-05", "r.one")
    deliver(inbox, "copy of a", 1, "2026-02-05", "r.one")
    assert len(inbox.registry.pending(inbox.config)) == 1
    inbox.land_all()
    assert inbox.registry.pending(inbox.config) == []


def test_the_input_hash_moves_with_content_and_configuration_only(inbox: Inbox) -> None:
    """Accepting something changes it, so does the configuration; looking, refusing and repeating do not."""
    registry = inbox.registry
    empty = registry.input_hash("config")
    deliver(inbox, "a", 1, "2026-02-05", "r.one")
    assert registry.input_hash("config") == empty
    inbox.land_all()
    one = registry.input_hash("config")
    assert len({empty, one, registry.input_hash("other config")}) == 3
    inbox.deliver("bad", {"medical_claim.csv": b"nothing\n"}, {"refresh_id": "r.bad"})
    deliver(inbox, "again", 1, "2026-02-05", "r.again")
    assert [receipt.status for receipt in inbox.land_all()] == ["refused"]
    assert registry.input_hash("config") == one


def test_looking_again_reads_no_file_again(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look takes hashes from the cache, a changed file is read anew, and a lost cache changes nothing."""
    read: list[str] = []
    true_hash: Callable[[Path], str] = file_hashes.sha256_of_file

    def counting(path: Path) -> str:
        read.append(path.parent.name)
        return true_hash(path)

    monkeypatch.setattr(file_hashes, "sha256_of_file", counting)
    deliver(inbox, "a", 1, "2026-02-05", "r.one")
    folder = deliver(inbox, "b", 2, "2026-03-05", "r.two")
    first = [delivery.found.content_hash for delivery in inbox.registry.pending(inbox.config)]
    assert sorted(read) == ["a", "b"]
    inbox.registry.pending(inbox.config)
    assert sorted(read) == ["a", "b"]
    (folder / "medical_claim.csv").write_bytes(content(2) + content(3).split(b"\n", 1)[1])
    changed = [delivery.found.content_hash for delivery in inbox.registry.pending(inbox.config)]
    assert sorted(read) == ["a", "b", "b"]
    assert changed[0] == first[0]
    assert changed[1] != first[1]
    shutil.rmtree(inbox.home.registry)
    assert [delivery.found.content_hash for delivery in inbox.registry.pending(inbox.config)] == changed


def test_a_damaged_cache_is_no_harm(inbox: Inbox) -> None:
    """Rubbish in the cache file is forgotten."""
    deliver(inbox, "a", 1, "2026-02-05", "r.one")
    inbox.home.registry.mkdir(parents=True)
    for rubbish in ("{", "[]", '{"x": 1}', ""):
        (inbox.home.registry / ".file_hashes.json").write_text(rubbish)
        assert len(inbox.registry.pending(inbox.config)) == 1


def test_what_is_landed_is_what_lies_there(inbox: Inbox) -> None:
    """A file that changes after it was found is landed as it is, under the hash of what was read."""
    folder = inbox.deliver("a", {"medical_claim.csv": content(1)})
    (delivery,) = inbox.registry.pending(inbox.config)
    (folder / "medical_claim.csv").write_bytes(content(2))
    receipt = land_delivery(inbox.home, delivery, inbox.config, log=inbox.log.append)
    assert receipt.content_hash != delivery.found.content_hash
    assert [row["claim_id"] for row in inbox.rows("medical_claim")] == ["C2"]
    assert inbox.registry.pending(inbox.config) == []
