"""Which delivered column is which field: by name, by synonym, and by likeness where one seems renamed."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.landing.layouts.contract import Field, Layout
from pipelines.problems import Problem

MOST_NAMED = 5  # columns that one message lists
LIKENESS = 0.6  # difflib ratio from which a name is called the likely intended one
RENAMED_LIKENESS = 0.85  # ratio from which a new column blocks the file as a renamed optional one

# Columns that name a person. Registry data on providers is exempt: only layouts that hold patients look here.
# person_id, patient_id and member_id are absent: they end in the token (or are not read at all).
DIRECT_IDENTIFIERS = re.compile(
    r"(patient|member|person|subscriber|beneficiary|bene|insured)?_?"
    r"((first|last|middle|full|maiden|family|given)_?name|name(_(prefix|suffix|first|last|middle))?"
    r"|(ssn|social_security|social_sec)(_(number|no|num|nbr))?"
    r"|birth_?date|date_of_birth|(birth|dob)_dt|dob|"
    r"(tele)?phone(_(number|no))?|(home|mobile|cell)_phone|fax(_number)?"
    r"|e_?mail(_address)?"
    r"|(street|home|mailing)(_address)?|address(_(line_)?\d|_street)?|street_address(_\d)?"
    r"|mrn(_(number|no|num))?|medical_record_(number|no|id)|passport(_(number|no|num))?|ip_address|subscriber_id|mbi|hicn|medicare_beneficiary_id(entifier)?"
    r"|drivers?_licen[cs]e(_number)?|account_number"
    # As CMS calls them in its beneficiary files.
    r"|(srnm|gvn|mdl|last|1st|first)_name|(mbi|hicn?|crnt_hic)_(num|id)|drvd_line_\d_adr)"
)


@dataclass(frozen=True)
class ColumnMatch:
    """`delivered` maps field name → column name as the file has it; `identifiers` are columns that name
    people.

    `unknown` are columns of neither the fields nor the layout's known others.
    """

    delivered: dict[str, str]
    identifiers: tuple[str, ...]
    unknown: tuple[str, ...]
    problems: tuple[Problem, ...]


def normalise(name: str) -> str:
    """Lower case, everything but letters and digits as single underscores: `Rndrng NPI` → `rndrng_npi`."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def match_columns(layout: Layout, file_name: str, delivered: Sequence[str]) -> ColumnMatch:
    """Find each field of `layout` among the `delivered` column names.

    A missing required field, a column name that occurs twice, and a new column that looks like an absent
    optional one are problems: reading on would fill a column with nulls, or with another column's values.
    """
    by_name = {normalise(name): name for name in delivered}
    repeated = {name for name, times in Counter(map(normalise, delivered)).items() if times > 1 and name}
    found: dict[str, str] = {}
    for field in (*layout.fields, *layout.dating_fields):
        for candidate in (field.name, *field.synonyms):
            if candidate in by_name:
                found[field.name] = by_name[candidate]
                break
    taken = set(found.values())
    accepted_names = {name for field in layout.fields for name in (field.name, *field.synonyms)}
    known_unused = re.compile("|".join(f"(?:{pattern})" for pattern in layout.known_unused) or "(?!)")
    others = [
        name
        for name in by_name
        if by_name[name] not in taken
        and name
        and name not in accepted_names
        and not known_unused.fullmatch(name)
    ]
    identifiers = (
        tuple(by_name[name] for name in by_name if name and DIRECT_IDENTIFIERS.fullmatch(name))
        if layout.holds_patients
        else ()
    )
    unknown = [name for name in others if by_name[name] not in identifiers]
    missing = [field for field in layout.fields if field.required and field.name not in found]
    if len(missing) > len([field for field in layout.fields if field.required]) / 2:
        problem = _other_file(layout, file_name, missing, identifiers)
        return ColumnMatch(found, identifiers, tuple(by_name[name] for name in unknown), (problem,))
    problems = [
        *_missing(layout, file_name, found, unknown),
        *_perhaps_renamed(layout, file_name, found, unknown),
        *_repeated(file_name, repeated, {normalise(name) for name in taken}),
    ]
    return ColumnMatch(found, identifiers, tuple(by_name[name] for name in unknown), tuple(problems))


def _other_file(
    layout: Layout, file_name: str, missing: Sequence[Field], identifiers: Sequence[str]
) -> Problem:
    """More than half of what is needed is not there: not a file with a renamed column, but another file."""
    names = ", ".join(field.shown_names[0] for field in missing[:MOST_NAMED])
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    message = f"this is no {layout.entity} file of layout {layout.name}: it has no {names}{more}"
    if identifiers:
        people = ", ".join(identifiers[:MOST_NAMED])
        message += f"; it names people instead ({people}), and nothing of it was read"
        return Problem(
            file_name,
            "header",
            "",
            message,
            "Take the file out of the delivery: claims are all that is needed, and names must not be sent.",
        )
    return Problem(
        file_name, "header", "", message, "Deliver the file of this layout, or name the one that it has."
    )


def _missing(
    layout: Layout, file_name: str, found: dict[str, str], unknown: Sequence[str]
) -> Iterable[Problem]:
    for field in layout.fields:
        if not field.required or field.name in found:
            continue
        alike = _most_alike((field.name, *field.synonyms), unknown, LIKENESS)
        name = field.shown_names[0]
        place = f"header, column {name}"
        if alike:
            yield Problem(
                file_name,
                place,
                alike,
                f"the required column {name} is missing; {alike} looks like it under another name",
                f"Rename {alike} to {name}.",
            )
        else:
            names = " or ".join(field.shown_names)
            yield Problem(file_name, place, "", f"the required column {name} is missing", f"Deliver {names}.")


def _perhaps_renamed(
    layout: Layout, file_name: str, found: dict[str, str], unknown: Sequence[str]
) -> Iterable[Problem]:
    for field in layout.fields:
        if field.required or field.name in found:
            continue
        alike = _most_alike((field.name, *field.synonyms), unknown, RENAMED_LIKENESS)
        # hcpcs_modifier_6 is not a renamed hcpcs_modifier_5.
        if alike and _without_digits(alike) not in map(_without_digits, (field.name, *field.synonyms)):
            name = field.shown_names[0]
            yield Problem(
                file_name,
                f"header, column {name}",
                alike,
                f"{alike} is unknown and {name}, which it resembles, is missing",
                f"Rename {alike} to {name}, or leave it out if it is something else.",
            )


def _repeated(file_name: str, repeated: Iterable[str], used: set[str]) -> Iterable[Problem]:
    for name in sorted(set(repeated) & used):
        yield Problem(
            file_name, f"header, column {name}", name, "the column occurs more than once", "Deliver it once."
        )


def _most_alike(names: Iterable[str], candidates: Sequence[str], likeness: float) -> str | None:
    ranked = sorted(
        (-difflib.SequenceMatcher(None, name, candidate).ratio(), candidate)
        for name in names
        for candidate in candidates
    )
    return ranked[0][1] if ranked and -ranked[0][0] >= likeness else None


def _without_digits(name: str) -> str:
    return re.sub(r"\d+", "", name)
