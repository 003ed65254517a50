"""X12 837 in one interchange: a transaction set per version of a claim, professional (005010X222) or institutional
(005010X223). Patients have no name here, only the member id that the simulator invented.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipelines.market_simulator.layouts.common_ground import DIAGNOSES, MODIFIERS, PAYER, Line, versions

PROFESSIONAL, INSTITUTIONAL = "005010X222A1", "005010X223A2"
LAYOUT, FILE = "x12_837", "claims.837"


def x12_file(claims: pd.DataFrame) -> str:
    """The text of the interchange."""
    day = claims["file_date"].iloc[0].replace("-", "")
    sets = [_transaction(number, lines, day) for number, lines in enumerate(versions(claims), start=1)]
    header = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SIMULATOR".ljust(15), "ZZ", "CLAIMLINE".ljust(15),
        day[2:], "1200", "^", "00501", "000000001", "0", "T", ":",
    ]  # fmt: skip
    group = f"GS*HC*SIMULATOR*CLAIMLINE*{day}*1200*1*X*{PROFESSIONAL}"
    body = [segment for segments in sets for segment in segments]
    return "~\n".join(["*".join(header), group, *body, f"GE*{len(sets)}*1", "IEA*1*000000001", ""])


def _transaction(number: int, rows: list[Line], day: str) -> list[str]:
    is_professional = rows[0]["claim_type"] == "professional"
    version = PROFESSIONAL if is_professional else INSTITUTIONAL
    segments = [f"ST*837*{number:04}*{version}", *_claim(number, rows, day, is_professional)]
    for line in rows:
        segments += _service(line, is_professional)
    return [*segments, f"SE*{len(segments) + 1}*{number:04}"]


def _claim(number: int, rows: list[Line], day: str, is_professional: bool) -> Iterator[str]:
    first = rows[0]
    charge = f"{sum(float(line['charge_amount']) for line in rows):.2f}"
    place = first["place_of_service_code"] if is_professional else first["bill_type_code"][:2]
    qualifier = "B" if is_professional else "A"
    yield f"BHT*0019*00*{number}*{day}*1200*CH"
    yield "HL*1**20*1"
    yield f"NM1*85*2*BILLING PROVIDER*****XX*{first['billing_npi']}"
    yield "HL*2*1*22*0"
    yield "SBR*P*18*******MB"
    yield f"NM1*IL*1******MI*{first['person_id']}"
    yield f"NM1*PR*2*{PAYER}*****PI*1"
    yield f"CLM*{first['claim_id']}*{charge}***{place}:{qualifier}:{first['claim_frequency_code']}*Y*A*Y*Y"
    yield f"DTP*434*RD8*{_day(first['claim_start_date'])}-{_day(first['claim_end_date'])}"
    yield from _diagnoses(first)
    if first["drg_code"]:
        yield f"HI*DR:{first['drg_code']}"
    if first["procedure_code_1"]:
        yield f"HI*BBR:{first['procedure_code_1']}:D8:{_day(first['claim_start_date'])}"
    for entity, name in (("72", "operating_npi"), ("82", "rendering_npi")):
        if first[name]:
            yield f"NM1*{entity}*1*PROVIDER*****XX*{first[name]}"
    if is_professional and first["facility_npi"]:
        yield f"NM1*77*2*SITE*****XX*{first['facility_npi']}"


def _diagnoses(first: Line) -> Iterator[str]:
    codes = [first[name].strip() for name in DIAGNOSES if first[name]]
    principal, other = ("BK", "BF") if first["diagnosis_code_type"] == "icd-9-cm" else ("ABK", "ABF")
    for at, code in enumerate(codes):
        yield f"HI*{other if at else principal}:{code}"


def _service(line: Line, is_professional: bool) -> Iterator[str]:
    modifiers = [line[name] for name in MODIFIERS if line[name]]
    code = ":".join(["HC", line["hcpcs_code"], *modifiers]) if line["hcpcs_code"] else ""
    charge, units = line["charge_amount"], line["service_unit_quantity"]
    yield f"LX*{line['claim_line_number']}"
    if is_professional:
        yield f"SV1*{code}*{charge}*UN*{units}*{line['place_of_service_code']}"
    else:
        yield f"SV2*{line['revenue_center_code']}*{code}*{charge}*UN*{units}"
    yield f"DTP*472*D8*{_day(line['claim_line_start_date'])}"


def _day(text: str) -> str:
    return text.replace("-", "")
