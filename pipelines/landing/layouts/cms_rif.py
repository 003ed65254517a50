"""Medicare claims in the CMS research-identifiable layout: carrier, outpatient and inpatient.

Files are pipe-delimited with dates as 30-May-2015, one row per line (carrier) or revenue line (facilities); what is
true of the claim repeats on each row. Meanings of codes are those of ResDAC's variable pages.

* `DML_IND` says what the row does to the claim of its `CLM_ID`: INSERT brings it (a facility's `CLM_FREQ_CD` then
  counts), UPDATE replaces it, DELETE voids it. `FINAL_ACTION` N voids it too: another claim of its group stands.
* Units are `LINE_SRVC_CNT`, but where `CARR_LINE_MTUS_CD` says anaesthesia time the count is of minutes, not services.
* `paid_date` is `NCH_WKLY_PROC_DT`, the week of processing: what orders versions.
* An inpatient claim has one payment; it stands on the claim's first line, so that sums are right.
* External causes and reasons for a visit are no diagnoses of the claim and are not read.
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.landing.layouts.claim_lines import ClaimFields, canonical_claim
from pipelines.landing.layouts.cms_rif_columns import KNOWN_UNUSED
from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair, Rule
from pipelines.landing.sql_expressions import literal

DATES = ("DD-Mon-YYYY",)
CARRIER_DIAGNOSES, FACILITY_DIAGNOSES, PROCEDURES = range(1, 13), range(1, 26), range(1, 26)
# 2 anaesthesia time units, 6 the same with base units (before 1991).
TIME_UNITS = "('2', '6')"
# Who was paid; any other code is a denial or another payer's duty (MSP cost avoided).
PAID_TO = "('1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B')"
# A allowed, R reprocessed, S secondary payer; any other code denies the line.
ALLOWED_LINES = "('A', 'R', 'S')"
CHANGES = "('INSERT', 'UPDATE', 'DELETE')"

CLAIM = (
    Field("dml_ind", required=True),
    Field("bene_id", required=True),
    Field("clm_id", required=True),
    Field("final_action"),
    Field("clm_from_dt", "date", required=True, date_formats=DATES),
    Field("clm_thru_dt", "date", date_formats=DATES),
    Field("nch_wkly_proc_dt", "date", required=True, date_formats=DATES),
    Field("prncpal_dgns_cd", required=True),
    Field("prncpal_dgns_vrsn_cd"),
    Field("icd_dgns_vrsn_cd1"),
    Field("hcpcs_cd", required=True),
    Field("org_npi_num", required=True),
)
CARRIER = (
    *CLAIM,
    *(Field(f"icd_dgns_cd{i}", required=i == 1) for i in CARRIER_DIAGNOSES),
    Field("carr_clm_pmt_dnl_cd", required=True),
    Field("rfr_physn_npi"),
    Field("carr_clm_blg_npi_num"),
    Field("carr_clm_sos_npi_num"),
    Field("line_num", "integer", required=True),
    Field("prf_physn_npi", required=True),
    Field("line_srvc_cnt", "number", required=True),
    Field("line_place_of_srvc_cd", required=True),
    Field("line_1st_expns_dt", "date", required=True, date_formats=DATES),
    Field("line_last_expns_dt", "date", date_formats=DATES),
    *(Field(f"hcpcs_{nth}_mdfr_cd", required=nth == "1st") for nth in ("1st", "2nd", "3rd", "4th", "5th")),
    Field("line_nch_pmt_amt", "number", required=True),
    Field("line_sbmtd_chrg_amt", "number"),
    Field("line_alowd_chrg_amt", "number"),
    Field("line_prcsg_ind_cd"),
    Field("carr_line_mtus_cd"),
    Field("line_icd_dgns_cd"),
)
FACILITY = (
    *CLAIM,
    *(Field(f"icd_dgns_cd{i}", required=i == 1) for i in FACILITY_DIAGNOSES),
    *(Field(f"icd_prcdr_cd{i}") for i in PROCEDURES),
    Field("icd_prcdr_vrsn_cd1"),
    Field("clm_fac_type_cd", required=True),
    Field("clm_srvc_clsfctn_type_cd", required=True),
    Field("clm_freq_cd", required=True),
    Field("clm_mdcr_non_pmt_rsn_cd"),
    Field("op_physn_npi"),
    Field("rndrng_physn_npi", required=True),
    Field("clm_line_num", "integer", required=True),
    Field("rev_cntr", required=True),
    Field("rev_cntr_unit_cnt", "number"),
    Field("rev_cntr_tot_chrg_amt", "number"),
)
OUTPATIENT = (
    *FACILITY,
    *(Field(f"hcpcs_{nth}_mdfr_cd", required=nth == "1st") for nth in ("1st", "2nd", "3rd", "4th", "5th")),
    Field("rev_cntr_dt", "date", required=True, date_formats=DATES),
    Field("rev_cntr_pmt_amt_amt", "number"),
)
INPATIENT = (
    *FACILITY,
    *(Field(f"hcpcs_{nth}_mdfr_cd") for nth in ("1st", "2nd", "3rd", "4th", "5th")),
    Field("clm_drg_cd", required=True),
    Field("clm_pmt_amt", "number"),
)


def _shared(fields: frozenset[str], diagnoses: range) -> dict[str, str]:
    """Steps that all three files have: what the row does, and the diagnoses with the principal one first."""
    places = [f"icd_dgns_cd{i}" for i in diagnoses if f"icd_dgns_cd{i}" in fields]
    listed = ", ".join(places)
    return {
        "change_text": "upper(dml_ind)",
        "is_final": "coalesce(upper(final_action), 'F') <> 'N'",
        "principal_place": "CASE WHEN prncpal_dgns_cd IS NULL OR prncpal_dgns_cd = icd_dgns_cd1 THEN 1 "
        f"ELSE coalesce(nullif(list_position([{listed}], prncpal_dgns_cd), 0), {len(places) + 1}) END",
        # The principal diagnosis comes first; the others keep their order, and none is there twice.
        "ordered_1": "CASE WHEN principal_place = 1 THEN icd_dgns_cd1 ELSE prncpal_dgns_cd END",
        **{
            f"ordered_{i}": f"CASE WHEN {i} <= principal_place THEN {places[i - 2]} "
            f"ELSE {places[i - 1] if i <= len(places) else 'NULL'} END"
            for i in range(2, len(places) + 2)
        },
    }


def _claim(context: FileContext, frequency: str) -> dict[str, str]:
    """Canonical fields that all three files have; `frequency` is SQL for what an inserted claim is."""
    replaces, voids = literal(context.replacement_codes[0]), literal(context.void_codes[0])
    return {
        "claim_id": "clm_id",
        "claim_frequency_code": f"CASE WHEN change_text = 'DELETE' OR NOT is_final THEN {voids} "
        f"WHEN change_text = 'UPDATE' AND {frequency} NOT IN ({voids}, '8') THEN {replaces} ELSE {frequency} END",
        "person_id": "bene_id",
        "payer": "'Medicare'",
        "claim_start_date": "clm_from_dt",
        "claim_end_date": "clm_thru_dt",
        "hcpcs_code": "hcpcs_cd",
        "paid_date": "nch_wkly_proc_dt",
        "diagnosis_code_type": "CASE WHEN coalesce(prncpal_dgns_vrsn_cd, icd_dgns_vrsn_cd1) = '9' "
        "THEN 'icd-9-cm' ELSE 'icd-10-cm' END",
    }


def _modifiers(fields: frozenset[str]) -> list[str]:
    names = [f"hcpcs_{nth}_mdfr_cd" for nth in ("1st", "2nd", "3rd", "4th", "5th")]
    return [name for name in names if name in fields]


SHOWN_AS = {
    "claim_id": "clm_id",
    "person_id": "bene_id",
    "claim_start_date": "clm_from_dt",
    "hcpcs_code": "hcpcs_cd",
}
RULES = (
    Rule(
        "dml_ind",
        f"change_text IS NULL OR change_text NOT IN {CHANGES}",
        "unknown change of a claim",
        "DML_IND is INSERT, UPDATE or DELETE.",
        "dml_ind",
    ),
)


def carrier(context: FileContext) -> CanonicalSql:
    fields = context.delivered_fields
    steps = _shared(fields, CARRIER_DIAGNOSES)
    is_time = f"coalesce(carr_line_mtus_cd IN {TIME_UNITS}, false)"
    denied = (
        f"coalesce(carr_clm_pmt_dnl_cd NOT IN {PAID_TO}, false) "
        f"OR coalesce(line_prcsg_ind_cd NOT IN {ALLOWED_LINES}, false)"
    )
    given = {
        **_claim(context, "'1'"),
        "claim_line_number": "line_num",
        "claim_type": "'professional'",
        "claim_status": f"CASE WHEN {denied} THEN 'denied' WHEN carr_clm_pmt_dnl_cd IS NOT NULL THEN 'paid' END",
        "claim_line_start_date": "line_1st_expns_dt",
        "claim_line_end_date": "line_last_expns_dt",
        "place_of_service_code": "line_place_of_srvc_cd",
        "service_unit_quantity": f"CASE WHEN {is_time} THEN 1.0 ELSE line_srvc_cnt END",
        "rendering_npi": "prf_physn_npi",
        "referring_npi": "rfr_physn_npi",
        "billing_npi": "coalesce(carr_clm_blg_npi_num, org_npi_num)",
        "facility_npi": "carr_clm_sos_npi_num",
        "paid_amount": "line_nch_pmt_amt",
        "allowed_amount": "line_alowd_chrg_amt",
        "charge_amount": "line_sbmtd_chrg_amt",
    }
    return canonical_claim(
        context,
        ClaimFields(
            given,
            diagnoses=[name for name in steps if name.startswith("ordered_")],
            modifiers=_modifiers(fields),
            line_diagnosis="line_icd_dgns_cd" if "line_icd_dgns_cd" in fields else None,
            channel_hint="'medicare'",
            steps=steps,
            shown_as=SHOWN_AS | {"claim_line_number": "line_num"},
            rules=RULES,
            repairs=(
                Repair(
                    "units_of_time",
                    f"{is_time}::INTEGER",
                    "lines count anaesthesia time (CARR_LINE_MTUS_CD 2 or 6), which is one service each",
                ),
            ),
        ),
    )


def _facility(context: FileContext, own: dict[str, str]) -> CanonicalSql:
    fields = context.delivered_fields
    steps = _shared(fields, FACILITY_DIAGNOSES)
    given = {
        **_claim(context, "coalesce(upper(clm_freq_cd), '1')"),
        "claim_line_number": "clm_line_num",
        "claim_type": "'institutional'",
        "claim_status": "CASE WHEN clm_mdcr_non_pmt_rsn_cd IS NOT NULL THEN 'denied' ELSE 'paid' END",
        "bill_type_code": "clm_fac_type_cd || clm_srvc_clsfctn_type_cd || clm_freq_cd",
        "revenue_center_code": "rev_cntr",
        "service_unit_quantity": "rev_cntr_unit_cnt",
        "rendering_npi": "rndrng_physn_npi",
        "operating_npi": "op_physn_npi",
        "billing_npi": "org_npi_num",
        "facility_npi": "org_npi_num",
        "charge_amount": "rev_cntr_tot_chrg_amt",
        "procedure_code_type": "CASE WHEN coalesce(icd_prcdr_vrsn_cd1, prncpal_dgns_vrsn_cd, '0') = '0' "
        "THEN 'icd-10-pcs' ELSE 'icd-9-pcs' END",
        **own,
    }
    return canonical_claim(
        context,
        ClaimFields(
            given,
            diagnoses=[name for name in steps if name.startswith("ordered_")],
            modifiers=_modifiers(fields),
            procedures=[f"icd_prcdr_cd{i}" for i in PROCEDURES if f"icd_prcdr_cd{i}" in fields],
            channel_hint="'medicare'",
            steps=steps,
            shown_as=SHOWN_AS | {"claim_line_number": "clm_line_num"},
            rules=RULES,
        ),
    )


def outpatient(context: FileContext) -> CanonicalSql:
    return _facility(
        context,
        {
            "claim_line_start_date": "rev_cntr_dt",
            "claim_line_end_date": "rev_cntr_dt",
            "paid_amount": "rev_cntr_pmt_amt_amt",
        },
    )


def inpatient(context: FileContext) -> CanonicalSql:
    return _facility(
        context,
        {"drg_code": "clm_drg_cd", "paid_amount": "CASE WHEN clm_line_num = 1 THEN clm_pmt_amt END"},
    )


def _layout(
    name: str, fields: tuple[Field, ...], canonical: Callable[[FileContext], CanonicalSql], event_date: str
) -> Layout:
    return Layout(
        name=name,
        entity="medical_claim",
        fields=fields,
        canonical=canonical,
        known_unused=KNOWN_UNUSED,
        holds_patients=True,
        delimiter="|",
        # Claims are known once they are processed, which is after their services.
        label_date=None,
        event_dates=("nch_wkly_proc_dt", event_date),
    )


CMS_RIF_CARRIER = _layout("cms_rif_carrier", CARRIER, carrier, "line_1st_expns_dt")
CMS_RIF_OUTPATIENT = _layout("cms_rif_outpatient", OUTPATIENT, outpatient, "rev_cntr_dt")
CMS_RIF_INPATIENT = _layout("cms_rif_inpatient", INPATIENT, inpatient, "clm_from_dt")
