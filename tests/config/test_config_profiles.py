"""The profiles that ship: valid, explained, and copied once."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.atomic_files import sha256_of_file
from pipelines.config.load import (
    PROFILES,
    initialise_home_config,
    load_business_config,
    shipped_profiles,
    write_config_tables,
)
from pipelines.config.settings import SETTINGS
from pipelines.config.tables import KEYS, SCHEMAS
from pipelines.data_home import DataHome
from pipelines.problems import InputRefused


def test_five_profiles_ship() -> None:
    """Three companies on the simulated market, the real volumes and the replay are there."""
    companies = ["device_maker", "diagnostics_company", "specialty_therapeutic"]
    assert shipped_profiles() == sorted([*companies, "medicare_part_b", "tuva_replay"])


@pytest.mark.parametrize("profile", shipped_profiles())
def test_a_shipped_profile_loads_without_a_problem(profile: str) -> None:
    """Every file of the profile is valid and every setting of the registry is set in it."""
    config, problems = load_business_config(PROFILES / profile)
    assert problems == []
    assert config.profile == profile
    assert set(config.settings) == set(SETTINGS)
    assert "claimline" not in {setting.owner for setting in config.settings.values()}
    assert len(config.roster) == config.number("territory_count")
    assert set(config.value_set_codes["product_id"]) == set(config.products["product_id"])


@pytest.mark.parametrize("profile", shipped_profiles())
def test_every_reason_is_a_sentence(profile: str) -> None:
    """A reason has several words, begins with a capital or a number, and ends with a full stop."""
    config, _ = load_business_config(PROFILES / profile)
    for setting in config.settings.values():
        assert len(setting.reason.split()) >= 5, setting
        assert setting.reason.endswith("."), setting
        assert setting.reason[0].isupper() or setting.reason[0].isdigit(), setting


def test_the_demo_understands_every_payer_of_the_simulator() -> None:
    """Each payer and plan text of the market simulator has the channel that the simulator means."""
    simulator = pytest.importorskip("pipelines.market_simulator.payers")
    config, _ = load_business_config(PROFILES / "device_maker")
    known = config.sources["simulated_market"].payer_channels
    assert {text: known.get(text) for text in simulator.payer_channels()} == simulator.payer_channels()


def test_the_home_is_filled_once_and_never_overwritten(data_home: DataHome) -> None:
    """The first call copies, the second leaves what a person changed."""
    assert initialise_home_config(data_home, "device_maker") is True
    mine = data_home.config / "events.csv"
    mine.write_text("mine", encoding="utf-8")
    assert initialise_home_config(data_home, "tuva_replay") is False
    assert mine.read_text(encoding="utf-8") == "mine"
    assert (data_home.config / "value_sets" / "joint_implant.csv").is_file()


def test_an_empty_config_folder_is_filled(data_home: DataHome) -> None:
    """A folder that exists but holds nothing is no reason to leave the user without files."""
    data_home.config.mkdir(parents=True)
    assert initialise_home_config(data_home, "tuva_replay") is True
    assert load_business_config(data_home.config)[1] == []


def test_a_killed_copy_is_repaired(data_home: DataHome) -> None:
    """Remains of an interrupted copy do not end up in the config folder."""
    remains = data_home.root / ".config.copying"
    remains.mkdir(parents=True)
    (remains / "half.yml").write_text("x", encoding="utf-8")
    assert initialise_home_config(data_home, "tuva_replay") is True
    assert not (data_home.config / "half.yml").exists()
    assert not remains.exists()


def test_an_unknown_profile_is_refused_with_the_known_ones(data_home: DataHome) -> None:
    """The message lists what ships, and nothing is written."""
    with pytest.raises(InputRefused, match="device_maker, diagnostics_company, medicare_part_b"):
        initialise_home_config(data_home, "../device_maker")
    assert not data_home.root.exists()


@pytest.mark.parametrize("profile", shipped_profiles())
def test_the_tables_are_written_as_the_contract_says(
    profile: str, data_home: DataHome, tmp_path: Path
) -> None:
    """Schema, unique key and order are right, and writing twice gives the same bytes."""
    config, _ = load_business_config(PROFILES / profile)
    first = write_config_tables(config, data_home)
    second = write_config_tables(config, DataHome(tmp_path / "again"))
    assert set(first) == set(SCHEMAS)
    for name, path in first.items():
        table = pq.read_table(path)
        assert table.schema.equals(SCHEMAS[name]), name
        keys = table.select(KEYS[name]).to_pylist()
        assert [tuple(row.values()) for row in keys] == sorted({tuple(row.values()) for row in keys})
        assert sha256_of_file(path) == sha256_of_file(second[name])
