"""The business configuration as typed data: what the files of `CLAIMLINE_HOME/config` say, after validation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

TEST_PATIENTS = ("TEST", "ZZTEST", "ZZZTEST", "DUMMY")


@dataclass(frozen=True)
class Setting:
    """One number or choice with its unit, who owns it and why it has this value."""

    name: str
    value: str | float | int | bool
    unit: str
    owner: str
    reason: str


@dataclass(frozen=True)
class FilePattern:
    """Which files of a source are which entity, in which layout: `medical_claim*.csv` → medical_claim, tuva."""

    glob: str
    entity: str
    layout: str


@dataclass(frozen=True)
class SourceProfile:
    """What is known of one data source beforehand.

    `kind` is `lines`, `annual` or `directory`; `token_domain` names the space in which its person ids are unique;
    `payer_channels` maps a payer's or plan's text (lower case) to a channel, else `default_payer_channel` holds.
    `constants` are values that a file does not carry itself, e.g. `service_year` of an annual source.
    `feed` is `closed` (a payer's) or `open` (a clearinghouse's); where several sources tell of one service, the smallest
    `precedence` counts. `replacement_codes` and `void_codes` are the source's frequency codes of such claims, and
    `claim_id_suffix` a regular expression for what a new version appends to the claim's id. `test_patients` are regular
    expressions for how the ids of invented patients begin (upper case).
    """

    source: str
    kind: str
    files: tuple[FilePattern, ...]
    token_domain: str
    default_payer_channel: str
    payer_channels: dict[str, str] = field(default_factory=dict)
    cadence_days: int = 31
    constants: dict[str, str] = field(default_factory=dict)
    feed: str = "closed"
    precedence: int = 100
    replacement_codes: tuple[str, ...] = ("7",)
    void_codes: tuple[str, ...] = ("8",)
    claim_id_suffix: str | None = None
    test_patients: tuple[str, ...] = TEST_PATIENTS


@dataclass(frozen=True)
class FlatColumn:
    """How a vendor's file gives one canonical column: delivered `columns` or a `constant`, and what is done with them.

    `values` maps delivered to canonical values (others become `otherwise`, or are set aside where that is missing),
    `capture` is a regular expression whose group is the value, `split` separates the entries of a list.
    """

    columns: tuple[str, ...]
    constant: str | None = None
    values: dict[str, str] | None = None
    otherwise: str | None = None
    capture: str | None = None
    date_format: str = "YYYY-MM-DD"
    split: str | None = None


@dataclass(frozen=True)
class FlatRule:
    """Rows whose `column` has one of `values` are set aside for `reason`."""

    column: str
    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class FlatLayout:
    """A vendor's flat claims file: how it is written, and its columns by canonical name."""

    name: str
    delimiter: str
    encoding: str
    columns: dict[str, FlatColumn]
    rules: tuple[FlatRule, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedEvent:
    """An event the business already knows of: a launch, an acquisition, a roster change (review trigger)."""

    event_id: str
    trigger: str
    scope_kind: str
    scope_id: str
    effective_from: date
    note: str


@dataclass(frozen=True)
class Cohort:
    """A group of people: everything that is given must hold; `is_everybody_else` is whom the other cohort leaves out.

    `npis` is a list of targets (None: no list given); health systems and states are those of the sites.
    """

    name: str
    taxonomies: tuple[str, ...] = ()
    health_systems: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    npis: tuple[str, ...] | None = None
    is_everybody_else: bool = False


@dataclass(frozen=True)
class CohortComparison:
    """Two cohorts side by side, for `product_ids` (empty: all products)."""

    comparison_id: str
    product_ids: tuple[str, ...]
    first: Cohort
    second: Cohort


@dataclass(frozen=True)
class BusinessConfig:
    """All business files. Frames have the shapes of the `config/*` tables in docs/architecture.md."""

    profile: str
    products: pd.DataFrame
    value_set_codes: pd.DataFrame
    value_set_rules: pd.DataFrame
    rule_outs: pd.DataFrame
    modifier_rules: pd.DataFrame
    code_rules: pd.DataFrame
    opt_outs: pd.DataFrame
    access_rules: pd.DataFrame
    roster: pd.DataFrame
    sources: dict[str, SourceProfile]
    settings: dict[str, Setting]
    events: tuple[PlannedEvent, ...]
    config_hash: str
    layouts: dict[str, FlatLayout] = field(default_factory=dict)
    capture_rates: pd.DataFrame = field(default_factory=pd.DataFrame)
    market_lives: pd.DataFrame = field(default_factory=pd.DataFrame)
    cohorts: tuple[CohortComparison, ...] = ()
    unit_weights: dict[str, float] = field(default_factory=dict)

    @property
    def products_of_diagnoses(self) -> list[str]:
        """Products whose volume is diagnosed patients, not procedures."""
        rules = self.value_set_rules
        return list(rules.loc[rules["combine"] == "diagnoses", "product_id"])

    def number(self, name: str) -> float:
        return float(self.settings[name].value)

    def text(self, name: str) -> str:
        return str(self.settings[name].value)
