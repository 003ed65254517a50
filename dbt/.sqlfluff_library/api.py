"""What sqlfluff needs of dbt's `api`: a relation as its name."""

from __future__ import annotations


class Relation:
    @staticmethod
    def create(*, schema: str, identifier: str, database: str | None = None) -> str:
        return f"{schema}.{identifier}"
