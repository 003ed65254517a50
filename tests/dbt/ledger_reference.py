"""Section 1 of docs/methods/claims.md in plain Python: which delivered lines of a chain count.

Belongs here: the rules as loops over a few lines, to hold the SQL to. It judges one set of known lines at a time and
knows nothing of times: what was current as of a refresh is what it says of the lines delivered until then.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

PART_OF = {4: 3}  # refresh 4 became known on the day of refresh 3: a part of it


@dataclass(frozen=True)
class Line:
    """A delivered line. `paid` is a day number or None; `amount` is allowed, paid and charged alike."""

    place: int  # of the row in the delivered file: names the row, decides nothing
    order: int  # of its refresh
    chain: str
    claim: str
    number: int
    frequency: str
    paid: int | None
    code: str
    amount: int
    prior: str | None = None

    @property
    def time(self) -> int:
        """Of its refresh, between the parts of which nothing is later."""
        return PART_OF.get(self.order, self.order)

    @property
    def content(self) -> tuple[object, ...]:
        return (self.claim, self.number, self.frequency, self.paid, self.code, self.amount)

    @property
    def is_reversal(self) -> bool:
        return self.frequency != "8" and self.amount < 0


def current_places(known: list[Line]) -> set[int]:
    """The rows that count, given all lines that are known."""
    chains = defaultdict(list)
    root_of = _roots(known)
    for line in known:
        chains[root_of[line.chain]].append(line)
    return {line.place for lines in chains.values() for line in _standing(lines)}


def _roots(known: list[Line]) -> dict[str, str]:
    """Each chain's root: the end of the path of predecessors."""
    chain_of = {line.claim: line.chain for line in known}
    above = {
        line.chain: chain_of.get(line.prior, line.prior)
        for line in sorted(known, key=lambda line: -line.order)
        if line.prior is not None
    }

    def root(chain: str) -> str:
        for _ in range(64):
            if chain not in above:
                break
            chain = above[chain]
        return chain

    return {line.chain: root(line.chain) for line in known}


def _standing(lines: list[Line]) -> list[Line]:
    first = {line.content: min(o.time for o in lines if o.content == line.content) for line in lines}
    voids = [line for line in lines if line.frequency == "8"]
    bills = [line for line in lines if line.frequency != "8"]
    reversed_contents = _reversed(bills, first)
    left = [
        bill
        for bill in bills
        if all(_is_later(bill, void, bills, first) for void in voids) and not bill.is_reversal
    ]
    replacements = [line for line in left if line.frequency == "7" and not _is_sent_again(line, lines, first)]
    if replacements:
        last = max(_replacement(line, lines) for line in replacements)
        left = [line for line in replacements if _replacement(line, lines) == last]
    else:
        left = [line for line in left if line.frequency != "7"]
    latest: dict[int, Line] = {}
    for line in sorted(left, key=_version):
        latest[line.number] = line
    return [line for line in latest.values() if line.content not in reversed_contents]


def _version(line: Line) -> tuple[object, ...]:
    return (_time(line), line.time, line.claim, line.amount, line.code, line.order, line.place)


def _time(line: Line) -> int:
    return -1 if line.paid is None else line.paid


def _is_later(bill: Line, void: Line, bills: list[Line], first: dict[tuple[object, ...], int]) -> bool:
    if bill.paid is not None and void.paid is not None:
        return bill.paid > void.paid
    known_before = any(other.time < first[void.content] for other in bills)
    return known_before and first[bill.content] > first[void.content]


def _is_sent_again(line: Line, lines: list[Line], first: dict[tuple[object, ...], int]) -> bool:
    """All that its refresh says of this undated replacement was known before."""
    together = [
        o for o in lines if (o.claim, o.time, o.frequency, o.paid) == (line.claim, line.time, "7", None)
    ]
    return line.paid is None and all(first[o.content] < o.time for o in together)


def _replacement(line: Line, lines: list[Line]) -> tuple[int, int, str]:
    """Which whole replacement a line belongs to, in the order of replacements."""
    if line.paid is None:
        return (-1, line.time, line.claim)
    parts = [
        o
        for o in lines
        if (o.claim, o.paid, o.frequency) == (line.claim, line.paid, "7") and not o.is_reversal
    ]
    return (line.paid, min(o.time for o in parts), line.claim)


def _reversed(bills: list[Line], first: dict[tuple[object, ...], int]) -> set[tuple[object, ...]]:
    """Contents that cancel each other: the n-th negative of a kind and the n-th positive."""

    def queue(kind: tuple[str, int], negative: bool) -> list[Line]:
        one_of_each = {
            line.content: line
            for line in bills
            if (line.code, abs(line.amount)) == kind and line.is_reversal is negative
        }
        return sorted(
            one_of_each.values(),
            key=lambda line: (_time(line), line.claim, line.number, line.frequency, first[line.content]),
        )

    pairs = set()
    for kind in {(line.code, -line.amount) for line in bills if line.is_reversal}:
        for negative, positive in zip(queue(kind, True), queue(kind, False), strict=False):
            pairs |= {negative.content, positive.content}
    return pairs
