"""`make scorecard`: what was planted in simulated markets against what the pipeline recovers, exactly.

For every seed a small market with every trap on is landed, built and compared with its truth. It is then delivered
otherwise (contents in another order, files twice, refreshes in parts) and, for a few seeds, written in other layouts:
same counts, same opportunity tables. Last line: one JSON object with the sums of all differences.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.scorecard_comparison import Score, compare
from benchmarks.scorecard_market import VARIANTS, Scorer, WrittenMarket, trap_spec, varied, write_market
from pipelines.market_simulator import MarketSpec
from pipelines.market_simulator.spec import SOURCE
from pipelines.market_simulator.traps import FAMILIES

SEEDS = tuple(range(101, 111))
AS_OF_SEEDS = 2  # the first so many seeds are compared after every refresh, not after the last alone
MOST_EXAMPLES = 5
REPORTED = (
    "event_count_difference",
    "patient_count_difference",
    "involvement_difference",
    "unit_difference",
    "side_difference",
    "dose_difference",
    "services_unlike_the_truth",
    "test_row_difference",
)


def score_market(market: WrittenMarket, scorer: Scorer, *, every_refresh: bool) -> Score:
    """Land the market refresh by refresh, and compare after each, or after the last."""
    total = Score()
    last = market.spec.refreshes - 1
    for refresh in range(last + 1):
        scorer.land(market.of_refresh(refresh))
        if every_refresh or refresh == last:
            scorer.build()
            score = compare(scorer.home.warehouse, market.truth, SOURCE, refresh)
            if refresh < last:  # the table of traps is about the end
                score = Score(differences=score.differences, unlike=score.unlike, examples=score.examples)
            total += score
    return total


def score_variants(
    market: WrittenMarket, folder: Path, hashes: dict[str, str], manifest: Any
) -> tuple[Score, int]:
    """The market in every other form of delivery: what differs from the truth, and how many tables differ."""
    total, different = Score(), 0
    for name, variant in VARIANTS.items():
        other = varied(market, variant, folder / name / "deliveries")
        scorer = Scorer.at(folder / name / "home", market.truth, manifest)
        scorer.land(other.folders)
        scorer.build()
        last = market.spec.refreshes - 1
        score = compare(scorer.home.warehouse, market.truth, SOURCE, last)
        # a file that came twice has its test patients set aside twice
        score.differences.pop("test_row_difference")
        unlike = [table for table, value in scorer.hashes().items() if hashes[table] != value]
        if unlike or not score.is_exact:
            told = f"{dict(+score.differences)} {dict(+score.unlike)}"
            print(f"    {name}: {told}, other hash: {', '.join(unlike) or 'none'}", flush=True)
        total += Score(differences=score.differences, unlike=score.unlike, examples=score.examples)
        different += len(unlike)
        shutil.rmtree(folder / name)
    return total, different


def score_seed(
    spec: MarketSpec, folder: Path, manifest: Any, *, every_refresh: bool
) -> tuple[Score, dict[str, int], Any]:
    """One seed: the market itself and its other deliveries; the parsed project for the next one."""
    market = write_market(spec, folder / "market")
    scorer = Scorer.at(folder / "home", market.truth, manifest)
    score = score_market(market, scorer, every_refresh=every_refresh)
    others, different = score_variants(market, folder, scorer.hashes(), scorer.manifest)
    found = {"delivery_hash_differences": different}
    return score + others, found, scorer.manifest


def trap_table(score: Score) -> str:
    """Planted visits, true services and services found exactly as they are, by trap."""
    lines = [f"{'trap':34} {'planted':>9} {'services':>9} {'recovered':>9} {'missed':>7}"]
    for family, names in FAMILIES.items():
        lines.append(f"-- {family}")
        for name in ("plain" if family in ("shape", "history") else "", *names):
            planted, true, right = score.planted[name], score.true[name], score.right[name]
            if planted or true:
                told = f"{planted:9,}" if planted else f"{'':>9}"
                lines.append(f"{name:34} {told} {true:9,} {right:9,} {true - right:7,}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Planted against recovered, on simulated markets")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many seeds")
    parser.add_argument("--lines-per-month", type=int, default=3_000)
    options = parser.parse_args()
    begun = time.monotonic()
    total, counts, manifest = Score(), {"delivery_hash_differences": 0}, None
    with tempfile.TemporaryDirectory(prefix="claimline-scorecard-") as name:
        for number, seed in enumerate(range(SEEDS[0], SEEDS[0] + options.seeds)):
            spec = trap_spec(seed, lines_per_month=options.lines_per_month)
            folder = Path(name) / str(seed)
            score, found, manifest = score_seed(spec, folder, manifest, every_refresh=number < AS_OF_SEEDS)
            total += score
            for key, value in found.items():
                counts[key] += value
            differences = {key: value for key, value in score.differences.items() if value}
            print(
                f"seed {seed}: {differences or 'exact'} {dict(+score.unlike) or ''} ({time.monotonic() - begun:.0f} s)",
                flush=True,
            )
            for example in score.examples[:MOST_EXAMPLES]:
                print("    " + "; ".join(f"{key}={value}" for key, value in _telling(example).items()))
            shutil.rmtree(folder)
    print(trap_table(total))
    print(json.dumps({**dict.fromkeys(REPORTED, 0), **total.differences, **counts, "seeds": options.seeds}))
    return 0


def _telling(example: dict[str, Any]) -> dict[str, Any]:
    """An example without the columns on which truth and pipeline agree."""
    pairs = {key.removeprefix("true_") for key in example if key.startswith("true_")}
    agreed = {key for key in pairs if str(example[f"true_{key}"]) == str(example[f"found_{key}"])}
    hidden = {f"{side}_{key}" for key in agreed for side in ("true", "found")} | {"patient_key"}
    return {key: value for key, value in example.items() if key not in hidden}


if __name__ == "__main__":
    raise SystemExit(main())
