"""The report stands alone, says what the marts say, and keeps what is withheld."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sample_market import SampleMarket, sample_market

from pipelines.delivery.audits import FETCHES
from pipelines.delivery.marts import PUBLISHED_MARTS
from pipelines.delivery.report.inputs import NEEDED, SHOWN
from pipelines.delivery.report.render import render_report
from pipelines.delivery.report.wording import dollars, money, money_words, percent, whole
from pipelines.problems import InputRefused

REPOSITORY = Path(__file__).resolve().parents[2]
VOID = {"meta", "link", "br", "hr", "img", "input", "circle", "rect", "line", "path"}
LARGEST_BYTES = 3_000_000


class Page(HTMLParser):
    """Collects tags, attributes and visible text, and insists that every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


def render(market: SampleMarket, **changed: pd.DataFrame) -> str:
    facts = {**market.facts, "snapshot_id": "sample.2026-03-0123456789ab"}
    return render_report({**market.frames, **changed}, facts, market.polygons)


def facts_of(html: str) -> dict:
    found = re.search(r'<script type="application/json" id="facts">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.fixture(scope="module")
def html(county_market: SampleMarket) -> str:
    return render(county_market)


def test_same_marts_same_page(county_market: SampleMarket, html: str) -> None:
    """Rendering twice gives the same text, whatever the order of rows."""
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in county_market.frames.items()}
    assert render(county_market, **turned) == html


def test_the_page_is_well_formed_and_asks_for_nothing(html: str) -> None:
    """Tags close in order, ids are unique, labels exist, and no address or fetch is anywhere in it."""
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for reference in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(reference) is None or attributes[reference] in ids
    assert not re.search(r"https?:", html)
    assert not FETCHES.search(html)
    assert {tag for tag, _ in page.elements}.isdisjoint({"link", "iframe", "img", "object", "embed", "base"})


def test_every_territory_is_on_the_map_and_in_the_table(county_market: SampleMarket, html: str) -> None:
    """Each territory has a shape, an outline, a row, its facts; each county has one path and one line of
    facts.
    """
    score = county_market.frames["mart_territory_scorecard"]
    page, facts = Page(html), facts_of(html)
    for role in ("g", "path", "tr"):
        drawn = [
            attributes["data-t"]
            for tag, attributes in page.elements
            if tag == role and "data-t" in attributes
        ]
        assert set(drawn) == set(score["territory_id"]), role
    assert set(facts["territories"]) == set(score["territory_id"])
    for name in score["territory_name"]:
        assert name in page.text
    index = {told["data-t"]: told["value"] for tag, told in page.elements if tag == "li" and "data-t" in told}
    assert index == {name: str(int(name[1:])) for name in score["territory_id"]}
    counties = county_market.frames["mart_unit_assignment"]
    classes = [attributes.get("class") or "" for tag, attributes in page.elements if tag == "path"]
    assert sum(bool(re.match(r"h[0-5sz]\b", look)) for look in classes) == len(counties)
    assert sum(map(len, facts["units"].values())) == len(counties)


def test_map_values_are_the_marts(county_market: SampleMarket, html: str) -> None:
    """The amount told for a county is the mart's, rounded; the shade is never given to a withheld one."""
    lines = [line for members in facts_of(html)["units"].values() for line in members]
    for unit in county_market.frames["mart_unit_assignment"].itertuples():
        told = next(line for line in lines if line.startswith(f"{unit.unit_name}, {unit.state}:"))
        assert ("withheld" in told) == unit.is_suppressed
        if not unit.is_suppressed:
            assert f": {money(unit.addressable_usd)} opportunity" in told
    hidden = county_market.frames["mart_unit_assignment"]["is_suppressed"].sum()
    assert hidden > 0
    assert len(re.findall(r'<path class="hs[ "]', html)) == hidden


def test_withheld_numbers_are_nowhere_even_if_a_mart_lets_them_through(county_market: SampleMarket) -> None:
    """Amounts that a faulty mart leaves in rows marked suppressed do not reach the page in any form."""
    leaky = {}
    for name in ("mart_unit_assignment", "mart_plan_change", "mart_geography_opportunity"):
        frame = county_market.frames[name].copy()
        frame.loc[frame["is_suppressed"], "addressable_usd"] = 987_654_321.0
        leaky[name] = frame
    text = render(county_market, **leaky)
    amount = 987_654_321.0
    for form in (
        "987654321",
        whole(amount),
        dollars(amount),
        money(amount),
        money_words(amount),
        "9.87654e+08",
    ):
        assert form not in text
    for value in county_market.hidden_usd.values():
        assert f"{value:.2f}" not in text
        assert whole(value) not in text


def test_text_from_marts_cannot_become_markup(county_market: SampleMarket) -> None:
    """Names and evidence with markup in them come out as text, in the page and in its script data."""
    nasty = "</script><img src=x onerror=alert(1)> & \"quotes\" 'too'"
    score = county_market.frames["mart_territory_scorecard"].copy()
    score.loc[0, ["territory_name", "rep_name"]] = nasty
    units = county_market.frames["mart_unit_assignment"].copy()
    units.loc[0, "unit_name"] = nasty
    text = render(county_market, mart_territory_scorecard=score, mart_unit_assignment=units)
    page = Page(text)
    assert "img" not in {tag for tag, _ in page.elements}
    assert nasty in page.text
    assert "<" not in text.split('id="facts">')[1].split("</script>")[0]
    assert any(nasty in told["title"] for told in facts_of(text)["territories"].values())


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        ("initial", "The first plan is in place: 3 territories share $"),
        ("rebuild", "Territories were redrawn to restore balance: "),
        ("keep", "Territories stay as they are: nothing changed beyond what chance explains."),
        ("blocked", "Territories stay as they are: a problem with the data puts the decision on hold."),
    ],
)
def test_the_headline_says_the_decision_first(decision: str, sentence: str) -> None:
    """The first heading is the decision in a sentence, the data's reach stands above it, the reason below."""
    page = Page(render(sample_market(states=("NH", "VT"), territories=3, decision=decision)))
    text = page.text
    assert sentence in text
    assert (
        text.index("Data through November 30, 2025")
        < text.index(sentence)
        < text.index("Addressable opportunity")
    )


def test_drift_cause_and_move_are_told(county_market: SampleMarket, html: str) -> None:
    """After a rebuild: how many territories changed, what moved and its share, by name and not by id."""
    text = Page(html).text
    plan, change = county_market.frames["mart_plan"].iloc[0], county_market.frames["mart_plan_change"]
    assert f"after procedure volume changed in 2 of 6 territories: {len(change)} counties" in text
    assert f"{percent(plan['moved_opportunity_share'])} of all opportunity, changed hands" in text
    names = county_market.frames["mart_territory_scorecard"].set_index("territory_id")["territory_name"]
    assert f"since the plan: {names['T02']} +31% (all)" in text
    assert not re.search(r"\bT0\d\b", text)


def test_a_decision_is_inferred_where_nobody_told_it(county_market: SampleMarket) -> None:
    """Without decision facts the page goes by the plan: built for another refresh means nothing changed."""
    facts = {name: value for name, value in county_market.facts.items() if "decision" not in name}
    plan = county_market.frames["mart_plan"].assign(built_for_refresh="sample.2026-01")
    told = render(replace(county_market, facts=facts), mart_plan=plan)
    assert "Territories unchanged" in Page(told).text
    assert "Territories redrawn" in Page(render(replace(county_market, facts=facts))).text


def test_missing_columns_and_marts_are_said(county_market: SampleMarket) -> None:
    """Optional gaps leave dashes and a sentence; without territories there is a clear refusal."""
    score = county_market.frames["mart_territory_scorecard"].drop(columns=["compactness", "workload_index"])
    frames = {**county_market.frames, "mart_territory_scorecard": score}
    del frames["mart_quota_line"], frames["mart_refresh_reconciliation"]
    text = Page(render_report(frames, county_market.facts, county_market.polygons)).text
    assert "mart_territory_scorecard came without workload_index and compactness" in text
    assert "The table mart_quota_line was not delivered" in text
    assert "How many of the delivered rows were accepted is not known here." in text
    with pytest.raises(InputRefused, match="mart_territory_scorecard, column territory_id"):
        render_report({"mart_unit_assignment": frames["mart_unit_assignment"]}, county_market.facts, None)


OPTIONAL = sorted(set(SHOWN) - set(NEEDED))


@pytest.mark.parametrize("kind", ["empty", "absent", "bare"])
@pytest.mark.parametrize("mart", OPTIONAL)
def test_any_optional_mart_may_be_empty_absent_or_bare(
    point_market: SampleMarket, mart: str, kind: str
) -> None:
    """A first run has marts without rows, an old one lacks marts or columns: the page comes out well-formed."""
    frames = dict(point_market.frames)
    if kind == "absent":
        del frames[mart]
    else:
        frames[mart] = frames[mart].iloc[:0] if kind == "empty" else frames[mart].iloc[:, :1]
    without_map = frames["mart_unit_assignment"].drop(columns=["latitude", "longitude"])
    text = render_report({**frames, "mart_unit_assignment": without_map}, point_market.facts, None)
    assert ("came without" in Page(text).text) == (kind == "bare")
    assert ("was not delivered" in Page(text).text) == (kind == "absent")


def test_a_run_without_any_plan_still_has_a_page(point_market: SampleMarket) -> None:
    """Before the first plan every mart is empty: the page says so in order instead of failing."""
    empty = {name: frame.iloc[:0] for name, frame in point_market.frames.items()}
    facts = {
        **point_market.facts,
        "plan_id": None,
        "decision": "blocked",
        "decision_reason": "No claims have come",
    }
    page = Page(render_report(empty, facts, None))
    assert "No claims have come." in page.text
    assert "There is no map" in page.text


def test_every_column_asked_for_is_in_the_marts() -> None:
    """The report and the list of published marts agree with the contracts of the dbt models."""
    contracts = {}
    for path in (REPOSITORY / "dbt" / "models" / "reporting").glob("mart_*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            contracts[model["name"]] = {column["name"] for column in model["columns"]}
    assert set(contracts) == set(PUBLISHED_MARTS)
    for mart, columns in {**SHOWN, **{name: " ".join(needed) for name, needed in NEEDED.items()}}.items():
        assert set(columns.split()) <= contracts[mart], mart


def test_lost_rows_are_not_glossed_over(county_market: SampleMarket) -> None:
    """Where delivered is not accepted plus set aside, the page warns instead of reassuring."""
    frame = county_market.frames["mart_refresh_reconciliation"].copy()
    assert "Every one of the 1,273,017 rows delivered is accounted for" in Page(render(county_market)).text
    frame.loc[0, "accepted_rows"] -= 5
    text = Page(render(county_market, mart_refresh_reconciliation=frame)).text
    assert "5 of 1,273,017 delivered rows are not accounted for" in text


def test_a_market_of_points_has_a_map(point_market: SampleMarket) -> None:
    """ZIP areas without polygons are dots, one per unit, on ground that is said to be approximate."""
    text = render(point_market)
    dots = re.findall(r'<path class="dot [^"]*" d="([^"]*)"', text)
    assert sum(path.count("M") for path in dots) == point_market.marts["mart_unit_assignment"].num_rows
    assert "Borders are approximate" in Page(text).text


def test_no_places_no_map_but_all_the_rest(point_market: SampleMarket) -> None:
    """Without polygons and coordinates the page says that there is no map, and keeps its tables."""
    bare = point_market.frames["mart_unit_assignment"].drop(columns=["latitude", "longitude"])
    page = Page(render(point_market, mart_unit_assignment=bare))
    assert "There is no map" in page.text
    assert "svg" in {tag for tag, _ in page.elements}  # the balance strip
    assert not any(attributes.get("id") == "map" for _, attributes in page.elements)


def test_a_large_market_stays_small_and_grouped(point_market: SampleMarket) -> None:
    """Thirty thousand ZIP areas make a page well under the limit, without a list of every unit."""
    rng = np.random.default_rng(5)
    count = 30_000
    units = pd.DataFrame(
        {
            "unit_id": [f"{number:05d}" for number in range(count)],
            "unit_name": "Somewhere",
            "unit_type": "zcta",
            "state": "KS",
            "latitude": rng.uniform(31.0, 48.0, count),
            "longitude": rng.uniform(-120.0, -78.0, count),
            "territory_id": "T01",
            "addressable_usd": rng.lognormal(12, 1, count),
        }
    )
    units["territory_id"] = np.array(["T01", "T02", "T03"])[np.digitize(units["longitude"], [-105, -90])]
    text = render(point_market, mart_unit_assignment=units)
    assert len(text.encode()) < LARGEST_BYTES
    assert facts_of(text)["units"] == {}
