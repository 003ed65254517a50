"""Sites of care in the columns of raw/facility: a directory with NPIs and health systems, and the federal list of
hospitals, which knows CCNs and owners instead.

The CCN (CMS certification number) is a key of its own: nearly all hospitals of the federal list would be lost if an NPI
were asked for.
"""

from __future__ import annotations

from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair, Rule
from pipelines.landing.sql_expressions import (
    ccn,
    changed,
    is_valid_npi,
    lost,
    npi_number,
    state_letters,
    whole_number_text,
    zip5,
)

DIRECTORY_FIELDS = (
    Field("facility_npi", synonyms=("npi",), required=True),
    Field("ccn"),
    Field("facility_name", required=True),
    Field("facility_type"),
    Field("facility_ownership"),
    Field("facility_state"),
    Field("facility_zip", synonyms=("facility_zip_code", "zip_code"), required=True),
    Field("health_system_id"),
    Field("health_system_name"),
)
HOSPITAL_FIELDS = (
    Field("ccn", synonyms=("facility_id",), required=True),
    Field("facility_name", required=True),
    Field("facility_type", synonyms=("hospital_type",), required=True),
    Field("facility_ownership", synonyms=("hospital_ownership",), required=True),
    Field("facility_state", synonyms=("state",), required=True),
    Field("facility_zip", synonyms=("zip_code",), required=True),
)
HOSPITAL_UNUSED = (
    r"address|city_town|county_parish|telephone_number|emergency_services",
    r"meets_criteria_for_birthing_friendly_designation|hospital_overall_rating.*",
    r"(mort|safety|readm|pt_exp|te)_group_.*|count_of_.*",
)


def _canonical(*, has_npi: bool) -> CanonicalSql:
    derived = {
        "npi_text": whole_number_text("facility_npi") if has_npi else "NULL::VARCHAR",
        "npi_number": npi_number("npi_text"),
        "state_clean": state_letters("facility_state"),
        "ccn_text": f"upper({whole_number_text('ccn')})",
        "ccn_clean": ccn("ccn_text", "state_clean"),
        "zip_text": whole_number_text("facility_zip"),
        "zip_clean": zip5("zip_text"),
    }
    unsaid = "NULL::VARCHAR"
    columns = {
        "facility_npi": "npi_text",
        "ccn": "ccn_clean",
        "facility_name": "facility_name",
        "facility_type": "facility_type",
        "facility_ownership": "facility_ownership",
        "facility_state": "state_clean",
        "facility_zip": "zip_clean",
        "health_system_id": "health_system_id" if has_npi else unsaid,
        "health_system_name": "health_system_name" if has_npi else unsaid,
    }
    no_npi = Rule(
        "facility_npi",
        f"NOT coalesce({is_valid_npi('npi_number')}, false)",
        "not a valid NPI",
        "A site is found by its NPI: correct it.",
        "facility_npi",
    )
    no_ccn = Rule(
        "ccn",
        f"ccn_clean IS NULL{' AND ccn IS NOT NULL' if has_npi else ''}",
        "not a CCN of its state",
        "A CCN has six characters, also where the first is a zero: deliver it as text, with the state.",
        "ccn",
    )
    repairs = (
        Repair(
            "ccn_leading_zeros",
            changed("ccn_text", "ccn_clean"),
            "CCNs had lost a leading zero, which the state beside them gave back",
        ),
        Repair("zip_shape", lost("facility_zip", "zip_clean"), "ZIPs are not US ZIPs and were left empty"),
        Repair(
            "zip_leading_zeros",
            f"(length(zip_text) IN (3, 4, 7, 8))::INTEGER * {changed('zip_text', 'zip_clean')}",
            "ZIPs had lost leading zeros, which were put back",
        ),
    )
    return CanonicalSql(derived, columns, (no_npi, no_ccn) if has_npi else (no_ccn,), repairs)


def _directory(_: FileContext) -> CanonicalSql:
    return _canonical(has_npi=True)


def _hospitals(_: FileContext) -> CanonicalSql:
    return _canonical(has_npi=False)


FACILITY_LAYOUT = Layout(
    name="facility",
    entity="facility",
    fields=DIRECTORY_FIELDS,
    canonical=_directory,
    label_date=Field("file_date", "date"),
    dated_by_name=True,
)
HOSPITAL_GENERAL_INFORMATION = Layout(
    name="hospital_general_information",
    entity="facility",
    fields=HOSPITAL_FIELDS,
    canonical=_hospitals,
    known_unused=HOSPITAL_UNUSED,
    dated_by_name=True,
)
