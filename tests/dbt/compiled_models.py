"""The golden build's compiled SQL on other lakes: the tests' name for benchmarks/compiled_models.py."""

from __future__ import annotations

from benchmarks.compiled_models import CompiledModels

__all__ = ["CompiledModels"]
