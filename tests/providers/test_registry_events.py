"""What the registry tells of an NPI, and work that is told of after its deactivation."""

from __future__ import annotations

import pandas as pd

from pipelines.providers.registry_events import WORK_AFTER, registry_events


def history(*rows: tuple[str, str, str | None, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(
        rows, columns=["npi", "known_from_date", "status_change", "deactivation_date", "reactivation_date"]
    )
    for name in ("known_from_date", "deactivation_date", "reactivation_date"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def counts(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["npi", "service_month", "procedures"])
    return frame.assign(service_month=pd.to_datetime(frame["service_month"]))


def test_a_deactivated_npi_that_still_works_is_named() -> None:
    """D ends in March and works in May; its work of March may have been before the day. R is active again."""
    said = history(
        ("D", "2025-04-05", "deactivated", "2025-03-10", None),
        ("R", "2025-02-05", "deactivated", "2025-01-10", None),
        ("R", "2025-04-05", "reactivated", None, "2025-03-20"),
        ("A", "2025-01-05", None, None, None),
    )
    work = counts(
        ("D", "2025-03-01", 4.0), ("D", "2025-05-01", 2.0), ("D", "2025-06-01", 1.0),
        ("R", "2025-06-01", 9.0), ("A", "2025-06-01", 9.0)
    )  # fmt: skip
    found = registry_events(said, work)
    assert [tuple(row) for row in found[["npi", "event"]].to_numpy()] == [
        ("D", "deactivated"), ("D", WORK_AFTER), ("R", "deactivated"), ("R", "reactivated"),
    ]  # fmt: skip
    assert found["event_month"].dt.strftime("%Y-%m").tolist() == ["2025-03", "2025-05", "2025-01", "2025-03"]
    assert found["procedures_after"].tolist() == [0.0, 3.0, 0.0, 0.0]


def test_nobody_deactivated_is_nothing() -> None:
    """An empty answer keeps its columns."""
    found = registry_events(history(("A", "2025-01-05", None, None, None)), counts(("A", "2025-06-01", 9.0)))
    assert found.empty
