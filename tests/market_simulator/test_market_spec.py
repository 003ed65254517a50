"""What a market description refuses."""

from __future__ import annotations

import pytest

from pipelines.market_simulator import (
    MarketSpec,
    PayerOutage,
    ProcedureShift,
    SystemLockIn,
    demo_spec,
    null_spec,
)
from pipelines.market_simulator.geography import read_places
from pipelines.problems import InputRefused


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"lines_per_month": 3}, "key lines_per_month"),
        ({"history_end": "2025"}, "key history_end"),
        ({"lag_curve": (0.5, 0.4, 1.0)}, "key lag_curve"),
        ({"lag_curve": (0.5, 0.9)}, "key lag_curve"),
        ({"void_rate": 1.5}, "key void_rate"),
        ({"file_format": "xlsx"}, "key file_format"),
        ({"seed": -1}, "key seed"),
        ({"events": (ProcedureShift("hip", "2026-01", 1.5, ("ME",)),)}, "key events[0].product_id"),
        ({"events": (ProcedureShift("joint_implant", "2026-01", 1.5),)}, "key events[0].states"),
        ({"events": (ProcedureShift("joint_implant", "soon", 1.5, ("ME",)),)}, "key events[0].from_month"),
        ({"events": (SystemLockIn("joint_implant", "2026-01", factor=2),)}, "key events[0].factor"),
        ({"events": (PayerOutage("cash", "2026-01", "2026-02"),)}, "key events[0].payer_channel"),
    ],
)
def test_a_senseless_value_is_refused_by_its_name(changes: dict[str, object], place: str) -> None:
    """The message names the key, the value and what would do."""
    with pytest.raises(InputRefused) as refused:
        MarketSpec(**changes)  # type: ignore[arg-type]
    assert [problem.place for problem in refused.value.problems] == [place]


def test_all_faults_are_told_at_once() -> None:
    """Two wrong values, two problems."""
    with pytest.raises(InputRefused) as refused:
        MarketSpec(lines_per_month=1, void_rate=2)
    assert len(refused.value.problems) == 2


def test_an_unknown_state_is_refused() -> None:
    """A state without inhabited places cannot have a market."""
    with pytest.raises(InputRefused, match="'GU'"):
        read_places(MarketSpec(states=("ME", "GU")))


def test_demo_and_null_differ_in_events_only() -> None:
    """The null market is the demo with nothing planted."""
    demo, null = demo_spec(lines_per_month=500), null_spec(lines_per_month=500)
    assert demo.events
    assert not null.events
    assert null == demo_spec(lines_per_month=500, events=())
    assert demo.refresh_id(0) == "simulated_market.2025-12"
    assert demo.refresh_id(2) == "simulated_market.2026-02"
