"""Medicare Physician & Other Practitioners, by Provider and Service: annual volumes, no claim lines.

Column names as CMS publishes them (`Rndrng_NPI`, …). A file covers one year and does not say which: the
source profile's constant `service_year` does. Rows with ten or fewer beneficiaries are left out by CMS, so
volumes are a lower bound.
"""

from __future__ import annotations

from datetime import date

from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair, Rule
from pipelines.landing.sql_expressions import (
    changed,
    is_valid_npi,
    literal,
    lost,
    npi_number,
    state_letters,
    when_matches,
    whole_number_text,
    zip5,
)

FIELDS = (
    Field("rndrng_npi", required=True),
    Field("rndrng_prvdr_city"),
    Field("rndrng_prvdr_state_abrvtn", required=True),
    Field("rndrng_prvdr_zip5", required=True),
    Field("rndrng_prvdr_type", required=True),
    Field("hcpcs_cd", required=True),
    Field("place_of_srvc"),
    Field("tot_benes", "integer", required=True),
    Field("tot_srvcs", "number", required=True),
    Field("avg_mdcr_pymt_amt", "number", required=True),
)
KNOWN_UNUSED = (
    r"rndrng_prvdr_(last_org_name|first_name|mi|crdntls|gndr|ent_cd|st1|st2|state_fips|ruca|ruca_desc|cntry)",
    r"rndrng_prvdr_mdcr_prtcptg_ind",
    r"hcpcs_(desc|drug_ind)",
    r"tot_bene_day_srvcs",
    r"avg_(sbmtd_chrg|mdcr_alowd_amt|mdcr_stdzd_amt)",
)


def canonical(context: FileContext) -> CanonicalSql:
    year = int(context.constants["service_year"])
    derived = {
        "npi_text": whole_number_text("rndrng_npi"),
        "npi_number": npi_number("npi_text"),
        "hcpcs_text": f"upper({whole_number_text('hcpcs_cd')})",
        "zip_text": whole_number_text("rndrng_prvdr_zip5"),
        "zip_clean": zip5("zip_text"),
        "state_clean": state_letters("rndrng_prvdr_state_abrvtn"),
        "place_clean": when_matches("upper(place_of_srvc)", "[FO]"),
    }
    columns = {
        "service_year": f"{year}::BIGINT",
        "rendering_npi": "npi_text",
        "provider_city": "rndrng_prvdr_city",
        "provider_state": "state_clean",
        "provider_zip": "zip_clean",
        "provider_type": "rndrng_prvdr_type",
        "hcpcs_code": "hcpcs_text",
        "place_of_service": "place_clean",
        "beneficiaries": "tot_benes",
        "services": "tot_srvcs",
        "average_payment_usd": "avg_mdcr_pymt_amt",
    }
    rules = (
        Rule(
            "rndrng_npi",
            f"NOT coalesce({is_valid_npi('npi_number')}, false)",
            "not a valid NPI",
            "A volume without a provider cannot be placed: correct the NPI.",
            "rndrng_npi",
        ),
        Rule(
            "hcpcs_cd",
            "NOT coalesce(regexp_full_match(hcpcs_text, '[A-Z0-9]{5}'), false)",
            "impossible HCPCS code",
            "An HCPCS code has five letters or digits.",
            "hcpcs_cd",
        ),
        Rule(
            "tot_srvcs",
            "tot_srvcs IS NULL OR tot_srvcs < 0",
            "no usable number of services",
            "Deliver Tot_Srvcs as a number of 0 or more.",
            "tot_srvcs::VARCHAR",
        ),
    )
    repairs = (
        Repair(
            "zip_shape", lost("rndrng_prvdr_zip5", "zip_clean"), "ZIPs are not US ZIPs and were left empty"
        ),
        Repair(
            "zip_leading_zeros",
            f"(length(zip_text) < 5)::INTEGER * {changed('zip_text', 'zip_clean')}",
            "ZIPs had lost leading zeros, which were put back",
        ),
        Repair(
            "state_shape",
            lost("rndrng_prvdr_state_abrvtn", "state_clean"),
            "states are not two letters and were left empty",
        ),
        Repair(
            "place_of_service_shape",
            lost("place_of_srvc", "place_clean"),
            "places of service are neither F nor O and were left empty",
        ),
    )
    span = (literal(date(year, 1, 1)), literal(date(year, 12, 31)))
    return CanonicalSql(derived, columns, rules, repairs, service_span=span)


MEDICARE_PART_B = Layout(
    name="medicare_part_b",
    entity="part_b_volume",
    fields=FIELDS,
    canonical=canonical,
    known_unused=KNOWN_UNUSED,
    required_constants=("service_year",),
)
