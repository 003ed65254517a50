"""From likelihood ratios to events, false discoveries controlled: `new`, `retired`, `moved`, `switched_system`,
`mix_changed`.

One change of a person's life is one event. A move takes the systems and the kinds of site along, and a switch of
systems the kinds of site: within half a year these are part of it and no events of their own. A shift of work from
hospitals to surgery centres with a flat total is `mix_changed` (site of service), never a decline (trap T19).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from pipelines.geography.sphere import chord_to_miles, unit_vectors
from pipelines.providers.mix_change import MixChange, mix_changes
from pipelines.providers.panel import Composition, Floats, ProviderPanel, Whole, composition
from pipelines.providers.volume_change import (
    VolumeChange,
    monthly_exposure,
    rate_dispersion,
    work_began,
    work_ended,
)

ALL_PRODUCTS = "all"
INDEPENDENT = "independent"
COLUMNS = (
    *(
        "npi",
        "event",
        "event_month",
        "product_id",
        "earliest_month",
        "latest_month",
        "value_before",
        "value_after",
    ),
    *("evidence", "confidence", "procedures_before", "procedures_after"),
)


@dataclass(frozen=True)
class EventRules:
    """How sure and how large a change must be. Shares 0 to 1; `move_miles` statute miles, `confirm_months` months."""

    false_discovery_rate: float = 0.05
    confirm_months: int = 3
    least_procedures: float = 12.0
    left_share: float = 0.05
    move_share: float = 0.6
    move_miles: float = 15.0
    switch_share: float = 0.5
    mix_share: float = 0.2


def provider_events(panel: ProviderPanel, sites: pd.DataFrame, rules: EventRules) -> pd.DataFrame:
    """Events with COLUMNS, sorted by npi, event and month.

    `sites` has account_id, latitude, longitude (degrees; nan: unlocated), health_system_id, site_kind of the panel's
    accounts, as known today: a hospital that is bought does not make its surgeons switch.
    """
    if not len(panel.npis) or len(panel.months) < 2 * rules.confirm_months:
        return pd.DataFrame(columns=list(COLUMNS))
    known = sites.drop_duplicates("account_id").set_index("account_id").reindex(panel.accounts)
    found = _Found(panel, rules)
    totals = panel.totals()
    exposure = monthly_exposure(totals)
    dispersion = rate_dispersion(totals, exposure)
    confirm, left_share = rules.confirm_months, rules.left_share
    ended = work_ended(totals, exposure, dispersion, confirm=confirm, left_share=left_share)
    began = work_began(totals, exposure, dispersion, confirm=confirm, left_share=left_share)
    found.add_volume("retired", ended)
    found.add_volume("new", began)
    _add_moves(found, panel, known, rules)
    _add_switches(found, panel, known["health_system_id"], rules)
    _add_site_kinds(found, panel, known["site_kind"], rules)
    _add_products(found, panel, rules)
    return found.table()


class _Found:
    """Collects events; a change that an earlier kind of event explains is left out."""

    def __init__(self, panel: ProviderPanel, rules: EventRules):
        self.panel, self.rules = panel, rules
        self.rows: list[pd.DataFrame] = []
        self.explained: list[tuple[Whole, Whole]] = []

    def sure(self, p_values: Floats) -> Floats:
        """q-values (Benjamini & Hochberg 1995). Those with p = 1 count among the trials."""
        q: Floats = false_discovery_control(p_values, method="bh")
        return q

    def add_volume(self, event: str, change: VolumeChange) -> None:
        q = self.sure(change.p_value)
        who = np.flatnonzero(q <= self.rules.false_discovery_rate)
        name = "No work" if event == "retired" else "No work before"
        self._add(event, change, who, q, evidence=[f"{name} in the months on that side"] * len(who))

    def add_mix(
        self,
        event: str,
        change: MixChange,
        large: NDArray[np.bool_],
        *,
        before: list[str],
        after: list[str],
        evidence: list[str],
        product: list[str] | None = None,
        explains: bool,
        explained_by_others: bool = True,
    ) -> None:
        """`large` [P] marks changes of sufficient size; texts are per provider."""
        q = self.sure(change.p_value)
        marked = (q <= self.rules.false_discovery_rate) & large
        if explained_by_others:
            for who, month in self.explained:
                near = np.abs(change.month[who] - month) <= 2 * self.rules.confirm_months
                marked[who[near]] = False
        who = np.flatnonzero(marked)
        if explains:
            self.explained.append((who, change.month[who]))

        def of(texts: list[str]) -> list[str]:
            return [texts[place] for place in who]

        self._add(
            event,
            change,
            who,
            q,
            evidence=of(evidence),
            before=of(before),
            after=of(after),
            product=of(product) if product else None,
        )

    def _add(
        self,
        event: str,
        change: VolumeChange | MixChange,
        who: Whole,
        q: Floats,
        *,
        evidence: list[str],
        before: list[str] | None = None,
        after: list[str] | None = None,
        product: list[str] | None = None,
    ) -> None:
        months = np.append(self.panel.months, self.panel.months[-1] + 1).astype("datetime64[D]")
        nothing: list[str | None] = [None] * len(who)
        self.rows.append(
            pd.DataFrame(
                {
                    "npi": self.panel.npis[who],
                    "event": event,
                    "event_month": months[change.month[who]],
                    "product_id": product or [ALL_PRODUCTS] * len(who),
                    "earliest_month": months[change.earliest[who]],
                    "latest_month": months[change.latest[who]],
                    "value_before": before or nothing,
                    "value_after": after or nothing,
                    "evidence": evidence,
                    "confidence": 1.0 - q[who],
                    "procedures_before": change.before[who],
                    "procedures_after": change.after[who],
                },
                columns=list(COLUMNS),
            )
        )

    def table(self) -> pd.DataFrame:
        rows = pd.concat([frame for frame in self.rows if len(frame)] or self.rows[:1], ignore_index=True)
        return rows.sort_values(["npi", "event", "event_month", "product_id"], ignore_index=True)


def _add_moves(found: _Found, panel: ProviderPanel, sites: pd.DataFrame, rules: EventRules) -> None:
    """Most of the work is at other sites now, and the middle of it is `move_miles` away."""
    at = sites[["latitude", "longitude"]].to_numpy(float)
    located = np.isfinite(at).all(axis=1)
    points = np.where(located[:, None], unit_vectors(*np.nan_to_num(at).T), 0.0)
    by_site = composition(panel, np.where(located[panel.account], panel.account, -1))
    change = mix_changes(by_site, confirm=rules.confirm_months)
    miles = miles_between_middles(by_site.category, change, points)
    main = [
        _main_texts(panel.accounts, by_site.category, share)
        for share in (change.share_before, change.share_after)
    ]
    found.add_mix(
        "moved",
        change,
        (change.shift >= rules.move_share) & (miles >= rules.move_miles),
        before=main[0],
        after=main[1],
        evidence=[
            f"the middle of the work is {round(float(m), -1):.0f} miles away" for m in np.nan_to_num(miles)
        ],
        explains=True,
    )


def miles_between_middles(category: Whole, change: MixChange, points: Floats) -> Floats:
    """Great-circle miles [P] between the middles of the work before and after; `points` [sites, 3] on the unit sphere."""
    of_person = np.where((category >= 0)[:, :, None], points[category], 0.0)
    middles = []
    for share in (change.share_before, change.share_after):
        middle = (share[:, : category.shape[1], None] * of_person).sum(axis=1)
        length = np.linalg.norm(middle, axis=1, keepdims=True)
        middles.append(np.where(length > 0, middle / np.maximum(length, 1e-12), np.nan))
    miles = chord_to_miles(np.linalg.norm(middles[0] - middles[1], axis=1))
    return np.nan_to_num(miles)


def _add_switches(found: _Found, panel: ProviderPanel, system: pd.Series, rules: EventRules) -> None:
    """The main health system is another one; independent sites together are one."""
    names, code = np.unique(system.fillna(INDEPENDENT).to_numpy(dtype=str), return_inverse=True)
    by_system = composition(panel, code.astype(np.int64)[panel.account])
    change = mix_changes(by_system, confirm=rules.confirm_months)
    before, after = (
        _main_texts(names, by_system.category, share) for share in (change.share_before, change.share_after)
    )
    is_other = np.array([one != other for one, other in zip(before, after, strict=True)])
    found.add_mix(
        "switched_system",
        change,
        is_other & (change.shift >= rules.switch_share),
        before=before,
        after=after,
        evidence=["another health system has most of the work"] * len(before),
        explains=True,
    )


def _add_site_kinds(found: _Found, panel: ProviderPanel, kind: pd.Series, rules: EventRules) -> None:
    """Work went from one kind of site to another: site-of-service migration."""
    names, code = np.unique(kind.fillna("unknown").to_numpy(dtype=str), return_inverse=True)
    by_kind = composition(panel, code.astype(np.int64)[panel.account])
    change = mix_changes(by_kind, confirm=rules.confirm_months)
    lost, won = _largest_shifts(names, by_kind, change)
    found.add_mix(
        "mix_changed",
        change,
        change.shift >= rules.mix_share,
        before=lost,
        after=won,
        evidence=["site of service: work went from one kind of site to another"] * len(lost),
        explains=False,
    )


def _add_products(found: _Found, panel: ProviderPanel, rules: EventRules) -> None:
    """The products' shares of a person's work changed; a move does not explain that."""
    by_product = composition(panel, panel.product)
    change = mix_changes(by_product, confirm=rules.confirm_months)
    lost, won = _largest_shifts(panel.products, by_product, change)
    found.add_mix(
        "mix_changed",
        change,
        change.shift >= rules.mix_share,
        before=lost,
        after=won,
        evidence=["products: another share of the work"] * len(lost),
        product=won,
        explains=False,
        explained_by_others=False,
    )


def _main_texts(names: np.ndarray, category: Whole, share: Floats) -> list[str]:
    """The name of each person's largest category; 'others' where that is the collected rest."""
    main = np.argmax(share, axis=1)
    known = np.where(
        main < category.shape[1], category[np.arange(len(main)), np.minimum(main, category.shape[1] - 1)], -1
    )
    return [str(names[code]) if code >= 0 else "others" for code in known]


def _largest_shifts(names: np.ndarray, parts: Composition, change: MixChange) -> tuple[list[str], list[str]]:
    """The category that lost most and the one that won most, by name."""
    gain = change.share_after - change.share_before
    return _main_texts(names, parts.category, -gain), _main_texts(names, parts.category, gain)
