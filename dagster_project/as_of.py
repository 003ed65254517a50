"""`make as-of REFRESH=…`: the marts of an earlier day again, from what was known and configured that day.

A second data home is made of links to the past of the refresh (`pipelines.as_of_home`), the loop runs in it, and the
snapshot it publishes is compared with the one that was published then: same inputs, same bytes. The live home, its
warehouse and its published snapshots are not touched.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dagster_project.console import say, start_logging
from pipelines.as_of_home import home_as_of, publication_of
from pipelines.data_home import DataHome
from pipelines.delivery.publication import read_current
from pipelines.problems import InputRefused


def replay_as_of(home: DataHome, refresh_id: str, folder: Path) -> int:
    """Run the refresh again in `folder`. Returns 0 where the snapshot is the one that was published then."""
    from dagster_project.loop import run_loop, say_where_to_look

    published = publication_of(home, refresh_id)
    then = home_as_of(home, refresh_id, folder)
    if run_loop(then):
        return 1
    again = read_current(then.published)
    say_where_to_look(then)
    if again is None:
        say(f"Nothing was published in the replay of {refresh_id}")
        return 1
    if again["snapshot_hash"] == published.snapshot_hash:
        say(f"{refresh_id}: the same marts as were published then, {published.snapshot_id}")
        return 0
    say(f"{refresh_id}: published then {published.snapshot_id}, now {again['snapshot_id']}")
    if again["input_hash"] != published.input_hash:
        say(
            "The inputs differ: a refresh with an earlier date was accepted since, or the files of that day changed"
        )
    else:
        say("The inputs are the same, so the code has changed since")
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="The marts as of an earlier refresh, made again and compared"
    )
    parser.add_argument("refresh", help="id of a refresh that was published")
    options = parser.parse_args(arguments)
    start_logging()
    home = DataHome.default()
    try:
        return replay_as_of(home, options.refresh, home.root / "as_of" / options.refresh)
    except InputRefused as refused:
        for problem in refused.problems:
            say(problem.sentence())
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
