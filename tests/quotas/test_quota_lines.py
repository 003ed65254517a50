"""The lines under a quota: they add up, they name what made it, and the documented example is what is printed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.quotas.allocate import allocate_quotas
from pipelines.quotas.explain import quota_lines
from pipelines.quotas.rule import QuotaRule
from pipelines.quotas.tables import QUOTA_LINE
from pipelines.quotas.worked_example import example, printed
from quality.checks import quota__lines_sum_to_quota, quota__sums_to_goal
from quality.table_registry import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "quotas.md"
RULE = QuotaRule(0.7, 0.3, 0.5, 1.8, 0.25)


def products_of(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["territory_id", "product_id", "addressable_usd", "procedures"])


def totals(products: pd.DataFrame) -> pd.DataFrame:
    return products.groupby("territory_id", as_index=False)["addressable_usd"].sum()


def test_components_of_the_example() -> None:
    """Potential by product, history, bounds and rounding appear in this order, numbered from 1."""
    _, lines, _ = example()
    houston = lines[lines["territory_id"] == "T1 Houston"]
    assert list(houston["component"]) == ["potential", "potential", "history", "bounds", "rounding"]
    assert list(houston["line_number"]) == [1, 2, 3, 4, 5]
    assert list(houston["product_id"].dropna()) == ["hip", "knee"]
    assert (
        houston["explanation"].iloc[3].startswith("Taken off because 437,500.00 usd is the largest increase")
    )
    boise = lines[lines["territory_id"] == "T4 Boise"]
    assert "history" not in set(boise["component"])
    assert "above all that could be won" in boise["explanation"].iloc[-1]


def test_the_example_passes_the_checks_of_the_pipeline() -> None:
    """The checks that guard publication agree: quotas make the goal, lines make the quotas."""
    quotas, lines, _ = example()
    assert quota__sums_to_goal(quotas, "1000000.01").passed
    assert quota__lines_sum_to_quota(quotas, lines).passed


def test_the_page_shows_what_is_printed() -> None:
    """The worked example in the documentation is the output of its command, word for word."""
    assert printed() in PAGE.read_text(encoding="utf-8")


def test_small_groups_are_not_counted_in_words() -> None:
    """Below the threshold no count is told; where patients are known, they decide and not procedures."""
    products = products_of(("T1", "hip", 10.0, 10), ("T1", "knee", 90.0, 5000))
    quotas = allocate_quotas(totals(products), Decimal(100), RULE)
    texts = list(quota_lines(quotas, products, RULE)["explanation"])
    assert "too few procedures to be shown" in texts[0]
    assert "5,000 procedures a year" in texts[1]
    few = quota_lines(quotas, products.assign(patients=[10, 10]), RULE)["explanation"]
    assert few.str.contains("too few procedures to be shown").all()


def test_a_territory_without_opportunity_is_explained_too() -> None:
    """A quota that is all floor has one line that says so; a quota of nothing still has a line."""
    products = products_of(("T1", "hip", 100.0, 50))
    territories = pd.DataFrame({"territory_id": ["T1", "T2"], "addressable_usd": [100.0, 0.0]})
    lines = quota_lines(allocate_quotas(territories, Decimal(100), RULE), products, RULE)
    second = lines[lines["territory_id"] == "T2"]
    assert list(second["component"]) == ["bounds"]
    assert "25.00 usd is the lowest quota allowed" in second["explanation"].iloc[0]
    nothing = quota_lines(allocate_quotas(territories, Decimal(0), RULE), products, RULE)
    assert set(nothing["territory_id"]) == {"T1", "T2"}


def test_equal_split_without_any_potential_is_explained() -> None:
    """Where nothing is known of potential, the equal share is a potential line without a product."""
    territories = pd.DataFrame({"territory_id": ["T1", "T2"], "addressable_usd": [0.0, 0.0]})
    lines = quota_lines(allocate_quotas(territories, Decimal("9.99"), RULE), products_of(), RULE)
    assert set(lines[lines["component"] == "potential"]["amount_usd"]) == {Decimal("5.00")}
    assert lines["amount_usd"].sum() == Decimal("9.99")


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1e8), st.floats(0, 1e4)), min_size=1, max_size=12),
    st.decimals(1, 10_000_000, places=2),
    st.lists(st.one_of(st.none(), st.decimals(1, 1_000_000, places=2)), min_size=5, max_size=5),
)
@settings(max_examples=80, deadline=None)
def test_lines_add_up_to_the_cent(
    rows: list[tuple[int, float, float]], goal: Decimal, prior: list[Decimal | None]
) -> None:
    """Lines sum to every quota exactly, each is explained, rounding is cents, and the shape is the contract's."""
    products = products_of(*((f"T{t}", f"P{i:02}", usd, n) for i, (t, usd, n) in enumerate(rows)))
    before = pd.DataFrame({"territory_id": [f"T{i}" for i in range(5)], "quota_usd": prior})
    quotas = allocate_quotas(totals(products), goal, RULE, prior=before)
    lines = quota_lines(quotas, products, RULE)
    assert quota__lines_sum_to_quota(quotas, lines).passed
    assert (lines["explanation"].str.len() > 20).all()
    rounding = lines.loc[lines["component"] == "rounding", "amount_usd"]
    assert all(abs(value) <= Decimal("0.01") * (len(rows) + 2) for value in rounding)
    shuffled = quota_lines(quotas.iloc[::-1], products.iloc[::-1], RULE)
    pd.testing.assert_frame_equal(lines, shuffled)
    assert pa.Table.from_pandas(lines, schema=QUOTA_LINE, preserve_index=False).num_rows == len(lines)


def test_schema_is_the_contract() -> None:
    """The Arrow schema is word for word the registered one."""
    assert TABLES["quotas/quota_line"].schema == QUOTA_LINE
