"""Where everything lives: the one place that knows the folders of a Claimline data home.

`DataHome.default()` reads `CLAIMLINE_HOME` (default `.claimline` under the current folder). All other modules are
handed a `DataHome` or a path; none reads the environment for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "CLAIMLINE_HOME"
DEFAULT_HOME = ".claimline"


@dataclass(frozen=True)
class DataHome:
    root: Path

    @classmethod
    def default(cls) -> DataHome:
        return cls.at(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)

    @classmethod
    def at(cls, folder: str | Path) -> DataHome:
        return cls(Path(folder).absolute())

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    @property
    def market_truth(self) -> Path:
        """What the simulator planted; never read by the pipeline."""
        return self.root / "market_truth"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def registry(self) -> Path:
        return self.lake / "registry"

    @property
    def plans(self) -> Path:
        return self.lake / "plans"

    @property
    def decisions(self) -> Path:
        return self.lake / "decisions"

    @property
    def published_cells(self) -> Path:
        """What each snapshot showed: `<refresh_id>/<snapshot_id>.parquet`, kept when the snapshot is gone."""
        return self.lake / "published_cells"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse" / "claimline.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def current_snapshot(self) -> Path:
        """Symlink to the snapshot that consumers read."""
        return self.published / "current"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    def table(self, schema: str, name: str) -> Path:
        """The file of a Python-written table, e.g. `table("geography", "unit")`."""
        return self.lake / schema / f"{name}.parquet"

    def raw_partition(self, name: str, refresh_id: str) -> Path:
        """The folder of one refresh of an append-only raw table."""
        return self.lake / "raw" / name / refresh_id
