"""The rows that trap cases deliver, in every feed that tells of them."""

from __future__ import annotations

import numpy as np

from pipelines.market_simulator.case_diagnoses import is_icd9, written_diagnoses
from pipelines.market_simulator.case_shapes import ROLES
from pipelines.market_simulator.case_templates import MAIN_CODE, row_templates
from pipelines.market_simulator.cases import Cases
from pipelines.market_simulator.catalog import CODE_UNITS
from pipelines.market_simulator.claim_lines import ORIGINAL, REPLACEMENT, RESEND, VOID
from pipelines.market_simulator.delivered_rows import (
    CLOSED,
    DENIED,
    FIRST_LETTER,
    INPATIENT_BILL,
    NO_BILL,
    NO_STATUS,
    OPEN,
    PAID,
    DeliveredRows,
    claim_numbers,
    days_in_months,
    is_surgery_center,
    organisation_position,
    place_of_service,
)
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.payers import PAID_SHARE_OF_ALLOWED, PAYER_CHANNEL

_FIRST_LETTER_OF_FEED = {CLOSED: FIRST_LETTER, OPEN: ord("O")}
_KIND_OF_FREQUENCY = np.array([ORIGINAL, REPLACEMENT, VOID], dtype=np.int8)
_RANKS = 3  # versions paid in one month share it between them


def rows_of_cases(market: Market, cases: Cases, month: int, shard: int, feed: int) -> DeliveredRows:
    """Every row that a feed ever delivers of the cases, case by case."""
    mine, visits = cases.in_feed(feed), cases.visits
    entry, template = row_templates().expand(cases.shape[mine], cases.history[mine])
    case = mine[entry]
    column = {name: values[template] for name, values in row_templates().columns.items()}
    months = cases.months(feed)
    patient, day, site = visits.patient[case], visits.day[case], visits.site[case]
    at_surgery_center = is_surgery_center(market, site)
    institutional = column["is_institutional"]
    people = role_positions(market, cases)

    main = visits.code[case, 0].astype(np.int64)
    code = np.where(column["code"] == MAIN_CODE, main, column["code"])
    units = np.where(code >= 0, CODE_UNITS[code], 1.0) * column["units"] + column["extra_units"]
    charge = np.rint(visits.charge[case, 0] * column["share"]) * column["sign"]
    allowed = np.rint(np.abs(charge) * np.minimum(visits.allowed_share[case] * column["amount"], 1.0))
    allowed = allowed * column["sign"]
    payer = market.patients.payer[patient]
    paid = np.rint(allowed * PAID_SHARE_OF_ALLOWED[PAYER_CHANNEL[payer]])
    is_open = feed == OPEN
    is_unjudged = column["is_denied"] | is_open  # nothing was allowed
    first_letter = _FIRST_LETTER_OF_FEED[feed]
    paid_month = months[case, column["paid_step"]]
    paid_share = (column["rank"] + cases.chance[case]) / _RANKS
    bill = np.where(column["is_inpatient"], INPATIENT_BILL, at_surgery_center.astype(np.int8))
    return DeliveredRows(
        feed=np.full(len(case), feed, dtype=np.int8),
        known=months[case, column["step"]],
        kind=np.where(column["is_again"], RESEND, _KIND_OF_FREQUENCY[column["frequency"]]),
        claim=claim_numbers(month, shard, visits)[case] + column["claim"],
        letter=(first_letter + column["letter"]).astype(np.uint8),
        prior_letter=np.where(column["prior"] >= 0, first_letter + column["prior"], 0).astype(np.uint8),
        suffix=column["suffix"],
        line=column["line"],
        is_institutional=institutional,
        place=np.where(institutional, -1, place_of_service(visits.visit_type[case], at_surgery_center)),
        bill=np.where(institutional, bill, NO_BILL),
        frequency=column["frequency"],
        status=np.where(is_open, NO_STATUS, np.where(column["is_denied"], DENIED, PAID)),
        patient=patient,
        is_test=cases.is_test[case],
        day=day,
        code=code,
        units=units,
        modifiers=column["modifiers"],
        rendering=people[case, column["rendering"]],
        operating=people[case, column["operating"]],
        billing=people[case, column["billing"]],
        facility=organisation_position(market, site),
        paid_day=np.where(is_open, -1, days_in_months(paid_month, day, paid_share)),
        charge=charge,
        allowed=np.where(is_unjudged, np.nan, allowed),
        paid=np.where(is_unjudged, np.nan, paid),
        diagnosis=written_diagnoses(visits.diagnosis, cases.diagnosis, (cases.chance * 997).astype(np.int64))[
            case
        ],
        is_icd9=is_icd9(cases.diagnosis)[case],
        procedure=np.where(column["has_pcs"], 0, -1),
    )


def role_positions(market: Market, cases: Cases) -> np.ndarray:
    """[case, role]: who plays each of ROLES, as a position among the market's NPIs, -1 for nobody."""
    visits = cases.visits
    by_role = {
        "performer": visits.provider,
        "partner": cases.people[:, 0],
        "third": cases.people[:, 1],
        "assistant": len(market.providers.npi) + cases.assistant,
        "group": organisation_position(market, visits.group),
        "site": organisation_position(market, visits.located_at),
        "nobody": np.full(len(cases), -1),
    }
    return np.column_stack([by_role[role] for role in ROLES])
