"""`make scorecard`: what was planted in simulated markets against what the pipeline recovers, exactly.

For every seed a small market with every trap on is landed, built and compared with its truth. It is then delivered
otherwise (contents in another order, files twice, refreshes in parts) and, for a few seeds, written in other layouts:
same counts, same opportunity tables. Beside it the figures of each topic of opportunity (`TOPICS`), from the same seeds.
Last line: one JSON object with the sums of all differences and the topics' figures.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scorecard_comparison import Score, compare
from benchmarks.scorecard_market import (
    VARIANTS,
    Scorer,
    WrittenMarket,
    in_layout,
    layout_spec,
    trap_spec,
    varied,
    write_market,
)
from benchmarks.scorecard_privacy import audit_and_remember
from pipelines.market_simulator.layouts import LAYOUTS
from pipelines.market_simulator.spec import SOURCE
from pipelines.market_simulator.traps import FAMILIES

SEEDS = tuple(range(101, 111))
TOPICS = (
    "completeness",
    "trends",
    "providers",
    "reach",
)  # modules scorecard_<topic>, each with `figures(seeds)`
LAYOUT_SEEDS = 2
AS_OF_SEEDS = 2  # the first so many seeds are compared after every refresh, not after the last alone
MOST_EXAMPLES = 5
REPORTED = (
    "event_count_difference",
    "patient_count_difference",
    "involvement_difference",
    "diagnosed_patient_difference",
    "unit_difference",
    "side_difference",
    "dose_difference",
    "services_unlike_the_truth",
    "test_row_difference",
    "recoverable_cells",
)


def score_market(market: WrittenMarket, scorer: Scorer, *, every_refresh: bool) -> Score:
    """Land the market refresh by refresh, and compare after each with what was published audited, or after the last."""
    total = Score()
    last = market.spec.refreshes - 1
    for refresh in range(last + 1):
        scorer.land(market.of_refresh(refresh))
        if every_refresh or refresh == last:
            scorer.build(with_marts=every_refresh)
            score = compare(scorer.home.warehouse, market.truth, SOURCE, refresh)
            recoverable = audit_and_remember(scorer.home) if every_refresh else []
            score.differences["recoverable_cells"] = len(recoverable)
            for cell in recoverable[:MOST_EXAMPLES]:
                print(f"    recoverable: {cell.sentence()}", flush=True)
            if refresh < last:  # the table of traps is about the end
                score = Score(differences=score.differences, unlike=score.unlike, examples=score.examples)
            total += score
    return total


def score_other(
    other: WrittenMarket,
    folder: Path,
    before: Scorer,
    hashes: dict[str, str] | None,
    label: str,
    *,
    with_projection: bool = True,
) -> tuple[Score, Scorer, int]:
    """The same market in another form: what differs from the truth, and how many opportunity tables from `hashes`."""
    scorer = Scorer.at(folder / "home", other.truth, before)
    scorer.land(other.folders)
    scorer.build()
    score = compare(scorer.home.warehouse, other.truth, SOURCE, other.spec.refreshes - 1)
    # a file that came twice has its test patients set aside twice
    score.differences.pop("test_row_difference", None)
    found = scorer.hashes(with_projection=with_projection)
    unlike = [table for table, value in found.items() if hashes and hashes[table] != value]
    if unlike or not score.is_exact:
        print(f"    {label}: {_told(score)}, other hash: {', '.join(unlike) or 'none'}", flush=True)
    kept = Score(differences=score.differences, unlike=score.unlike, examples=score.examples)
    return kept, scorer, len(unlike)


def score_variants(market: WrittenMarket, folder: Path, first: Scorer) -> tuple[Score, int]:
    """The market in every other form of delivery. Contents that come another day are projected otherwise, and rightly."""
    total, different = Score(), 0
    for name, variant in VARIANTS.items():
        projects = not variant.shuffles_contents
        hashes = first.hashes(with_projection=projects)
        other = varied(market, variant, folder / name / "deliveries")
        score, _, unlike = score_other(other, folder / name, first, hashes, name, with_projection=projects)
        total, different = total + score, different + unlike
        shutil.rmtree(folder / name)
    return total, different


def score_layouts(seed: int, lines_per_month: int, folder: Path, before: Scorer) -> tuple[Score, int]:
    """A market of what every layout can say, in every layout."""
    market = write_market(layout_spec(seed, lines_per_month=lines_per_month), folder / "market")
    total, different, hashes = Score(), 0, None
    for layout in LAYOUTS:
        deliveries = folder / layout / "deliveries"
        other = in_layout(market, layout, deliveries)
        score, scorer, unlike = score_other(other, folder / layout, before, hashes, layout)
        hashes = hashes or scorer.hashes()
        total, different = total + score, different + unlike
        shutil.rmtree(folder / layout)
    return total, different


@dataclass(frozen=True)
class SeedResult:
    """One seed: its score, how many opportunity tables differed by form of delivery and by layout, and what was seen."""

    seed: int
    score: Score
    by_delivery: int
    by_layout: int
    seconds: float


_first: Scorer | None = None  # of this process: later homes take its parsed project, geography and code sets


def score_seed(seed: int, lines_per_month: int, folder: Path) -> SeedResult:
    """The market of a seed, its other deliveries, and for the first seeds every refresh and every layout."""
    global _first  # noqa: PLW0603  one parse a process is the point
    begun = time.monotonic()
    market = write_market(trap_spec(seed, lines_per_month=lines_per_month), folder / "market")
    scorer = Scorer.at(folder / "home", market.truth, _first)
    score = score_market(market, scorer, every_refresh=seed < SEEDS[0] + AS_OF_SEEDS)
    others, by_delivery = score_variants(market, folder, scorer)
    score, by_layout = score + others, 0
    if seed < SEEDS[0] + LAYOUT_SEEDS:
        said, by_layout = score_layouts(seed, lines_per_month, folder / "layouts", _first or scorer)
        score += said
    if _first is None:
        _first = scorer
    else:
        shutil.rmtree(folder)
    return SeedResult(seed, score, by_delivery, by_layout, time.monotonic() - begun)


def topic_figures(topic: str, seeds: list[int]) -> dict[str, float]:
    """The figures of one topic over all seeds."""
    figures: dict[str, float] = importlib.import_module(f"benchmarks.scorecard_{topic}").figures(seeds)
    return figures


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
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    begun = time.monotonic()
    total, by_delivery, by_layout = Score(), 0, 0
    fresh = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="claimline-scorecard-") as name,
        ProcessPoolExecutor(options.processes, mp_context=fresh) as pool,
    ):
        seeds = range(SEEDS[0], SEEDS[0] + options.seeds)
        topics = {topic: pool.submit(topic_figures, topic, list(seeds)) for topic in TOPICS}
        waiting = [
            pool.submit(score_seed, seed, options.lines_per_month, Path(name) / str(seed)) for seed in seeds
        ]
        for done in as_completed(waiting):
            result = done.result()
            total += result.score
            by_delivery, by_layout = by_delivery + result.by_delivery, by_layout + result.by_layout
            print(f"seed {result.seed}: {_told(result.score)} ({result.seconds:.0f} s)", flush=True)
            for example in result.score.examples[:MOST_EXAMPLES]:
                print("    " + "; ".join(f"{key}={value}" for key, value in _telling(example).items()))
        measured = {}
        for topic, waited in topics.items():
            measured |= (figures := waited.result())
            print(f"{topic}: {json.dumps(figures)}", flush=True)
    print(trap_table(total))
    found = {"delivery_hash_differences": by_delivery, "layout_hash_differences": by_layout}
    seconds = round(time.monotonic() - begun)
    counts = {"seeds": options.seeds, "seconds": seconds}
    print(json.dumps({**dict.fromkeys(REPORTED, 0), **total.differences, **found, **measured, **counts}))
    return 0


def _told(score: Score) -> str:
    return "exact" if score.is_exact else f"{dict(+score.differences)} {dict(+score.unlike)}"


def _telling(example: dict[str, Any]) -> dict[str, Any]:
    """An example without the columns on which truth and pipeline agree."""
    pairs = {key.removeprefix("true_") for key in example if key.startswith("true_")}
    agreed = {key for key in pairs if str(example[f"true_{key}"]) == str(example[f"found_{key}"])}
    hidden = {f"{side}_{key}" for key in agreed for side in ("true", "found")} | {"patient_key"}
    return {key: value for key, value in example.items() if key not in hidden}


if __name__ == "__main__":
    raise SystemExit(main())
