"""The business files as one validated `BusinessConfig`; the entrance that other stages use.

A bad row is refused with file, place and remedy and the rest goes on. `InputRefused` is raised only where
nothing can go on: no products, no sources, or a required setting missing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pipelines.atomic_files import sha256_of_json
from pipelines.code_sets.content import code_sets_content
from pipelines.config import (
    access_rules,
    capture,
    cohorts,
    events,
    flat_layouts,
    opt_outs,
    procedure_rules,
    products,
    roster,
    rule_outs,
    setting_files,
    sources,
    unit_weights,
    value_sets,
)
from pipelines.config.marked_yaml import read_marked_yaml
from pipelines.config.model import BusinessConfig, Setting, SourceProfile
from pipelines.config.tables import frame_of, setting_rows, write_config_tables
from pipelines.data_home import DataHome
from pipelines.geography.zip_table import located_zips
from pipelines.problems import InputRefused, Problem

__all__ = ["initialise_home_config", "load_business_config", "shipped_profiles", "write_config_tables"]

T = TypeVar("T")
PROFILES = Path(__file__).parent / "profiles"
PROFILE_FILE = "profile.yml"


def shipped_profiles() -> list[str]:
    """Names of the profiles that ship with Claimline."""
    return sorted(path.parent.name for path in PROFILES.glob(f"*/{PROFILE_FILE}"))


def initialise_home_config(home: DataHome, profile: str) -> bool:
    """Copy a shipped profile to `home.config` where that holds nothing yet; True where it was copied.

    What people have there is never overwritten. The copy is made beside and renamed, so a killed copy leaves
    no half profile. Raises InputRefused for an unknown profile.
    """
    if profile not in shipped_profiles():
        remedy = "Use one of: " + ", ".join(shipped_profiles()) + "."
        raise InputRefused([Problem("profile", "name", profile, "no such profile ships", remedy)])
    if home.config.is_dir() and any(home.config.iterdir()):
        return False
    unfinished = home.config.with_name(f".{home.config.name}.copying")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    home.root.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PROFILES / profile, unfinished)
    if home.config.is_dir():
        home.config.rmdir()
    unfinished.rename(home.config)
    return True


def load_business_config(folder: Path) -> tuple[BusinessConfig, list[Problem]]:
    """Read and validate all business files of `folder`; problems are in the order of the files and lines."""
    profile, problems = _read_profile(folder)
    try_reading = _Reader(folder, problems)
    settings: dict[str, Setting] = try_reading(setting_files.read_settings, {})
    sold: products.Products = try_reading(products.read_products, products.Products())
    profiles: dict[str, SourceProfile] = try_reading(sources.read_sources, {})
    if try_reading.refused:
        raise InputRefused(problems)
    _require(problems, sold.rows, products.FILE, "product")
    _require(problems, profiles, sources.FILE, "source")

    restricted_share = float(settings["restricted_addressable_share"].value)
    code_rows, code_problems = value_sets.read_value_sets(folder, sold)
    set_rule_rows, set_rule_problems = products.complete_rules(sold, code_rows)
    code_problems += set_rule_problems
    _require(problems + code_problems, sold.rows, products.FILE, "product")
    rule_rows, rule_problems = access_rules.read_access_rules(folder, sold, restricted_share)
    rule_out_rows, rule_out_problems = rule_outs.read_rule_outs(folder)
    rep_rows, rep_problems = roster.read_roster(folder, located_zips())
    planned, event_problems = events.read_events(folder, sold)
    opt_out_rows, opt_out_problems = opt_outs.read_opt_outs(folder)
    modifier_rows, modifier_problems = procedure_rules.read_modifier_rules(folder)
    counting_rows, counting_problems = procedure_rules.read_code_rules(folder)
    problems += (
        code_problems + rule_problems + rule_out_problems + rep_problems + event_problems + opt_out_problems
    )
    capture_rows, capture_problems = capture.read_capture_rates(folder)
    lives_rows, lives_problems = capture.read_market_lives(folder)
    problems += capture_problems + lives_problems
    layouts, layout_problems = flat_layouts.read_flat_layouts(folder)
    problems += modifier_problems + counting_problems + layout_problems
    compared, cohort_problems = cohorts.read_cohorts(folder, sold)
    weights, weight_problems = unit_weights.read_unit_weights(folder)
    problems += cohort_problems + weight_problems

    frames = {
        "product": frame_of("product", list(sold.rows.values())),
        "value_set_code": frame_of("value_set_code", code_rows),
        "value_set_rule": frame_of("value_set_rule", set_rule_rows),
        "rule_out": frame_of("rule_out", rule_out_rows),
        "modifier_rule": frame_of("modifier_rule", modifier_rows),
        "code_rule": frame_of("code_rule", counting_rows),
        "opt_out": frame_of("opt_out", opt_out_rows),
        "capture_rate": frame_of("capture_rate", capture_rows),
        "market_lives": frame_of("market_lives", lives_rows),
        "access_rule": frame_of("access_rule", rule_rows),
        "roster": frame_of("roster", rep_rows),
    }
    content: dict[str, Any] = {name: frame.to_dict("records") for name, frame in frames.items()}
    content["profile"] = profile
    content["setting"] = frame_of("setting", setting_rows(settings)).to_dict("records")
    content["source"] = {name: asdict(source) for name, source in sorted(profiles.items())}
    content["layout"] = {name: asdict(layout) for name, layout in layouts.items()}
    content["event"] = [asdict(event) for event in planned]
    content["cohort"] = [asdict(comparison) for comparison in compared]
    content["unit_weight"] = weights
    content["code_sets"] = code_sets_content(folder)
    config = BusinessConfig(
        profile=profile,
        products=frames["product"],
        value_set_codes=frames["value_set_code"],
        value_set_rules=frames["value_set_rule"],
        rule_outs=frames["rule_out"],
        modifier_rules=frames["modifier_rule"],
        code_rules=frames["code_rule"],
        opt_outs=frames["opt_out"],
        access_rules=frames["access_rule"],
        roster=frames["roster"],
        sources=dict(sorted(profiles.items())),
        settings=settings,
        events=planned,
        config_hash=sha256_of_json(content),
        layouts=layouts,
        capture_rates=frames["capture_rate"],
        market_lives=frames["market_lives"],
        cohorts=compared,
        unit_weights=weights,
    )
    return config, problems


def _read_profile(folder: Path) -> tuple[str, list[Problem]]:
    """The profile's name; a folder without one is called `custom`."""
    try:
        document = read_marked_yaml(folder / PROFILE_FILE, PROFILE_FILE)
    except InputRefused as refused:
        return "custom", refused.problems
    name = document.content.get("name")
    if not isinstance(name, str) or not name:
        document.refuse(("name",), name, "the profile has no name", "Add `name: ...`; `custom` is used.")
        name = "custom"
    return name, document.problems


class _Reader:
    """Reads one file after another into one list of problems, so that a refusal names all that is wrong."""

    def __init__(self, folder: Path, problems: list[Problem]):
        self.folder, self.problems, self.refused = folder, problems, False

    def __call__(self, read: Callable[[Path], tuple[T, list[Problem]]], nothing: T) -> T:
        try:
            content, found = read(self.folder)
        except InputRefused as refusal:
            content, found, self.refused = nothing, refusal.problems, True
        self.problems += found
        return content


def _require(problems: list[Problem], found: Collection[Any], file: str, noun: str) -> None:
    if not found:
        message = f"no valid {noun} is left, so nothing can go on"
        remedy = f"Correct at least one {noun}."
        raise InputRefused([*problems, Problem(file, "whole file", "", message, remedy)])
