"""`make demo`: a simulated market through the whole loop, and where to look afterwards.

`make demo PROFILE=diagnostics_company` looks at the same market with another company's eyes; give it a CLAIMLINE_HOME of
its own, because a home keeps the business files that it has.

Three refreshes: the first builds the plan, the second changes nothing that matters, the third carries a planted shift.
Running it again finds everything done and says so.
"""

from __future__ import annotations

import sys
import time

from dagster_project.console import say, start_logging
from pipelines.data_home import DataHome

PROFILE = "device_maker"


def main(profile: str = PROFILE) -> int:
    started = time.monotonic()
    start_logging()
    home = DataHome.default()
    from pipelines.config.load import initialise_home_config
    from pipelines.market_simulator import demo_spec, write_refreshes

    if initialise_home_config(home, profile):
        say(f"Business files of the shipped profile {profile} are in {home.config}")
    say("Simulating a market on real US geography: 26 months of claims, three refreshes")
    write_refreshes(demo_spec(), home.deliveries, home.market_truth)

    from dagster_project.loop import run_loop, say_where_to_look

    exit_code = run_loop(home)
    say_where_to_look(home)
    say(f"Done in {time.monotonic() - started:.0f} s")
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
