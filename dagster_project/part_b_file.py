"""What the Medicare Part B file says of a product, row by row in plain Python: the other side of a reconciliation.

Does not belong here: anything that reads the warehouse, or shares a rule with its SQL. Codes, periods, amounts and
cents are worked out again, so that a mistake has to be made twice to go unseen.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Volume:
    """One row of the file: a provider's year with one code. Amounts are in billed units and US dollars."""

    npi: str
    zip5: str
    code: str
    beneficiaries: Decimal
    services: Decimal
    average_payment: Decimal


@dataclass(frozen=True)
class FileTotals:
    """A product's part of the file: `procedures` and dollars in all, and what lies in a ZIP that is on the map."""

    rows: int
    procedures: Decimal
    located: Decimal
    total_usd: Decimal
    located_usd: Decimal
    paid_usd: Decimal


def read_volumes(file: Path) -> Iterator[Volume]:
    """The rows of a (gzipped) file by provider and service."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            yield Volume(
                row["Rndrng_NPI"],
                row["Rndrng_Prvdr_Zip5"].zfill(5)[:5],
                row["HCPCS_Cd"].upper(),
                Decimal(row["Tot_Benes"]),
                Decimal(row["Tot_Srvcs"]),
                Decimal(row["Avg_Mdcr_Pymt_Amt"]),
            )


def codes_of_product(entries: pd.DataFrame, codes: Iterable[str], year: int) -> set[str]:
    """Those of `codes` that the product's HCPCS entries list, and do not leave out, on any day of the year.

    `entries`: rows of the product in `config/value_set_code`.
    """
    days = [date(year, 1, 1) + timedelta(days=day) for day in range(366)]
    days = [day for day in days if day.year == year]
    listed = entries[entries["code_system"] == "hcpcs"].to_dict("records")

    def counts(code: str) -> bool:
        mine = [entry for entry in listed if _names(entry, code)]
        roles = ({entry["role"] for entry in mine if _holds(entry, day)} for day in days)
        return bool(mine) and any(on_day == {"include"} for on_day in roles)

    return {code for code in codes if counts(code)}


def _holds(entry: Mapping[Hashable, Any], day: date) -> bool:
    last = entry["effective_to"]
    return bool(entry["effective_from"] <= day and (pd.isna(last) or day <= last))


def _names(entry: Mapping[Hashable, Any], code: str) -> bool:
    written = str(entry["code"]).rstrip("*")
    if entry["match_kind"] == "exact":
        return code == written
    if entry["match_kind"] == "prefix":
        return code.startswith(written)
    return written <= code <= str(entry["code_to"])


def codes_billed_by_amount(code_rules: pd.DataFrame, codes: Iterable[str]) -> set[str]:
    """Codes whose billed units are an amount of a drug or mean nothing: their people are counted instead."""
    rules = [rule for rule in code_rules.to_dict("records") if rule["code_system"] == "hcpcs"]

    def is_amount(code: str) -> bool:
        matching = [rule for rule in rules if _names(rule, code)]
        if not matching:
            return False
        best = max(matching, key=lambda rule: (rule["match_kind"] == "exact", len(str(rule["code"]))))
        is_dose = best["unit_kind"] == "dose" and not best["is_two_sided"]
        return bool(best["unit_kind"] == "event" or is_dose)

    return {code for code in codes if is_amount(code)}


def file_totals(
    volumes: Iterable[Volume], amount_codes: set[str], price: Decimal, zips_on_the_map: set[str]
) -> FileTotals:
    """Sum the volumes of one product. Its price is applied, and rounded to the cent, once per provider and ZIP."""
    rows, paid = 0, Decimal(0)
    procedures: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for volume in volumes:
        rows += 1
        counted = volume.beneficiaries if volume.code in amount_codes else volume.services
        procedures[volume.npi, volume.zip5] += counted
        paid += (volume.services * volume.average_payment).quantize(CENT, ROUND_HALF_UP)
    usd = {place: (count * price).quantize(CENT, ROUND_HALF_UP) for place, count in procedures.items()}
    located = [place for place in procedures if place[1] in zips_on_the_map]
    return FileTotals(
        rows,
        sum(procedures.values(), Decimal(0)),
        sum((procedures[place] for place in located), Decimal(0)),
        sum(usd.values(), Decimal(0)),
        sum((usd[place] for place in located), Decimal(0)),
        paid,
    )
