"""What truly happened, as flat arrays: services with what counts of each, and the refreshes in which they stand.

Belongs here: the truth of ordinary visits and of trap cases in one shape, by the rules of docs/methods/claims.md,
section 2. Does not belong here: text and files (truth.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipelines.market_simulator.case_diagnoses import true_diagnoses
from pipelines.market_simulator.case_rows import role_positions
from pipelines.market_simulator.case_templates import MAIN_CODE, MOST_PEOPLE, PCS_CODE, service_templates
from pipelines.market_simulator.cases import ONLY_CLOSED, ONLY_OPEN, Cases, is_code_invalid
from pipelines.market_simulator.catalog import CODE_NAMES, CODE_UNITS, product_table
from pipelines.market_simulator.claim_lines import LaidOut, corrected_code, refresh_of
from pipelines.market_simulator.code_rules import IS_ADD_ON, IS_TWO_SIDED, MOST_UNITS
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.versions import UNKNOWN
from pipelines.market_simulator.visit_content import BOTH_SIDES, LEFT, RIGHT

_PRODUCT_TABLE = product_table()


@dataclass(frozen=True)
class TrueServices:
    """One entry per service and span of refreshes in which it stands with one content.

    `known` and `until` are refresh numbers: it stands in known ≤ r < until (UNKNOWN: for good). `code` is a position in
    CODE_NAMES, or PCS_CODE; `product` one in PRODUCT_NAMES, or -1; `performer` and `people` [service, 3] positions among
    the market's NPIs, or -1; `credit` [service, 3] is the involvement of `people`. `site` is an organisation. `shape`,
    `history`, `feed`, `diagnosis` say which traps caught the visit (0 none; `diagnosis` -1).
    """

    patient: np.ndarray
    day: np.ndarray
    code: np.ndarray
    occurrence: np.ndarray
    known: np.ndarray
    until: np.ndarray
    product: np.ndarray
    visit_type: np.ndarray
    performer: np.ndarray
    site: np.ndarray
    claims: np.ndarray
    procedures: np.ndarray
    people: np.ndarray
    credit: np.ndarray
    sides: np.ndarray
    units: np.ndarray
    is_capped: np.ndarray
    is_modifier_missing: np.ndarray
    is_discontinued: np.ndarray
    is_denied: np.ndarray
    is_code_invalid: np.ndarray
    shape: np.ndarray
    history: np.ndarray
    feed: np.ndarray
    diagnosis: np.ndarray

    def take(self, keep: np.ndarray) -> TrueServices:
        return TrueServices(**{item.name: getattr(self, item.name)[keep] for item in fields(self)})

    def __len__(self) -> int:
        return len(self.patient)

    def standing(self, refresh: int) -> np.ndarray:
        """Whether each entry counts as of a refresh."""
        return np.asarray((self.known <= refresh) & (self.until > refresh))


def join_services(parts: list[TrueServices]) -> TrueServices:
    return TrueServices(
        **{
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(TrueServices)
        }
    )


def services_of_lines(market: Market, laid_out: LaidOut, last_refresh: int) -> TrueServices:
    """The services of ordinary visits, in visit order.

    A service stands while any of its claims does, so a twin that comes after the void of the other makes two spans. A
    corrected code is one service before, and another after.
    """
    visits, lines = laid_out.visits, laid_out.lines
    last_history = market.spec.last_history_month
    line_code = visits.code[lines.visit, lines.slot].astype(np.int64)
    keys, first, service = np.unique(
        lines.visit.astype(np.int64) * len(CODE_NAMES) + line_code, return_index=True, return_inverse=True
    )
    carried = np.zeros((len(keys), 2), dtype=bool)
    carried[service, lines.claim] = True
    own = lines.claim == 0
    line_units = visits.units[lines.visit, lines.slot]
    modifier = visits.modifier[lines.visit, lines.slot]
    units = np.bincount(service[own], line_units[own], minlength=len(keys))
    has_two = _any(service[own], line_units[own] >= 2, len(keys))
    is_both = _any(service, modifier == BOTH_SIDES, len(keys)) | (
        _any(service, modifier == RIGHT, len(keys)) & _any(service, modifier == LEFT, len(keys))
    )
    visit, code = lines.visit[first], line_code[first]

    known = np.where(carried, refresh_of(visits.known[visit], last_history), UNKNOWN)
    voided = np.where(carried, refresh_of(visits.voided[visit], last_history), UNKNOWN)
    steps = visits.correction[visit, 0]
    corrected = np.where(steps > 0, refresh_of(visits.replaced[visit, 0], last_history), UNKNOWN)
    spans = [
        part
        for at, begin, end in _spans(known, voided)
        for part in (
            (at, begin, np.minimum(end, corrected[at]), np.zeros(len(at), dtype=np.int64)),
            (at, np.maximum(begin, corrected[at]), end, steps[at]),
        )
    ]
    at, begin, end, moved = (np.concatenate(column) for column in zip(*spans, strict=True))
    order = np.lexsort((begin, at))
    order = order[(begin < end)[order]]
    at, begin, end, moved = at[order], begin[order], end[order], moved[order]

    visit, code = visit[at], corrected_code(code[at], moved)
    provider = visits.provider[visit]
    performer = np.where(market.providers.is_person[provider], provider, -1)
    performed = np.where(IS_ADD_ON[code], 0.0, 1.0)
    is_two = is_both[at] | (has_two[at] & IS_TWO_SIDED[code])
    invalid = is_code_invalid(market.spec, code, visits.day[visit])
    product = _PRODUCT_TABLE[code[:, None], visits.diagnosis[visit]].max(axis=1)
    nobody = np.full((len(at), MOST_PEOPLE - 1), -1)
    credit = np.where(performer >= 0, performed, 0.0)
    no, zero = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=np.int64)
    return TrueServices(
        patient=visits.patient[visit],
        day=visits.day[visit],
        code=code,
        occurrence=zero,
        known=begin,
        until=end,
        product=np.where(invalid, -1, product),
        visit_type=visits.visit_type[visit],
        performer=performer,
        site=visits.located_at[visit],
        claims=(known <= last_refresh).sum(axis=1)[at],
        procedures=performed,
        people=np.column_stack([np.where(credit > 0, performer, -1), nobody]),
        credit=np.column_stack([credit, np.zeros_like(nobody, dtype=np.float64)]),
        sides=np.where(performed > 0, np.where(is_two, 2, 1), 0),
        units=np.minimum(units[at], MOST_UNITS[code]),
        is_capped=units[at] > MOST_UNITS[code],
        is_modifier_missing=no,
        is_discontinued=no,
        is_denied=no,
        is_code_invalid=invalid,
        shape=zero,
        history=zero,
        feed=zero,
        diagnosis=zero - 1,
    )


def _any(group: np.ndarray, holds: np.ndarray, groups: int) -> np.ndarray:
    return np.bincount(group[holds], minlength=groups) > 0


def _spans(known: np.ndarray, voided: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(position, from, to) of the union of two claims' spans [known, voided), which may be apart."""
    first = np.where(known[:, 0] <= known[:, 1], 0, 1)
    rows = np.arange(len(known))
    begin, end = known[rows, first], voided[rows, first]
    later_begin, later_end = known[rows, 1 - first], voided[rows, 1 - first]
    is_known = later_begin < UNKNOWN
    joined = is_known & (later_begin <= end)
    apart = np.flatnonzero(is_known & ~joined)
    end = np.where(joined, np.maximum(end, later_end), end)
    return [(rows, begin, end), (apart, later_begin[apart], later_end[apart])]


def services_of_cases(market: Market, cases: Cases) -> TrueServices:
    """The services of trap cases; test patients have none."""
    visits, last_history = cases.visits, market.spec.last_history_month
    mine = np.flatnonzero(~cases.is_test)
    entry, template = service_templates().expand(cases.shape[mine], cases.history[mine])
    case = mine[entry]
    column = {name: values[template] for name, values in service_templates().columns.items()}
    # two feeds tell of the same versions at most one month apart, so their spans touch
    closed, opened = (
        np.where((cases.feed == other)[:, None], UNKNOWN, refresh_of(months, last_history))
        for months, other in ((cases.closed_months, ONLY_OPEN), (cases.open_months, ONLY_CLOSED))
    )
    begin = np.minimum(closed, opened)[case, column["from_step"]]
    never = np.full((len(cases), 1), UNKNOWN)
    later = np.where(
        closed == UNKNOWN, opened, np.where(opened == UNKNOWN, closed, np.maximum(closed, opened))
    )
    end = np.hstack([later, never])[case, np.minimum(column["to_step"], later.shape[1])]

    code = np.where(column["code"] == MAIN_CODE, visits.code[case, 0], column["code"]).astype(np.int64)
    is_hcpcs = code != PCS_CODE
    listed = np.where(is_hcpcs, code, 0)
    units = (CODE_UNITS[listed] * column["units"] + column["extra_units"]) * column["times"]
    invalid = is_hcpcs & is_code_invalid(market.spec, listed, visits.day[case])
    diagnosis = true_diagnoses(visits.diagnosis, cases.diagnosis)[case]
    product = np.where(is_hcpcs & ~invalid, _PRODUCT_TABLE[listed[:, None], diagnosis].max(axis=1), -1)
    roles = role_positions(market, cases)
    people = np.where(column["people"] >= 0, roles[case[:, None], np.maximum(column["people"], 0)], -1)
    # where a unit is a side, more than one of them on a line is both
    is_two = is_hcpcs & IS_TWO_SIDED[listed] & (units >= 2) & (column["sides"] > 0)
    services = TrueServices(
        patient=visits.patient[case],
        day=visits.day[case],
        code=code,
        occurrence=column["occurrence"],
        known=begin,
        until=end,
        product=product,
        visit_type=visits.visit_type[case],
        performer=roles[case, column["performer"]],
        site=visits.located_at[case],
        claims=column["claims"],
        procedures=column["procedures"],
        people=people,
        credit=column["credit"],
        sides=np.where(is_two, 2, column["sides"]),
        units=np.where(is_hcpcs, np.minimum(units, MOST_UNITS[listed]), 1.0),
        is_capped=is_hcpcs & (units > MOST_UNITS[listed]),
        is_modifier_missing=column["is_modifier_missing"],
        is_discontinued=column["is_discontinued"],
        is_denied=column["is_denied"] & (cases.feed[case] == 0),
        is_code_invalid=invalid,
        shape=cases.shape[case],
        history=cases.history[case],
        feed=cases.feed[case],
        diagnosis=cases.diagnosis[case],
    )
    return services.take(np.flatnonzero(services.known < services.until))
