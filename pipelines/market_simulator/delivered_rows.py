"""Delivered claim lines as flat arrays: what every row of a medical claim file is made from, whatever its origin.

Belongs here: the one shape in which ordinary visits and trap cases meet before they are written, and how ordinary
lines take it. Does not belong here: text, Arrow and files (medical_claim.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipelines.market_simulator.catalog import DIAGNOSES, VISIT_TYPES
from pipelines.market_simulator.claim_lines import REPLACEMENT, VOID, LaidOut, LineVersions, corrected_code
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import first_day, month_label
from pipelines.market_simulator.payers import PAID_SHARE_OF_ALLOWED, PAYER_CHANNEL
from pipelines.market_simulator.versions import UNKNOWN
from pipelines.market_simulator.visits import Visits

CLOSED, OPEN = 0, 1  # feeds
PAID, DENIED, NO_STATUS = 0, 1, -1
NO_ROW, NO_SUFFIX = -1, -1
OUTPATIENT_BILL, SURGERY_CENTER_BILL, INPATIENT_BILL, NO_BILL = 0, 1, 2, -1
FIRST_LETTER = ord("C")
MOST_MODIFIERS = 3
_PLACE_BY_SETTING = {"office": 0, "home": 1, "field": 4, "facility": 2, "hospital": 2}
_SETTING_PLACE = np.array([_PLACE_BY_SETTING[visit.setting] for visit in VISIT_TYPES])
_SURGERY_CENTER_PLACE = 3
_IS_INSTITUTIONAL = np.array([visit.setting in ("facility", "hospital") for visit in VISIT_TYPES])
_FREQUENCY_OF_KIND = np.array([0, 1, 2, 0], dtype=np.int8)


@dataclass(frozen=True)
class DeliveredRows:
    """One entry per delivered row, in the order in which the file has them.

    `claim` is a 19-digit number, written after `letter`; `prior_letter` is that of the claim named as prior (0: none is
    named), which has the same number. `suffix` is a position in SUFFIXES. `code` is a position in CODE_NAMES, or -1;
    `modifiers` [row, 3] positions in MODIFIERS; `rendering`, `operating`, `billing`, `facility` positions in the
    market's NPIs (MarketTexts.npis); amounts are cents, `allowed` and `paid` NaN where the feed does not know
    them, `paid_day` then -1.
    `diagnosis` [row, 3] positions in DIAGNOSIS_TEXTS. `known` is the month in which a row becomes known.
    """

    feed: np.ndarray
    known: np.ndarray
    kind: np.ndarray
    claim: np.ndarray
    letter: np.ndarray
    prior_letter: np.ndarray
    suffix: np.ndarray
    line: np.ndarray
    is_institutional: np.ndarray
    place: np.ndarray
    bill: np.ndarray
    frequency: np.ndarray
    status: np.ndarray
    patient: np.ndarray
    is_test: np.ndarray
    day: np.ndarray
    code: np.ndarray
    units: np.ndarray
    modifiers: np.ndarray
    rendering: np.ndarray
    operating: np.ndarray
    billing: np.ndarray
    facility: np.ndarray
    paid_day: np.ndarray
    charge: np.ndarray
    allowed: np.ndarray
    paid: np.ndarray
    diagnosis: np.ndarray
    is_icd9: np.ndarray
    procedure: np.ndarray

    def take(self, keep: np.ndarray) -> DeliveredRows:
        return DeliveredRows(**{item.name: getattr(self, item.name)[keep] for item in fields(self)})

    def __len__(self) -> int:
        return len(self.claim)


def join_rows(parts: list[DeliveredRows]) -> DeliveredRows:
    if len(parts) == 1:
        return parts[0]
    return DeliveredRows(
        **{
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(DeliveredRows)
        }
    )


def claim_numbers(month: int, shard: int, visits: Visits) -> np.ndarray:
    """Per visit 19 digits: month, shard, block, visit number, and a 0 to which the claim of the visit is added."""
    year_month = int(month_label(month).replace("-", ""))
    number = (year_month * 100 + shard) * 1000 + visits.block
    return (number * 10_000_000 + visits.number) * 10


def rows_of_lines(market: Market, laid_out: LaidOut, versions: LineVersions) -> DeliveredRows:
    """The rows of ordinary visits, one per line version, in the order of `versions`."""
    visits, lines = laid_out.visits, laid_out.lines
    line, kind = versions.line, versions.kind
    visit, claim, slot = lines.visit[line], lines.claim[line], lines.slot[line]
    visit_type, site = visits.visit_type[visit], visits.site[visit]
    institutional = _IS_INSTITUTIONAL[visit_type] & (claim == 0)
    at_surgery_center = is_surgery_center(market, site)

    was_replaced = visits.replaced[visit, claim] < UNKNOWN
    is_changed = (kind == REPLACEMENT) | ((kind == VOID) & was_replaced)
    code = corrected_code(visits.code[visit, slot], np.where(is_changed, visits.correction[visit, claim], 0))
    charge = visits.charge[visit, slot]
    factor = np.where(is_changed, visits.amount_factor[visit, claim], 1.0)
    allowed = np.rint(np.minimum(charge * visits.allowed_share[visit] * factor, charge))
    payer = market.patients.payer[visits.patient[visit]]
    person = np.where(market.providers.is_person, np.arange(len(market.providers.is_person)), -1)
    modifiers = np.full((len(line), MOST_MODIFIERS), -1, dtype=np.int8)
    modifiers[:, 0] = visits.modifier[visit, slot]
    count = len(line)
    nobody = np.full(count, -1)
    none = np.zeros(count, dtype=bool)
    return DeliveredRows(
        feed=np.full(count, CLOSED, dtype=np.int8),
        known=versions.month,
        kind=kind,
        claim=claim_numbers(laid_out.month, laid_out.shard, visits)[visit] + claim,
        letter=np.full(count, FIRST_LETTER, dtype=np.uint8),
        prior_letter=np.zeros(count, dtype=np.uint8),
        suffix=np.full(count, NO_SUFFIX, dtype=np.int8),
        line=lines.number[line],
        is_institutional=institutional,
        place=np.where(institutional, -1, place_of_service(visit_type, at_surgery_center)),
        bill=np.where(institutional, at_surgery_center.astype(np.int8), NO_BILL),
        frequency=_FREQUENCY_OF_KIND[kind],
        status=np.full(count, PAID, dtype=np.int8),
        patient=visits.patient[visit],
        is_test=none,
        day=visits.day[visit],
        code=code,
        units=visits.units[visit, slot],
        modifiers=modifiers,
        rendering=person[visits.provider[visit]],
        operating=nobody,
        billing=organisation_position(market, np.where(institutional, site, visits.group[visit])),
        facility=organisation_position(market, site),
        paid_day=paid_days(visits, visit, claim, kind),
        charge=charge,
        allowed=allowed,
        paid=np.rint(allowed * PAID_SHARE_OF_ALLOWED[PAYER_CHANNEL[payer]]),
        diagnosis=np.where(visits.diagnosis < len(DIAGNOSES), visits.diagnosis, -1)[visit],
        is_icd9=none,
        procedure=nobody,
    )


def is_surgery_center(market: Market, site: np.ndarray) -> np.ndarray:
    return np.asarray((market.organisations.kind == "ambulatory_surgery_center")[site] & (site >= 0))


def place_of_service(visit_type: np.ndarray, at_surgery_center: np.ndarray) -> np.ndarray:
    """Positions in PLACES_OF_SERVICE."""
    return np.where(at_surgery_center, _SURGERY_CENTER_PLACE, _SETTING_PLACE[visit_type])


def organisation_position(market: Market, organisation: np.ndarray) -> np.ndarray:
    """Where an organisation stands among the market's NPIs: after the providers and the assistants."""
    before = len(market.providers.npi) + len(market.assistants.npi)
    return np.where(organisation >= 0, organisation + before, -1)


def paid_days(visits: Visits, visit: np.ndarray, claim: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """When each version was paid: in the month in which it became known, never before the service.

    A re-send keeps the date of what it repeats.
    """
    known, replaced, voided = (
        months[visit, claim] for months in (visits.known, visits.replaced, visits.voided)
    )
    in_month = np.where(kind == REPLACEMENT, replaced, np.where(kind == VOID, voided, known))
    return days_in_months(in_month, visits.day[visit], visits.paid_at[visit, claim])


def days_in_months(month: np.ndarray, not_before: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The day at a share (0 to 1) of each month, or of what is left of it after `not_before`."""
    months, at = np.unique(month, return_inverse=True)
    first_days = np.array([(first_day(number), first_day(number + 1)) for number in months.tolist()])
    begin, end = first_days.reshape(-1, 2)[at].T
    begin = np.maximum(begin, not_before)
    return (begin + np.floor(share * (end - begin))).astype(np.int32)
