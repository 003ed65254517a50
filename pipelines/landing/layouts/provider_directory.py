"""The provider directory, as Tuva's provider file or as the main file of NPPES itself.

Names of individual providers are registry data and stay. A deactivated provider stays with the date. Registry
placeholders like `<UNAVAIL>` are no values. A mailing address is where letters go: its ZIP is kept to be told from
the practice's and never stands in for it.
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

NPPES_TAXONOMIES = range(1, 16)
_ADDRESS_LINE = "provider_first_line_business_practice_location_address"
_PRACTICE = "provider_business_practice_location_address_"

DATES = ("YYYY-MM-DD", "MM/DD/YYYY")
LAST_UPDATED = Field("last_updated", "date", synonyms=("last_update_date",), date_formats=DATES)
FIELDS = (
    Field("npi", required=True),
    Field("entity_type_code", required=True),
    Field(
        "provider_organization_name",
        synonyms=("provider_organization_name_legal_business_name",),
        required=True,
    ),
    Field("provider_first_name"),
    Field("provider_last_name", synonyms=("provider_last_name_legal_name",)),
    # Tuva's file has resolved the primary taxonomy; NPPES lists up to 15 with a switch each.
    Field("primary_taxonomy_code", synonyms=("healthcare_provider_taxonomy_code_1",), required=True),
    *(Field(f"healthcare_provider_taxonomy_code_{i}") for i in NPPES_TAXONOMIES[1:]),
    *(Field(f"healthcare_provider_primary_taxonomy_switch_{i}") for i in NPPES_TAXONOMIES),
    Field("specialty", synonyms=("primary_specialty_description",)),
    Field("practice_city", synonyms=(f"{_PRACTICE}city_name",), required=True),
    Field("practice_state", synonyms=(f"{_PRACTICE}state_name",), required=True),
    Field("practice_zip_code", synonyms=(f"{_PRACTICE}postal_code",), required=True),
    Field("practice_address_line_1", synonyms=(_ADDRESS_LINE,)),
    Field("mailing_zip_code", synonyms=("provider_business_mailing_address_postal_code",)),
    Field("enumeration_date", "date", synonyms=("provider_enumeration_date",), date_formats=DATES),
    Field("deactivation_date", "date", synonyms=("npi_deactivation_date",), date_formats=DATES),
    Field("npi_reactivation_date", "date", synonyms=("reactivation_date",), date_formats=DATES),
    LAST_UPDATED,
)
KNOWN_UNUSED = (
    r"entity_type_description",
    r"provider_(credential|middle_name|name_prefix|name_suffix|other|first_line|second_line|license).*",
    r"provider_(business|sex|gender).*",
    r"(parent_organization|practice_address|mailing_telephone|location_telephone|official_telephone).*",
    r"deactivation_flag",
    r"npi_deactivation_reason_code",
    r"(replacement_npi|employer_identification_number_ein)",
    r"authorized_official.*",
    r"other_provider_identifier.*",
    r"is_(sole_proprietor|organization_subpart)",
    r"healthcare_provider_taxonomy_group.*",
    r"certification_date",
)


def canonical(_: FileContext) -> CanonicalSql:
    codes = ["primary_taxonomy_code"] + [
        f"healthcare_provider_taxonomy_code_{i}" for i in NPPES_TAXONOMIES[1:]
    ]
    primary = " ".join(
        f"WHEN upper(healthcare_provider_primary_taxonomy_switch_{i}) = 'Y' THEN {code}"
        for i, code in zip(NPPES_TAXONOMIES, codes, strict=True)
    )
    derived = {
        "is_po_box": is_po_box("practice_address_line_1"),
        "npi_text": whole_number_text("npi"),
        "npi_number": npi_number("npi_text"),
        "entity_text": whole_number_text("entity_type_code"),
        "entity_clean": when_matches("entity_text", "[12]"),
        "zip_text": whole_number_text("practice_zip_code"),
        "zip_clean": zip5("zip_text"),
        "state_clean": state_letters("practice_state"),
        "organization_name": "nullif(provider_organization_name, '<UNAVAIL>')",
        "person_name": "nullif(concat_ws(' ', provider_first_name, provider_last_name), '')",
        "taxonomy_text": f"upper(CASE {primary} ELSE primary_taxonomy_code END)",
        "taxonomy_clean": when_matches("taxonomy_text", "[A-Z0-9]{9}X"),
        "taxonomies_clean": f"list_filter([{', '.join(f'upper({code})' for code in codes)}], "
        "code -> regexp_full_match(code, '[A-Z0-9]{9}X'))",
        "mailing_text": whole_number_text("mailing_zip_code"),
    }
    columns = {
        "npi": "npi_text",
        "entity_type_code": "entity_clean",
        "provider_name": "coalesce(organization_name, person_name)",
        "primary_taxonomy_code": "taxonomy_clean",
        "taxonomy_codes": "taxonomies_clean",
        "specialty": "specialty",
        "practice_city": "practice_city",
        "practice_state": "state_clean",
        "practice_zip": "zip_clean",
        "is_practice_po_box": "is_po_box",
        "mailing_zip": zip5("mailing_text"),
        "enumeration_date": "enumeration_date",
        "deactivation_date": "deactivation_date",
        "reactivation_date": "npi_reactivation_date",
        "last_updated": "last_updated",
    }
    rules = (
        Rule(
            "npi",
            f"NOT coalesce({is_valid_npi('npi_number')}, false)",
            "not a valid NPI",
            "A provider is found by its NPI: correct it.",
            "npi",
        ),
    )
    repairs = (
        Repair(
            "entity_type_shape",
            lost("entity_type_code", "entity_clean"),
            "entity types are neither 1 nor 2 and were left empty",
        ),
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
            "taxonomy_shape",
            lost("taxonomy_text", "taxonomy_clean"),
            "taxonomy codes have an impossible shape and were left empty",
        ),
        Repair(
            "po_box",
            "coalesce(is_po_box, false)::INTEGER",
            "practice addresses are post office boxes, where nobody is located",
        ),
        Repair(
            "reactivated",
            "coalesce(npi_reactivation_date >= deactivation_date, false)::INTEGER",
            "providers were deactivated and later reactivated: they count as active",
        ),
    )
    return CanonicalSql(derived, columns, rules, repairs)


PROVIDER_DIRECTORY = Layout(
    name="provider_directory",
    entity="provider",
    fields=FIELDS,
    canonical=canonical,
    known_unused=KNOWN_UNUSED,
    update_date=LAST_UPDATED,
    dated_by_name=True,
)
