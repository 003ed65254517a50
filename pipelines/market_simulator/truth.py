"""What truly happened, beside what was delivered: services once each, and what stands as of every refresh.

A service is a patient, a day and a code: bilateral lines, the professional twin of a facility claim,
replacements and re-sends do not make a second one, and it ceases when every claim known for it is void.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.atomic_files import read_json, write_json, write_parquet
from pipelines.market_simulator.catalog import (
    CODE_NAMES,
    PRODUCT_NAMES,
    PRODUCTS,
    VISIT_TYPES,
    product_table,
)
from pipelines.market_simulator.claim_lines import (
    KINDS,
    LaidOut,
    LineVersions,
    corrected_code,
    refresh_of,
)
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.medical_claim import HCPCS, MarketTexts
from pipelines.market_simulator.months import fifth_of_next_month, first_day, month_label
from pipelines.market_simulator.payers import CHANNELS, PAYER_CHANNEL
from pipelines.market_simulator.planting import Plan
from pipelines.market_simulator.text_columns import Vocabulary, numbered_text
from pipelines.market_simulator.versions import UNKNOWN

NO_PRODUCT = "none"
_PRODUCT_TABLE = product_table()
_PRODUCT_TEXTS, _CHANNEL_TEXTS = Vocabulary.of(PRODUCT_NAMES), Vocabulary.of(CHANNELS)
_VISIT_TEXTS = Vocabulary.of([visit.name for visit in VISIT_TYPES])


@dataclass(frozen=True)
class Services:
    """One row per service of a shard. [service, claim 0/1] `known` and `voided` are refresh numbers,
    UNKNOWN where the claim does not carry the service; `product` is a position in PRODUCT_NAMES or -1."""

    visit: np.ndarray
    code: np.ndarray
    claim_corrected: np.ndarray
    product: np.ndarray
    known: np.ndarray
    voided: np.ndarray

    def standing(self, refresh: int) -> np.ndarray:
        """Whether the service counts as of a refresh: some claim of it is known and not void."""
        return np.asarray(((self.known <= refresh) & (self.voided > refresh)).any(axis=1))


def services_of(laid_out: LaidOut, last_history_month: int) -> Services:
    """The services behind the lines of a shard, in visit order."""
    visits, lines = laid_out.visits, laid_out.lines
    code = visits.code[lines.visit, lines.slot].astype(np.int64)
    keys, first, service = np.unique(
        lines.visit.astype(np.int64) * len(CODE_NAMES) + code, return_index=True, return_inverse=True
    )
    carried = np.zeros((len(keys), 2), dtype=bool)
    carried[service, lines.claim] = True
    visit = lines.visit[first]
    replaced = visits.replaced[visit, 0]
    diagnosed = _PRODUCT_TABLE[code[first][:, None], visits.diagnosis[visit]]
    return Services(
        visit=visit,
        code=code[first],
        claim_corrected=np.where(
            visits.correction[visit, 0] > 0, refresh_of(replaced, last_history_month), UNKNOWN
        ),
        product=diagnosed.max(axis=1),
        known=np.where(carried, refresh_of(visits.known[visit], last_history_month), UNKNOWN),
        voided=np.where(carried, refresh_of(visits.voided[visit], last_history_month), UNKNOWN),
    )


def services_table(
    market: Market, texts: MarketTexts, laid_out: LaidOut, services: Services, last_refresh: int
) -> pa.Table:
    """Services known by `last_refresh`, with the code that stands then."""
    visits = laid_out.visits
    keep = np.flatnonzero((services.known <= last_refresh).any(axis=1))
    visit = services.visit[keep]
    steps = np.where(services.claim_corrected[keep] <= last_refresh, visits.correction[visit, 0], 0)
    code = HCPCS.column(corrected_code(services.code[keep], steps))
    patient = numbered_text("P", visits.patient[visit] + 1, texts.person_width)
    day = pa.array(visits.day[visit].astype(np.int32)).cast(pa.date32())
    month_start = pa.array(np.full(len(keep), first_day(laid_out.month), dtype=np.int32)).cast(pa.date32())
    site = visits.located_at[visit]
    place = market.organisations.place[site]
    refreshes = Vocabulary.of([market.spec.refresh_id(number) for number in range(last_refresh + 1)])
    key = pc.binary_join_element_wise(patient, day.cast(pa.string()), code.cast(pa.string()), "|")
    return pa.table(
        {
            "service_key": key,
            "patient_id": patient,
            "service_date": day,
            "service_month": month_start,
            "hcpcs_code": code,
            "product_id": _PRODUCT_TEXTS.column(services.product[keep]),
            "visit_type": _VISIT_TEXTS.column(visits.visit_type[visit]),
            "performing_npi": texts.providers.column(visits.provider[visit]),
            "site_npi": texts.organisations.column(site),
            "site_zip": texts.zips.column(place),
            "county_fips": texts.counties.column(place),
            "state": texts.states.column(place),
            "payer_channel": _CHANNEL_TEXTS.column(
                PAYER_CHANNEL[market.patients.payer[visits.patient[visit]]]
            ),
            "claims": pa.array((services.known[keep] <= last_refresh).sum(axis=1).astype(np.int32)),
            "first_known_refresh": refreshes.column(services.known[keep].min(axis=1)),
            "is_final_void": pa.array(~services.standing(last_refresh)[keep]),
        }
    )


class TruthCounts:
    """Counts over all shards: delivered lines by refresh and kind; standing services by refresh, month,
    product and state.
    """

    def __init__(self, market: Market, last_refresh: int):
        self._market, self._refreshes = market, last_refresh + 1
        self._states, self._state_of_place = np.unique(market.places.state, return_inverse=True)
        self._lines = np.zeros((self._refreshes, len(KINDS)), dtype=np.int64)
        self._services: dict[int, np.ndarray] = {}

    def add(self, laid_out: LaidOut, services: Services, versions: LineVersions) -> None:
        shape = (self._refreshes, len(PRODUCT_NAMES) + 1, len(self._states))
        flat = versions.refresh * len(KINDS) + versions.kind
        self._lines += np.bincount(flat, minlength=self._lines.size).reshape(self._lines.shape)
        site = laid_out.visits.located_at[services.visit]
        state = self._state_of_place[self._market.organisations.place[site]]
        cell = services.product.astype(np.int64) * shape[2] + state
        cell[services.product < 0] += shape[1] * shape[2]  # no product: the last row
        counts = self._services.setdefault(laid_out.month, np.zeros(shape, dtype=np.int64))
        for refresh in range(self._refreshes):
            standing = services.standing(refresh)
            counts[refresh] += np.bincount(cell[standing], minlength=shape[1] * shape[2]).reshape(shape[1:])

    def services_table(self) -> pa.Table:
        """refresh_id, service_month, product_id ('none' for the rest), state, services: only cells above
        0.
        """
        spec = self._market.spec
        products = [*PRODUCT_NAMES, NO_PRODUCT]
        pieces = []
        for month, counts in sorted(self._services.items()):
            refresh, product, state = np.nonzero(counts)
            pieces.append(
                pa.table(
                    {
                        "refresh_id": pa.array([spec.refresh_id(number) for number in refresh.tolist()]),
                        "service_month": pa.array(
                            np.full(len(refresh), first_day(month), dtype=np.int32)
                        ).cast(pa.date32()),
                        "product_id": pa.array([products[number] for number in product.tolist()]),
                        "state": pa.array(self._states[state].tolist(), type=pa.string()),
                        "services": pa.array(counts[refresh, product, state]),
                    }
                )
            )
        return pa.concat_tables(pieces)

    def by_refresh(self) -> list[dict[str, Any]]:
        spec = self._market.spec
        totals = np.sum(list(self._services.values()), axis=0).sum(axis=2)
        return [
            {
                "refresh_id": spec.refresh_id(refresh),
                "known_on": fifth_of_next_month(spec.known_month(refresh)),
                "lines": dict(zip(KINDS, self._lines[refresh].tolist(), strict=True)),
                "standing_services": dict(
                    zip([*PRODUCT_NAMES, NO_PRODUCT], totals[refresh].tolist(), strict=True)
                ),
            }
            for refresh in range(self._refreshes)
        ]


def write_truth(folder: Path, market: Market, plan: Plan, counts: TruthCounts) -> list[Path]:
    """market_truth.json and service_counts.parquet, as of the last refresh counted."""
    spec, size = market.spec, market.size
    refreshes = counts.by_refresh()
    content = {
        "spec": {name: value for name, value in asdict(spec).items() if name != "events"},
        "events": plan.told,
        "size": asdict(size),
        "products": {
            name: {"codes": list(codes), "diagnoses": list(dx)} for name, (codes, dx) in PRODUCTS.items()
        },
        "first_service_month": month_label(spec.first_month),
        "through_refresh": refreshes[-1]["refresh_id"],
        "refreshes": refreshes,
    }
    return [
        write_json(folder / "market_truth.json", content),
        write_parquet(
            folder / "service_counts.parquet",
            counts.services_table(),
            sort_by=["refresh_id", "service_month", "product_id", "state"],
        ),
    ]


def read_truth(folder: Path) -> dict[str, Any]:
    """The planted truth as written by `write_truth`."""
    return dict(read_json(folder / "market_truth.json"))
