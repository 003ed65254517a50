"""The provider directory and the facility file of a month."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.market_simulator.assistants import DESCRIPTION, TAXONOMY
from pipelines.market_simulator.catalog import ORGANISATION_TAXONOMY, SPECIALTIES
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.months import first_day
from pipelines.market_simulator.organisations import FACILITY_KINDS
from pipelines.market_simulator.planting import Plan
from pipelines.market_simulator.text_columns import numbered_text


def provider_directory(market: Market, plan: Plan, month: int) -> pa.Table:
    """People and organisations as the registry shows them at the end of `month`, sorted by NPI."""
    places, organisations, providers = market.places, market.organisations, market.providers
    people = providers.people
    assistants = market.assistants
    person_place = organisations.place[plan.practice(market, month).group[:people]]
    place = np.concatenate([person_place, organisations.place[assistants.group], organisations.place])
    kinds = organisations.kind.tolist()
    specialties = [SPECIALTIES[taxonomy][0] for taxonomy in providers.taxonomy[:people].tolist()]
    everybody = people + len(assistants.npi)
    nobody, no_organisation = [None] * len(kinds), [None] * everybody
    gone = providers.deactivated_day[:people]
    days = pa.array(gone.astype(np.int32), mask=gone >= first_day(month + 1)).cast(pa.date32())
    table = pa.table(
        {
            "npi": numbered_text(
                "", np.concatenate([providers.npi[:people], assistants.npi, organisations.npi]), 10
            ),
            "entity_type_code": pa.array(["1"] * everybody + ["2"] * len(kinds)),
            "provider_first_name": pa.array(
                providers.first_name.tolist() + assistants.first_name.tolist() + nobody
            ),
            "provider_last_name": pa.array(
                providers.last_name.tolist() + assistants.last_name.tolist() + nobody
            ),
            "provider_organization_name": pa.array(no_organisation + organisations.name.tolist()),
            "primary_taxonomy_code": pa.array(
                providers.taxonomy[:people].tolist()
                + [TAXONOMY] * len(assistants.npi)
                + [ORGANISATION_TAXONOMY[kind][0] for kind in kinds]
            ),
            "primary_specialty_description": pa.array(
                specialties
                + [DESCRIPTION] * len(assistants.npi)
                + [ORGANISATION_TAXONOMY[kind][1] for kind in kinds]
            ),
            "practice_city": pa.array(places.city[place].tolist()),
            "practice_state": pa.array(places.state[place].tolist()),
            "practice_zip_code": pa.array(places.zip[place].tolist()),
            "deactivation_date": pa.concat_arrays(
                [days, pa.nulls(len(assistants.npi) + len(kinds), pa.date32())]
            ),
        }
    )
    return table.sort_by("npi")


def facility_file(market: Market) -> pa.Table:
    """Hospitals, surgery centres and clinics with their health system, sorted by NPI."""
    organisations = market.organisations
    sites = organisations.of_kind(*FACILITY_KINDS)
    system = organisations.system[sites]
    independent = system < 0

    def of_system(texts: np.ndarray) -> pa.Array:
        return pa.array(texts[system].tolist(), type=pa.string(), mask=independent)

    table = pa.table(
        {
            "facility_npi": numbered_text("", organisations.npi[sites], 10),
            "facility_name": pa.array(organisations.name[sites].tolist()),
            "facility_type": pa.array(organisations.kind[sites].tolist()),
            "facility_zip": pa.array(market.places.zip[organisations.place[sites]].tolist()),
            "health_system_id": of_system(organisations.system_id),
            "health_system_name": of_system(organisations.system_name),
        }
    )
    return table.sort_by("facility_npi")
