"""X12 837 claims: from bytes to service lines as text columns. Names, addresses and birth dates end here.

Here belong segments, envelopes and loops of 837P and 837I (005010X222, 005010X223). What a code means, and whether a
value can be used, does not: that is the layout `x12_837` and the rules of every claim line.
"""
