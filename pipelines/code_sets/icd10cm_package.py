"""ICD-10-CM by fiscal year, read from the `drgpy` package: the diagnosis lists of MS-DRG definitions v36 to v43.1.

CMS's definitions manual assigns every diagnosis code of a year to a major diagnostic category, so its keys are the year's
list of codes. External causes (V to Y) are no principal diagnoses and are not in it; codes that begin so are not judged.
A release of the package holds what came in the course of its year as well, where CMS re-issued the manual.
"""

from __future__ import annotations

import json
import lzma
from datetime import date
from functools import cache
from importlib.resources import files

from pipelines.code_sets.release import Release

CODE_SET = "icd10cm"
FOLDER = "drgpy.runtime_data"
# Definitions version by the day from which it groups: 1 October, and 1 April where CMS issued one.
VERSIONS = {
    "v36": date(2018, 10, 1),
    "v37": date(2019, 10, 1),
    "v38": date(2020, 10, 1),
    "v39": date(2021, 10, 1),
    "v40": date(2022, 10, 1),
    "v41": date(2023, 10, 1),
    "v41.1": date(2024, 4, 1),
    "v42": date(2024, 10, 1),
    "v42.1": date(2025, 4, 1),
    "v43": date(2025, 10, 1),
    "v43.1": date(2026, 4, 1),
}


def release_name(effective_from: date) -> str:
    """`icd10cm_fy2025`, or `icd10cm_fy2025_04` for the update within the fiscal year."""
    if effective_from.month >= 10:
        return f"{CODE_SET}_fy{effective_from.year + 1}"
    return f"{CODE_SET}_fy{effective_from.year}_{effective_from.month:02d}"


@cache
def package_releases() -> tuple[Release, ...]:
    """All releases of the package. About one CPU second for all of them, hence kept for the process."""
    return tuple(
        Release(CODE_SET, release_name(day), day, _diagnoses(version)) for version, day in VERSIONS.items()
    )


def _diagnoses(version: str) -> frozenset[str]:
    """The keys of `dxmap`: only this part of the document is parsed, the rest is eleven megabytes.

    ValueError where the package's document is not of the form it had when it was pinned.
    """
    text = lzma.decompress(files(FOLDER).joinpath(f"{version}.json.xz").read_bytes()).decode("ascii")
    start = text.find('"dxmap":')
    if start < 0:
        raise ValueError(f"{FOLDER} {version} has no list of diagnoses")
    diagnoses, _ = json.JSONDecoder().raw_decode(text, start + len('"dxmap":'))
    return frozenset(diagnoses)
