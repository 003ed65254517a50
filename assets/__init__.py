"""What Dagster sees: thin assets that read, call `pipelines`, write, and attach metadata.

Belongs here: asset and asset-check definitions, one module per stage. Does not belong here: arithmetic.
"""
