"""Where things are: units, which units touch, ZIP → ZCTA → county → CBSA → state, and how far a drive is.

Here belong the four `geography/*` tables and the travel model. Which units form a territory does not.
"""
