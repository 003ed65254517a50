"""Each attack of docs/methods/privacy.md, planted in a small snapshot: the audit must find it, and nothing without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pipelines.delivery.published_cells import PUBLISHED_CELL
from quality.disclosure_audit import recoverable_cells
from quality.disclosure_rules import PROJECTION
from quality.published import Published, Recoverable

Rows = dict[str, list[dict[str, Any]]]
PRICE = 1000
YEAR = (date(2024, 1, 1), date(2024, 12, 1))
SHOWN = {"is_suppressed": False, "is_held_back": False}
DIAGNOSED = {"diagnosed_patients": 0, "is_diagnosis_suppressed": False, "is_diagnosis_held_back": False}


def row(people: int | None, **more: Any) -> dict[str, Any]:
    """A cell of so many patients with one procedure each, all of it open; None: suppressed."""
    usd = None if people is None else people * PRICE
    values: dict[str, Any] = {
        "product_id": "knee",
        "procedures": people,
        "patients": people,
        "total_usd": usd,
    }
    values |= {
        "addressable_usd": usd,
        "phantom_usd": None if usd is None else 0,
        "unknown_usd": None if usd is None else 0,
    }
    return values | SHOWN | DIAGNOSED | {"is_suppressed": people is None} | more


def place(level: str, name: str, people: int | None, state: str | None = None, **more: Any) -> dict[str, Any]:
    share = None if people is None else 1.0
    return row(
        people, addressable_share=share, geography_level=level, geography_id=name, state=state or name, **more
    )


def safe() -> Rows:
    """A nation of 95: NY with U1 (40) and the withheld U2 and U3 (5 and 20), NJ with U4 (30)."""
    return {
        "mart_geography_opportunity": [
            place("nation", "nation", 95),
            place("state", "NY", 65),
            place("state", "NJ", 30),
            place("unit", "U1", 40, "NY"),
            place("unit", "U2", None, "NY"),
            place("unit", "U3", None, "NY"),
            place("unit", "U4", 30, "NJ"),
        ],
        "mart_provider_opportunity": [
            *(row(20, npi=npi, unit_id="U1") for npi in ("P1", "P2")),
            row(None, npi="P3", unit_id="U2"),
            row(None, npi="P4", unit_id="U3"),
            row(30, npi="P5", unit_id="U4"),
        ],
        "mart_account_opportunity": [
            row(people, account_id=account, unit_id=unit, access_status="open", procedures_billed=0)
            | {"is_billing_suppressed": False}
            for account, unit, people in (
                ("A1", "U1", 40),
                ("A2", "U2", None),
                ("A3", "U3", None),
                ("A4", "U4", 30),
            )
        ],
        "mart_unit_assignment": [
            {
                "unit_id": "U1",
                "territory_id": "T1",
                "addressable_usd": 40 * PRICE,
                "procedures": 40,
                "is_suppressed": False,
            },
            {
                "unit_id": "U2",
                "territory_id": "T1",
                "addressable_usd": None,
                "procedures": None,
                "is_suppressed": True,
            },
            {
                "unit_id": "U3",
                "territory_id": "T2",
                "addressable_usd": None,
                "procedures": None,
                "is_suppressed": True,
            },
            {
                "unit_id": "U4",
                "territory_id": "T2",
                "addressable_usd": 30 * PRICE,
                "procedures": 30,
                "is_suppressed": False,
            },
        ],
        "mart_territory_scorecard": [
            {"territory_id": "T1", "procedures": 44, "patients": 44, "planned_addressable_usd": 44 * PRICE},
            {"territory_id": "T2", "procedures": 44, "patients": 44, "planned_addressable_usd": 44 * PRICE},
        ],
        "mart_access": [
            {"product_id": "knee", "scope_kind": kind, "scope_id": name}
            | {"total_usd": 44 * PRICE, "addressable_usd": 22 * PRICE, "phantom_usd": 22 * PRICE}
            | {"unknown_usd": 0}
            for kind, name in (("territory", "T1"), ("health_system", "S"))
        ],
        "mart_quota_line": [
            {
                "territory_id": name,
                "line_number": 1,
                "component": "potential",
                "amount_usd": Decimal("500.00"),
            }
            for name in ("T1", "T2")
        ],
        "mart_indication_link": [
            {
                "product_id": "knee",
                "link_strength": "line",
                "procedures": 66,
                "patients": 44,
                "is_suppressed": False,
            },
            {
                "product_id": "knee",
                "link_strength": "claim",
                "procedures": None,
                "patients": None,
                "is_suppressed": True,
            },
        ],
        "mart_code_quarantine": [
            {
                "code_system": "hcpcs",
                "code": "J0001",
                "reason": "ended",
                "services": 22,
                "is_suppressed": False,
            },
        ],
        "mart_restatement": [
            {
                "source": "c",
                "service_month": YEAR[0],
                "lines_before": 176,
                "lines_removed": 16,
                "lines_added": 2,
                "change_share": round(-14 / 176, 4),
                "is_suppressed": False,
            }
        ],
        "mart_data_through": [
            {
                "source": "c",
                "is_planned_with": True,
                "planning_first_month": YEAR[0],
                "planning_last_month": YEAR[1],
            }
        ],
    }


def audit(
    rows: Rows, earlier: list[dict[str, Any]] | None = None, unlisted: tuple[str, ...] = ()
) -> list[Recoverable]:
    tables = {name: pa.Table.from_pylist(content) for name, content in rows.items()}
    hidden = frozenset(("procedure", "knee", npi, "U1") for npi in unlisted)
    before = pa.Table.from_pylist(earlier or [], schema=PUBLISHED_CELL)
    return recoverable_cells(Published(tables, 11, {"knee": Decimal(PRICE)}, hidden, before))


def find(rows: Rows, mart: str, **key: str) -> dict[str, Any]:
    (found,) = (r for r in rows[mart] if all(r.get(name) == value for name, value in key.items()))
    return found


def subtraction(rows: Rows) -> None:
    find(rows, "mart_geography_opportunity", geography_id="U3").update(row(20))


def provider_subtraction(rows: Rows) -> None:
    find(rows, "mart_provider_opportunity", npi="P2").update(row(None))


def small_count(rows: Rows) -> None:
    find(rows, "mart_provider_opportunity", npi="P3").update(row(5))


def dollars(rows: Rows) -> None:
    find(rows, "mart_geography_opportunity", geography_id="U2")["total_usd"] = 5 * PRICE


def percentage(rows: Rows) -> None:
    find(rows, "mart_geography_opportunity", geography_id="U2")["addressable_share"] = 1.0


def access_split(rows: Rows) -> None:
    rows["mart_account_opportunity"][0] |= row(None)
    rows["mart_account_opportunity"].append(
        row(None, account_id="A9", unit_id="U1", access_status="locked", procedures_billed=0)
        | {"is_billing_suppressed": False}
    )
    unit = find(rows, "mart_geography_opportunity", geography_id="U1")
    unit |= {"addressable_usd": 35 * PRICE, "phantom_usd": 5 * PRICE}


def exact_territory(rows: Rows) -> None:
    find(rows, "mart_territory_scorecard", territory_id="T1")["procedures"] = 45


def exact_quota(rows: Rows) -> None:
    for line, amount in zip(rows["mart_quota_line"], ("473.68", "526.32"), strict=True):
        line["amount_usd"] = Decimal(amount)


def unit_over_products(rows: Rows) -> None:
    find(rows, "mart_unit_assignment", unit_id="U2").update(addressable_usd=5 * PRICE, is_suppressed=False)


def forced_range(rows: Rows) -> None:
    """Of 43 in NY 40 are shown, so the two withheld units share three."""
    find(rows, "mart_geography_opportunity", geography_id="NY").update(row(43, state="NY"))
    find(rows, "mart_geography_opportunity", geography_id="nation").update(row(73, state="nation"))


def exact_link(rows: Rows) -> None:
    """71 of which 66 were shown before: five patients are linked otherwise now."""
    find(rows, "mart_indication_link", link_strength="line")["procedures"] = 71


def exact_patients_of_a_link(rows: Rows) -> None:
    find(rows, "mart_indication_link", link_strength="line")["patients"] = 47


def exact_quarantine(rows: Rows) -> None:
    """12 were shown before: one service more."""
    find(rows, "mart_code_quarantine", code="J0001")["services"] = 13


def exact_lines_before(rows: Rows) -> None:
    """The month had 170 lines after the refresh before the last one, whose change of three people was withheld."""
    find(rows, "mart_restatement", source="c")["lines_before"] = 167


def share_of_exact_lines(rows: Rows) -> None:
    """14 lines are 8.38 % of 167."""
    find(rows, "mart_restatement", source="c")["change_share"] = round(-14 / 167, 4)


def unknown_mart(rows: Rows) -> None:
    rows["mart_of_tomorrow"] = [{"zip": "10001", "patients": 3}]


def unknown_column(rows: Rows) -> None:
    for cell in rows["mart_provider_opportunity"]:
        cell["new_patients"] = 50


def exact_system(rows: Rows) -> None:
    find(rows, "mart_access", scope_id="S")["phantom_usd"] = 25 * PRICE


def projected() -> Rows:
    """The same, with what is projected: 110 of the nation's 95, whose factor everything else takes."""
    rows = safe()
    shares = {"projection_factor": 110 / 95, "completeness_share": 95 / 110, "capture_share": 1.0}
    for mart in ("geography", "provider", "account"):
        for cell in rows[f"mart_{mart}_opportunity"]:
            volume = cell["procedures"]
            cell.update(dict.fromkeys((*PROJECTION, "held_snapshot_id")))
            if volume is not None:
                cell.update(shares, projection_basis="nation", projected_procedures=volume * 110 / 95)
                cell.update(projected_low=float(volume), projected_high=volume * 132 / 95)
    return rows


def own_factor(rows: Rows) -> None:
    """U4's 30 project to 34.74 by the nation's factor, and to 34 by its own: six were done in the last month."""
    unit = find(rows, "mart_geography_opportunity", geography_id="U4")
    unit |= {"projection_basis": "unit", "projected_procedures": 34.0, "projection_factor": 34 / 30}
    unit |= {"completeness_share": 30 / 34}


def own_completeness(rows: Rows) -> None:
    """The nation's 95 are 95 of 103 and 103 of 110."""
    nation = find(rows, "mart_geography_opportunity", geography_id="nation")
    nation |= {"completeness_share": 95 / 103, "capture_share": 103 / 110}


def borrowed_factor(rows: Rows) -> None:
    find(rows, "mart_provider_opportunity", npi="P5")["projection_factor"] = 34 / 30


def exact_projection(rows: Rows) -> None:
    find(rows, "mart_provider_opportunity", npi="P5")["projected_procedures"] = 34.0


def factor_of_nobody(rows: Rows) -> None:
    """NJ's projection is withheld with its count, and P5 says to have it."""
    find(rows, "mart_geography_opportunity", geography_id="NJ").update(dict.fromkeys(PROJECTION))
    find(rows, "mart_provider_opportunity", npi="P5")["projection_basis"] = "state"


def projection_of_today(rows: Rows) -> None:
    """The nation shows an older 95 and today's own factor, by which 110 are 92."""
    nation = find(rows, "mart_geography_opportunity", geography_id="nation")
    nation |= {"is_held_back": True, "projected_procedures": 95 * 110 / 92, "projection_factor": 110 / 92}


def months(rows: Rows) -> dict[str, Any]:
    """A safe month of two areas, of which the second is given: 44 procedures of 66 that will be told of."""
    month = {"product_id": "knee", "area_level": "zcta", "area_id": "10001", "service_month": YEAR[0]}
    month |= dict.fromkeys(("total_usd", "addressable_usd"), 44 * PRICE)
    month |= {"phantom_usd": 0, "unknown_usd": 0, "is_suppressed": False, "site_patients": 22}
    month |= {"procedures": 44, "projected_procedures": 66}
    month |= {"projection_factor": 1.5, "completeness_share": 0.667}
    rows["mart_area_opportunity"] = [month, month | {"area_id": "10002"}]
    assert audit(rows) == []
    return rows["mart_area_opportunity"][1]


def exact_month(rows: Rows) -> None:
    months(rows)["projected_procedures"] = 53


def exact_patients_of_a_month(rows: Rows) -> None:
    months(rows)["site_patients"] = 25


def exact_dollars_of_a_month(rows: Rows) -> None:
    months(rows)["phantom_usd"] = 5 * PRICE


def exact_factor_of_a_month(rows: Rows) -> None:
    months(rows)["projection_factor"] = round(53 / 40, 2)


def exact_completeness_of_a_month(rows: Rows) -> None:
    months(rows)["completeness_share"] = round(40 / 53, 3)


def withheld_month(rows: Rows) -> None:
    months(rows)["is_suppressed"] = True


PROJECTED_LEAKS: list[tuple[Callable[[Rows], None], str, str]] = [
    (own_factor, "U4", "projected_procedures is a place's own and finer"),
    (own_completeness, "nation", "completeness_share is a place's own and finer"),
    (borrowed_factor, "P5", "projection_factor is not that of the place"),
    (exact_projection, "P5", "projected_procedures does not follow"),
    (factor_of_nobody, "P5", "projection_factor is of a place that shows none"),
    (projection_of_today, "nation", "projected_procedures is a place's own and finer"),
    (exact_month, "10002", "projected_procedures is finer than two thresholds"),
    (exact_patients_of_a_month, "10002", "site_patients is finer than two thresholds"),
    (exact_dollars_of_a_month, "10002", "phantom_usd is a sum that is not rounded"),
    (exact_factor_of_a_month, "10002", "projection_factor does not follow from rounded amounts"),
    (exact_completeness_of_a_month, "10002", "completeness_share does not follow from rounded amounts"),
    (withheld_month, "10002", "is shown although the row is suppressed"),
]

LEAKS: list[tuple[Callable[[Rows], None], str, str]] = [
    (subtraction, "U2", "subtraction"),
    (provider_subtraction, "P2", "subtraction"),
    (small_count, "P3", "small count that is shown"),
    (dollars, "U2", "although the row is suppressed"),
    (percentage, "U2", "although the row is suppressed"),
    (access_split, "U1", "one access status"),
    (exact_system, "S", "is a sum that is not rounded"),
    (exact_territory, "U2", "subtraction"),
    (exact_quota, "U2", "subtraction"),
    (unit_over_products, "U2", "subtraction"),
    (forced_range, "U2", "less than the range"),
    (exact_link, "link_strength line", "finer than two thresholds"),
    (exact_patients_of_a_link, "link_strength line", "finer than two thresholds"),
    (exact_quarantine, "code J0001", "finer than two thresholds"),
    (exact_lines_before, "service_month 2024-01-01", "finer than two thresholds"),
    (share_of_exact_lines, "service_month 2024-01-01", "finer than they are rounded"),
    (unknown_mart, "every row", "does not say how it is treated"),
    (unknown_column, "every row", "does not say how it is treated"),
]


def test_nothing_follows_from_the_safe_snapshot() -> None:
    """Two withheld units of 25 people together, rounded territories, quotas that follow from them."""
    assert audit(safe()) == []


@pytest.mark.parametrize(("plant", "cell", "how"), LEAKS, ids=[plant.__name__ for plant, _, _ in LEAKS])
def test_a_planted_leak_is_found(plant: Callable[[Rows], None], cell: str, how: str) -> None:
    """Each is found in the cell where it is, and told by its arithmetic without the value."""
    rows = safe()
    plant(rows)
    found = audit(rows)
    assert any(cell in leak.key and how in leak.how for leak in found), found


@pytest.mark.parametrize(
    ("plant", "cell", "how"), PROJECTED_LEAKS, ids=[plant.__name__ for plant, _, _ in PROJECTED_LEAKS]
)
def test_a_projection_that_tells_a_mix_is_found(plant: Callable[[Rows], None], cell: str, how: str) -> None:
    """Found in its cell and column; without the plant the same snapshot is safe."""
    rows = projected()
    assert audit(rows) == []
    plant(rows)
    found = audit(rows)
    assert any(cell in leak.key and how in f"{leak.measure} {leak.how}" for leak in found), found


def before(member: str, people: int | None, **more: Any) -> dict[str, Any]:
    values = {
        "snapshot_id": "r1",
        "snapshot_order": 1,
        "cell_kind": "unit",
        "product_id": "knee",
        "member_id": member,
    }
    counts = {"unit_id": "", "procedures": people, "patients": people, "diagnosed_patients": 0}
    flags = {"is_withheld": people is None, "is_diagnosis_withheld": False, "is_access_rounded": False}
    return (
        values | counts | flags | {"first_month": date(2023, 12, 1), "last_month": date(2024, 11, 1)} | more
    )


def test_a_small_change_since_an_earlier_snapshot_is_found() -> None:
    """U1 was 37 a month ago: three people more."""
    (leak,) = audit(safe(), [before("U1", 37)])
    assert ("U1" in leak.key, "differs by a small count from snapshot r1" in leak.how) == (True, True)
    assert audit(safe(), [before("U1", 20)]) == audit(safe(), [before("U1", 40)]) == []


def test_a_row_that_repeats_what_was_shown_adds_nothing() -> None:
    """U1 shows the 40 of an earlier snapshot, beside another that showed 44; its own parts are withheld."""
    rows = safe()
    for npi in ("P1", "P2"):
        find(rows, "mart_provider_opportunity", npi=npi).update(row(None))
    find(rows, "mart_account_opportunity", account_id="A1").update(row(None))
    find(rows, "mart_geography_opportunity", geography_id="U1")["is_held_back"] = True
    assert audit(rows, [before("U1", 40), before("U1", 44, snapshot_id="r0")]) == []


def test_partners_that_change_within_a_year_are_found() -> None:
    """The same year, the same total: U2 was withheld with U1 before and is withheld with U3 now, so it follows."""
    rows = safe()
    year = {"first_month": YEAR[0], "last_month": YEAR[1]}
    totals = [before("NY", 65, cell_kind="state", **year)]
    same = [before("U1", None, **year), before("U2", None, **year), before("U3", 20, **year)]
    assert any("U2" in leak.key for leak in audit(rows, totals + same))


def test_an_opted_out_provider_must_not_follow() -> None:
    """U1 shows 40 and its two listed providers 20 and 15: the third follows, unless a listed one is withheld too."""
    rows = safe()
    find(rows, "mart_provider_opportunity", npi="P2").update(row(15))
    assert [leak.key for leak in audit(rows, unlisted=("P6",))] == ["knee, P6, U1"]
    find(rows, "mart_provider_opportunity", npi="P2").update(row(None))
    assert audit(rows, unlisted=("P6",)) == []
