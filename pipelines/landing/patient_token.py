"""How a person id becomes a token: keyed, one-way, the same for the same person within a token domain.

The key comes from `CLAIMLINE_TOKEN_KEY`. Without it a development key holds, which is public and therefore
protects nobody: receipts say so. Two refreshes landed with different keys would split every patient in two,
so a receipt carries the key's fingerprint and landing compares.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Literal

from pipelines.landing.sql_expressions import literal, whole_number_text

KEY_VARIABLE = "CLAIMLINE_TOKEN_KEY"
DEVELOPMENT_KEY = "claimline-development-key-protects-nobody"
SQL_VARIABLE = "patient_token_key"
TOKEN_CHARACTERS = 32


@dataclass(frozen=True)
class TokenKey:
    """`origin` is `environment` or `development`; the key itself is never in SQL text, logs or receipts."""

    origin: Literal["environment", "development"]
    key: str

    @classmethod
    def from_environment(cls) -> TokenKey:
        key = os.environ.get(KEY_VARIABLE, "").strip()
        return cls("environment", key) if key else cls("development", DEVELOPMENT_KEY)

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that tell two keys apart without giving either away."""
        return hashlib.sha256(f"claimline token key fingerprint\x1f{self.key}".encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return f"TokenKey(origin={self.origin!r}, fingerprint={self.fingerprint!r})"


def token_sql(person_id: str, token_domain: str) -> str:
    """SQL: the first 32 hex digits of sha256(key ‖ token domain ‖ person id), with separators between the
    parts.

    The separators keep domain `a` + person `b1` apart from domain `ab` + person `1`. The connection must hold
    the key in the variable `SQL_VARIABLE`.
    """
    return (
        f"left(sha256(getvariable('{SQL_VARIABLE}') || chr(31) || {literal(token_domain)} || chr(31) "
        f"|| {whole_number_text(person_id)}), {TOKEN_CHARACTERS})"
    )


def token_of(person_id: str, token_domain: str, key: TokenKey) -> str:
    """The same token in Python, for checks and lookups of one person."""
    parts = "\x1f".join((key.key, token_domain, person_id))
    return hashlib.sha256(parts.encode()).hexdigest()[:TOKEN_CHARACTERS]
