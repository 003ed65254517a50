"""Review flags: one open review per matter, carried, closed and repeated without change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_market import market

from pipelines.config.events import TRIGGERS
from pipelines.config.model import PlannedEvent
from pipelines.monitoring import flag_causes
from pipelines.monitoring.flag_causes import ACTIONS, OWNERS, Cause
from pipelines.monitoring.flags import ReviewMoment, all_causes, review_flags
from quality.checks import review_flags__one_open_per_scope
from quality.table_registry import TABLES

MOMENT = ReviewMoment(
    "r3", date(2025, 12, 31), date(2025, 9, 1), "plan-r1", date(2025, 9, 30), date(2025, 6, 1)
)
GHOSTS = pd.DataFrame(
    {"npi": ["1234567893"] * 2, "event_month": pd.to_datetime(["2025-06-01", "2025-05-01"])}
)
SHIFT = Cause("volume_shift", "territory", "T3", "T3 has changed.")
REPS = pd.DataFrame({"territory_id": ["T1", "T2"], "rep_id": ["p1", "p2"], "is_vacant": [False, False]})
ROSTER = pd.DataFrame({"rep_id": ["p1", "p2"]})
CODE_CHANGES = pd.DataFrame(
    [
        [
            "knee",
            pd.Timestamp("2026-01-01"),
            "hcpcs_2026-01",
            2,
            1,
            1,
            1,
            "J7321, J7323",
            "J7321 → J7320 (weight 1.000)",
        ]
    ],
    columns=[
        "product_id",
        "effective_from",
        "releases",
        "codes_deleted",
        "codes_revised",
        "codes_without_successor",
        "codes_unmapped",
        "deleted_codes",
        "successors",
    ],
).assign(unmapped_codes="J7329", product_share=0.12, patients=40)
CAUSES = st.lists(
    st.builds(
        Cause,
        st.sampled_from(sorted(ACTIONS)),
        st.sampled_from(["territory", "plan"]),
        st.sampled_from(["T1", "T2"]),
        st.sampled_from(["One.", "Two."]),
    ),
    max_size=6,
)


def test_drift_becomes_one_review_with_numbers() -> None:
    """Three drifted measures of one territory are one review whose evidence has figures, interval and
    data-through.
    """
    flags = review_flags(MOMENT, flag_causes.volume_shifts(market(factor=1.7).drift().details))
    assert flags["scope_id"].tolist() == ["T3"]
    evidence = flags["evidence"].iloc[0]
    for words in ("procedures of implant", "usd of all products", "95 % interval +", "2025-07 … 2025-09"):
        assert words in evidence
    assert evidence.endswith("Data through 2025-09.")
    assert flags["owner"].iloc[0] == OWNERS["volume_shift"]


def test_a_null_refresh_raises_nothing() -> None:
    """No drift, no incident, no event, full team, young plan: no review."""
    moment = replace(MOMENT, plan_data_through=date(2025, 8, 1))
    causes = all_causes(
        moment,
        drift=market().drift().details,
        incidents=pd.DataFrame(columns=["kind", "scope", "evidence", "is_blocking"]),
        events=(),
        code_changes=CODE_CHANGES.iloc[:0],
        ghosts=GHOSTS.iloc[:0],
        roster=ROSTER,
        planned_reps=REPS,
        calendar_months=3,
        smallest_shown=11,
    )
    assert causes == []
    assert review_flags(moment, causes).empty


def test_an_open_review_is_carried_with_its_first_date() -> None:
    """The same cause at the next refresh is the same review: same id, first refresh, new evidence."""
    first = review_flags(MOMENT, [SHIFT])
    later = replace(MOMENT, refresh_id="r4", data_through=date(2025, 10, 1))
    second = review_flags(later, [replace(SHIFT, evidence="T3 has changed more.")], first)
    assert second["review_id"].tolist() == first["review_id"].tolist()
    assert second["opened_refresh"].tolist() == ["r3"]
    assert second["data_through"].tolist() == [date(2025, 10, 1)]
    assert "changed more" in second["evidence"].iloc[0]


def test_a_cause_that_is_gone_closes_its_review() -> None:
    """Without its cause the review is closed, says when and why, stays in the table, and may open anew."""
    first = review_flags(MOMENT, [SHIFT])
    later = replace(MOMENT, refresh_id="r4")
    closed = review_flags(later, [], first)
    assert closed["state"].tolist() == ["closed"]
    assert closed["evidence"].iloc[0].endswith("Closed at r4: the cause is gone.")
    again = review_flags(replace(MOMENT, refresh_id="r5"), [SHIFT], closed)
    assert again[["state", "opened_refresh"]].to_numpy().tolist() == [["open", "r5"]]


def test_a_new_plan_closes_the_reviews_of_the_old_one() -> None:
    """A review belongs to a plan: under a new plan it is closed, and the same cause opens a new review."""
    first = review_flags(MOMENT, [SHIFT])
    second = review_flags(replace(MOMENT, refresh_id="r4", plan_id="plan-r3"), [SHIFT], first)
    states = second.set_index("plan_id")["state"].to_dict()
    assert states == {"plan-r1": "closed", "plan-r3": "open"}
    assert "plan plan-r3 replaced" in second.set_index("plan_id").loc["plan-r1", "evidence"]


def test_what_cannot_be_judged_now_stays_open() -> None:
    """While drift is blocked, the open review of a territory is neither confirmed nor closed."""
    first = review_flags(MOMENT, [SHIFT])
    blocked = market().drift().table.assign(verdict="blocked", is_drift=False)
    undecided = flag_causes.undecided_shifts(blocked)
    kept = review_flags(replace(MOMENT, refresh_id="r4"), [], first, undecided=undecided)
    pd.testing.assert_frame_equal(kept, first)
    assert flag_causes.undecided_shifts(market().drift().table) == []


@settings(max_examples=60, deadline=None)
@given(CAUSES, CAUSES, CAUSES)
def test_flags_are_idempotent_ordered_and_unique(
    one: list[Cause], two: list[Cause], three: list[Cause]
) -> None:
    """Over any history: repeating a refresh changes nothing, order of causes does not show, one open per
    scope.
    """
    table = None
    for place, causes in enumerate((one, two, three)):
        moment = replace(MOMENT, refresh_id=f"r{place}", plan_id="plan-a" if place < 2 else "plan-b")
        first = review_flags(moment, causes, table)
        pd.testing.assert_frame_equal(review_flags(moment, causes[::-1], table), first)
        pd.testing.assert_frame_equal(review_flags(moment, causes, first), first)
        assert review_flags__one_open_per_scope(first).passed
        table = first
    schema = TABLES["monitoring/review_flag"].schema
    assert table is not None
    pa.Table.from_pandas(table, schema=schema, preserve_index=False)


def test_team_changes_are_seen() -> None:
    """A rep who left, a planned vacancy and a team of another size each give a cause; a full team none."""
    assert flag_causes.team_changes(ROSTER, REPS) == []
    left = flag_causes.team_changes(pd.DataFrame({"rep_id": ["p1"]}), REPS)
    assert [(cause.scope_kind, cause.scope_id) for cause in left] == [
        ("territory", "T2"),
        ("national", "roster"),
    ]
    vacant = flag_causes.team_changes(ROSTER, REPS.assign(rep_id=["p1", None], is_vacant=[False, True]))
    assert [cause.scope_id for cause in vacant] == ["T2"]
    grown = flag_causes.team_changes(pd.DataFrame({"rep_id": ["p1", "p2", "p3"]}), REPS)
    assert "+50%" in grown[0].evidence


def test_events_open_until_a_plan_knows_them() -> None:
    """An event is a cause before and after its day, until a plan was made with it in force."""
    event = PlannedEvent("e1", "acquisition", "health_system", "HS1", date(2026, 1, 15), "HS1 buys HS2.")
    before = flag_causes.business_events([event], date(2025, 9, 30), date(2025, 12, 31))
    after = flag_causes.business_events([event], date(2025, 9, 30), date(2026, 1, 31))
    assert "will take effect" in before[0].evidence
    assert "took effect" in after[0].evidence
    assert flag_causes.business_events([event], date(2026, 1, 31), date(2026, 2, 28)) == []


def test_calendar_reviews_follow_the_data() -> None:
    """A review is due when the data are three months past the plan's, not before."""
    assert flag_causes.calendar_reviews("p", date(2025, 11, 1), date(2026, 1, 1), 3) == []
    (cause,) = flag_causes.calendar_reviews("p", date(2025, 11, 1), date(2026, 2, 1), 3)
    assert (cause.trigger, cause.scope_id) == ("calendar", "p")


def test_only_incidents_to_act_on_are_raised() -> None:
    """Blocking and late incidents are raised; a repeated delivery is not."""
    incidents = pd.DataFrame(
        {
            "kind": ["channel_drop", "late_source", "repeated_delivery"],
            "scope": ["a", "b", "c"],
            "evidence": ["x.", "y.", "z."],
            "is_blocking": [True, False, False],
        }
    )
    assert [cause.scope_id for cause in flag_causes.supply_incidents(incidents)] == ["a", "b"]


def test_work_after_a_deactivation_is_one_review_a_person() -> None:
    """The first month that is told of, no count, and somebody who owns it; nobody is asked about twice."""
    flags = review_flags(MOMENT, flag_causes.work_after_deactivation(GHOSTS))
    assert flags[["trigger", "scope_kind", "scope_id"]].to_numpy().tolist() == [
        ["provider", "provider", "1234567893"]
    ]
    assert (
        "NPI 1234567893 is deactivated, and work of it is told of from 2025-05 on."
        in flags["evidence"].iloc[0]
    )
    assert flags["owner"].iloc[0] == OWNERS["provider"]


def test_every_trigger_of_the_configuration_has_an_owner_and_an_action() -> None:
    """An event of any trigger that the configuration accepts can become a review."""
    assert set(TRIGGERS) <= set(ACTIONS) == set(OWNERS)


def test_a_release_that_hits_a_value_set_opens_a_review() -> None:
    """The sentence names the codes, the share that rests on them, the crosswalk, what nothing maps, and the tense."""
    announced = flag_causes.code_set_changes(CODE_CHANGES, date(2025, 9, 1), date(2025, 12, 31), 11)
    assert [(cause.trigger, cause.scope_kind, cause.scope_id) for cause in announced] == [
        ("code_set", "product", "knee")
    ]
    assert announced[0].evidence == (
        "The value set of knee will lose 2 codes on 2026-01-01 (J7321, J7323; release hcpcs_2026-01), 12.0% of its"
        " planning-year opportunity. Successors: J7321 → J7320 (weight 1.000). 1 code without a successor."
        " Release hcpcs_2026-01 will revise 1 code of knee on 2026-01-01. 1 code new beside the set on 2026-01-01,"
        " in no value set: J7329."
    )
    past = flag_causes.code_set_changes(CODE_CHANGES, date(2025, 9, 1), date(2026, 1, 1), 11)
    assert "knee lost 2 codes" in past[0].evidence


def test_what_the_plan_knew_already_opens_no_review() -> None:
    """A change within the plan's own months is in the plan; new codes that the set means ask nothing."""
    assert flag_causes.code_set_changes(CODE_CHANGES, date(2026, 1, 1), date(2026, 3, 1), 11) == []
    only_new = CODE_CHANGES.assign(codes_deleted=0, codes_revised=0, codes_unmapped=0)
    assert flag_causes.code_set_changes(only_new, date(2025, 9, 1), date(2026, 3, 1), 11) == []


def test_a_share_of_few_patients_is_not_told() -> None:
    """Ten patients behind the largest code: the review is opened without the share."""
    few = flag_causes.code_set_changes(
        CODE_CHANGES.assign(patients=10), date(2025, 9, 1), date(2026, 3, 1), 11
    )
    assert "%" not in few[0].evidence
