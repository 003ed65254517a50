"""A market whose services never change, while a release changes the codes with which they are billed on 1 January 2025.

Each month holds, for every product, the same number of services, a patient each:

| product | until December | from January | crosswalk |
|---|---|---|---|
| renamed | J0001 100 | J0002 100 | 1 : 1 |
| parted | J0011 100 | J0012 60, J0013 40 | 1 : n, a service has one of them |
| bundled | J0021 100 | J0022 100, J0023 100 | 1 : n, a service has both: half each |
| merged | J0031 70 (and J0032 30 of others) | J0033 100 | n : 1, 0.7 and 0.3 |
| stale | J0041 12, J0042 88 | J0042 88 | J0041 ends without a successor |
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import small_lake
from small_lake import FACILITIES, GROUP, Row, claim, write_refresh, write_table

from pipelines.code_sets.crosswalk_files import read_crosswalks
from pipelines.code_sets.release_files import read_release_files
from pipelines.code_sets.tables import code_set_tables

MONTHS = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(2, 18)]  # 2024-03 to 2025-06
CHANGE = date(2025, 1, 1)
BEFORE = {"J0001": 100, "J0011": 100, "J0021": 100, "J0031": 70, "J0032": 30, "J0041": 12, "J0042": 88}
AFTER = {"J0002": 100, "J0012": 60, "J0013": 40, "J0022": 100, "J0023": 100, "J0033": 100, "J0042": 88}
PRODUCTS = {
    "renamed": ["J0001"],
    "parted": ["J0011"],
    "bundled": ["J0021"],
    "merged": ["J0031"],
    "stale": ["J0041", "J0042"],
}
RELEASES = {
    "hcpcs_2024.csv": [f"{code},,,listed" for code in BEFORE],
    # J0043 is new beside J0041 and J0042, and nobody has said what it is.
    "hcpcs_2025.csv": [f"{code},,,listed" for code in (*AFTER, "J0043")],
    "icd10cm_fy2024.csv": ["M17.11,,,listed"],
}
CROSSWALK = [
    "hcpcs,J0001,J0002,2025-01-01,",
    "hcpcs,J0011,J0012,2025-01-01,1",
    "hcpcs,J0011,J0013,2025-01-01,1",
    "hcpcs,J0021,J0022,2025-01-01,0.5",
    "hcpcs,J0021,J0023,2025-01-01,0.5",
    "hcpcs,J0031,J0033,2025-01-01,0.7",
    "hcpcs,J0032,J0033,2025-01-01,0.3",
]
SITE = "3000000001"


def service(code: str, number: int, day: date, **more: object) -> Row:
    """A service of a patient of its own, at one hospital."""
    name = f"{code}-{day:%Y%m%d}-{number}"
    people = {"rendering_npi": "1000000001", "billing_npi": GROUP, "facility_npi": SITE}
    return claim(name, name, day, code) | people | more


def services() -> list[Row]:
    lines = [
        service(code, number, month.replace(day=1 + number % 28))
        for month in MONTHS
        for code, monthly in (BEFORE if month < CHANGE else AFTER).items()
        for number in range(monthly)
    ]
    # Outside their dates: 12 after the end, 12 before the beginning, 3 of no release; and a diagnosis that is no code.
    lines += [service("J0001", number, date(2025, 1, 5)) for number in range(12)]
    lines += [service("J0002", number, date(2024, 12, 5)) for number in range(12)]
    lines += [service("J0099", number, date(2025, 2, 5)) for number in range(3)]
    lines += [service("Q0001", 1, date(2025, 2, 5), diagnosis_codes=["M17", "M1711", "W0110XA"])]
    return lines


def write_code_files(config: Path) -> None:
    """The user's files, as a business user writes them."""
    folder = config / "code_sets"
    folder.mkdir(parents=True)
    for name, rows in RELEASES.items():
        (folder / name).write_text("code,effective_from,effective_to,status\n" + "\n".join(rows) + "\n")
    header = "code_system,from_code,to_code,effective_from,weight\n"
    (folder / "crosswalk.csv").write_text(header + "\n".join(CROSSWALK) + "\n")


def write_code_change_lake(lake: Path, config: Path) -> None:
    """Everything dbt reads: the constant market, the code sets from their files, and a plan built on 2024."""
    small_lake.write_empty_tables(lake)
    small_lake.write_config_and_geography(lake)
    write_table(lake, "config/access_rule", [])
    write_table(
        lake,
        "config/product",
        [{"product_id": name, "product_name": name.title(), "price_usd": 100.0} for name in PRODUCTS],
    )
    write_table(
        lake,
        "config/value_set_code",
        [
            {
                "product_id": name,
                "code_system": "hcpcs",
                "role": "include",
                "code": code,
                "match_kind": "exact",
            }
            for name, codes in PRODUCTS.items()
            for code in codes
        ],
    )
    facility = {"facility_npi": SITE, "facility_name": "Hospital", "facility_zip": FACILITIES[SITE][0]}
    people = [{"npi": "1000000001", "entity_type_code": "1"}, {"npi": GROUP, "entity_type_code": "2"}]
    write_refresh(lake, "directory.2025", date(2025, 1, 1), {"provider": people, "facility": [facility]})
    write_refresh(lake, "claims.2025-07", date(2025, 7, 10), {"medical_claim": services()})
    write_code_files(config)
    releases, problems = read_release_files(config)
    successors, crosswalk_problems = read_crosswalks(config)
    assert problems == crosswalk_problems == []
    for name, table in code_set_tables(releases, successors).items():
        write_table(lake, f"code_sets/{name}", table.to_pylist())
    mix = {
        "product_id": "stale",
        "plan_id": "plan-1",
        "code_system": "hcpcs",
        "last_month": date(2024, 12, 1),
    }
    write_table(
        lake,
        "territories/plan_code_mix",
        [
            mix | {"code": code, "total_usd": 100.0 * 12 * BEFORE[code], "patients": 12 * BEFORE[code]}
            for code in ("J0041", "J0042")
        ],
    )
