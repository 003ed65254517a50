"""Trends: does the volume of a provider, place or cohort grow, once calendar, season, panel and chance are allowed for?

Belongs here: pure computation from monthly counts to `trends/*` tables (docs/methods/opportunity.md, section 4). Does not
belong here: counting services (dbt), or reading and writing tables (assets/trends.py).
"""
