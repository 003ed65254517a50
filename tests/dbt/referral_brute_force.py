"""Referral by loops: every visit against every procedure, as section 7 of docs/methods/opportunity.md says it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

Edge = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """A person saw a patient with the product's diagnosis."""

    patient: int
    npi: str
    day: date
    is_rule_out: bool = False


@dataclass(frozen=True)
class Done:
    """A person performed so many of the product's procedures; claims name who referred."""

    patient: int
    npi: str
    day: date
    procedures: int
    named: tuple[str, ...] = ()


def referrers(done: Done, seen: Iterable[Seen], window_days: int, organisations: set[str]) -> set[str]:
    """Who sent the patient of a procedure."""
    before = {
        visit.npi
        for visit in seen
        if visit.patient == done.patient
        and not visit.is_rule_out
        and 1 <= (done.day - visit.day).days <= window_days
    }
    return (before | set(done.named)) - {done.npi} - organisations


def brute_force(
    seen: list[Seen], done: list[Done], window_days: int, organisations: set[str]
) -> tuple[dict[Edge, int], dict[str, Fraction]]:
    """Patients by edge, and downstream procedures by person."""
    patients: defaultdict[Edge, set[int]] = defaultdict(set)
    referred: defaultdict[str, Fraction] = defaultdict(Fraction)
    for each in done:
        if each.npi in organisations or not each.procedures:
            continue
        sent_by = referrers(each, seen, window_days, organisations)
        for npi in sent_by:
            patients[npi, each.npi].add(each.patient)
        if sent_by:
            referred[each.npi] += each.procedures
    weights = {edge: len(people) for edge, people in patients.items()}
    into: defaultdict[str, int] = defaultdict(int)
    for (_, to), weight in weights.items():
        into[to] += weight
    downstream: defaultdict[str, Fraction] = defaultdict(Fraction)
    for (sender, to), weight in weights.items():
        downstream[sender] += referred[to] * weight / into[to]
    return weights, dict(downstream)
