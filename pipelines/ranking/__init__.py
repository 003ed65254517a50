"""Ranking: who bills most and is worth a call, and where more is to be had than population leads to expect.

Belongs here: pure computation to the `ranking/*` tables (docs/methods/opportunity.md, section 8). Does not belong here:
trends (`pipelines.trends`), counting (dbt), reading and writing tables (assets/ranking.py).
"""
