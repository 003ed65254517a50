"""People who perform, month by month and site by site, with planted events and their truth: tables, no claims.

For what needs thousands of people over two years and nothing of a claim. Volumes are log-normal per person (median
`median_monthly`, σ 0.9, at most 80 a month), Poisson with a person's good and bad months (gamma, so that the variance is
`OVERDISPERSION` times the mean at the median), on months of unequal length. A person works at one to three sites
within a few miles; a month's work leans to one site or another (operating blocks). One in fifty of those to whom nothing
happens takes one or two months off. Does not belong here: judging what happened.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.market_simulator.random_streams import Stream, generator

EVENTS = ("new", "retired", "moved", "switched_system", "mix_changed")
FIRST_MONTH = "2024-01"
PRODUCTS = ("hip", "knee", "shoulder")
SITE_KINDS = ("hospital", "ambulatory_surgery_center")
OVERDISPERSION = 1.4
BLOCKS = 40.0  # concentration of a month's shares over sites around the person's own
TOWNS, SYSTEMS, SITES_OF_TOWN = 120, 30, 6
LONGEST_MONTH_OFF = 2
SMALL_MONTHLY = 20 / 3  # 20 procedures a quarter: the small provider of trap T21
SITE_SHIFT = 0.3  # of the work, as in trap T19
PRODUCT_SHIFT = 0.4
NEAR_DEGREES = 0.05  # sites of a town lie within some four miles of its middle


@dataclass(frozen=True)
class CareerSpec:
    """`planted` people per event, drawn from those with a monthly rate between `least_monthly` and `most_monthly`.

    Events happen in months 6 to months - 6, so that half a year is seen on either side.
    """

    seed: int
    providers: int = 5000
    months: int = 24
    planted: int = 50
    median_monthly: float = 8.0
    least_monthly: float = SMALL_MONTHLY
    most_monthly: float = 80.0


@dataclass(frozen=True)
class Careers:
    """`counts` npi, account_id, product_id, service_month, procedures; `sites` as `provider_events` wants them;
    `truth` person (position), npi, event, event_month, monthly_rate. `drawn` [P, T, sites, products] are the counts of a
    person's own sites, `means` what was expected of them with the events and `means_without` without (for an oracle).
    """

    counts: pd.DataFrame
    sites: pd.DataFrame
    truth: pd.DataFrame
    drawn: np.ndarray
    means: np.ndarray
    means_without: np.ndarray


def simulate_careers(spec: CareerSpec) -> Careers:
    """The tables of one seed."""
    rng = generator(spec.seed, Stream.CAREERS)
    town_at = np.column_stack([rng.uniform(30, 45, TOWNS), rng.uniform(-120, -75, TOWNS)])
    site_town = np.repeat(np.arange(TOWNS), SITES_OF_TOWN)
    # A town has sites of two systems and independent ones, hospitals and surgery centres of each.
    of_town = rng.integers(0, SYSTEMS, (TOWNS, 1)) + np.array([[0, 0, 1, 1, -1, -1]])
    system = np.where(np.array([0, 0, 1, 1, -1, -1]) < 0, -1, of_town % SYSTEMS).ravel()
    kind = np.tile([0, 1], TOWNS * SITES_OF_TOWN // 2)
    at = town_at[site_town] + rng.uniform(-NEAR_DEGREES, NEAR_DEGREES, (len(site_town), 2))
    rate = np.minimum(np.exp(rng.normal(np.log(spec.median_monthly), 0.9, spec.providers)), 80.0)
    town = rng.integers(0, TOWNS, spec.providers)
    slots = _sites_of_people(town, rng)
    shares = np.zeros((spec.providers, spec.months, SITES_OF_TOWN * 2))
    home = _site_shares(spec.providers, rng)
    shares[:, :, :SITES_OF_TOWN] = home[:, None, :]
    mix = rng.dirichlet((2.0, 2.0, 1.0), spec.providers)
    mixes = np.repeat(mix[:, None, :], spec.months, axis=1)
    active = np.ones((spec.providers, spec.months))
    planted, truth, new_town = _plant(spec, rate, town, rng)
    slots[:, SITES_OF_TOWN:] = new_town[:, None] * SITES_OF_TOWN + np.arange(SITES_OF_TOWN)
    plain = (shares.copy(), mixes.copy())
    for person, (event, month) in planted.items():
        later = slice(month, None)
        if event == "retired":
            active[person, later] = 0
        elif event == "new":
            active[person, :month] = 0
        elif event == "moved":
            shares[person, later] = np.concatenate([np.zeros(SITES_OF_TOWN), rng.permutation(home[person])])
        elif event == "switched_system":
            shares[person, later, :SITES_OF_TOWN] = np.roll(home[person], 2)
        elif person % 2:
            shares[person, later, :SITES_OF_TOWN] = _to_surgery_centres(home[person])
        else:
            mixes[person, later] = _other_products(mix[person], rng)
    days = rng.uniform(0.88, 1.12, spec.months)
    leave = _leave(spec, set(planted), rng)
    base = (rate[:, None] * days)[:, :, None]
    means = (base * active[:, :, None] * shares)[:, :, :, None] * mixes[:, :, None, :]
    without = (base * plain[0])[:, :, :, None] * plain[1][:, :, None, :]
    counts = rng.poisson(means * leave * _unrest(spec, rate, shares, rng))
    return Careers(_rows(counts, slots, spec), _site_table(at, system, kind), truth, counts, means, without)


def _site_shares(providers: int, rng: np.random.Generator) -> np.ndarray:
    """[P, sites of town]: one to three sites, of one system (or independent ones), the largest at least half."""
    group = rng.integers(0, 3, providers) * 2
    shares = np.zeros((providers, SITES_OF_TOWN))
    rows = np.arange(providers)
    hospital = rng.uniform(0.5, 0.95, providers)
    shares[rows, group] = hospital
    shares[rows, group + 1] = 1 - hospital
    return shares


def _sites_of_people(town: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    own = town[:, None] * SITES_OF_TOWN + np.arange(SITES_OF_TOWN)
    return np.hstack([own, own])


def _plant(
    spec: CareerSpec, rate: np.ndarray, town: np.ndarray, rng: np.random.Generator
) -> tuple[dict[int, tuple[str, int]], pd.DataFrame, np.ndarray]:
    """Who, what and when. A switch of systems needs a system on one side."""
    eligible = rng.permutation(np.flatnonzero((rate >= spec.least_monthly) & (rate <= spec.most_monthly)))
    chosen = eligible[: spec.planted * len(EVENTS)]
    if len(chosen) < spec.planted * len(EVENTS):
        raise ValueError(f"only {len(chosen)} people have the volume that events are planted on")
    planted: dict[int, tuple[str, int]] = {}
    rows = []
    for place, person in enumerate(chosen.tolist()):
        event, month = EVENTS[place % len(EVENTS)], int(rng.integers(6, spec.months - 5))
        planted[person] = (event, month)
        rows.append((person, npi_of(person), event, month, rate[person]))
    truth = pd.DataFrame(rows, columns=["person", "npi", "event", "at", "monthly_rate"])
    first = np.datetime64(FIRST_MONTH, "M")
    truth["event_month"] = (first + truth.pop("at").to_numpy()).astype("datetime64[D]")
    return planted, truth, (town + rng.integers(1, TOWNS, len(town))) % TOWNS


def _to_surgery_centres(home: np.ndarray) -> np.ndarray:
    """Work goes from the kind of site that has most of it to the other, of the same owner: the total stays."""
    moved = home.copy()
    hospital = int(np.argmax(home))
    part = min(SITE_SHIFT, home[hospital])
    centre = hospital + 1 if hospital % 2 == 0 else hospital - 1
    moved[hospital] -= part
    moved[centre] += part
    return moved


def _other_products(mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A part of the work, taken from the largest product, becomes another."""
    changed = mix.copy()
    largest = int(np.argmax(mix))
    part = min(PRODUCT_SHIFT, mix[largest])
    changed[largest] -= part
    changed[(largest + int(rng.integers(1, 3))) % 3] += part
    return changed


def _leave(spec: CareerSpec, planted: set[int], rng: np.random.Generator) -> np.ndarray:
    leave = np.ones((spec.providers, spec.months, 1, 1))
    for person in np.flatnonzero(rng.random(spec.providers) < 0.02).tolist():
        if person not in planted:
            start = int(rng.integers(0, spec.months - LONGEST_MONTH_OFF))
            leave[person, start : start + int(rng.integers(1, LONGEST_MONTH_OFF + 1))] = 0
    return leave


def _unrest(spec: CareerSpec, rate: np.ndarray, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """[P, T, sites, 1] factors: good and bad months, and months that lean to one site."""
    shape = spec.median_monthly / (OVERDISPERSION - 1)
    month = rng.gamma(shape, 1 / shape, (spec.providers, spec.months, 1, 1))
    blocks = rng.gamma(np.maximum(BLOCKS * shares, 1e-9))
    total = blocks.sum(axis=2, keepdims=True)
    lean = np.where(shares > 0, blocks / np.maximum(total, 1e-9) / np.maximum(shares, 1e-9), 0.0)
    factors: np.ndarray = month * lean[..., None]
    return factors


def npi_of(person: int) -> str:
    """A name for a person; no valid NPI, so that it can never be taken for one."""
    return f"P{person:05d}"


def _rows(counts: np.ndarray, slots: np.ndarray, spec: CareerSpec) -> pd.DataFrame:
    person, month, slot, product = np.nonzero(counts)
    first = np.datetime64(FIRST_MONTH, "M")
    return pd.DataFrame(
        {
            "npi": np.array([npi_of(number) for number in range(spec.providers)])[person],
            "account_id": np.array([f"S{site:05d}" for site in range(TOWNS * SITES_OF_TOWN)])[
                slots[person, slot]
            ],
            "product_id": np.array(PRODUCTS)[product],
            "service_month": (first + month).astype("datetime64[ns]"),
            "procedures": counts[person, month, slot, product].astype(float),
        }
    )


def _site_table(at: np.ndarray, system: np.ndarray, kind: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": [f"S{site:05d}" for site in range(len(at))],
            "latitude": at[:, 0],
            "longitude": at[:, 1],
            "health_system_id": [None if number < 0 else f"SYS{number:02d}" for number in system],
            "site_kind": np.array(SITE_KINDS)[kind],
        }
    )
