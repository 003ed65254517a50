"""One small truth of claims, written as five vendors would: Tuva, RIF, 837 and a flat file of one's own.

Twenty-four claims of nine patients: two surgeons and a group in an office, in a hospital's outpatient department and
on its wards; modifiers, units, several diagnoses, a replacement and a void.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pipelines.config.model import FilePattern, SourceProfile

KNOWN_ON = date(2026, 3, 31)
SURGEON_A, SURGEON_B, REFERRER = "1000000004", "1000000012", "1000000020"
GROUP, HOSPITAL = "1000000038", "1000000046"


@dataclass(frozen=True)
class TruthLine:
    number: int
    code: str | None
    day: date
    modifiers: tuple[str, ...] = ()
    units: float = 1
    charge: float = 100.0
    revenue: str | None = None
    pointer: int | None = None


@dataclass(frozen=True)
class TruthClaim:
    claim_id: str
    patient: str
    kind: str  # office, outpatient, inpatient
    diagnoses: tuple[str, ...]
    lines: tuple[TruthLine, ...]
    frequency: str = "1"
    surgeon: str = SURGEON_A
    procedures: tuple[str, ...] = field(default=())

    @property
    def is_office(self) -> bool:
        return self.kind == "office"

    @property
    def bill_type(self) -> str | None:
        start = {"office": None, "outpatient": "13", "inpatient": "11"}[self.kind]
        return None if start is None else start + self.frequency

    @property
    def first_day(self) -> date:
        return min(line.day for line in self.lines)

    @property
    def last_day(self) -> date:
        return max(line.day for line in self.lines)


def truth() -> list[TruthClaim]:
    """The claims in the order of their delivery."""
    start = date(2026, 1, 5)
    modifiers = [(), ("RT",), ("50",), ("62",), ("LT", "76"), ("26",), ("80",), ("JW",)]
    claims = []
    for i in range(12):
        day = start + timedelta(days=3 * i)
        lines = [
            TruthLine(
                1, "J7325", day, modifiers[i % 8], units=float(1 + i % 3), charge=200.5 + i, pointer=1 + i % 2
            ),
            TruthLine(2, "G0105", day, (), charge=75.25, pointer=1),
        ]
        claims.append(
            TruthClaim(
                f"P{i:02}", f"M{i % 9}", "office", ("M1711", "E119")[: 2], tuple(lines[: 1 + i % 2]),
                surgeon=SURGEON_B if i % 3 else SURGEON_A,
            )
        )  # fmt: skip
    for i in range(5):
        day = start + timedelta(days=4 * i)
        lines = [
            TruthLine(1, "C1776", day, ("RT",) if i % 2 else (), units=1, charge=5000.0, revenue="0278"),
            TruthLine(2, None, day, units=2, charge=300.0, revenue="0710"),
        ]
        claims.append(TruthClaim(f"O{i:02}", f"M{i}", "outpatient", ("M1712", "I10"), tuple(lines)))
    for i in range(4):
        day = start + timedelta(days=7 * i)
        lines = [TruthLine(1, None, day, units=3, charge=9000.0, revenue="0360")]
        claims.append(
            TruthClaim(
                f"H{i:02}", f"M{i + 2}", "inpatient", ("M1611", "E669", "I2510"), tuple(lines),
                procedures=("0SR9019", "0SRC0J9")[: 1 + i % 2], surgeon=SURGEON_B,
            )
        )  # fmt: skip
    changed = claims[0]
    claims.append(
        replace(changed, frequency="7", lines=(replace(changed.lines[0], units=9.0, charge=999.0),))
    )
    claims.append(replace(claims[1], frequency="8"))
    claims.append(replace(claims[12], frequency="7", lines=claims[12].lines[:1]))
    return claims


# --- Tuva ---------------------------------------------------------------------------------------------------


def tuva_file() -> dict[str, bytes]:
    rows = []
    for claim in truth():
        for line in claim.lines:
            rows.append(
                {
                    "claim_id": claim.claim_id,
                    "claim_line_number": line.number,
                    "claim_type": "professional" if claim.is_office else "institutional",
                    "claim_frequency_code": claim.frequency if claim.is_office else "",
                    "person_id": claim.patient,
                    "payer": "Medicare",
                    "plan": "",
                    "claim_start_date": claim.first_day,
                    "claim_end_date": claim.last_day,
                    "claim_line_start_date": line.day,
                    "claim_line_end_date": line.day,
                    "place_of_service_code": "11" if claim.is_office else "",
                    "bill_type_code": claim.bill_type or "",
                    "revenue_center_code": line.revenue or "",
                    "service_unit_quantity": line.units,
                    "hcpcs_code": line.code or "",
                    **{f"hcpcs_modifier_{i + 1}": text for i, text in enumerate(_filled(line.modifiers, 2))},
                    "rendering_npi": claim.surgeon if claim.is_office else "",
                    "operating_npi": "" if claim.is_office else claim.surgeon,
                    "referring_npi": REFERRER if claim.is_office else "",
                    "billing_npi": GROUP if claim.is_office else HOSPITAL,
                    "facility_npi": "" if claim.is_office else HOSPITAL,
                    "charge_amount": line.charge,
                    "diagnosis_code_type": "icd-10-cm",
                    **{f"diagnosis_code_{i + 1}": c for i, c in enumerate(_filled(claim.diagnoses, 3))},
                    "diagnosis_pointers": line.pointer or "",
                    "procedure_code_type": "icd-10-pcs",
                    **{f"procedure_code_{i + 1}": c for i, c in enumerate(_filled(claim.procedures, 2))},
                }
            )
    return {"medical_claim.csv": _table(rows, ",")}


# --- CMS RIF ------------------------------------------------------------------------------------------------


def rif_files() -> dict[str, bytes]:
    """INSERT, UPDATE and DELETE are what the claims' frequencies are elsewhere."""
    rows: dict[str, list[dict[str, Any]]] = {"office": [], "outpatient": [], "inpatient": []}
    for claim in truth():
        for line in claim.lines:
            row = {
                "DML_IND": {"1": "INSERT", "7": "UPDATE", "8": "DELETE"}[claim.frequency],
                "BENE_ID": claim.patient,
                "CLM_ID": claim.claim_id,
                "CLM_GRP_ID": claim.claim_id,
                "FINAL_ACTION": "F",
                "CLM_FROM_DT": _rif_day(claim.first_day),
                "CLM_THRU_DT": _rif_day(claim.last_day),
                "NCH_WKLY_PROC_DT": "27-Mar-2026",
                "PRNCPAL_DGNS_CD": claim.diagnoses[0],
                "PRNCPAL_DGNS_VRSN_CD": "0",
                # The principal diagnosis need not be the first of the list.
                **{f"ICD_DGNS_CD{i + 1}": c for i, c in enumerate(_filled(_principal_last(claim), 3))},
                "HCPCS_CD": line.code or "",
                "HCPCS_1ST_MDFR_CD": _filled(line.modifiers, 2)[0],
                "HCPCS_2ND_MDFR_CD": _filled(line.modifiers, 2)[1],
            }
            rows[claim.kind].append(
                row | (_carrier(claim, line) if claim.is_office else _facility(claim, line))
            )
    names = {"office": "carrier", "outpatient": "outpatient", "inpatient": "inpatient"}
    return {f"{names[kind]}.csv": _table(listed, "|") for kind, listed in rows.items()}


def _principal_last(claim: TruthClaim) -> tuple[str, ...]:
    return (*claim.diagnoses[1:], claim.diagnoses[0])


def _carrier(claim: TruthClaim, line: TruthLine) -> dict[str, Any]:
    return {
        "CARR_CLM_PMT_DNL_CD": "1",
        "RFR_PHYSN_NPI": REFERRER,
        "LINE_NUM": line.number,
        "PRF_PHYSN_NPI": claim.surgeon,
        "ORG_NPI_NUM": GROUP,
        "LINE_SRVC_CNT": line.units,
        "LINE_PLACE_OF_SRVC_CD": "11",
        "LINE_1ST_EXPNS_DT": _rif_day(line.day),
        "LINE_LAST_EXPNS_DT": _rif_day(line.day),
        "LINE_NCH_PMT_AMT": "0.00",
        "LINE_SBMTD_CHRG_AMT": line.charge,
        "CARR_LINE_MTUS_CD": "3",
        "LINE_ICD_DGNS_CD": claim.diagnoses[line.pointer - 1] if line.pointer else "",
    }


def _facility(claim: TruthClaim, line: TruthLine) -> dict[str, Any]:
    row = {
        "ORG_NPI_NUM": HOSPITAL,
        "CLM_FAC_TYPE_CD": "1",
        "CLM_SRVC_CLSFCTN_TYPE_CD": "3" if claim.kind == "outpatient" else "1",
        "CLM_FREQ_CD": claim.frequency,
        "CLM_MDCR_NON_PMT_RSN_CD": "",
        "OP_PHYSN_NPI": claim.surgeon,
        "RNDRNG_PHYSN_NPI": "",
        **{f"ICD_PRCDR_CD{i + 1}": c for i, c in enumerate(_filled(claim.procedures, 2))},
        "ICD_PRCDR_VRSN_CD1": "0",
        "CLM_LINE_NUM": line.number,
        "REV_CNTR": line.revenue,
        "REV_CNTR_UNIT_CNT": line.units,
        "REV_CNTR_TOT_CHRG_AMT": line.charge,
    }
    if claim.kind == "outpatient":
        return row | {"REV_CNTR_DT": _rif_day(line.day), "REV_CNTR_PMT_AMT_AMT": ""}
    return row | {"CLM_DRG_CD": "", "CLM_PMT_AMT": ""}


def _rif_day(day: date) -> str:
    return day.strftime("%d-%b-%Y")


# --- 837 ----------------------------------------------------------------------------------------------------


def x12_file(claims: Iterable[TruthClaim] | None = None) -> dict[str, bytes]:
    """A transaction set a claim, professional and institutional in one interchange."""
    sets = [
        _transaction(place, claim)
        for place, claim in enumerate(truth() if claims is None else claims, start=1)
    ]
    isa = "*".join(
        ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SENDER".ljust(15), "ZZ", "RECEIVER".ljust(15),
         "260331", "1200", "^", "00501", "000000001", "0", "P", ":"]
    )  # fmt: skip
    body = [isa, "GS*HC*SENDER*RECEIVER*20260331*1200*7*X*005010X222A1"]
    body += [segment for segments in sets for segment in segments]
    body += [f"GE*{len(sets)}*7", "IEA*1*000000001"]
    return {"claims.837": ("~\n".join(body) + "~\n").encode()}


def _transaction(place: int, claim: TruthClaim) -> list[str]:
    professional = claim.is_office
    facility_code = (
        f"11:B:{claim.frequency}" if professional else f"{claim.bill_type[:2]}:A:{claim.frequency}"
    )  # type: ignore[index]
    segments = [
        f"ST*837*{place:04}*{'005010X222A1' if professional else '005010X223A2'}",
        f"BHT*0019*00*{place}*20260331*1200*CH",
        "NM1*41*2*CLEARING*****46*1",
        "NM1*40*2*PAYER*****46*2",
        "HL*1**20*1",
        f"NM1*85*2*SITE*****XX*{GROUP if professional else HOSPITAL}",
        "N3*1 MAIN ST",
        "N4*PORTLAND*ME*04101",
        "REF*EI*123456789",
        "HL*2*1*22*0",
        "SBR*P*18*******MB",
        f"NM1*IL*1*SECRETNAME*JANE****MI*{claim.patient}",
        "N3*7 HIDDEN LANE",
        "DMG*D8*19440229*F",
        "NM1*PR*2*Medicare*****PI*1",
        f"CLM*{claim.claim_id}*{sum(line.charge for line in claim.lines)}***{facility_code}*Y*A*Y*Y",
        f"DTP*434*RD8*{claim.first_day:%Y%m%d}-{claim.last_day:%Y%m%d}",
        *([f"REF*F8*PAYER-{claim.claim_id}"] if claim.frequency in "78" else []),
        *_diagnosis_segments(claim),
        *([f"HI*{'*'.join(_pcs(claim))}"] if claim.procedures else []),
        *([f"NM1*DN*1*REFERRER*R****XX*{REFERRER}", f"NM1*82*1*SURGEON*S****XX*{claim.surgeon}"] if professional else []),
        *([] if professional else [f"NM1*72*1*SURGEON*S****XX*{claim.surgeon}"]),
        # Another payer's loop, whose provider and subscriber are not this claim's.
        "SBR*S*18*******CI",
        "NM1*IL*1*OTHERNAME*X****MI*NOBODY",
        f"NM1*82*1*NOT*ME****XX*{GROUP}",
    ]  # fmt: skip
    for line in claim.lines:
        segments += [f"LX*{line.number}", _service(claim, line), f"DTP*472*D8*{line.day:%Y%m%d}"]
    return [*segments, f"SE*{len(segments) + 1}*{place:04}"]


def _diagnosis_segments(claim: TruthClaim) -> list[str]:
    first, *others = claim.diagnoses
    codes = [f"ABK:{first}", *(f"ABF:{code}" for code in others)]
    return [f"HI*{'*'.join(codes)}"] if claim.is_office else [f"HI*{code}" for code in codes]


def _pcs(claim: TruthClaim) -> list[str]:
    qualifiers = ["BBR", *["BBQ"] * 24]
    return [
        f"{q}:{c}:D8:{claim.first_day:%Y%m%d}" for q, c in zip(qualifiers, claim.procedures, strict=False)
    ]


def _service(claim: TruthClaim, line: TruthLine) -> str:
    code = ":".join(["HC", line.code, *line.modifiers]) if line.code else ""
    if claim.is_office:
        return f"SV1*{code}*{line.charge}*UN*{line.units:g}***{line.pointer or ''}"
    return f"SV2*{line.revenue}*{code}*{line.charge}*UN*{line.units:g}"


# --- a vendor's own flat file -------------------------------------------------------------------------------

FLAT_LAYOUT = """
delimiter: "^"
encoding: latin-1
date_format: MM/DD/YYYY
columns:
  claim_id: {column: Claim No, capture: "^CLM-(.+)$"}
  claim_line_number: {column: LN}
  claim_type: {column: Form, map: {P: professional, I: institutional}}
  claim_frequency_code: {column: Action, map: {NEW: "1", CHG: "7", DEL: "8"}}
  person_id: {column: Member}
  payer: {constant: Medicare}
  claim_start_date: {column: From}
  claim_end_date: {column: Thru}
  claim_line_start_date: {column: Svc Date, date_format: YYYYMMDD}
  place_of_service_code: {column: POS}
  bill_type_code: {column: TOB}
  revenue_center_code: {column: Rev}
  service_unit_quantity: {column: Qty}
  hcpcs_code: {column: Proc}
  hcpcs_modifiers: {column: Mods, split: " "}
  rendering_npi: {column: Rendering}
  operating_npi: {column: Operating}
  referring_npi: {column: Referring}
  billing_npi: {column: Billing}
  facility_npi: {column: Site}
  charge_amount: {column: Billed}
  diagnosis_codes: {column: Dx, split: ";"}
  diagnosis_pointers: {column: Ptr}
  diagnosis_code_type: {constant: icd-10-cm}
  icd10pcs_codes: {columns: [Px 1, Px 2]}
refuse:
  - {column: Note, is: [TRAINING], reason: a row of the vendor's training system}
ignored: [Site Name]
"""


def flat_file() -> dict[str, bytes]:
    rows = []
    for claim in truth():
        for line in claim.lines:
            first, second = _filled(claim.procedures, 2)
            rows.append(
                {
                    "Claim No": f"CLM-{claim.claim_id}",
                    "LN": line.number,
                    "Form": "P" if claim.is_office else "I",
                    "Action": {"1": "NEW", "7": "CHG", "8": "DEL"}[claim.frequency],
                    "Member": claim.patient,
                    "From": f"{claim.first_day:%m/%d/%Y}",
                    "Thru": f"{claim.last_day:%m/%d/%Y}",
                    "Svc Date": f"{line.day:%Y%m%d}",
                    "POS": "11" if claim.is_office else "",
                    "TOB": f"0{claim.bill_type}" if claim.bill_type else "",
                    "Rev": line.revenue or "",
                    "Qty": line.units,
                    "Proc": (line.code or "").lower(),
                    "Mods": " ".join(line.modifiers),
                    "Rendering": claim.surgeon if claim.is_office else "",
                    "Operating": "" if claim.is_office else claim.surgeon,
                    "Referring": REFERRER if claim.is_office else "",
                    "Billing": GROUP if claim.is_office else HOSPITAL,
                    "Site": "" if claim.is_office else HOSPITAL,
                    "Billed": line.charge,
                    "Dx": ";".join(f"{code[:3]}.{code[3:]}".lower().rstrip(".") for code in claim.diagnoses),
                    "Ptr": "ABCD"[line.pointer - 1] if line.pointer else "",
                    "Px 1": first,
                    "Px 2": second,
                    "Note": "",
                    "Site Name": "Hôpital Général",
                }
            )
    return {"acme.txt": _table(rows, "^", encoding="latin-1")}


# --- all of them --------------------------------------------------------------------------------------------


def profile(source: str, *patterns: tuple[str, str], token_domain: str = "truth") -> SourceProfile:
    files = tuple(FilePattern(glob, "medical_claim", layout) for glob, layout in patterns)
    return SourceProfile(source, "lines", files, token_domain, "medicare")


LAYOUT_SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "tuva": (("medical_claim*", "tuva"),),
    "rif": (
        ("carrier*", "cms_rif_carrier"),
        ("outpatient*", "cms_rif_outpatient"),
        ("inpatient*", "cms_rif_inpatient"),
    ),
    "x12": (("*.837", "x12_837"),),
    "flat": (("acme*", "acme_flat"),),
}


def files_of(source: str) -> dict[str, bytes]:
    return {"tuva": tuva_file, "rif": rif_files, "x12": x12_file, "flat": flat_file}[source]()


def _filled(values: tuple[str, ...], places: int) -> tuple[str, ...]:
    return (*values, *([""] * (places - len(values))))


def _table(
    rows: list[Mapping[str, Any]] | list[dict[str, Any]], delimiter: str, encoding: str = "utf-8"
) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
