"""A written market in other layouts: CMS RIF, X12 837, a vendor's flat file; the truth stays what it is.

Belongs here: one module per layout, from the columns of the simulator's own claim file to the files of that layout,
and their delivery. What some layout cannot say (payments, payers) is left out of all, so that they tell of the same
market. Small markets only: files are made row by row. Does not belong here: reading any layout.
"""

from pipelines.market_simulator.layouts.deliver import LAYOUTS, deliver_in_layout

__all__ = ["LAYOUTS", "deliver_in_layout"]
