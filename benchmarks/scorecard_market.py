"""One simulated market on its way through the pipeline: a data home, its deliveries landed, the models built.

Belongs here: what the scorecard does with a market before it compares. Nothing of Dagster runs; dbt runs in this
process, its project parsed once. Does not belong here: comparing (scorecard_comparison.py).
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.scorecard_privacy import AUDITED, write_what_was_shown
from pipelines.atomic_files import read_json, write_parquet
from pipelines.data_home import DataHome
from pipelines.market_simulator import MarketSpec, all_traps, write_refreshes
from pipelines.market_simulator.case_histories import HISTORIES
from pipelines.market_simulator.delivery_variants import DeliveryVariant, deliver_otherwise
from pipelines.market_simulator.layouts import deliver_in_layout
from pipelines.market_simulator.spec import OPEN_SOURCE, SOURCE
from pipelines.market_simulator.traps import FEEDS

STATES = ("ME", "NH", "VT")
CODE_CHANGE_MONTH = "2025-11"
SUFFIX = "R[0-9]"
# by which the truth says what belongs to a product
PRODUCT_RULE = {"combine": "procedures_and_diagnoses", "link_scope": "claim"}
NO_CARRIER_FIELD = "group_renders_person_operates"  # RIF carrier lines have no operating physician
LAYERS = ("staging", "intermediate", "opportunity")
HASHED = (
    "fct_provider_opportunity",
    "fct_geography_opportunity",
    "fct_account_opportunity",
    "fct_unit_potential",
)
# Columns that a projection fills: they tell of when things became known, not only of what was done.
PROJECTED = ("projected_", "projection_", "completeness_", "capture_")
VARIANTS = {
    "order": DeliveryVariant(shuffles_contents=True),
    "duplicated": DeliveryVariant(repeats=2),
    "split": DeliveryVariant(files=3, deliveries=2),
}


def trap_spec(seed: int, *, lines_per_month: int = 3_000, refreshes: int = 4) -> MarketSpec:
    """A small market with every trap on."""
    return MarketSpec(
        seed=seed,
        lines_per_month=lines_per_month,
        history_months=4,
        refreshes=refreshes,
        states=STATES,
        traps=all_traps(code_change_month=CODE_CHANGE_MONTH, overlap_months=1),
    )


def layout_spec(seed: int, *, lines_per_month: int = 3_000, refreshes: int = 3) -> MarketSpec:
    """A small market with the traps that every layout can tell of: one feed, no dates of payment."""
    unsaid = (
        {history.name for history in HISTORIES if not history.is_open_fit} | set(FEEDS) | {NO_CARRIER_FIELD}
    )
    traps = all_traps(code_change_month=CODE_CHANGE_MONTH)
    rates = {name: rate for name, rate in traps.rates.items() if name not in unsaid}
    spec = trap_spec(seed, lines_per_month=lines_per_month, refreshes=refreshes)
    return replace(spec, traps=replace(traps, rates=rates))


@dataclass(frozen=True)
class WrittenMarket:
    """A market's deliveries in the order of their refreshes, and its truth."""

    spec: MarketSpec
    folders: list[Path]
    truth: Path

    def of_refresh(self, number: int) -> list[Path]:
        """The deliveries, of every feed, that refresh `number` consists of."""
        ids = {self.spec.refresh_id(number, feed) for feed in (0, 1)}
        return [folder for folder in self.folders if folder.name in ids]


def write_market(spec: MarketSpec, folder: Path) -> WrittenMarket:
    return WrittenMarket(
        spec, write_refreshes(spec, folder / "deliveries", folder / "truth"), folder / "truth"
    )


def varied(market: WrittenMarket, variant: DeliveryVariant, folder: Path) -> WrittenMarket:
    """The same market delivered otherwise, into `folder`."""
    seeded = replace(variant, seed=market.spec.seed)
    return WrittenMarket(market.spec, deliver_otherwise(market.folders, folder, seeded), market.truth)


def in_layout(market: WrittenMarket, layout: str, folder: Path) -> WrittenMarket:
    """The same market in another layout, into `folder`."""
    return WrittenMarket(market.spec, deliver_in_layout(market.folders, folder, layout), market.truth)


@dataclass
class Scorer:
    """A data home with its configuration; the parsed dbt project and the lake of a home before, if any, whose geography
    and code sets are the same."""

    home: DataHome
    manifest: Any = None
    reference: Path | None = None

    @classmethod
    def at(cls, folder: Path, truth: Path, before: Scorer | None = None) -> Scorer:
        home = DataHome.at(folder)
        write_configuration(home, truth)
        if before is None:
            return cls(home)
        return cls(home, before.manifest, before.reference or before.home.lake)

    def land(self, folders: Sequence[Path]) -> None:
        """Land copies of deliveries in the order given. Raises RuntimeError where landing refuses anything."""
        from pipelines.config.load import load_business_config
        from pipelines.landing.delivery import find_deliveries, identify
        from pipelines.landing.file_hashes import FileHashes
        from pipelines.landing.land import land_delivery

        if (described := folders[0].parent / "layouts").is_dir():
            shutil.copytree(described, self.home.config / "layouts", dirs_exist_ok=True)
        config, problems = load_business_config(self.home.config)
        if problems:
            raise RuntimeError("\n".join(problem.sentence() for problem in problems))
        for folder in folders:
            shutil.copytree(folder, self.home.deliveries / folder.name)
            hashes = FileHashes(self.home.registry / ".file_hashes.json")
            found = {each.folder.name: each for each in find_deliveries(self.home.deliveries, hashes)}
            delivery = identify(found[folder.name], config)
            receipt = land_delivery(self.home, delivery, config, log=lambda line: None)
            if receipt.status == "refused":
                raise RuntimeError("\n".join(problem.sentence() for problem in receipt.problems))
        self._write_reference_tables(config)

    def _write_reference_tables(self, config: Any) -> None:
        """What dbt reads beside claims: empty raw tables, the configuration, geography, code sets."""
        from pipelines.code_sets.tables import KEYS, read_code_sets
        from pipelines.config.tables import write_config_tables
        from pipelines.geography.build import build_geography, write_geography
        from pipelines.landing.raw_partitions import ensure_empty_tables

        ensure_empty_tables(self.home)
        write_config_tables(config, self.home)
        if (self.home.lake / "geography").is_dir():
            return
        if self.reference is not None:
            for name in ("geography", "code_sets"):
                shutil.copytree(self.reference / name, self.home.lake / name)
            return
        write_geography(build_geography(config, files=None), self.home)
        for name, table in read_code_sets(self.home.config).tables.items():
            write_parquet(self.home.table("code_sets", name), table, sort_by=KEYS[name])

    def build(self, *, with_marts: bool = False) -> None:
        """dbt over everything landed, up to the opportunity tables or their published marts, on top of what the warehouse
        holds where that is allowed. Raises RuntimeError where a model fails.
        """
        from dagster_project.dbt_in_process import incremental_models
        from dagster_project.ledger_state import plan_build

        if self.manifest is None:
            parsed = self._dbt("parse")
            if not parsed.success:
                raise RuntimeError(f"dbt cannot parse the project: {parsed.exception}")
            self.manifest = parsed.result
        write_what_was_shown(self.home)
        plan = plan_build(self.home, incremental_models(self.manifest))
        os.environ.update(plan.environment)
        marts = [f"+{mart}" for mart in AUDITED] if with_marts else []
        # a copy: dbt writes compiled code into the manifest it is handed
        outcome = self._dbt("run", "--select", *LAYERS, *marts, manifest=self.manifest.deepcopy())
        if not outcome.success:
            failed = [f"{r.node.name}: {r.message}" for r in outcome.result or [] if str(r.status) == "error"]
            raise RuntimeError(f"dbt: {outcome.exception or '; '.join(failed)}")

    def _dbt(self, *arguments: str, manifest: Any = None) -> Any:
        """One dbt command with all its output in this home, so that two processes do not meet."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        from dagster_project.dbt_project import PROJECT, dbt_environment

        self.home.warehouse.parent.mkdir(parents=True, exist_ok=True)
        os.environ.update(dbt_environment(self.home))
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        output = ["--target-path", str(self.home.root / "target"), "--log-path", str(self.home.root / "logs")]
        alone = ["--threads", "1"] if arguments[0] == "run" else []  # the other core has another seed
        try:
            return dbtRunner(manifest=manifest).invoke([*arguments, *alone, *places, *output, "--quiet"])
        finally:
            DuckDBConnectionManager.close_all_connections()

    def hashes(self, *, with_projection: bool = True) -> dict[str, str]:
        """Hash by opportunity table of its rows in the order of all columns, or of all but what is projected."""
        left_out = () if with_projection else PROJECTED
        found = {}
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            for name in HASHED:
                table = connection.sql(f"from opportunity.{name}")
                kept = ", ".join(column for column in table.columns if not column.startswith(left_out))
                rows = connection.execute(f"select {kept} from opportunity.{name} order by all").fetchall()
                found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return found


def write_configuration(home: DataHome, truth: Path) -> None:
    """The shipped device maker, with the market's second feed, its product and code rules, and its code change."""
    from pipelines.config.load import initialise_home_config

    initialise_home_config(home, "device_maker")
    path = home.config / "settings.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["states"]["value"] = " ".join(STATES)
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    path = home.config / "sources.yml"
    sources = yaml.safe_load(path.read_text(encoding="utf-8"))
    closed = sources["sources"][SOURCE] | {"feed": "closed", "precedence": 1, "claim_id_suffix": SUFFIX}
    claims = [file for file in closed["files"] if file["entity"] == "medical_claim"]
    opened = closed | {"feed": "open", "precedence": 2, "files": claims}
    del opened["claim_id_suffix"]
    sources["sources"] = {SOURCE: closed, OPEN_SOURCE: opened}
    path.write_text(yaml.safe_dump(sources, sort_keys=False), encoding="utf-8")
    path = home.config / "products.yml"
    products = yaml.safe_load(path.read_text(encoding="utf-8"))
    for product in products["products"]:
        product["rule"] = PRODUCT_RULE
    path.write_text(yaml.safe_dump(products, sort_keys=False), encoding="utf-8")
    rules = read_json(truth / "market_truth.json")["code_rules"]
    with (home.config / "code_rules.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rules[0]))
        writer.writeheader()
        writer.writerows(
            {
                key: {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
                for key, value in rule.items()
            }
            for rule in rules
        )
    if (truth / "code_sets").is_dir():
        shutil.copytree(truth / "code_sets", home.config / "code_sets", dirs_exist_ok=True)
