"""Codes in time: which code could be used when, and what became of codes that ended.

Belongs here: reading releases of code sets (from packages and from the user's files), periods of validity, changes and
successors, as tables. Does not belong here: which codes a product has (`pipelines.config`), or judging services (dbt).
"""
