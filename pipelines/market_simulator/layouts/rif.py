"""CMS RIF: carrier, outpatient and inpatient files with vertical bars, dates as 30-May-2015, one row per line."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.market_simulator.layouts.common_ground import DIAGNOSES, MODIFIERS

CHANGE = {"1": "INSERT", "7": "UPDATE", "8": "DELETE"}
PLACES = ("1ST", "2ND", "3RD", "4TH")
FILES = {"carrier": "cms_rif_carrier", "outpatient": "cms_rif_outpatient", "inpatient": "cms_rif_inpatient"}
Columns = dict[str, Any]


def rif_files(claims: pd.DataFrame) -> dict[str, tuple[str, pd.DataFrame]]:
    """File name → (layout, rows); only files that have rows."""
    is_inpatient = claims["bill_type_code"].str.startswith("11")
    is_carrier = claims["claim_type"] == "professional"
    parts = {
        "carrier": _carrier(claims[is_carrier]),
        "outpatient": _outpatient(claims[~is_carrier & ~is_inpatient]),
        "inpatient": _inpatient(claims[is_inpatient]),
    }
    return {f"{name}.csv": (FILES[name], rows) for name, rows in parts.items() if len(rows)}


def _shared(claims: pd.DataFrame) -> Columns:
    version = claims["diagnosis_code_type"].map({"icd-9-cm": "9"}).fillna("0")
    return {
        "DML_IND": claims["claim_frequency_code"].map(CHANGE),
        "BENE_ID": claims["person_id"],
        "CLM_ID": claims["claim_id"],
        "CLM_FROM_DT": _days(claims["claim_start_date"]),
        "CLM_THRU_DT": _days(claims["claim_end_date"]),
        # the week in which Medicare processed the claim: that of the delivery
        "NCH_WKLY_PROC_DT": _days(claims["file_date"]),
        "PRNCPAL_DGNS_CD": claims[DIAGNOSES[0]],
        "PRNCPAL_DGNS_VRSN_CD": version,
        **{f"ICD_DGNS_CD{place}": claims[name] for place, name in enumerate(DIAGNOSES, start=1)},
        "HCPCS_CD": claims["hcpcs_code"],
        **{f"HCPCS_{place}_MDFR_CD": claims[name] for place, name in zip(PLACES, MODIFIERS, strict=True)},
    }


def _carrier(claims: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **_shared(claims),
            "CARR_CLM_PMT_DNL_CD": "1",
            "RFR_PHYSN_NPI": "",
            "CARR_CLM_BLG_NPI_NUM": claims["billing_npi"],
            "ORG_NPI_NUM": "",
            "CARR_CLM_SOS_NPI_NUM": claims["facility_npi"],
            "LINE_NUM": claims["claim_line_number"],
            "PRF_PHYSN_NPI": claims["rendering_npi"],
            "LINE_SRVC_CNT": claims["service_unit_quantity"],
            "LINE_PLACE_OF_SRVC_CD": claims["place_of_service_code"],
            "LINE_1ST_EXPNS_DT": _days(claims["claim_line_start_date"]),
            "LINE_LAST_EXPNS_DT": _days(claims["claim_line_end_date"]),
            "LINE_NCH_PMT_AMT": "",
            "LINE_SBMTD_CHRG_AMT": claims["charge_amount"],
            "LINE_ALOWD_CHRG_AMT": "",
            "CARR_LINE_MTUS_CD": "3",
        }
    )


def _facility(claims: pd.DataFrame) -> Columns:
    bill = claims["bill_type_code"]
    return {
        **_shared(claims),
        "ORG_NPI_NUM": claims["facility_npi"],
        "CLM_FAC_TYPE_CD": bill.str[0],
        "CLM_SRVC_CLSFCTN_TYPE_CD": bill.str[1],
        "CLM_FREQ_CD": bill.str[2],
        "CLM_MDCR_NON_PMT_RSN_CD": "",
        "OP_PHYSN_NPI": claims["operating_npi"],
        "RNDRNG_PHYSN_NPI": claims["rendering_npi"],
        "ICD_PRCDR_CD1": claims["procedure_code_1"],
        "ICD_PRCDR_VRSN_CD1": claims["procedure_code_1"].map(lambda code: "0" if code else ""),
        "CLM_LINE_NUM": claims["claim_line_number"],
        "REV_CNTR": claims["revenue_center_code"],
        "REV_CNTR_UNIT_CNT": claims["service_unit_quantity"],
        "REV_CNTR_TOT_CHRG_AMT": claims["charge_amount"],
    }


def _outpatient(claims: pd.DataFrame) -> pd.DataFrame:
    own = {"REV_CNTR_DT": _days(claims["claim_line_start_date"]), "REV_CNTR_PMT_AMT_AMT": ""}
    return pd.DataFrame({**_facility(claims), **own})


def _inpatient(claims: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({**_facility(claims), "CLM_DRG_CD": claims["drg_code"], "CLM_PMT_AMT": ""})


def _days(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts).dt.strftime("%d-%b-%Y")
