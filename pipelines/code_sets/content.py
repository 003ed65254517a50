"""What the code sets are made from, as hashes: cheap enough to be asked whenever the configuration is loaded.

Nothing is parsed here. The hashes are part of the configuration's, so that a new release makes everything that was
measured on the old one due again.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from pipelines.atomic_files import sha256_of_file

PACKAGE = "drgpy"
FOLDER = "code_sets"


def code_sets_content(config_folder: Path) -> dict[str, str]:
    """Hash by file name of the user's releases and crosswalks, and the version of the package."""
    files = sorted((config_folder / FOLDER).glob("*.csv"))
    return {f"package {PACKAGE}": version(PACKAGE), **{path.name: sha256_of_file(path) for path in files}}
