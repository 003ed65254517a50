"""Command line: `python -m pipelines.market_simulator --deliveries DIR --truth DIR [...]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.market_simulator.deliveries import Progress, write_refreshes
from pipelines.market_simulator.spec import MarketSpec, demo_spec, null_spec
from pipelines.market_simulator.traps import Traps, all_traps
from pipelines.market_simulator.truth import read_truth
from pipelines.problems import InputRefused


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    standard = MarketSpec()
    parser = argparse.ArgumentParser(prog="python -m pipelines.market_simulator", description=__doc__)
    parser.add_argument(
        "--deliveries", type=Path, required=True, help="inbox in which delivery folders are made"
    )
    parser.add_argument("--truth", type=Path, required=True, help="folder for the planted truth")
    parser.add_argument(
        "--lines-per-month", type=int, default=standard.lines_per_month, help="the scale knob"
    )
    parser.add_argument("--history-months", type=int, default=standard.history_months)
    parser.add_argument(
        "--history-end", default=standard.history_end, help="last month of refresh 0, YYYY-MM"
    )
    parser.add_argument("--refreshes", type=int, default=standard.refreshes, help="the history counts as one")
    parser.add_argument("--seed", type=int, default=standard.seed)
    parser.add_argument("--states", default="", help="USPS letters separated by commas; all by default")
    parser.add_argument("--no-events", action="store_true", help="plant nothing")
    parser.add_argument("--all-traps", action="store_true", help="every trap of docs/methods/simulator.md")
    parser.add_argument("--csv", action="store_true", help="CSV files instead of Parquet")
    parser.add_argument("--no-services-truth", action="store_true", help="leave out truth/services.parquet")
    return parser.parse_args(arguments)


def reporter(now: Callable[[], float] = time.monotonic) -> Callable[[Progress], None]:
    """Prints a line per service month: counts, speed, remaining time."""
    begun = now()

    def report(progress: Progress) -> None:
        spent = max(now() - begun, 1e-9)
        remaining = spent / progress.months_done * (progress.months - progress.months_done)
        print(
            f"month {progress.months_done} of {progress.months}: {progress.lines:,} lines, "
            f"{progress.lines / spent:,.0f} lines/s, {remaining:.0f} s remaining",
            flush=True,
        )

    return report


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    make = null_spec if options.no_events else demo_spec
    try:
        spec = make(
            seed=options.seed,
            lines_per_month=options.lines_per_month,
            history_end=options.history_end,
            history_months=options.history_months,
            refreshes=options.refreshes,
            states=tuple(state.strip().upper() for state in options.states.split(",") if state.strip()),
            file_format="csv" if options.csv else "parquet",
            traps=all_traps(overlap_months=1) if options.all_traps else Traps(),
        )
        folders = write_refreshes(
            spec,
            options.deliveries,
            options.truth,
            write_services_truth=not options.no_services_truth,
            progress=reporter(),
        )
    except InputRefused as refused:
        print(refused, file=sys.stderr)
        return 2
    truth = read_truth(options.truth)
    for event in truth["events"]:
        if not event["is_applied"]:
            print(f"planted nothing for {event['kind']}: this market has no place or person it could act on")
    for folder in folders:
        print(folder)
    for refresh in truth["refreshes"]:
        lines = ", ".join(f"{number:,} {kind}" for kind, number in refresh["lines"].items())
        print(f"known on {refresh['known_on']}, all feeds: {lines}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
