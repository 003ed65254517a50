"""The truth beside the deliveries: every service with what counts of it, and what stands as of every refresh.

A service is a patient, a day, a code and an occurrence: bilateral lines, the professional twin of a facility claim,
replacements and re-sends do not make a second one, and it ceases when every claim known for it is void.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.atomic_files import read_json, write_json, write_parquet
from pipelines.market_simulator.case_histories import HISTORY_NAMES
from pipelines.market_simulator.case_shapes import KNEE_REPLACEMENT, SHAPE_NAMES
from pipelines.market_simulator.case_templates import ALL_HISTORIES, ALL_SHAPES, MOST_PEOPLE, PCS_CODE
from pipelines.market_simulator.cases import DIAGNOSIS_LABELS, FEED_LABELS, IN_BOTH, ONLY_CLOSED, Cases
from pipelines.market_simulator.catalog import (
    CODE_NAMES,
    DELETED_CODE,
    PRODUCT_NAMES,
    PRODUCTS,
    SUCCESSOR_CODE,
    VISIT_TYPES,
)
from pipelines.market_simulator.claim_lines import KINDS
from pipelines.market_simulator.code_rules import DOSE_PER_UNIT, code_rule_rows
from pipelines.market_simulator.code_set_files import write_code_change
from pipelines.market_simulator.delivered_rows import DeliveredRows
from pipelines.market_simulator.market import Market
from pipelines.market_simulator.medical_claim import MarketTexts
from pipelines.market_simulator.months import fifth_of_next_month, first_day, month_label
from pipelines.market_simulator.payers import CHANNELS, PAYER_CHANNEL
from pipelines.market_simulator.planting import Plan
from pipelines.market_simulator.text_columns import Vocabulary, numbered_text
from pipelines.market_simulator.traps import TEST_PATIENT
from pipelines.market_simulator.true_services import TrueServices

NO_PRODUCT = "none"
KEY_COLUMNS = ("service_key", "patient_id")
_TRUE_CODES = Vocabulary.of([*CODE_NAMES, KNEE_REPLACEMENT])
_CODE_SYSTEMS = Vocabulary.of(("hcpcs", "icd10pcs"))
_PRODUCT_TEXTS, _CHANNEL_TEXTS = Vocabulary.of(PRODUCT_NAMES), Vocabulary.of(CHANNELS)
_VISIT_TEXTS = Vocabulary.of([visit.name for visit in VISIT_TYPES])
_SHAPES = Vocabulary.of([shape.name for shape in ALL_SHAPES])
_HISTORIES = Vocabulary.of([history.name for history in ALL_HISTORIES])
_FEEDS, _DIAGNOSES = Vocabulary.of(FEED_LABELS), Vocabulary.of(DIAGNOSIS_LABELS)


def services_table(
    market: Market, texts: MarketTexts, services: TrueServices, month: int, last_refresh: int
) -> pa.Table:
    """Services known by `last_refresh`, one row per span in which one stands unchanged (docs/methods/simulator.md)."""
    true = services.take(np.flatnonzero(services.known <= last_refresh))
    count, is_pcs = len(true), true.code == PCS_CODE
    codes = _TRUE_CODES.column(true.code)
    patient = numbered_text("P", true.patient + 1, texts.person_width)
    day = pa.array(true.day.astype(np.int32)).cast(pa.date32())
    month_start = pa.array(np.full(count, first_day(month), dtype=np.int32)).cast(pa.date32())
    place = market.organisations.place[true.site]
    refreshes = Vocabulary.of([market.spec.refresh_id(number) for number in range(last_refresh + 1)])
    key = pc.binary_join_element_wise(patient, day.cast(pa.string()), codes.cast(pa.string()), "|")
    repeated = pc.binary_join_element_wise(key, pa.array(true.occurrence).cast(pa.string()), "|")
    organisations = len(market.providers.npi) + len(market.assistants.npi)
    doses = true.units * np.append(DOSE_PER_UNIT, np.nan)[true.code]
    return pa.table(
        {
            "service_key": pc.if_else(pa.array(true.occurrence > 0), repeated, key),
            "patient_id": patient,
            "service_date": day,
            "service_month": month_start,
            "code_system": _CODE_SYSTEMS.column(is_pcs.astype(np.int8)),
            "code": codes,
            "hcpcs_code": _TRUE_CODES.column(np.where(is_pcs, -1, true.code)),
            "occurrence": pa.array(true.occurrence.astype(np.int32)),
            "product_id": _PRODUCT_TEXTS.column(true.product),
            "visit_type": _VISIT_TEXTS.column(true.visit_type),
            "performing_npi": texts.npis.column(true.performer),
            "site_npi": texts.npis.column(true.site + organisations),
            "site_zip": texts.zips.column(place),
            "county_fips": texts.counties.column(place),
            "state": texts.states.column(place),
            "payer_channel": _CHANNEL_TEXTS.column(PAYER_CHANNEL[market.patients.payer[true.patient]]),
            "claims": pa.array(true.claims.astype(np.int32)),
            "procedures": pa.array(true.procedures),
            "sides": pa.array(true.sides.astype(np.int32)),
            "units": pa.array(true.units),
            "doses": pa.array(doses, mask=np.isnan(doses)),
            **{
                name: column
                for number in range(MOST_PEOPLE)
                for name, column in (
                    (f"involved_npi_{number + 1}", texts.npis.column(true.people[:, number])),
                    (f"involvement_{number + 1}", pa.array(true.credit[:, number])),
                )
            },
            "is_units_capped": pa.array(true.is_capped),
            "is_modifier_missing": pa.array(true.is_modifier_missing),
            "is_discontinued": pa.array(true.is_discontinued),
            "is_denied": pa.array(true.is_denied),
            "is_code_invalid": pa.array(true.is_code_invalid),
            "billing_shape": _SHAPES.column(true.shape),
            "claim_history": _HISTORIES.column(true.history),
            "feed": _FEEDS.column(true.feed),
            "diagnosis_trap": _DIAGNOSES.column(true.diagnosis),
            "first_known_refresh": refreshes.column(true.known),
            "standing_from": pa.array(true.known.astype(np.int32)),
            "standing_to": pa.array(true.until.astype(np.int32), mask=true.until > last_refresh),
            "is_final_void": pa.array(~true.standing(last_refresh)),
        }
    )


class TruthCounts:
    """Counts over all shards: delivered lines by refresh and kind; standing services by refresh, month,
    product and state; rows that are to be set aside.
    """

    def __init__(self, market: Market, last_refresh: int):
        self._market, self._refreshes = market, last_refresh + 1
        self._states, self._state_of_place = np.unique(market.places.state, return_inverse=True)
        self._lines = np.zeros((self._refreshes, len(KINDS)), dtype=np.int64)
        self._services: dict[int, np.ndarray] = {}
        self._test_rows = 0
        self._planted: Counter[str] = Counter()

    def add_rows(self, rows: DeliveredRows, delivered: np.ndarray, refresh: int) -> None:
        """The rows of a shard that one refresh delivers in one feed (a mask)."""
        self._lines[refresh] += np.bincount(rows.kind[delivered], minlength=len(KINDS))
        self._test_rows += int(rows.is_test[delivered].sum())

    def add_cases(self, cases: Cases) -> None:
        """Visits that traps caught, as far as any refresh until the last tells of them."""
        last = self._market.spec.known_month(self._refreshes - 1)
        first_month = np.where(cases.feed == ONLY_CLOSED, cases.closed_months[:, 0], cases.open_months[:, 0])
        first_month = np.where(
            cases.feed == IN_BOTH, np.minimum(first_month, cases.closed_months[:, 0]), first_month
        )
        told = first_month <= last
        for labels, caught in (
            (("", *SHAPE_NAMES), cases.shape),
            (("", *HISTORY_NAMES), cases.history),
            (("", *FEED_LABELS[1:]), cases.feed),
            (("", *DIAGNOSIS_LABELS), cases.diagnosis + 1),
            (("", TEST_PATIENT), cases.is_test.astype(np.int64)),
        ):
            counts = np.bincount(caught[told], minlength=len(labels))
            self._planted.update(dict(zip(labels[1:], counts[1:].tolist(), strict=True)))

    @property
    def planted(self) -> dict[str, int]:
        """Visits caught by each trap that is on."""
        return {name: count for name, count in sorted(self._planted.items()) if count}

    def add_services(self, services: TrueServices, month: int) -> None:
        shape = (self._refreshes, len(PRODUCT_NAMES) + 1, len(self._states))
        state = self._state_of_place[self._market.organisations.place[services.site]]
        cell = services.product.astype(np.int64) * shape[2] + state
        cell[services.product < 0] += shape[1] * shape[2]  # no product: the last row
        counts = self._services.setdefault(month, np.zeros(shape, dtype=np.int64))
        for refresh in range(self._refreshes):
            standing = np.bincount(cell[services.standing(refresh)], minlength=shape[1] * shape[2])
            counts[refresh] += standing.reshape(shape[1:])

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

    @property
    def test_rows(self) -> int:
        """Delivered rows of test patients: they are to be set aside, and counted."""
        return self._test_rows

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
        "planted": counts.planted,
        "test_rows": counts.test_rows,
        "code_rules": code_rule_rows(),
        "code_change": _code_change(market),
        "first_service_month": month_label(spec.first_month),
        "through_refresh": refreshes[-1]["refresh_id"],
        "refreshes": refreshes,
    }
    change = spec.traps.code_change_month
    return [
        *(write_code_change(folder, change) if change else ()),
        write_json(folder / "market_truth.json", content),
        write_parquet(
            folder / "service_counts.parquet",
            counts.services_table(),
            sort_by=["refresh_id", "service_month", "product_id", "state"],
        ),
    ]


def _code_change(market: Market) -> dict[str, str] | None:
    month = market.spec.traps.code_change_month
    if month is None:
        return None
    return {"deleted": DELETED_CODE, "successor": SUCCESSOR_CODE, "from": f"{month}-01"}


def read_truth(folder: Path) -> dict[str, Any]:
    """The planted truth as written by `write_truth`."""
    return dict(read_json(folder / "market_truth.json"))
