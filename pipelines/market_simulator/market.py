"""The standing market, before anything happens in it: places, organisations, providers and patients."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.market_simulator.assistants import Assistants, assistant_count, make_assistants
from pipelines.market_simulator.geography import Places, read_places
from pipelines.market_simulator.npi import distinct_npis
from pipelines.market_simulator.organisations import (
    Organisations,
    make_organisations,
    organisation_count,
)
from pipelines.market_simulator.patients import Patients, make_patients
from pipelines.market_simulator.providers import Providers, make_providers
from pipelines.market_simulator.random_streams import Stream, generator
from pipelines.market_simulator.size import MarketSize
from pipelines.market_simulator.spec import MarketSpec


@dataclass(frozen=True)
class Market:
    spec: MarketSpec
    size: MarketSize
    places: Places
    organisations: Organisations
    providers: Providers
    patients: Patients
    assistants: Assistants


def build_market(spec: MarketSpec) -> Market:
    """Make the market of `spec`; events play no part in it."""
    places = read_places(spec)
    size = MarketSize.of(spec, float(places.population.sum()))
    organisations_wanted = organisation_count(size)
    people_wanted = organisations_wanted + size.people
    wanted = people_wanted + assistant_count(spec.traps, size.people)
    npis = distinct_npis(wanted, generator(spec.seed, Stream.ORGANISATIONS, 1))
    organisations = make_organisations(spec.seed, places, size, npis[:organisations_wanted])
    history = (spec.first_month, spec.last_history_month)
    people_npis = npis[organisations_wanted:people_wanted]
    providers = make_providers(spec.seed, places, organisations, size=size, npis=people_npis, history=history)
    patients = make_patients(spec.seed, places, size.patients)
    assistants = make_assistants(spec.seed, organisations, npis[people_wanted:])
    return Market(spec, size, places, organisations, providers, patients, assistants)
