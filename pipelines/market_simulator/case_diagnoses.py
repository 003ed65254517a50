"""Diagnoses as they are written: the codes of the catalog, their other spellings, and the codes of traps.

Belongs here: every text that can stand in a diagnosis column, and which of them a trap puts there.
"""

from __future__ import annotations

import numpy as np

from pipelines.market_simulator.catalog import COMORBIDITIES, DIAGNOSES
from pipelines.market_simulator.traps import DIAGNOSIS_TRAPS

ICD9_LEFTOVER, HISTORY_OF, SCREENING, RULED_OUT = "715.16", "Z8739", "Z13820", "M1711"


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def spellings(code: str) -> tuple[str, ...]:
    """Eight ways in which vendors write one ICD-10-CM code."""
    dotted = _dotted(code)
    return (
        dotted,
        code.lower(),
        dotted.lower(),
        f" {code}",
        f"{code} ",
        f"{code}.",
        f" {dotted.lower()} ",
        f"{code[:3]} {code[3:]}".strip(),
    )


SPELLINGS = len(spellings("M1711"))
_SPELLED = tuple(spellings(code)[way] for way in range(SPELLINGS) for code in DIAGNOSES)
DIAGNOSIS_TEXTS = (*DIAGNOSES, *_SPELLED, ICD9_LEFTOVER, HISTORY_OF, SCREENING)
_TRAPS = tuple(DIAGNOSIS_TRAPS)
_PUT_BY = {
    "diagnosis_icd9": ICD9_LEFTOVER,
    "diagnosis_history_of": HISTORY_OF,
    "diagnosis_screening": SCREENING,
    "diagnosis_ruled_out": RULED_OUT,
}
_IS_COMORBIDITY = np.array([code in COMORBIDITIES for code in DIAGNOSES] + [True])
_REPLACED_BY = np.array(
    [DIAGNOSIS_TEXTS.index(_PUT_BY[name]) if name in _PUT_BY else -1 for name in _TRAPS] + [-1]
)
_SPELLING_TRAP, _ICD9_TRAP = _TRAPS.index("diagnosis_spelling"), _TRAPS.index("diagnosis_icd9")


def written_diagnoses(diagnosis: np.ndarray, trap: np.ndarray, way: np.ndarray) -> np.ndarray:
    """[visit, 3] positions in DIAGNOSIS_TEXTS (-1: empty) of `diagnosis` [visit, 3], positions in DIAGNOSES.

    `trap` is a position in DIAGNOSIS_TRAPS or -1; `way` any number that picks a spelling. What is no comorbidity is
    written as the trap says.
    """
    is_reason = ~_IS_COMORBIDITY[diagnosis]
    put = _REPLACED_BY[trap][:, None]
    written = np.where(diagnosis < len(DIAGNOSES), diagnosis, -1)
    written = np.where(is_reason & (put >= 0), put, written)
    spelled = (trap == _SPELLING_TRAP)[:, None] & (written >= 0)
    return np.where(spelled, written + len(DIAGNOSES) * (1 + way[:, None] % SPELLINGS), written)


def true_diagnoses(diagnosis: np.ndarray, trap: np.ndarray) -> np.ndarray:
    """[visit, 3] what the claim says by the rules: positions in DIAGNOSES, the last one (none) where a trap took the
    reason away."""
    is_reason = ~_IS_COMORBIDITY[diagnosis]
    put = _REPLACED_BY[trap][:, None]
    gone = is_reason & (put >= 0)
    return np.where(gone, np.where(put < len(DIAGNOSES), put, len(DIAGNOSES)), diagnosis)


def is_icd9(trap: np.ndarray) -> np.ndarray:
    return np.asarray(trap == _ICD9_TRAP)
