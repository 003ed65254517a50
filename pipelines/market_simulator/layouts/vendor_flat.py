"""An invented vendor's flat file, with the description that lets landing read it."""

from __future__ import annotations

import pandas as pd

from pipelines.market_simulator.layouts.common_ground import DIAGNOSES, MODIFIERS, PAYER

LAYOUT, FILE = "simulated_flat", "simulated_flat.txt"
DELIMITER = "^"
ACTIONS = {"1": "NEW", "7": "CHG", "8": "DEL"}
FORMS = {"professional": "P", "institutional": "I"}
VERSIONS = {"icd-10-cm": "10", "icd-9-cm": "9"}
DESCRIPTION = f"""# The simulated market's flat file: what each canonical column is made from.
delimiter: "{DELIMITER}"
encoding: utf-8
date_format: MM/DD/YYYY
columns:
  claim_id: {{column: Claim No, capture: "^CLM-(.+)$"}}
  claim_line_number: {{column: LN}}
  claim_type: {{column: Form, map: {{P: professional, I: institutional}}}}
  claim_frequency_code: {{column: Action, map: {{NEW: "1", CHG: "7", DEL: "8"}}}}
  person_id: {{column: Member}}
  payer: {{constant: {PAYER}}}
  claim_start_date: {{column: From}}
  claim_end_date: {{column: Thru}}
  claim_line_start_date: {{column: Svc Date, date_format: YYYYMMDD}}
  place_of_service_code: {{column: POS}}
  bill_type_code: {{column: TOB}}
  revenue_center_code: {{column: Rev}}
  drg_code: {{column: DRG}}
  service_unit_quantity: {{column: Qty}}
  hcpcs_code: {{column: Proc}}
  hcpcs_modifiers: {{column: Mods, split: " "}}
  rendering_npi: {{column: Rendering}}
  operating_npi: {{column: Operating}}
  billing_npi: {{column: Billing}}
  facility_npi: {{column: Site}}
  charge_amount: {{column: Billed}}
  diagnosis_codes: {{column: Dx, split: ";"}}
  diagnosis_code_type: {{column: Dx Ver, map: {{"10": icd-10-cm, "9": icd-9-cm}}}}
  icd10pcs_codes: {{column: Px, split: ";"}}
"""


def flat_rows(claims: pd.DataFrame) -> pd.DataFrame:
    """The vendor's rows, all text."""
    return pd.DataFrame(
        {
            "Claim No": "CLM-" + claims["claim_id"],
            "LN": claims["claim_line_number"],
            "Form": claims["claim_type"].map(FORMS),
            "Action": claims["claim_frequency_code"].map(ACTIONS),
            "Member": claims["person_id"],
            "From": _days(claims["claim_start_date"], "%m/%d/%Y"),
            "Thru": _days(claims["claim_end_date"], "%m/%d/%Y"),
            "Svc Date": _days(claims["claim_line_start_date"], "%Y%m%d"),
            "POS": claims["place_of_service_code"],
            "TOB": claims["bill_type_code"],
            "Rev": claims["revenue_center_code"],
            "DRG": claims["drg_code"],
            "Qty": claims["service_unit_quantity"],
            "Proc": claims["hcpcs_code"],
            "Mods": _joined(claims, MODIFIERS, " "),
            "Rendering": claims["rendering_npi"],
            "Operating": claims["operating_npi"],
            "Billing": claims["billing_npi"],
            "Site": claims["facility_npi"],
            "Billed": claims["charge_amount"],
            "Dx": _joined(claims, DIAGNOSES, ";"),
            "Dx Ver": claims["diagnosis_code_type"].map(VERSIONS),
            "Px": claims["procedure_code_1"],
        }
    )


def _days(texts: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(texts).dt.strftime(form)


def _joined(claims: pd.DataFrame, names: tuple[str, ...], separator: str) -> list[str]:
    return [
        separator.join(value for value in values if value)
        for values in zip(*(claims[name] for name in names), strict=True)
    ]
