"""When assets run by themselves. Names say the fact that has to be true (`when_<fact>`).

The rebuild is latched: it fires once for each new decision and stays silent while the decision's data version stands
still, however often the decision is taken again. The tested form is in docs/adr/0003-rebuild-is-latched.md.
"""

from __future__ import annotations

import dagster as dg
from dagster import AutomationCondition as AC

REBUILD_DECISION = dg.AssetKey(["monitoring", "rebuild_decision"])

_decision_only = dg.AssetSelection.assets(REBUILD_DECISION)
_plan_only = dg.AssetSelection.groups("territories", "field_plan", "quotas")


def when_rebuild_is_decided() -> AC:
    """A new rebuild decision has been taken: its data version moved since this asset last ran."""
    return (
        AC.any_deps_match(AC.data_version_changed())
        .allow(_decision_only)
        .since(AC.newly_requested() | AC.initial_evaluation())
        & ~AC.in_progress()
        & ~AC.any_deps_in_progress()
        & ~AC.any_deps_missing()
    ).with_label("when_rebuild_is_decided")


def when_plan_changes() -> AC:
    """The plan upstream was built, or is being built in this tick."""
    return (
        AC.any_deps_updated().allow(_plan_only).since_last_handled()
        & ~AC.in_progress()
        & ~AC.any_deps_in_progress()
        & ~AC.any_deps_missing()
    ).with_label("when_plan_changes")


def when_refresh_is_measured() -> AC:
    """A refresh went all the way to its decision (which comes last, behind every blocking check), or the plan changed.

    Updates of the opportunity tables alone do not count: they may belong to a refresh whose checks failed.
    """
    return (
        AC.any_deps_updated().allow(_decision_only | _plan_only).since_last_handled()
        & ~AC.in_progress()
        & ~AC.any_deps_in_progress()
        & ~AC.any_deps_missing()
    ).with_label("when_refresh_is_measured")


def when_marts_are_rebuilt() -> AC:
    """All reporting marts are rebuilt in this very run, and their blocking checks pass.

    That marts were rebuilt earlier is not enough: after a publication that failed, their update would stay unhandled and
    ask for the snapshot alone, later, when the refresh or the plan has moved on and the marts have not. A publication
    that failed is asked for by the files instead (`pipelines.due`), with its marts.
    """
    return (
        AC.all_deps_match(AC.will_be_requested())
        & ~AC.in_progress()
        & ~AC.any_deps_in_progress()
        & ~AC.any_deps_missing()
        & AC.all_deps_blocking_checks_passed()
    ).with_label("when_marts_are_rebuilt")
