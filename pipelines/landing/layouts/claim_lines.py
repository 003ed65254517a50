"""Claim lines of any layout as the columns of raw/medical_claim: what is the same whoever wrote the file.

A layout says with SQL over its own fields what each canonical field is (`ClaimFields`); from there on codes, NPIs,
frequency, channel, token and lists are made in one way. What refuses or mends a line is in `claim_rules.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.landing.layouts.claim_rules import CODES, NPIS, repairs, rules
from pipelines.landing.layouts.contract import CanonicalSql, FileContext, Repair, Rule
from pipelines.landing.patient_token import token_sql
from pipelines.landing.sql_expressions import (
    icd10pcs_code,
    icd_code,
    is_valid_npi,
    literal,
    npi_number,
    padded_digits,
    when_matches,
    whole_number_text,
)

# NUBC claim frequency codes. 6 and the letters F–K, M, P are adjustments of a claim sent before (G by CWF, I
# by the intermediary), so they replace it as 7 does; D voids as 8 does. All others are claims of their own:
# interim bills, late charges, notices.
ADJUSTMENT_FREQUENCIES = "67FGHIJKMP"
CANCEL_FREQUENCIES = "8D"

# What a layout may give, and of which type; whatever it leaves out is null.
CLAIM_FIELDS = {
    **dict.fromkeys(
        (
            "claim_id",
            "prior_claim_id",
            "claim_type",
            "claim_frequency_code",
            "claim_status",
            "person_id",
            "payer",
            "plan",
            "place_of_service_code",
            "bill_type_code",
            "revenue_center_code",
            "drg_code",
            "hcpcs_code",
            *NPIS,
            "diagnosis_code_type",
            "diagnosis_pointers",
            "procedure_code_type",
        ),
        "VARCHAR",
    ),
    "claim_line_number": "BIGINT",
    **dict.fromkeys(
        (
            "claim_start_date",
            "claim_end_date",
            "claim_line_start_date",
            "claim_line_end_date",
            "paid_date",
        ),
        "DATE",
    ),
    **dict.fromkeys(
        ("service_unit_quantity", "paid_amount", "allowed_amount", "charge_amount"),
        "DOUBLE",
    ),
}
DIAGNOSES, PROCEDURES = range(1, 26), range(1, 26)
MODIFIERS = range(1, 6)
POINTERS = 12


@dataclass(frozen=True)
class ClaimFields:
    """What a layout's fields say of a line.

    `given` maps names of CLAIM_FIELDS to SQL of that type (the name itself where the layout's field is so called).
    `diagnoses`, `modifiers` and `procedures` are SQL of raw codes by position; gaps stay gaps. `line_diagnosis` is
    SQL of the code that a line names instead of pointing to it. `steps` are named in-between results that the others
    use. `channel_hint` is SQL for a channel where the payer's text says none. `shown_as` maps canonical names to the
    layout's fields, so that a refusal names the column that was delivered.
    """

    given: Mapping[str, str]
    diagnoses: Sequence[str]
    modifiers: Sequence[str]
    procedures: Sequence[str] = ()
    line_diagnosis: str | None = None
    channel_hint: str | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    shown_as: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    repairs: tuple[Repair, ...] = ()


def canonical_claim(context: FileContext, fields: ClaimFields) -> CanonicalSql:
    """The SQL of raw/medical_claim over a layout's fields."""
    given = {name: fields.given.get(name, f"NULL::{kind}") for name, kind in CLAIM_FIELDS.items()}
    diagnoses = [f"diagnosis_{i}" for i, _ in enumerate(fields.diagnoses, start=1)]
    modifiers = [f"modifier_{i}" for i, _ in enumerate(fields.modifiers, start=1)]
    procedures = [f"icd10pcs_{i}" for i, _ in enumerate(fields.procedures, start=1)]
    derived = {
        **fields.steps,
        **{name: sql for name, sql in given.items() if sql != name},
        "service_date": "coalesce(claim_line_start_date, claim_start_date)",
        "hcpcs_text": f"upper({whole_number_text('hcpcs_code')})",
        "frequency_text": f"upper({whole_number_text('claim_frequency_code')})",
        "claim_type_text": "lower(claim_type)",
        **{f"{code}_text": whole_number_text(code) for code in (*CODES, "bill_type_code", *NPIS)},
        **{f"{code}_padded": padded_digits(f"{code}_text", CODES[code][0]) for code in CODES},
        **{f"{code}_clean": when_matches(f"{code}_padded", CODES[code][1]) for code in CODES},
        **{f"{npi}_number": npi_number(f"{npi}_text") for npi in NPIS},
        **{f"{npi}_clean": f"CASE WHEN {is_valid_npi(f'{npi}_number')} THEN {npi}_text END" for npi in NPIS},
        # The full form has a leading zero that most files leave away: 0131 and 131 are the same bill.
        "bill_type_clean": when_matches(
            "upper(CASE WHEN length(bill_type_code_text) = 4 THEN ltrim(bill_type_code_text, '0') "
            "ELSE bill_type_code_text END)",
            "[1-9][0-9][0-9A-Z]",
        ),
        "claim_type_clean": _claim_type(),
        "frequency": "coalesce(frequency_text, CASE WHEN claim_type_clean = 'institutional' "
        "THEN right(bill_type_clean, 1) END, '1')",
        **{f"modifier_{i}": _modifier(sql) for i, sql in enumerate(fields.modifiers, start=1)},
        **{f"diagnosis_{i}": icd_code(sql) for i, sql in enumerate(fields.diagnoses, start=1)},
        **_procedures(fields),
        "diagnosis_list": _positional(diagnoses),
        **_pointed(fields),
    }
    columns = {
        "claim_id": "claim_id",
        "claim_chain_id": _chain_id(context),
        "prior_claim_id": "prior_claim_id",
        "claim_line_number": "claim_line_number",
        "claim_type": "claim_type_clean",
        "claim_frequency_code": _frequency(context),
        "claim_status": "CASE WHEN lower(claim_status) IN ('paid', 'denied') THEN lower(claim_status) "
        "ELSE 'unknown' END",
        "patient_token": token_sql("person_id", context.token_domain),
        "payer": "payer",
        "plan": "plan",
        "payer_channel": payer_channel(context, fields.channel_hint),
        "claim_start_date": "claim_start_date",
        "claim_end_date": "claim_end_date",
        "claim_line_start_date": "claim_line_start_date",
        "claim_line_end_date": "claim_line_end_date",
        "place_of_service_code": "place_of_service_code_clean",
        "bill_type_code": "bill_type_clean",
        "revenue_center_code": "revenue_center_code_clean",
        "drg_code": "drg_code_clean",
        "service_unit_quantity": "service_unit_quantity",
        "hcpcs_code": "hcpcs_text",
        "hcpcs_modifiers": _present(modifiers),
        **{npi: f"{npi}_clean" for npi in NPIS},
        "paid_date": "paid_date",
        "paid_amount": "paid_amount",
        "allowed_amount": "allowed_amount",
        "charge_amount": "charge_amount",
        "diagnosis_codes": "CASE WHEN is_line_diagnosis_new THEN list_append(diagnosis_list, line_diagnosis) "
        "ELSE diagnosis_list END"
        if fields.line_diagnosis
        else "diagnosis_list",
        "diagnosis_pointers": "pointers",
        "diagnosis_code_type": _code_type("diagnosis_code_type"),
        "icd10pcs_codes": f"CASE WHEN coalesce({', '.join(procedures)}) IS NOT NULL THEN {_present(procedures)} END"
        if procedures
        else "NULL",
    }
    shown = {name: fields.shown_as.get(name, name) for name in CLAIM_FIELDS}
    found = (*fields.rules, *rules(context))
    return CanonicalSql(
        derived,
        columns,
        tuple(replace(rule, column=shown.get(rule.column, rule.column)) for rule in found),
        (*repairs(fields.diagnoses, fields.modifiers, fields.procedures), *fields.repairs),
        service_span=("service_date", "service_date"),
    )


# --- claims -------------------------------------------------------------------------------------------------


def _claim_type() -> str:
    return (
        "CASE WHEN claim_type_text IN ('professional', 'institutional') THEN claim_type_text "
        "WHEN claim_type_text IS NOT NULL THEN 'other' "
        "WHEN bill_type_code IS NOT NULL OR revenue_center_code IS NOT NULL THEN 'institutional' "
        "WHEN place_of_service_code IS NOT NULL THEN 'professional' ELSE 'other' END"
    )


def _chain_id(context: FileContext) -> str:
    """The claim's id without what the source appends to it for a new version."""
    if not context.claim_id_suffix:
        return "claim_id"
    stripped = f"regexp_replace(claim_id, {literal(f'(?:{context.claim_id_suffix})$')}, '')"
    return f"coalesce(nullif({stripped}, ''), claim_id)"


def _frequency(context: FileContext) -> str:
    """1, 7 or 8: the source's own codes first, then what NUBC says of the others."""
    own = {*context.replacement_codes, *context.void_codes}
    replaces = [*context.replacement_codes, *sorted(set(ADJUSTMENT_FREQUENCIES) - own)]
    voids = [*context.void_codes, *sorted(set(CANCEL_FREQUENCIES) - own)]

    def among(codes: Sequence[str]) -> str:
        return f"frequency IN ({', '.join(literal(code) for code in codes)})"

    return f"CASE WHEN {among(replaces)} THEN '7' WHEN {among(voids)} THEN '8' ELSE '1' END"


def payer_channel(context: FileContext, hint: str | None) -> str:
    """The channel of the payer's text, else of the plan's, else what the layout knows, else the source's default."""
    cases = " ".join(
        f"WHEN {literal(text.strip().lower())} THEN {literal(channel)}"
        for text, channel in sorted(context.payer_channels.items())
    )
    by_text = [f"CASE lower({name}) {cases} END" for name in ("payer", "plan")] if cases else []
    choices = [*by_text, *([hint] if hint else []), literal(context.default_payer_channel)]
    return f"coalesce({', '.join(choices)})"


def _code_type(text: str) -> str:
    """`icd-10-cm`, `icd-9-cm`, or what else was said, in lower case."""
    bare = f"regexp_replace(lower({text}), '[^a-z0-9]', '', 'g')"
    return (
        f"CASE WHEN {text} = 'icd-10-cm' THEN {text} "
        f"WHEN regexp_full_match({bare}, '(icd)?10(cm)?|0') THEN 'icd-10-cm' "
        f"WHEN regexp_full_match({bare}, '(icd)?9(cm)?') THEN 'icd-9-cm' ELSE lower({text}) END"
    )


# --- lists --------------------------------------------------------------------------------------------------


def delivered_positions(column: str, positions: range, context: FileContext) -> list[str]:
    """Fields `column_1`, `column_2`, … up to the last delivered: a file with five columns pays for five."""
    last = max((i for i in positions if f"{column}_{i}" in context.delivered_fields), default=0)
    return [f"{column}_{i}" for i in range(1, last + 1)]


def _modifier(text: str) -> str:
    return when_matches(f"upper({text})", "[A-Z0-9]{2}")


def _procedures(fields: ClaimFields) -> dict[str, str]:
    """ICD-10-PCS codes of the claim; other code systems (ICD-9 procedures, HCPCS again) are none of these."""
    if not fields.procedures:
        return {}
    is_pcs = "regexp_full_match(replace(lower(procedure_code_type), '-', ''), '(icd)?10(pcs)?|0')"
    cleaned = {
        f"icd10pcs_{i}": f"CASE WHEN is_pcs THEN {icd10pcs_code(sql)} END"
        for i, sql in enumerate(fields.procedures, start=1)
    }
    return {"is_pcs": f"coalesce({is_pcs}, false)", **cleaned}


def _pointed(fields: ClaimFields) -> dict[str, str]:
    """`pointers`: places in the claim's diagnoses, from a code that the line names or from numbers or letters."""
    if fields.line_diagnosis:
        return {
            "line_diagnosis": icd_code(fields.line_diagnosis),
            "line_diagnosis_place": "list_position(diagnosis_list, line_diagnosis)",
            "is_line_diagnosis_new": "line_diagnosis IS NOT NULL AND coalesce(line_diagnosis_place, 0) = 0",
            "pointers": "CASE WHEN is_line_diagnosis_new THEN [len(diagnosis_list) + 1] "
            "WHEN line_diagnosis IS NOT NULL THEN [line_diagnosis_place] END::BIGINT[]",
        }
    if "diagnosis_pointers" not in fields.given:
        return {"pointers": "NULL::BIGINT[]"}
    return {
        # 1:2, 1,2 or 12 34 are numbers, AB or A,B letters.
        "pointer_numbers": "CASE WHEN regexp_matches(diagnosis_pointers, '[0-9]') "
        "THEN list_transform(regexp_extract_all(diagnosis_pointers, '[0-9]+'), lambda p: TRY_CAST(p AS BIGINT)) "
        "ELSE list_transform(regexp_extract_all(upper(diagnosis_pointers), '[A-L]'), "
        "lambda p: ascii(p)::BIGINT - 64) END",
        "pointers": "CASE WHEN len(pointer_numbers) > 0 THEN nullif(list_filter(pointer_numbers, "
        "lambda p: p BETWEEN 1 AND len(diagnosis_list)), []) END",
    }


def _present(expressions: Sequence[str]) -> str:
    """The values that are not null, in order."""
    return f"list_filter([{', '.join(expressions)}]::VARCHAR[], lambda value: value IS NOT NULL)"


def _positional(expressions: Sequence[str]) -> str:
    """All values up to the last that is not null: the first place stays the first, gaps stay null."""
    if not expressions:
        return "[]::VARCHAR[]"
    last = " ".join(
        f"WHEN {expression} IS NOT NULL THEN {position}"
        for position, expression in reversed(list(enumerate(expressions, start=1)))
    )
    return f"list_slice([{', '.join(expressions)}], 1, CASE {last} ELSE 0 END)"
