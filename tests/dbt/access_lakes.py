"""Lakes of made markets whose surgeons, sites and locks are counted by hand: the stories about who can be reached.

Belongs here: writing them. What they show is in test_access_story.py and test_effective_accounts_story.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import small_lake
from small_lake import Row, claim, write_refresh, write_table

GROUP = "2000000001"
CODE, OTHER_CODE = "C1776", "Q9001"
PRICE_USD = 1000.0
FIRST_KNOWN = date(2025, 3, 10)


@dataclass(frozen=True)
class Site:
    """A facility: its unit (which is its ZIP) and its health system, if any."""

    npi: str
    unit_id: str
    system: str | None = None


@dataclass(frozen=True)
class Work:
    """So many services of a surgeon at a site, each of a patient of his own, by default of the product."""

    surgeon: str
    site: str
    services: int
    code: str = CODE


@dataclass(frozen=True)
class MadeMarket:
    """One product, surgeons at sites, access rules; claims of 2024 known on 10 March 2025 and in later refreshes."""

    sites: Sequence[Site]
    work: Sequence[Work]
    rules: Sequence[Row] = ()
    idle: Sequence[tuple[str, str]] = ()  # listed people (NPI, ZIP) who do nothing
    territories: Mapping[str, Sequence[str]] = field(default_factory=dict)  # units by territory
    later: Sequence[date] = ()  # days on which a refresh without news becomes known

    def lines(self) -> Iterable[Row]:
        for place, work in enumerate(self.work):
            for number in range(work.services):
                name = f"{place}-{number}"
                day = date(2024, 1 + number % 12, 1 + number % 28)
                yield claim(name, f"p{name}", day, work.code) | {
                    "rendering_npi": work.surgeon,
                    "billing_npi": GROUP,
                    "facility_npi": work.site,
                }

    def write(self, lake: Path) -> None:
        small_lake.write_empty_tables(lake)
        self._write_config(lake)
        people = {work.surgeon: "00000" for work in self.work} | dict(self.idle)
        unit_of = {site.npi: site.unit_id for site in self.sites}
        people |= {work.surgeon: unit_of[work.site] for work in self.work}
        directory = {
            "provider": [
                {"npi": npi, "entity_type_code": "1", "provider_name": f"Dr {npi}", "practice_zip": place}
                for npi, place in people.items()
            ]
            + [{"npi": GROUP, "entity_type_code": "2", "provider_name": "Group"}],
            "facility": [
                {"facility_npi": site.npi, "facility_name": f"Site {site.npi}", "facility_zip": site.unit_id}
                | {
                    "health_system_id": site.system,
                    "health_system_name": site.system and f"System {site.system}",
                }
                for site in self.sites
            ],
        }
        write_refresh(lake, "directory.2024", date(2024, 1, 1), directory)
        write_refresh(lake, "claims.first", FIRST_KNOWN, {"medical_claim": list(self.lines())})
        for number, day in enumerate(self.later):
            write_refresh(lake, f"claims.later{number}", day, {"medical_claim": []})

    def _write_config(self, lake: Path) -> None:
        product = {"product_id": "knee", "product_name": "Knee system", "price_usd": PRICE_USD}
        write_table(lake, "config/product", [product | {"obtainable_share": 0.3}])
        code = {"product_id": "knee", "code_system": "hcpcs", "role": "include", "code": CODE}
        write_table(lake, "config/value_set_code", [code | {"match_kind": "exact"}])
        write_table(lake, "config/access_rule", list(self.rules))
        settings = {"default_access_status": "open", "blind_months": "0", "suppression_threshold": "11"}
        settings |= {"completion_window_refreshes": "12", "completion_min_services": "1000"}
        settings |= {"completion_floor_share": "0.8", "interval_level": "0.9"}
        write_table(
            lake, "config/setting", [{"name": name, "value": value} for name, value in settings.items()]
        )
        units = sorted({site.unit_id for site in self.sites})
        write_table(
            lake,
            "geography/unit",
            [
                {"unit_id": u, "unit_type": "zcta", "unit_name": u, "state": "NY", "population": 1}
                for u in units
            ],
        )
        write_table(lake, "geography/zip_crosswalk", [{"zip": u, "unit_id": u, "state": "NY"} for u in units])
        write_table(
            lake,
            "territories/territory",
            [{"territory_id": name, "territory_name": name} for name in self.territories],
        )
        write_table(
            lake,
            "territories/unit_assignment",
            [
                {"unit_id": unit, "territory_id": name}
                for name, units in self.territories.items()
                for unit in units
            ],
        )


def lock(rule_id: str, scope_kind: str, scope_id: str, **more: object) -> Row:
    """A rule that locks a system or a facility for all products, because of a competitor's contract."""
    return {
        "rule_id": rule_id,
        "scope_kind": scope_kind,
        "scope_id": scope_id,
        "status": "locked",
        "addressable_share": 0.0,
        "reason": "competitor_contract",
        "source": "contract database",
    } | more
