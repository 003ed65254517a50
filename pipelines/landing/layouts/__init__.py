"""One module per layout: how one vendor format names, writes and breaks its columns. No reading or writing of
files.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.config.model import BusinessConfig
from pipelines.landing.layouts.cms_rif import CMS_RIF_CARRIER, CMS_RIF_INPATIENT, CMS_RIF_OUTPATIENT
from pipelines.landing.layouts.contract import Layout
from pipelines.landing.layouts.facility import FACILITY_LAYOUT, HOSPITAL_GENERAL_INFORMATION
from pipelines.landing.layouts.flat_claims import flat_layout
from pipelines.landing.layouts.medicare_part_b import MEDICARE_PART_B
from pipelines.landing.layouts.nppes_extras import NPPES_OTHER_NAMES, NPPES_PRACTICE_LOCATIONS
from pipelines.landing.layouts.provider_directory import PROVIDER_DIRECTORY
from pipelines.landing.layouts.tuva_eligibility import TUVA_ELIGIBILITY
from pipelines.landing.layouts.tuva_medical_claim import TUVA_MEDICAL_CLAIM
from pipelines.landing.layouts.x12_837 import X12_837

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        TUVA_MEDICAL_CLAIM,
        CMS_RIF_CARRIER,
        CMS_RIF_OUTPATIENT,
        CMS_RIF_INPATIENT,
        X12_837,
        MEDICARE_PART_B,
        PROVIDER_DIRECTORY,
        NPPES_PRACTICE_LOCATIONS,
        NPPES_OTHER_NAMES,
        FACILITY_LAYOUT,
        HOSPITAL_GENERAL_INFORMATION,
        TUVA_ELIGIBILITY,
    )
}


def layouts_of(config: BusinessConfig) -> Mapping[str, Layout]:
    """The shipped layouts, and those of the business files."""
    return {**{name: flat_layout(said) for name, said in config.layouts.items()}, **LAYOUTS}


__all__ = ["LAYOUTS", "Layout", "layouts_of"]
