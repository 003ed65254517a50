"""A synthetic claims market on real US geography, in rolling monthly refreshes, with the truth beside it.

A product feature (everything can be tried without buying data) and the instrument that proves the rest:
what is planted here is known exactly. Belongs here: geography weights, people, organisations, patients,
payers, visits, claims with versions and reporting lag, planted events, and the writing of deliveries and
truth. Does not belong here: anything that reads claims back to compute with them; the pipeline must never
import from this package.
"""

from pipelines.market_simulator.deliveries import Progress, write_refreshes
from pipelines.market_simulator.delivery_variants import DeliveryVariant, deliver_otherwise
from pipelines.market_simulator.events import (
    CareerChanges,
    PayerOutage,
    PracticeMoves,
    ProcedureShift,
    SystemLockIn,
)
from pipelines.market_simulator.payers import payer_channels
from pipelines.market_simulator.spec import MarketSpec, demo_spec, null_spec
from pipelines.market_simulator.traps import Traps, all_traps

__all__ = [
    "CareerChanges",
    "DeliveryVariant",
    "MarketSpec",
    "PayerOutage",
    "PracticeMoves",
    "ProcedureShift",
    "Progress",
    "SystemLockIn",
    "Traps",
    "all_traps",
    "deliver_otherwise",
    "demo_spec",
    "null_spec",
    "payer_channels",
    "write_refreshes",
]
