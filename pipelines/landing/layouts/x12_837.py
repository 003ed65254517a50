"""837 claims, professional and institutional: service lines as `x12/` reads them, in canonical columns.

They are what a provider sends, before any payer decides: no payment, no allowed amount, no status and no paid date.
"""

from __future__ import annotations

from pipelines.landing.layouts.claim_lines import CLAIM_FIELDS, ClaimFields, canonical_claim
from pipelines.landing.layouts.contract import CanonicalSql, Field, FileContext, Layout, Repair
from pipelines.landing.sql_expressions import literal
from pipelines.landing.x12.claim_rows import COLUMNS

DATES = ("YYYYMMDD",)
KINDS = {
    "claim_line_number": "integer",
    "quantity": "number",
    "charge_amount": "number",
    "claim_start_date": "date",
    "claim_end_date": "date",
    "claim_line_start_date": "date",
    "claim_line_end_date": "date",
}
SUBMITTED = "submitted_date"
FIELDS = tuple(
    Field(name, KINDS.get(name, "text"), date_formats=DATES)  # type: ignore[arg-type]
    for name in COLUMNS
    if name != SUBMITTED
)
# Claim filing indicators (SBR09) that tell the channel; the others (workers' compensation, auto …) do not.
CHANNELS = {
    "medicare": ("MA", "MB", "16"),
    "medicaid": ("MC",),
    "commercial": ("CI", "BL", "HM", "12", "13", "14", "15", "17"),
}
# Anaesthesia minutes are no services.
MINUTES = "coalesce(unit_of_measure = 'MJ', false)"


def canonical(context: FileContext) -> CanonicalSql:
    codes = ", ".join(
        f"WHEN filing_indicator IN ({', '.join(literal(code) for code in listed)}) THEN '{channel}'"
        for channel, listed in CHANNELS.items()
    ).replace(", WHEN", " WHEN")
    given = {name: name for name in CLAIM_FIELDS if name in COLUMNS}
    given["service_unit_quantity"] = f"CASE WHEN {MINUTES} THEN 1.0 ELSE quantity END"
    return canonical_claim(
        context,
        ClaimFields(
            given,
            diagnoses=[name for name in COLUMNS if name.startswith("diagnosis_code_") and name[-1].isdigit()],
            modifiers=[name for name in COLUMNS if name.startswith("hcpcs_modifier_")],
            procedures=[
                name for name in COLUMNS if name.startswith("procedure_code_") and name[-1].isdigit()
            ],
            channel_hint=f"CASE {codes} END",
            repairs=(
                Repair(
                    "units_of_time",
                    f"{MINUTES}::INTEGER",
                    "lines count minutes (SV103 MJ), which are one service each",
                ),
                Repair(
                    "procedure_qualifier",
                    "coalesce(procedure_qualifier <> 'HC', false)::INTEGER",
                    "lines have a procedure code of another system than HCPCS, which was left out",
                ),
                Repair(
                    "transaction_set_type",
                    "coalesce(transaction_type <> claim_type, false)::INTEGER",
                    "lines are of another claim form than their transaction set says (SV1 in 005010X223 or the "
                    "reverse); the form follows the line",
                ),
            ),
        ),
    )


X12_837 = Layout(
    name="x12_837",
    entity="medical_claim",
    fields=FIELDS,
    canonical=canonical,
    holds_patients=True,
    form="x12",
    label_date=Field(SUBMITTED, "date", date_formats=DATES),
    event_dates=("claim_line_start_date", "claim_start_date"),
)
