"""What happens to a case's claims after they were first sent: one `History` per course of events, as data.

Belongs here: which versions are delivered, at which step, how each is identified, and during which steps its content
stands, by the rules of docs/methods/claims.md, section 1. A step is one to six months after the one before. All claims
of a case share its history. Does not belong here: what a claim holds (case_shapes.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

FOREVER = 99
SAME, SUFFIX, NEW = (
    "same",
    "suffix",
    "new",
)  # the claim id of a version: the first one, with a suffix, of its own
ALL_LINES, FIRST_LINE, WITH_SLIP = "all", "first", "slip"
SLIP = "A4595"  # a line billed in error, gone in the version that replaces it


@dataclass(frozen=True)
class Version:
    """`step` says when it is delivered, `paid_step` when it was adjudicated (None: at its step), `rank` its order by
    date of payment among the versions of one step. `names_prior` puts the id before it into `prior_claim_id`. `amount`
    multiplies allowed and paid; `sign` is -1 in a reversal; `units` multiplies the units.
    Line numbers move by `line_offset`."""

    step: int
    frequency: str = "1"
    identity: str = SAME
    names_prior: bool = False
    lines: str = ALL_LINES
    amount: float = 1.0
    units: float = 1.0
    sign: int = 1
    is_denied: bool = False
    line_offset: int = 0
    paid_step: int | None = None
    rank: int = 0


@dataclass(frozen=True)
class Stands:
    """The services stand in refreshes from `from_step` until before `to_step`, with units times `units`."""

    from_step: int
    to_step: int = FOREVER
    units: float = 1.0
    is_denied: bool = False


@dataclass(frozen=True)
class History:
    """`slip` is when the slip line stands, where there is one. `is_open_fit`: it can also happen in a feed without dates
    of payment, where the order of versions is known from their arrival alone. `unfit_shapes` would mean something else
    with this history."""

    name: str
    trap: str
    versions: tuple[Version, ...]
    stands: tuple[Stands, ...]
    slip: tuple[Stands, ...] = field(default=())
    is_open_fit: bool = False
    unfit_shapes: tuple[str, ...] = ()


PLAIN_HISTORY = History("plain", "", (Version(0),), (Stands(0),), is_open_fit=True)


def _in_three_patterns(name: str, frequency: str, stands: tuple[Stands, ...]) -> tuple[History, ...]:
    """The identifier patterns of a version: the same id, the id with a suffix, a new id that names the old one."""
    return tuple(
        History(
            f"{name}_{label}",
            "T1",
            (
                Version(0),
                Version(1, frequency, identity, names_prior, amount=0.8 if frequency == "7" else 1.0),
            ),
            stands,
            is_open_fit=identity == SAME,
        )
        for label, identity, names_prior in (
            ("same_id", SAME, False),
            ("suffix", SUFFIX, False),
            ("new_id", NEW, True),
        )
    )


HISTORIES: tuple[History, ...] = (
    *_in_three_patterns("replaced", "7", (Stands(0),)),
    *_in_three_patterns("voided", "8", (Stands(0, 1),)),
    History(
        "replaced_fewer_lines",
        "T1",
        (Version(0, lines=WITH_SLIP), Version(1, "7", amount=0.9)),
        (Stands(0),),
        slip=(Stands(0, 1),),
        is_open_fit=True,
    ),
    History(
        "replaced_then_voided",
        "T1",
        (Version(0), Version(1, "7", amount=1.1), Version(2, "8", amount=1.1)),
        (Stands(0, 2),),
    ),
    History(
        "replaced_twice_new_ids",
        "T1",
        (Version(0), Version(1, "7", NEW, True, amount=0.9), Version(2, "7", NEW, True, amount=0.7)),
        (Stands(0),),
    ),
    History(
        "voided_then_billed_again",
        "T1",
        (Version(0), Version(1, "8"), Version(2, amount=0.85)),
        (Stands(0, 1), Stands(2)),
    ),
    History("void_before_bill", "T3", (Version(0, "8", rank=1), Version(1, paid_step=0)), ()),
    History("void_without_bill", "T3", (Version(0, "8"),), ()),
    History(
        "replacement_before_bill",
        "T3",
        (Version(0, "7", amount=0.9, rank=1), Version(1, lines=WITH_SLIP, paid_step=0)),
        (Stands(0),),
    ),
    History(
        "reversed",
        "T1",
        (Version(0), Version(1, sign=-1, line_offset=10)),
        (Stands(0, 1),),
    ),
    History(
        "reversed_and_corrected",
        "T1",
        (Version(0), Version(1, sign=-1, line_offset=10), Version(1, amount=0.75, line_offset=20, rank=1)),
        (Stands(0),),
    ),
    History(
        "denied_then_resubmitted",
        "T4",
        (Version(0, is_denied=True), Version(1, identity=NEW)),
        (Stands(0, 1, is_denied=True), Stands(1)),
    ),
    History("denied_only", "T4", (Version(0, is_denied=True),), (Stands(0, is_denied=True),)),
    History("sent_again", "T5", (Version(0), Version(1, paid_step=0)), (Stands(0),), is_open_fit=True),
    History(
        "first_line_sent_again", "T5", (Version(0), Version(1, lines=FIRST_LINE, paid_step=0)), (Stands(0),)
    ),
    History("restated", "T10", (Version(0), Version(1, amount=0.6)), (Stands(0),)),
    History(
        "restated_units",
        "T10",
        (Version(0), Version(1, amount=1.2, units=3.0)),
        (Stands(0, 1), Stands(1, units=3.0)),
        unfit_shapes=("bilateral_two_units",),
    ),
)
HISTORY_NAMES = tuple(history.name for history in HISTORIES)
