"""docs/marts.md tells of every published mart, and each of its queries can be run as it stands."""

from __future__ import annotations

import re

import duckdb
import pytest
from small_market import REPOSITORY, Story

from pipelines.delivery.published_marts import PUBLISHED_MARTS

PAGE = (REPOSITORY / "docs" / "marts.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```\n\n(\|.*?)\n", PAGE, flags=re.DOTALL)


def test_every_mart_is_told_of() -> None:
    """A mart that is published and not explained is a riddle."""
    headings = " ".join(re.findall(r"^### (.*)$", PAGE, flags=re.MULTILINE))
    assert sorted(re.findall(r"mart_\w+", headings)) == sorted(PUBLISHED_MARTS)


@pytest.mark.parametrize(
    ("query", "header"), QUERIES, ids=[query.split("\n")[0][:40] for query, _ in QUERIES]
)
def test_a_worked_query_runs_and_has_the_columns_of_its_answer(story: Story, query: str, header: str) -> None:
    """A column that was renamed makes the page wrong: then this fails."""
    with duckdb.connect(str(story.home.current_snapshot / "claimline.duckdb"), read_only=True) as connection:
        described = connection.execute(query).description
    assert [name.strip() for name in header.strip("|").split("|")] == [
        column[0] for column in described or []
    ]
