"""What a product's rule means, in plain Python over lists of lines: docs/methods/claims.md, section 4, read literally.

It looks at one day, one line, one claim at a time, and knows nothing of the SQL. Lines are rows as `small_lake.claim`
makes them, professional, current, one person per patient and day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Service = tuple[str, date, str]  # patient, day, code
STRENGTH = {3: "line", 2: "claim", 1: "patient", 0: "none"}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class World:
    """Everything beside the products: lines, taxonomies of people, code sets, rule-outs."""

    lines: list[Row]
    taxonomies: dict[str, str] = field(default_factory=dict)
    validities: list[Row] = field(default_factory=list)
    successions: list[Row] = field(default_factory=list)
    rule_out_codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """Services with their strength and what they count, and the diagnosed patients."""

    services: dict[Service, tuple[str, Decimal]]
    diagnosed: set[str]


def answer(world: World, entries: list[Row], rule: Row) -> Answer:
    """What `entries` (rows of config/value_set_code) and `rule` (config/value_set_rule, complete) select."""
    codes = Codes(world, entries)
    seen = [line for line in world.lines if diagnoses(line, codes, rule)]
    services: dict[Service, tuple[str, Decimal]] = {}
    for key in sorted(
        {(x["patient_token"], x["claim_start_date"], x["hcpcs_code"]) for x in world.lines if x["hcpcs_code"]}
    ):
        own = [x for x in world.lines if (x["patient_token"], x["claim_start_date"], x["hcpcs_code"]) == key]
        weight = codes.weight("hcpcs", key[2], key[1])
        if rule["combine"] == "diagnoses" or not holds(own, rule, world):
            continue
        link = strength(own, seen, codes, rule, world)
        if not accepted(key, weight, link, own, seen, codes, rule):
            continue
        shown = link if rule["combine"] in ("procedures_and_diagnoses", "procedures_or_diagnoses") else 0
        count = 2 if rule["count_by"] == "sides" and two_sided(own) else 1
        services[key] = (STRENGTH[shown], count * (weight or Decimal(1)))
    return Answer(services, diagnosed(world, seen, codes, rule))


class Codes:
    """Which codes count, on which day, how much: asked day by day."""

    def __init__(self, world: World, entries: list[Row]):
        self.world, self.entries = world, entries

    def weight(self, system: str, code: str, day: date) -> Decimal:
        if not self.valid(system, code, day):
            return Decimal(0)
        if self.named(system, code):
            return Decimal(self.listed(system, code, day))
        return min(Decimal(1), self.handed_on(system, code, day))

    def valid(self, system: str, code: str, day: date) -> bool:
        known = [row for row in self.world.validities if (row["code_system"], row["code"]) == (system, code)]
        return not known or any(covers(row, day) for row in known)

    def named(self, system: str, code: str) -> bool:
        return any(means(entry, system, code) for entry in self.entries)

    def listed(self, system: str, code: str, day: date) -> bool:
        on_day = [
            entry["role"] for entry in self.entries if means(entry, system, code) and covers(entry, day)
        ]
        return "include" in on_day and "exclude" not in on_day

    def left_out_on(self, system: str, code: str, day: date) -> bool:
        return any(e["role"] == "exclude" and means(e, system, code) and covers(e, day) for e in self.entries)

    def handed_on(self, system: str, code: str, day: date) -> Decimal:
        """What the predecessors of a code that no entry names hand on to it on a day."""
        total = Decimal(0)
        for row in self.world.successions:
            if row["code_system"] != system or row["to_code"] != code or not self.stands(row, day):
                continue
            old = row["from_code"]
            if self.named(system, old):
                never_left_out = not any(
                    e["role"] == "exclude" and means(e, system, old) for e in self.entries
                )
                share = Decimal(never_left_out and self.listed(system, old, day))
            else:
                share = self.handed_on(system, old, day)
            total += share * Decimal(str(row["weight"]))
        return total

    def stands(self, row: Row, day: date) -> bool:
        """Whether this release of a pair is the latest on a day."""
        pair = [
            other["effective_from"]
            for other in self.world.successions
            if all(other[name] == row[name] for name in ("code_system", "from_code", "to_code"))
            and other["effective_from"] <= day
        ]
        return bool(pair) and max(pair) == row["effective_from"]


def covers(row: Row, day: date) -> bool:
    return (row.get("effective_from") or FIRST_DAY) <= day <= (row.get("effective_to") or LAST_DAY)


def means(entry: Row, system: str, code: str) -> bool:
    """Whether an entry of the value set means a code."""
    if entry["code_system"] != system:
        return False
    first, last = entry["code"], entry.get("code_to") or entry["code"]
    found = code[: len(first)] >= first and code[: len(last)] <= last
    if entry["match_kind"] == "exact":
        found = code == first
    if not found or system != "icd10cm" or entry["role"] == "exclude" or role_of(code) == "active":
        return found
    return role_of(first) == role_of(code) == role_of(last)


def role_of(code: str) -> str:
    category = code[:3]
    if category in ("Z85", "Z86", "Z87"):
        return "history"
    return "screening" if category in ("Z12", "Z13") else "active"


def diagnoses(line: Row, codes: Codes, rule: Row) -> list[int]:
    """Places (from 0) of the line's diagnoses that are the product's, within the position that the rule reaches to."""
    listed = line["diagnosis_codes"] or []
    reach = rule["last_diagnosis_position"] or len(listed)
    return [
        at
        for at, code in enumerate(listed)
        if listed.index(code) < reach
        and codes.weight("icd10cm", code, line["claim_start_date"]) > 0
        and (rule["combine"] != "diagnoses" or place_holds(line["place_of_service_code"], rule))
    ]


def place_holds(place: str | None, rule: Row) -> bool:
    wanted, barred = rule["places_of_service_any"], rule["places_of_service_none"]
    return (not wanted or place in wanted) and place not in (barred or [])


def holds(own: list[Row], rule: Row, world: World) -> bool:
    """Whether the lines of a service are as the rule asks."""
    modifiers = {modifier for line in own for modifier in line["hcpcs_modifiers"] or []}
    places = {line["place_of_service_code"] for line in own}
    taxonomy = world.taxonomies.get(own[0]["rendering_npi"], "")
    return (
        (not rule["modifiers_any"] or bool(modifiers & set(rule["modifiers_any"])))
        and not modifiers & set(rule["modifiers_none"] or [])
        and (not rule["places_of_service_any"] or bool(places & set(rule["places_of_service_any"])))
        and not places & set(rule["places_of_service_none"] or [])
        and (not rule["taxonomies_any"] or taxonomy.startswith(tuple(rule["taxonomies_any"])))
    )


def strength(own: list[Row], seen: list[Row], codes: Codes, rule: Row, world: World) -> int:
    """How the strongest diagnosis is linked to a service."""
    for line in own:
        pointed = {at - 1 for at in line["diagnosis_pointers"] or []}
        listed = line["diagnosis_codes"] or []
        found = {listed[at] for at in diagnoses(line, codes, rule)}
        if any(at < len(listed) and listed[at] in found for at in pointed):
            return 3
    if {line["claim_id"] for line in own} & {line["claim_id"] for line in seen}:
        return 2
    return 1 if near(own[0], seen, rule) else 0


def near(own: Row, seen: list[Row], rule: Row) -> list[Row]:
    """Lines of the patient with the diagnosis within the days of the rule."""
    days = timedelta(days=rule["link_days"])
    return [
        line
        for line in seen
        if line["patient_token"] == own["patient_token"]
        and abs(line["claim_start_date"] - own["claim_start_date"]) <= days
    ]


def accepted(
    key: Service, weight: Decimal, link: int, own: list[Row], seen: list[Row], codes: Codes, rule: Row
) -> bool:
    if rule["combine"] == "procedures":
        return weight > 0
    if rule["combine"] == "procedures_or_diagnoses":
        least = {"line": 3, "claim": 2}[rule["link_scope"]]
        stands_in = codes.valid("hcpcs", key[2], key[1]) and not codes.left_out_on("hcpcs", key[2], key[1])
        return weight > 0 or (link >= least and stands_in)
    if rule["link_scope"] == "provider":
        same = any(line["rendering_npi"] == own[0]["rendering_npi"] for line in near(own[0], seen, rule))
        return weight > 0 and link >= 1 and same
    return weight > 0 and link >= {"line": 3, "claim": 2, "patient": 1}[rule["link_scope"]]


def two_sided(own: list[Row]) -> bool:
    modifiers = {modifier for line in own for modifier in line["hcpcs_modifiers"] or []}
    return "50" in modifiers or {"LT", "RT"} <= modifiers


def diagnosed(world: World, seen: list[Row], codes: Codes, rule: Row) -> set[str]:
    """Patients with the diagnosis on two dates 30 days apart, or on one with a procedure of the product near it."""
    visits = [line for line in seen if line["hcpcs_code"] not in world.rule_out_codes]
    found = set()
    for patient in {line["patient_token"] for line in visits}:
        own = [line for line in visits if line["patient_token"] == patient]
        days = [line["claim_start_date"] for line in own]
        treated = [
            line["claim_start_date"]
            for line in world.lines
            if line["patient_token"] == patient
            and line["hcpcs_code"]
            and codes.weight("hcpcs", line["hcpcs_code"], line["claim_start_date"]) > 0
        ]
        reach = timedelta(days=rule["link_days"])
        if max(days) - min(days) >= timedelta(days=30) or any(
            abs(a - b) <= reach for a in days for b in treated
        ):
            found.add(patient)
    return found
