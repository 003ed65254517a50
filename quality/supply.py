"""Supply before drift: did the market change, or did we stop being told?

Belongs here: incidents of the data supply (a payer channel or a source that fell away, a late, empty or
repeated delivery). A blocking incident keeps drift from being read as market change (`measure_drift(...,
is_blocked=True)`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pipelines.config.model import Setting
from pipelines.monitoring.windows import Windows, as_months, month_labels
from quality.count_tests import Floats, common_dispersion, conditional_p_value
from quality.incidents import INCIDENT_COLUMNS, Incident
from quality.lag_shift import LagRule, lag_shifts
from quality.thresholds import configured

CHANCE_P_VALUE = 0.001
"""A drop must also be beyond chance: small channels halve by luck."""


@dataclass(frozen=True)
class SupplyRule:
    """The largest fall of a channel that may be the market (share), and how late a source may be (days)."""

    max_channel_drop_share: float
    late_warn_days: float
    late_block_days: float

    @classmethod
    def from_settings(cls, settings: Mapping[str, Setting]) -> SupplyRule:
        return cls(
            max_channel_drop_share=configured("supply_max_channel_drop_share", settings),
            late_warn_days=configured("supply_late_warn_days", settings),
            late_block_days=configured("supply_late_block_days", settings),
        )


def supply_incidents(
    volumes: pd.DataFrame,
    receipts: pd.DataFrame,
    windows: Windows,
    rule: SupplyRule,
    *,
    refresh_id: str,
    steps: pd.DataFrame | None = None,
    lag_rule: LagRule | None = None,
) -> pd.DataFrame:
    """The `monitoring/supply_incident` table as of `refresh_id`, sorted by incident_id.

    `volumes`: source, payer_channel, service_month, services; usable months. `receipts`: one row per accepted
    refresh, refresh_id, source, known_on (date), accepted_rows, cadence_days, repeated_files (files delivered
    before). `steps`, with a `lag_rule`: development of claims, see `lag_shift.lag_shifts`.
    """
    volumes = volumes.sort_values(["source", "payer_channel", "service_month", "services"], kind="stable")
    found = volume_drops(volumes, windows, rule, refresh_id) + receipt_incidents(receipts, rule, refresh_id)
    if steps is not None and lag_rule is not None:
        found += lag_shifts(steps, lag_rule, refresh_id=refresh_id)
    rows = [incident.as_row() for incident in found]
    return pd.DataFrame(rows, columns=list(INCIDENT_COLUMNS)).sort_values("incident_id", ignore_index=True)


def has_blocking(incidents: pd.DataFrame) -> bool:
    return bool(incidents["is_blocking"].astype(bool).any()) if len(incidents) else False


def volume_drops(
    volumes: pd.DataFrame, windows: Windows, rule: SupplyRule, refresh_id: str
) -> list[Incident]:
    """Blocking incidents: a source that falls while other sources hold, a channel while other channels hold.

    A source that fell is one incident and its channels are not looked at one by one. A series that stands
    alone has nothing to be compared with: its own fall by more than the limit is one incident.
    """
    if not windows.test or not windows.baseline or volumes.empty:
        return []
    sources = sorted(volumes["source"].unique())
    by_source = _series(volumes, "source", sources, windows)
    split, limit = len(windows.baseline), rule.max_channel_drop_share
    incidents = []
    fallen = _drops(by_source, windows, limit)
    for index, source in enumerate(sources):
        if index in fallen:
            scope = f"source {source}"
            incidents.append(_drop_incident(refresh_id, "source_drop", scope, fallen[index], windows))
            continue
        mine = volumes[volumes["source"] == source]
        channels = sorted(mine["payer_channel"].unique())
        if len(channels) < 2:
            continue
        by_channel = _series(mine, "payer_channel", channels, windows)
        for place, fall in sorted(_drops(by_channel, windows, limit).items()):
            scope = f"source {source}, channel {channels[place]}"
            incidents.append(_drop_incident(refresh_id, "channel_drop", scope, fall, windows))
    if not incidents:
        total = by_source.sum(axis=0, keepdims=True)
        drop = _own_drop(total[0], split, limit)
        if drop is not None:
            incidents.append(_drop_incident(refresh_id, "total_drop", "all sources", drop, windows))
    return incidents


@dataclass(frozen=True)
class _Drop:
    """Services in the fallen test months, and what the rest would lead one to expect. `months`: places in the
    test.
    """

    months: tuple[int, ...]
    observed: float
    expected: float


def _series(volumes: pd.DataFrame, column: str, names: list[str], windows: Windows) -> Floats:
    months = as_months([*windows.baseline, *windows.test])
    row = pd.Index(names).get_indexer(volumes[column].astype(object))
    place = pd.Index(months).get_indexer(pd.Index(month_labels(volumes["service_month"])))
    seen = (row >= 0) & (place >= 0)
    table = np.zeros((len(names), len(months)))
    np.add.at(table, (row[seen], place[seen]), volumes["services"].to_numpy(dtype=float)[seen])
    return table


def _drops(table: Floats, windows: Windows, limit: float) -> dict[int, _Drop]:
    """Rows that fall by more than `limit` while others hold, in the test window or a single month of it.

    Either against the typical other row, with a fall in itself of half the limit (a season may hide the
    rest); or against all others together, with a fall in itself of the whole limit (then several may have
    fallen). So a row whose neighbour doubled has lost nothing. Both must be beyond chance.
    """
    split = len(windows.baseline)
    base = table[:, :split].sum(axis=1)
    others_base = base.sum() - base
    dispersion = common_dispersion(table[:, :split])
    looks = [tuple(range(len(windows.test)))] + [(month,) for month in range(len(windows.test))]
    fallen: dict[int, list[tuple[int, ...]]] = {}
    for months in looks:
        observed = table[:, [split + month for month in months]].sum(axis=1)
        others = observed.sum() - observed
        compared = (base > 0) & (others_base > 0) & (others > 0)
        growth = np.where(compared, others / np.where(others_base > 0, others_base, 1.0), 1.0)
        ratio = observed / len(months) / np.where(base > 0, base / split, 1.0)
        to_all = observed / np.where(compared, growth * base, 1.0) - 1.0
        to_typical = ratio / np.maximum(_typical_of_others(ratio), 1e-9) - 1.0
        chance = conditional_p_value(observed, base, growth, np.full(len(base), dispersion))
        fell_alone = (to_typical < -limit) & (ratio < 1.0 - limit / 2)
        fell_in_company = (to_all < -limit) & (ratio < 1.0 - limit)
        is_drop = compared & (fell_alone | fell_in_company) & (chance < CHANCE_P_VALUE)
        for row in np.flatnonzero(is_drop).tolist():
            fallen.setdefault(row, []).append(months)
    drops: dict[int, _Drop] = {}
    for row, looked in fallen.items():
        months = tuple(sorted({month for look in looked for month in look}))
        places = [split + month for month in months]
        observed_row = float(table[row, places].sum())
        others_now = float(table[:, places].sum()) - observed_row
        drops[row] = _Drop(months, observed_row, float(base[row] * others_now / others_base[row]))
    return drops


def _typical_of_others(ratio: Floats) -> Floats:
    """For each row the lower median of the other rows: one neighbour that doubled sets no standard."""
    others = [np.sort(np.delete(ratio, place)) for place in range(len(ratio))]
    return np.array([row[(len(row) - 1) // 2] if len(row) else 1.0 for row in others])


def _own_drop(row: Floats, split: int, limit: float) -> _Drop | None:
    """The test months more than `limit`, and beyond chance, below the baseline's monthly mean."""
    usual = row[:split].sum() / split
    if usual <= 0:
        return None
    dispersion = max(1.0, float(row[:split].var(ddof=1)) / usual) if split > 1 else 1.0
    observed, base = row[split:], np.full(len(row) - split, row[:split].sum())
    scale = np.full(len(base), dispersion)
    chance = conditional_p_value(observed, base, np.full(len(base), 1.0 / split), scale)
    is_drop = (observed < (1.0 - limit) * usual) & (chance < CHANCE_P_VALUE)
    months = tuple(int(place) for place in np.flatnonzero(is_drop))
    if not months:
        return None
    return _Drop(months, float(row[[split + month for month in months]].sum()), float(usual * len(months)))


def _drop_incident(refresh_id: str, kind: str, scope: str, drop: _Drop, windows: Windows) -> Incident:
    months = ", ".join(windows.test[month].strftime("%Y-%m") for month in drop.months)
    fall = 1.0 - drop.observed / drop.expected
    held = (
        "the baseline's monthly mean"
        if kind == "total_drop"
        else "what the rest of the supply leads to expect"
    )
    evidence = (
        f"{scope[0].upper()}{scope[1:]} delivered {drop.observed:,.0f} services in {months}, {fall:.0%} below"
        f" the {drop.expected:,.0f} of {held}."
        " This is missing data until proven otherwise; drift is not judged."
    )
    return Incident(refresh_id, kind, scope, drop.observed, drop.expected, evidence, True)


def receipt_incidents(receipts: pd.DataFrame, rule: SupplyRule, refresh_id: str) -> list[Incident]:
    """Late, empty and repeated deliveries as of `refresh_id`, judged by delivery dates only (no wall clock).

    A source is late by what lies between its last delivery and the newest delivery of any source, less its
    cadence. A repeated file changes nothing and is only noted.
    """
    if receipts.empty or refresh_id not in set(receipts["refresh_id"]):
        return []
    known = receipts.assign(known_on=[_day(day) for day in receipts["known_on"]])
    now = known[known["refresh_id"] == refresh_id].iloc[0]
    known = known[
        [
            (day, name) <= (now.known_on, refresh_id)
            for day, name in zip(known["known_on"], known["refresh_id"], strict=True)
        ]
    ]
    incidents = []
    for source, rows in sorted(known.groupby("source"), key=lambda pair: str(pair[0])):
        cadence = float(rows["cadence_days"].iloc[-1])
        waited = float((now.known_on - rows["known_on"].max()).days)
        late = waited - cadence
        if late > rule.late_warn_days:
            is_blocking = late > rule.late_block_days
            outcome = "drift is not judged" if is_blocking else "noted, not blocking"
            evidence = (
                f"Source {source} last delivered {waited:.0f} days before {refresh_id},"
                f" {late:.0f} days past its cadence of {cadence:.0f}; {outcome}."
            )
            incidents.append(
                Incident(
                    refresh_id, "late_source", f"source {source}", waited, cadence, evidence, is_blocking
                )
            )
    if float(now.accepted_rows) == 0:
        evidence = f"Refresh {refresh_id} brought no accepted row; drift is not judged on it."
        incidents.append(
            Incident(refresh_id, "empty_refresh", f"source {now.source}", 0.0, 1.0, evidence, True)
        )
    repeated = float(getattr(now, "repeated_files", 0) or 0)
    if repeated > 0:
        evidence = (
            f"Refresh {refresh_id} repeats {repeated:.0f} file(s) delivered before; their rows count once."
        )
        incidents.append(
            Incident(refresh_id, "repeated_delivery", f"source {now.source}", repeated, 0.0, evidence, False)
        )
    return incidents


def _day(value: object) -> date:
    return pd.Timestamp(value).date()
