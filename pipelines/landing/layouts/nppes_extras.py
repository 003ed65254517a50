"""What NPPES delivers beside its main file: further practice locations (`pl_pfile`) and other names
(`othername_pfile`).

A person with three practices has one row in the main file and two here. Their addresses are for visits; a post office
box among them is marked, because nobody works there.
"""

from __future__ import annotations

from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair, Rule
from pipelines.landing.sql_expressions import (
    changed,
    is_po_box,
    is_valid_npi,
    lost,
    npi_number,
    state_letters,
    when_matches,
    whole_number_text,
    zip5,
)

_PLACE = "provider_secondary_practice_location_address_"
SITE_FIELDS = (
    Field("npi", required=True),
    Field("practice_address_line_1", synonyms=(f"{_PLACE}address_line_1",), required=True),
    Field("practice_city", synonyms=(f"{_PLACE}city_name",), required=True),
    Field("practice_state", synonyms=(f"{_PLACE}state_name",), required=True),
    Field("practice_zip_code", synonyms=(f"{_PLACE}postal_code",), required=True),
)
NAME_FIELDS = (
    Field("npi", required=True),
    Field("other_name", synonyms=("provider_other_organization_name",), required=True),
    Field("other_name_type", synonyms=("provider_other_organization_name_type_code",), required=True),
)
# Codes of NPPES for the kind of another name.
NAME_KINDS = {
    "1": "former_name",
    "2": "professional_name",
    "3": "doing_business_as",
    "4": "former_legal_name",
}
_NPI = {"npi_text": whole_number_text("npi"), "npi_number": npi_number("npi_text")}
_NO_NPI = Rule(
    "npi",
    f"NOT coalesce({is_valid_npi('npi_number')}, false)",
    "not a valid NPI",
    "A provider is found by its NPI: correct it.",
    "npi",
)


def _sites(_: FileContext) -> CanonicalSql:
    derived = _NPI | {
        "zip_text": whole_number_text("practice_zip_code"),
        "zip_clean": zip5("zip_text"),
        "state_clean": state_letters("practice_state"),
        "is_po_box": is_po_box("practice_address_line_1"),
    }
    columns = {
        "npi": "npi_text",
        "practice_city": "practice_city",
        "practice_state": "state_clean",
        "practice_zip": "zip_clean",
        "is_practice_po_box": "is_po_box",
    }
    repairs = (
        Repair(
            "zip_shape", lost("practice_zip_code", "zip_clean"), "ZIPs are not US ZIPs and were left empty"
        ),
        Repair(
            "zip_leading_zeros",
            f"(length(zip_text) IN (3, 4, 7, 8))::INTEGER * {changed('zip_text', 'zip_clean')}",
            "ZIPs had lost leading zeros, which were put back",
        ),
        Repair(
            "state_shape",
            lost("practice_state", "state_clean"),
            "states are not two letters and were left empty",
        ),
        Repair(
            "po_box",
            "coalesce(is_po_box, false)::INTEGER",
            "practice addresses are post office boxes, where nobody is located",
        ),
    )
    return CanonicalSql(derived, columns, (_NO_NPI,), repairs)


def _names(_: FileContext) -> CanonicalSql:
    kinds = " ".join(f"WHEN '{code}' THEN '{kind}'" for code, kind in NAME_KINDS.items())
    derived = _NPI | {
        "kind_text": whole_number_text("other_name_type"),
        "kind_clean": when_matches("kind_text", "[1-5]"),
        "name_clean": "nullif(other_name, '<UNAVAIL>')",
    }
    columns = {
        "npi": "npi_text",
        "other_name": "name_clean",
        "other_name_kind": f"CASE kind_clean {kinds} WHEN '5' THEN 'other' END",
    }
    no_name = Rule(
        "other_name", "name_clean IS NULL", "no name", "Deliver the name, or leave the row out.", "other_name"
    )
    kind_shape = Repair(
        "kind_shape",
        lost("other_name_type", "kind_clean"),
        "kinds of names are not known and were left empty",
    )
    return CanonicalSql(derived, columns, (_NO_NPI, no_name), (kind_shape,))


NPPES_PRACTICE_LOCATIONS = Layout(
    name="nppes_practice_locations",
    entity="provider_site",
    fields=SITE_FIELDS,
    canonical=_sites,
    known_unused=(rf"{_PLACE}.*", r"provider_practice_location_address_fax_number"),
    dated_by_name=True,
)
NPPES_OTHER_NAMES = Layout(
    name="nppes_other_names",
    entity="provider_name",
    fields=NAME_FIELDS,
    canonical=_names,
    dated_by_name=True,
)
