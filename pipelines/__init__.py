"""What each stage of Claimline computes: plain Python, frames, arrays or files in and out.

Belongs here: computation a person could run from a notebook. Does not belong here: anything that knows
Dagster, dbt or the warehouse file (import-linter holds that line).
"""
