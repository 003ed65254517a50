"""Jobs: what is started as one run."""

from __future__ import annotations

import dagster as dg

from assets.landing import REFRESHES

# From a delivery to its decision. What follows (plan, marts, snapshot) is the automation's.
MEASURED = dg.AssetSelection.groups(
    "landing",
    "code_sets",
    "geography",
    "staging",
    "intermediate",
    "opportunity",
    "trends",
    "ranking",
    "monitoring",
    "providers",
)
FOLLOWING = dg.AssetSelection.groups("territories", "field_plan", "quotas", "reporting", "delivery")


JOBS = [
    dg.define_asset_job(
        "refresh_job",
        selection=MEASURED,
        partitions_def=REFRESHES,
        description="Land one delivery and measure it: raw, staging, opportunity, drift, decision.",
    ),
    dg.define_asset_job(
        "rebuild_plan_job",
        selection=FOLLOWING,
        description="Build the decided plan with quotas and marts, and publish; keeps the plan if nothing was decided.",
    ),
    dg.define_asset_job(
        "publish_job",
        selection=dg.AssetSelection.groups("reporting", "delivery"),
        description="Rebuild the marts over the plan as it stands and publish the snapshot.",
    ),
    dg.define_asset_job(
        "review_plan_job",
        selection=dg.AssetSelection.groups("monitoring", "reporting", "delivery"),
        description="The calendar review: measure the plan again and publish what is found.",
    ),
]
