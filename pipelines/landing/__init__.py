"""Landing: what arrives in the inbox becomes typed, append-only Parquet with a receipt, or is refused with a
reason.

Here belong the delivery and its manifest, the layouts that know how vendors name and write things, and the
registry of receipts. What a claim *means* (versions, duplicates, services) does not: that is SQL, in the
stages after this one.
"""
