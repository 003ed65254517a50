"""Sites of care with the health system they belong to, in the columns of raw/facility."""

from __future__ import annotations

from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair, Rule
from pipelines.landing.sql_expressions import changed, is_valid_npi, lost, npi_number, whole_number_text, zip5

FIELDS = (
    Field("facility_npi", synonyms=("npi",), required=True),
    Field("facility_name", required=True),
    Field("facility_type"),
    Field("facility_zip", synonyms=("facility_zip_code", "zip_code"), required=True),
    Field("health_system_id"),
    Field("health_system_name"),
)


def canonical(_: FileContext) -> CanonicalSql:
    derived = {
        "npi_text": whole_number_text("facility_npi"),
        "npi_number": npi_number("npi_text"),
        "zip_text": whole_number_text("facility_zip"),
        "zip_clean": zip5("zip_text"),
    }
    columns = {
        "facility_npi": "npi_text",
        "facility_name": "facility_name",
        "facility_type": "facility_type",
        "facility_zip": "zip_clean",
        "health_system_id": "health_system_id",
        "health_system_name": "health_system_name",
    }
    rules = (
        Rule(
            "facility_npi",
            f"NOT coalesce({is_valid_npi('npi_number')}, false)",
            "not a valid NPI",
            "A site is found by its NPI: correct it.",
            "facility_npi",
        ),
    )
    repairs = (
        Repair("zip_shape", lost("facility_zip", "zip_clean"), "ZIPs are not US ZIPs and were left empty"),
        Repair(
            "zip_leading_zeros",
            f"(length(zip_text) IN (3, 4, 7, 8))::INTEGER * {changed('zip_text', 'zip_clean')}",
            "ZIPs had lost leading zeros, which were put back",
        ),
    )
    return CanonicalSql(derived, columns, rules, repairs)


FACILITY_LAYOUT = Layout(
    name="facility",
    entity="facility",
    fields=FIELDS,
    canonical=canonical,
    label_date=Field("file_date", "date"),
)
