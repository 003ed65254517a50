"""What a stage can do without is read where it is built, and is nothing where it is not."""

from __future__ import annotations

from pathlib import Path

import duckdb

from assets.warehouse import query_if_built
from pipelines.data_home import DataHome


def test_a_relation_that_is_not_built_is_none(tmp_path: Path) -> None:
    home = DataHome(tmp_path)
    home.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema opportunity; create table opportunity.there as select 7 as answer")
    found = query_if_built(home, "opportunity.there", "select answer from opportunity.there")
    assert found is not None
    assert found["answer"].tolist() == [7]
    assert query_if_built(home, "opportunity.absent", "select answer from opportunity.absent") is None
