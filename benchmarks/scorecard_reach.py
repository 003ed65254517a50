"""What can be reached, and who sends whom: planted against found (`python -m benchmarks.scorecard_reach`).

Per seed: a simulated market with every trap on, under planted access rules of which some change between its two
refreshes; at each refresh the addressable, phantom and unknown dollars of every product and site, by the market's
truth and by the compiled models. Then planted referral networks: each edge and its patients. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from benchmarks.compiled_models import CompiledModels, compile_project
from benchmarks.planted_access import Cell, plant_rules, true_dollars, write_rules
from benchmarks.planted_referrals import PRODUCT, plant_referrals
from benchmarks.scorecard_market import Scorer, trap_spec, write_market

SEEDS = tuple(range(101, 111))
LINES_PER_MONTH = 1_000
REFRESHES = 2
PARTS = ("addressable_usd", "phantom_usd", "unknown_usd")


class Reach:
    """Scores seeds one after the other; the project is compiled for the first lake and read for all."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.compiled: Path | None = None
        self.compiled_lake = folder
        self.first: Scorer | None = None

    def score(self, seed: int) -> Counter[str]:
        """Sums of differences of one seed, and how much was compared."""
        spec = trap_spec(seed, lines_per_month=LINES_PER_MONTH, refreshes=REFRESHES)
        market = write_market(spec, self.folder / str(seed) / "market")
        scorer = Scorer.at(self.folder / str(seed) / "home", market.truth, self.first)
        days = [_known_on(market.of_refresh(refresh)[0]) for refresh in range(REFRESHES)]
        systems = _systems(market.of_refresh(0))
        rules = plant_rules(seed, systems, days)
        write_rules(rules, scorer.home.config)
        found: Counter[str] = Counter()
        for refresh, day in enumerate(days):
            scorer.land(market.of_refresh(refresh))
            with self._models(scorer.home.lake) as models:
                sites = models.frame("fct_access").query("scope_kind == 'facility'")
                (window,) = models.frame("int_months__planned").to_dict("records")
                prices = dict(
                    models.connection.execute(
                        "select product_id, price_usd from stg_config__products"
                    ).fetchall()
                )
            shown: dict[Cell, Decimal] = {
                (row["product_id"], row["scope_id"], part): Decimal(str(row[part]))
                for row in sites.to_dict("records")
                for part in PARTS
            }
            months = (window["first_month"].date(), window["last_month"].date())
            true = true_dollars(market.truth, refresh, months, rules, systems, _exact(prices), day)
            found["addressable_cells"] += len(true)
            found["addressable_usd_compared"] += int(sum(true.values()))
            for cell in true.keys() | shown.keys():
                apart = abs(true.get(cell, Decimal(0)) - shown.get(cell, Decimal(0)))
                key = (
                    "addressable_difference" if cell[2] == "addressable_usd" else "phantom_unknown_difference"
                )
                found[key] += apart  # type: ignore[assignment]
        return found + self._score_referrals(seed, scorer.home.lake)

    def _score_referrals(self, seed: int, lake: Path) -> Counter[str]:
        planted = plant_referrals(seed, lake)
        with self._models(lake) as models:
            rows = models.frame("fct_referral_edge").query(f"product_id == '{PRODUCT}'")
        edges = {(row.from_npi, row.to_npi): int(row.shared_patients) for row in rows.itertuples()}
        apart = sum(abs(planted.get(edge, 0) - edges.get(edge, 0)) for edge in planted.keys() | edges.keys())
        return Counter({"referral_edges": len(planted), "referral_edge_difference": apart})

    def _models(self, lake: Path) -> CompiledModels:
        if self.compiled is None:
            self.compiled, self.compiled_lake = compile_project(lake, self.folder / "compiled"), lake
        return CompiledModels(self.compiled, self.compiled_lake, lake)


def _exact(prices: dict[str, object]) -> dict[str, Decimal]:
    return {product: Decimal(str(price)) for product, price in prices.items()}


def _known_on(delivery: Path) -> date:
    return date.fromisoformat(
        json.loads((delivery / "manifest.json").read_text(encoding="utf-8"))["known_on"]
    )


def _systems(deliveries: Sequence[Path]) -> dict[str, str | None]:
    """Each facility's health system, as the market's own directory says."""
    (file,) = [path for folder in deliveries for path in folder.glob("facilit*")]
    reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
    rows = duckdb.sql(f"select facility_npi, health_system_id from {reader}('{file}')").fetchall()
    return {str(npi): system for npi, system in rows}


def figures(seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """Summed over seeds: `addressable_difference` and `phantom_unknown_difference` in dollars, `referral_edge_difference`
    in patients, and how many cells, dollars and edges were compared.
    """
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="claimline-reach-") as name:
        reach = Reach(Path(name))
        for seed in seeds:
            total += reach.score(seed)
    names = ("addressable_difference", "phantom_unknown_difference", "referral_edge_difference")
    return {**dict.fromkeys(names, 0.0), **{key: float(value) for key, value in total.items()}}


def main() -> int:
    parser = argparse.ArgumentParser(description="Planted access and referral against what is found")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many seeds")
    options = parser.parse_args()
    print(json.dumps({**figures(range(SEEDS[0], SEEDS[0] + options.seeds)), "seeds": options.seeds}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
