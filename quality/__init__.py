"""What must be true: contracts, Great Expectations suites, drift statistics and the bodies of asset checks.

Belongs here: judgements about data. Does not belong here: the computation of the data (pipelines), or
scheduling.
"""
