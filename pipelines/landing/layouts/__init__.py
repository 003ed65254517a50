"""One module per layout: how one vendor format names, writes and breaks its columns. No reading or writing of
files.
"""

from __future__ import annotations

from pipelines.landing.layouts.contract import Layout
from pipelines.landing.layouts.facility import FACILITY_LAYOUT
from pipelines.landing.layouts.medicare_part_b import MEDICARE_PART_B
from pipelines.landing.layouts.provider_directory import PROVIDER_DIRECTORY
from pipelines.landing.layouts.tuva_medical_claim import TUVA_MEDICAL_CLAIM

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (TUVA_MEDICAL_CLAIM, MEDICARE_PART_B, PROVIDER_DIRECTORY, FACILITY_LAYOUT)
}

__all__ = ["LAYOUTS", "Layout"]
