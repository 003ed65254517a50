"""Geographies built once for all tests of this folder, and a small map of one's own to vary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.config.load import PROFILES, load_business_config
from pipelines.config.model import BusinessConfig
from pipelines.geography.build import Geography, build_geography

Configure = Callable[..., BusinessConfig]


@pytest.fixture(scope="session")
def configure() -> Configure:
    """`configure(unit_type="zcta", states="VT", ...)`: the demo's configuration with other settings."""
    config, _ = load_business_config(PROFILES / "device_maker")

    def changed(**values: object) -> BusinessConfig:
        settings = dict(config.settings)
        for name, value in values.items():
            settings[name] = replace(settings[name], value=value)
        return replace(config, settings=settings)

    return changed


@pytest.fixture(scope="session")
def counties(configure: Configure) -> Geography:
    """The national demo: packaged counties, all states."""
    return build_geography(configure(), files=None)


@pytest.fixture(scope="session")
def packaged_zctas(configure: Configure) -> Geography:
    """Packaged ZCTAs of four states, neighbours guessed."""
    config = configure(unit_type="zcta", states="ME NH VT WV")
    return build_geography(config, files=None)


@pytest.fixture(scope="session")
def census_zctas(configure: Configure, shared_data: Path) -> Geography:
    """The same four states from given files, neighbours exact."""
    config = configure(unit_type="zcta", states="ME NH VT WV", geography_source="census_files")
    return build_geography(config, files=shared_data / "geography")
