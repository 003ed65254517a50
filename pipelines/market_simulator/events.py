"""What can be planted in a market, as data. How it is planted is in planting.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProcedureShift:
    """Services of a product at sites in a region multiply by `factor` in the service months from..to
    (inclusive).
    """

    product_id: str
    from_month: str
    factor: float
    states: tuple[str, ...] = ()
    county_fips: tuple[str, ...] = ()
    to_month: str | None = None


@dataclass(frozen=True)
class PracticeMoves:
    """So many surgeons of good volume move their practice to another county, `miles` away, from a month
    on.
    """

    surgeons: int
    from_month: str
    miles: tuple[float, float] = (60.0, 500.0)


CAREER_KINDS = ("retired", "new", "switched_system", "mix_changed")


@dataclass(frozen=True)
class CareerChanges:
    """So many surgeons of good volume end their work from a month on (`retired`), begin it there (`new`), operate
    at sites of another health system near their practice (`switched_system`), or take what they did at their main
    hospital to the nearest surgery centre (`mix_changed`).
    """

    change: str
    surgeons: int
    from_month: str


@dataclass(frozen=True)
class SystemLockIn:
    """A health system buys from a competitor: a product's services at its sites multiply by `factor`.

    Without `health_system_id` the system whose share of the product's volume is nearest to `volume_share`
    is taken.
    """

    product_id: str
    from_month: str
    factor: float = 0.4
    health_system_id: str | None = None
    volume_share: float = 0.01
    to_month: str | None = None


@dataclass(frozen=True)
class PayerOutage:
    """A supply fault, no market change: of a channel's claims that would become known in the months from..to,
    `held_share` reach nobody until the month after `to_month`.
    """

    payer_channel: str
    from_month: str
    to_month: str
    held_share: float = 1.0


Event = ProcedureShift | PracticeMoves | CareerChanges | SystemLockIn | PayerOutage
