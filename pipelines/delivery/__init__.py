"""The stage where results leave the pipeline: the audited snapshot, the leadership report, the map previews.

Belongs here: reading the finished marts out of the warehouse, freezing them into files, checking what was
frozen, swapping it in for consumers, and drawing it. Does not belong here: deciding anything, or computing a
number that is not already in a mart.
"""
