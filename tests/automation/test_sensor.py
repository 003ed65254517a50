"""The delivery sensor: what it asks for follows from files, never from a cursor."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from assets.lake_table import HomeResource
from dagster_project.sensors import request_next
from pipelines.config.load import initialise_home_config
from pipelines.data_home import DataHome
from pipelines.market_simulator import demo_spec, write_refreshes


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> DataHome:
    """Two refreshes of a tiny market in the inbox, nothing landed."""
    home = DataHome.at(tmp_path_factory.mktemp("sensor") / "home")
    initialise_home_config(home, "device_maker")
    spec = demo_spec(states=("VT",), lines_per_month=200, history_months=3, refreshes=2, events=())
    write_refreshes(spec, home.deliveries, home.market_truth)
    return home


def ask(home: DataHome, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    return request_next(dg.build_sensor_context(instance=instance), HomeResource(root=str(home.root)))


def test_the_first_delivery_is_requested_and_again_until_it_is_landed(delivered: DataHome) -> None:
    """Asking twice gives the same request: nothing is remembered, so nothing can be lost."""
    instance = dg.DagsterInstance.ephemeral()
    for _ in range(2):
        result = ask(delivered, instance)
        assert isinstance(result, dg.SensorResult)
        assert result.run_requests is not None
        (request,) = result.run_requests
        assert (request.job_name, request.partition_key) == ("refresh_job", "simulated_market.2025-12")
        assert result.dynamic_partitions_requests


def test_nothing_is_requested_while_a_run_is_under_way(delivered: DataHome) -> None:
    """One run at a time: the warehouse takes one writer."""
    instance = dg.DagsterInstance.ephemeral()
    run = dg.DagsterRun(job_name="refresh_job", run_id="a" * 8, status=dg.DagsterRunStatus.STARTED)
    instance.add_run(run)
    assert isinstance(ask(delivered, instance), dg.SkipReason)


def test_a_failed_refresh_is_passed_over_until_a_person_retries_it(delivered: DataHome) -> None:
    """A refresh whose latest run failed is not started again; the next delivery is."""
    instance = dg.DagsterInstance.ephemeral()
    tags = {"dagster/partition": "simulated_market.2025-12"}
    instance.add_run(
        dg.DagsterRun(job_name="refresh_job", run_id="b" * 8, status=dg.DagsterRunStatus.FAILURE, tags=tags)
    )
    result = ask(delivered, instance)
    assert isinstance(result, dg.SensorResult)
    assert result.run_requests is not None
    assert result.run_requests[0].partition_key == "simulated_market.2026-01"


def test_an_empty_inbox_is_said_so(tmp_path: Path) -> None:
    """With nothing delivered the sensor skips, with a sentence."""
    home = DataHome.at(tmp_path / "home")
    initialise_home_config(home, "device_maker")
    answer = ask(home, dg.DagsterInstance.ephemeral())
    assert isinstance(answer, dg.SkipReason)
    assert "Nothing is due" in str(answer.skip_message)
