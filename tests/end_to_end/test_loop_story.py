"""Three refreshes: the first builds the plan, the second keeps it, the third carries a shift and rebuilds it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
from small_market import (
    GOAL_USD,
    REFRESHES,
    TERRITORIES,
    Market,
    Story,
    copy_home,
    files_under,
    manifest,
    mart,
    run_loop,
    warehouse,
)

from pipelines.atomic_files import read_json


def decision(story: Story, refresh_id: str) -> dict[str, Any]:
    return dict(read_json(story.home.decisions / f"{refresh_id}.json"))


def snapshots(story: Story) -> dict[str, dict[str, Any]]:
    """Manifests of everything published, by refresh."""
    found = [read_json(path) for path in (story.home.published / "snapshots").glob("*/manifest.json")]
    return {content["as_of_refresh"]: content for content in found}


def test_first_refresh_builds_the_plan(story: Story) -> None:
    """Where there was no plan, one is built with as many territories as there are seats, and it is published."""
    assert decision(story, REFRESHES[0])["decision"] == "initial"
    assert story.first["as_of_refresh"] == REFRESHES[0]
    plan = pd.read_parquet(story.home.plans / REFRESHES[0] / "unit_assignment.parquet")
    assert plan["territory_id"].nunique() == TERRITORIES
    assert str(story.first["plan_id"]).startswith(REFRESHES[0])


def test_quiet_refresh_keeps_the_plan_and_says_why(story: Story) -> None:
    """Nothing planted reaches the second refresh: no new plan, nobody moves, and the reason is a sentence."""
    kept = decision(story, REFRESHES[1])
    assert kept["decision"] == "keep"
    assert kept["base_plan_id"] == story.first["plan_id"]
    assert kept["reason"].endswith(".")
    assert "stays" in kept["reason"]
    assert not (story.home.plans / REFRESHES[1]).exists()
    published = snapshots(story)[REFRESHES[1]]
    assert published["plan_id"] == story.first["plan_id"]
    first_rows = snapshots(story)[REFRESHES[0]]["tables"]
    for unchanged in ("mart_plan", "mart_plan_change", "mart_territory_quota", "mart_quota_line"):
        assert published["tables"][unchanged]["sha256"] == first_rows[unchanged]["sha256"], unchanged
    assert published["tables"]["mart_plan_change"]["rows"] == 0


def test_planted_shift_rebuilds_the_plan_and_moves_little(story: Story) -> None:
    """The shift in OK and AR is found in a territory there, the plan follows, and most of it stays where it was."""
    rebuilt = decision(story, REFRESHES[2])
    assert rebuilt["decision"] == "rebuild"
    assert rebuilt["drifted_territories"] >= 1
    drift = mart(story.home, "mart_territory_drift")
    drifted = set(drift.loc[drift["is_drift"], "territory_id"])
    before = pd.read_parquet(story.home.plans / REFRESHES[0] / "unit_assignment.parquet")
    touched = before.loc[before["unit_id"].str[:2].isin(["05", "40"]), "territory_id"]
    assert drifted
    assert drifted <= set(touched)

    plan = mart(story.home, "mart_plan").iloc[0]
    assert plan["built_for_refresh"] == REFRESHES[2]
    assert 0 < plan["moved_opportunity_share"] < 0.3
    after = pd.read_parquet(story.home.plans / REFRESHES[2] / "unit_assignment.parquet")
    both = before.merge(after, on="unit_id", suffixes=("_before", "_after"))
    moved = both.loc[both["territory_id_before"] != both["territory_id_after"], "unit_id"]
    assert set(mart(story.home, "mart_plan_change")["unit_id"]) == set(moved)
    assert len(moved) == plan["moved_units"]
    assert len(moved) < len(both) / 2


def test_shift_opens_reviews(story: Story) -> None:
    """Every drifted territory has an open review with evidence and an action, in the snapshot that people read."""
    flags, drift = mart(story.home, "mart_review_flag"), mart(story.home, "mart_territory_drift")
    opened = flags[(flags["state"] == "open") & (flags["scope_kind"] == "territory")]
    assert set(drift.loc[drift["is_drift"], "territory_id"]) <= set(opened["scope_id"])
    assert opened["evidence"].str.len().gt(0).all()
    assert opened["recommended_action"].str.len().gt(0).all()
    assert set(opened["opened_refresh"]) == {REFRESHES[2]}


def test_quotas_sum_to_the_goal_to_the_cent(story: Story) -> None:
    """The quotas of the published plan are the national goal, and the lines of each quota are that quota."""
    with duckdb.connect(str(story.home.current_snapshot / "claimline.duckdb"), read_only=True) as connection:
        total = connection.execute("select sum(quota_usd) from mart_territory_quota").fetchall()[0][0]
        apart = connection.execute(
            "select territory_id from mart_territory_quota join mart_quota_line using (territory_id)"
            " group by territory_id, quota_usd having sum(amount_usd) <> quota_usd"
        ).fetchall()
    assert total == Decimal(GOAL_USD)
    assert apart == []


def test_services_are_the_truth(story: Story, market: Market) -> None:
    """Services counted from three refreshes of versions, voids and re-sends are exactly those that happened."""
    counted = warehouse(
        story.home,
        "select procedure_code as hcpcs_code, date_trunc('month', service_date)::date as service_month,"
        " coalesce(unit_id, 'unlocated') as county_fips, payer_channel, count(*) as services"
        " from intermediate.int_services__deduplicated left join intermediate.int_providers__located"
        " on site_npi = npi group by all order by all",
    )
    happened = market.services(
        "select hcpcs_code, service_month, county_fips, payer_channel, count(*) as services"
        " from services where not is_final_void group by all order by all"
    )
    assert len(happened) > 10_000
    pd.testing.assert_frame_equal(counted, happened)


def test_procedures_are_the_truth(story: Story, market: Market) -> None:
    """Procedures by product, month and county are the services that happened with the codes of the product."""
    counted = warehouse(
        story.home,
        "select product_id, service_month, unit_id as county_fips, procedures::bigint as procedures"
        " from opportunity.fct_geography_opportunity where procedures > 0 order by all",
    )
    happened = market.services(
        "select sold.product_id, service_month, county_fips, count(*) as procedures"
        " from services join sold using (hcpcs_code) where not is_final_void group by all order by all"
    )
    assert len(happened) > 1_000
    pd.testing.assert_frame_equal(counted, happened)


def test_running_again_does_nothing(story: Story, tmp_path: Any) -> None:
    """With no new delivery a further run says so and leaves every published and remembered byte as it was."""
    home = copy_home(story.home, tmp_path / "home")
    published, plans, decisions = (
        files_under(place) for place in (home.published, home.plans, home.decisions)
    )
    said = run_loop(home)
    assert "Nothing is due" in said
    assert "dbt 1/" not in said
    assert files_under(home.published) == published
    assert files_under(home.plans) == plans
    assert files_under(home.decisions) == decisions
    assert manifest(home)["as_of_refresh"] == REFRESHES[2]
