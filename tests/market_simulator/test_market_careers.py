"""Careers in a market: work ends, begins, goes to another system or to surgery centres; the truth says whose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from delivered_market import SMALL, Delivered, deliver

from pipelines.market_simulator import CareerChanges
from pipelines.problems import InputRefused

MONTH = "2025-09"
KINDS = ("retired", "new", "switched_system", "mix_changed")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    events = tuple(CareerChanges(kind, 5, MONTH) for kind in KINDS)
    return deliver(replace(SMALL, events=events), tmp_path_factory.mktemp("careers"))


def people_of(market: Delivered, kind: str) -> str:
    (event,) = [event for event in market.truth["events"] if event["change"] == kind]
    assert event["is_applied"]
    assert event["npis"]
    return ", ".join(f"'{npi}'" for npi in event["npis"])


def counted(market: Delivered, people: str, more: str = "true") -> dict[bool, int]:
    """Services before the month and from it on."""
    rows = market.rows(
        f"select service_month >= date '{MONTH}-01', count(*) from {market.services} "
        f"where performing_npi in ({people}) and {more} group by 1"
    )
    return {bool(after): int(count) for after, count in rows}


def test_work_ends_and_begins_in_its_month(market: Delivered) -> None:
    """Nothing after the end and nothing before the beginning; on the other side there is work."""
    assert list(counted(market, people_of(market, "retired"))) == [False]
    assert list(counted(market, people_of(market, "new"))) == [True]


def test_a_switch_goes_to_sites_of_another_system(market: Delivered) -> None:
    """What is operated from the month on is done at none of the sites of before."""
    people = people_of(market, "switched_system")
    sites = {
        bool(after): set(found)
        for after, found in market.rows(
            f"select service_month >= date '{MONTH}-01', list(distinct site_npi) from {market.services} "
            f"where performing_npi in ({people}) and visit_type = 'joint_surgery' group by 1"
        )
    }
    assert sites[True]
    facilities = dict(
        market.rows(f"select facility_npi, health_system_id from '{market.folders[0]}/facility.parquet'")
    )
    assert None not in {facilities[site] for site in sites[True]}


def test_a_mix_change_brings_work_to_surgery_centres(market: Delivered) -> None:
    """The share of surgery centres rises by more than a third of the operations."""
    people = people_of(market, "mix_changed")
    share = dict(
        market.rows(
            f"select service_month >= date '{MONTH}-01', avg((f.facility_type = 'ambulatory_surgery_center')::int) "
            f"from {market.services} as s join '{market.folders[0]}/facility.parquet' as f "
            f"on f.facility_npi = s.site_npi where performing_npi in ({people}) "
            "and visit_type = 'joint_surgery' group by 1"
        )
    )
    assert share[True] > share[False] + 0.33


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """With the kinds that there are."""
    with pytest.raises(InputRefused, match="switched_system"):
        replace(SMALL, events=(CareerChanges("promoted", 1, MONTH),))
