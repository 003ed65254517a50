"""What changed since the active plan was made, who should look at it, and whether the plan is rebuilt.

Belongs here: comparison windows, level factors, review flags, plan against actual, the rebuild decision and
its files. Does not belong here: the statistics that judge a change (`quality.drift`, `quality.supply`); their
verdicts come in as frames.
"""
