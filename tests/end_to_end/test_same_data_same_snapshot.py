"""The same data again changes nothing: neither delivered twice, nor in another order of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_market import (
    REFRESHES,
    Market,
    Story,
    copy_home,
    deliver,
    files_under,
    manifest,
    run_loop,
    seal,
    warehouse,
)

from pipelines.data_home import DataHome

SHUFFLED = f"{REFRESHES[2]}.shuffled"


def test_delivering_everything_again_changes_nothing(story: Story, market: Market, tmp_path: Path) -> None:
    """The same files under other folder names are known by their bytes: no receipt, no row, no snapshot is new."""
    home = copy_home(story.home, tmp_path / "home")
    receipts, published = files_under(home.registry), files_under(home.published)
    for number, refresh_id in enumerate(REFRESHES):
        deliver(market.delivery(refresh_id), home, name=f"sent_again_{number}")
    said = run_loop(home)
    receipts.pop(".file_hashes.json")
    assert {name: files_under(home.registry)[name] for name in receipts} == receipts
    assert set(files_under(home.registry)) == {*receipts, ".file_hashes.json"}
    assert files_under(home.published) == published
    assert manifest(home)["snapshot_hash"] == manifest(story.home)["snapshot_hash"]
    assert "Nothing is due" in said


@pytest.fixture(scope="module")
def with_shuffled_rows(story: Story, market: Market, tmp_path_factory: pytest.TempPathFactory) -> DataHome:
    """The last refresh delivered once more under an id of its own, its claim lines in another order."""
    home = copy_home(story.home, tmp_path_factory.mktemp("shuffled") / "home")
    delivery = deliver(market.delivery(REFRESHES[2]), home, name="shuffled")
    claims = delivery / "medical_claim.parquet"
    table = pq.read_table(claims)
    order = np.random.default_rng(7).permutation(table.num_rows)
    pq.write_table(table.take(order), claims)
    seal(delivery, refresh_id=SHUFFLED)
    run_loop(home)
    return home


def test_shuffled_rows_are_landed(with_shuffled_rows: DataHome) -> None:
    """Other bytes are another refresh: the second copy of every line is really in the raw tables."""
    assert manifest(with_shuffled_rows)["as_of_refresh"] == SHUFFLED
    copies = warehouse(
        with_shuffled_rows,
        "select refresh_id, accepted_lines from opportunity.fct_refresh_reconciliation order by refresh_id",
    ).set_index("refresh_id")["accepted_lines"]
    assert copies[SHUFFLED] == copies[REFRESHES[2]] > 0


@pytest.mark.parametrize(
    "mart",
    [
        "fct_unit_potential",
        "fct_geography_opportunity",
        "fct_provider_opportunity",
        "fct_account_opportunity",
    ],
)
def test_shuffled_rows_give_the_same_opportunity(
    with_shuffled_rows: DataHome, story: Story, mart: str
) -> None:
    """Which version of a claim line counts does not hang on where in which file it stood."""
    ordered = f"select * from opportunity.{mart} order by all"
    mine, theirs = warehouse(with_shuffled_rows, ordered), warehouse(story.home, ordered)
    assert len(mine) > 100
    pd.testing.assert_frame_equal(mine, theirs)


def test_shuffled_rows_move_no_border(with_shuffled_rows: DataHome, story: Story) -> None:
    """Nothing happened in the market, so the plan stays and the plan that people see is the same."""
    assert manifest(with_shuffled_rows)["plan_id"] == manifest(story.home)["plan_id"]
    assert not (with_shuffled_rows.plans / SHUFFLED).exists()
