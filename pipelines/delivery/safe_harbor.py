"""An extract after HIPAA's Safe Harbor: three digits of the ZIP, years, no person, and its own small cells closed.

45 CFR 164.514(b)(2)(i). A three-digit ZIP may be told where all ZIPs of it hold more than 20,000 people by the current
census; else it is 000, and so are the 17 that held fewer in the census of 2000, as the guidance of the Department of
Health and Human Services on de-identification lists them. No ages are held, so none need to be grouped above 89.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

RESTRICTED_ZIP3 = frozenset(
    ["036", "059", "063", "102", "203", "556", "692", "790", "821", "823"]
    + ["830", "831", "878", "879", "884", "890", "893"]  # census of 2000
)
SMALLEST_POPULATION = 20_000
ELSEWHERE = "000"
COLUMNS = ["product_id", "zip3", "service_year", "procedures", "patients", "is_suppressed"]


def zip3_to_tell(zips: Iterable[str], zip3_population: Mapping[str, int]) -> dict[str, str]:
    """ZIP → the three digits that may be told; 000 where the population is small, restricted or not known."""
    return {
        code: code[:3]
        if code[:3] not in RESTRICTED_ZIP3 and zip3_population.get(code[:3], 0) > SMALLEST_POPULATION
        else ELSEWHERE
        for code in zips
    }


def zip3_populations(units: pd.DataFrame) -> dict[str, int]:
    """People by three-digit ZIP, from `geography/unit`; empty where units are no ZCTAs, so that nothing is told."""
    areas = units[(units["unit_type"] == "zcta") & units["population"].notna()]
    sums = areas["population"].groupby(areas["unit_id"].str[:3]).sum()
    return {str(zip3): int(people) for zip3, people in sums.items()}


def suppressed(cells: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """`COLUMNS`, sorted, from product_id, zip3, service_year, procedures, patients: small cells and their partners null.

    Within a product and year withheld cells are none, or at least two that leave each other the range of a small cell:
    the nation's total of a year may be known elsewhere. Cells without patients are left out.
    """
    ordered = cells[cells["patients"] > 0].sort_values(
        ["product_id", "service_year", "patients", "zip3"], kind="stable"
    )
    hidden: list[bool] = []
    for _, group in ordered.groupby(["product_id", "service_year"], sort=False):
        count, slack = 0, 0
        small = (group["patients"] < threshold).any()
        for patients in group["patients"]:
            hide = bool(small and (patients < threshold or count < 2 or slack < threshold - 2))
            hidden.append(hide)
            count, slack = (count + 1, slack + int(patients) - 1) if hide else (count, slack)
    marked = ordered.assign(is_suppressed=hidden)
    for name in ("procedures", "patients"):
        marked[name] = marked[name].astype("Float64").mask(marked["is_suppressed"])
    return marked.sort_values(["product_id", "zip3", "service_year"], ignore_index=True)[COLUMNS]


def breaches(extract: pd.DataFrame, zip3_population: Mapping[str, int], threshold: int) -> list[str]:
    """What of an extract Safe Harbor does not allow, in sentences; empty means that it may leave."""
    found = [f"column {name} is not part of the extract" for name in extract.columns if name not in COLUMNS]
    for zip3 in sorted(set(extract["zip3"]) - {ELSEWHERE}):
        if zip3 in RESTRICTED_ZIP3 or zip3_population.get(zip3, 0) <= SMALLEST_POPULATION or len(zip3) != 3:
            found.append(f"ZIP3 {zip3} may not be told")
    shown = extract.loc[~extract["is_suppressed"], "patients"]
    if ((shown > 0) & (shown < threshold)).any():
        found.append("a small count is shown")
    if extract.loc[extract["is_suppressed"], ["procedures", "patients"]].notna().any(axis=None):
        found.append("a suppressed row shows a number")
    alone = extract.groupby(["product_id", "service_year"])["is_suppressed"].agg(["sum", "size"])
    if ((alone["sum"] == 1) & (alone["size"] > 1)).any():
        found.append("a suppressed cell is the only one of its product and year")
    return found
