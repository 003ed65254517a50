"""`python -m pipelines.market_simulator.calibration`: what a simulated market looks like beside published figures.

Belongs here: the figures with their sources, and the measuring of a small national market against them. A figure that
nobody was found to publish is called an assumption. Does not belong here: making markets.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from pipelines.market_simulator.deliveries import write_refreshes
from pipelines.market_simulator.spec import null_spec
from pipelines.market_simulator.traps import Traps

# Rates of the visits that can be denied, so that a fifth of the claims are. How many are billed again is an assumption.
DENIAL_RATES = {"denied_then_resubmitted": 0.165, "denied_only": 0.115}
LINES_PER_MONTH, MONTHS = 20_000, 6


@dataclass(frozen=True)
class Figure:
    """A quantity, what was published of it (empty: nothing was found) and where, and what the simulator gives."""

    quantity: str
    published: str
    source: str
    simulated: str


def figures(claims: pd.DataFrame, directory: pd.DataFrame) -> list[Figure]:
    """`claims` are lines in the Tuva layout, all versions; `directory` gives the facility type by NPI."""
    first = claims[claims["claim_frequency_code"] == "1"]
    by_claim = first.groupby("claim_id").agg(
        kind=("claim_type", "first"), lines=("claim_line_number", "nunique"), status=("claim_status", "first")
    )
    lines = by_claim.groupby("kind")["lines"].mean()
    kinds = by_claim["kind"].value_counts(normalize=True)
    professional = first[first["claim_type"] == "professional"]
    office = (professional["place_of_service_code"] == "11").mean()
    people = first.drop_duplicates("person_id")
    plans = people["plan"].value_counts(normalize=True)
    medicare = people[people["plan"] == "Medicare"]
    private = (medicare["payer"] != "Original Medicare").mean()
    sided = first[["hcpcs_modifier_1", "hcpcs_modifier_2"]].isin(["RT", "LT", "50"]).any(axis=1).mean()
    implants = first[(first["hcpcs_code"] == "C1776") & (first["claim_type"] == "institutional")]
    types = implants["facility_npi"].map(directory.set_index("facility_npi")["facility_type"])
    center = types.str.contains("surg", case=False).mean()
    changed = {
        code: claims.loc[claims["claim_frequency_code"] == code, "claim_id"].nunique() / len(by_claim)
        for code in ("7", "8")
    }
    tuva = "Tuva Health, two synthetic sample sets (Apache-2.0), measured"
    return [
        Figure("lines per professional claim", "1.57 and 1.70", tuva, f"{lines['professional']:.2f}"),
        Figure("lines per institutional claim", "3.79 and 5.08", tuva, f"{lines['institutional']:.2f}"),
        Figure("professional share of claims", "88 % and 92 %", tuva, f"{kinds['professional']:.1%}"),
        Figure("professional lines in an office (11)", "42 % and 45 %", tuva, f"{office:.1%}"),
        Figure("claims denied", "20 % (2023)", "KFF 2025, HealthCare.gov plans", f"{_denied(by_claim):.1%}"),
        Figure("Medicare patients in private plans", "54 % (2024)", "KFF 2024", f"{private:.1%}"),
        Figure("people with Medicaid", "18.9 % (2023)", "Census P60-284", f"{plans['Medicaid']:.1%}"),
        Figure("people with Medicare", "18.9 % (2023)", "Census P60-284", f"{plans['Medicare']:.1%}"),
        Figure("people insured by work", "53.7 % (2023)", "Census P60-284", f"{plans['Commercial']:.1%}"),
        Figure("joint implants in surgery centres", "", "assumption", f"{center:.1%}"),
        Figure("lines with RT, LT or 50", "", "assumption", f"{sided:.1%}"),
        Figure("claims replaced", "", "assumption", f"{changed['7']:.1%}"),
        Figure("claims voided", "", "assumption", f"{changed['8']:.1%}"),
    ]


def _denied(by_claim: pd.DataFrame) -> float:
    return float((by_claim["status"] == "denied").mean())


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="claimline-calibration-") as name:
        spec = null_spec(
            lines_per_month=LINES_PER_MONTH, history_months=MONTHS, refreshes=1, traps=Traps(DENIAL_RATES)
        )
        (folder,) = write_refreshes(spec, Path(name) / "deliveries", Path(name) / "truth")
        claims = pq.read_table(folder / "medical_claim.parquet").to_pandas()
        told = figures(
            claims.astype(object), pq.read_table(folder / "facility.parquet").to_pandas().astype(object)
        )
    print(f"| {'quantity':36} | {'published':14} | {'simulator':9} | source |\n|---|---|---|---|")
    for figure in told:
        print(
            f"| {figure.quantity:36} | {figure.published or '–':14} | {figure.simulated:9} | {figure.source} |"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
