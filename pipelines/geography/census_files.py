"""Geography files that a user gives: which are looked for, and how each is read.

| file in the folder | what it gives |
|---|---|
| `zctas.csv` | ZCTAs with county, centroid, people and land (else the packaged 2020 ZCTAs) |
| `cb_*_us_zcta520_500k` .zip, .shp or .gpkg | ZCTA polygons: exact neighbours, and the map |
| `zcta_adjacency*.csv` | ZCTA neighbours as `zcta_a,zcta_b` (the last by name, where there are several) |
| `county_adjacency*.txt`, `.tsv` | Census county adjacency, separated by tabs or bars |

Without county adjacency the packaged county polygons decide; without any ZCTA neighbours the build is
refused, for they cannot be seen in centroids.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from pipelines.geography.polygons import county_of_2016, read_unit_polygons
from pipelines.problems import InputRefused, Problem

FILES_VARIABLE = "CLAIMLINE_GEOGRAPHY_FILES"
POLYGON_PATTERNS = ("cb_*_us_zcta520_500k.zip", "cb_*_us_zcta520_500k.shp", "cb_*_us_zcta520_500k.gpkg")


def geography_files_from_environment() -> Path | None:
    """The folder named by `CLAIMLINE_GEOGRAPHY_FILES`, or None where it is not set."""
    value = os.environ.get(FILES_VARIABLE)
    return Path(value) if value else None


@dataclass(frozen=True)
class Neighbours:
    """Pairs of ids, columns `a` < `b`, each once, and the name of the file they come from."""

    pairs: pd.DataFrame
    file: str


def checked_folder(files: Path | None) -> Path:
    """`files`, or InputRefused where there is no such folder."""
    if files is None or not files.is_dir():
        found = "" if files is None else str(files)
        remedy = f"Set {FILES_VARIABLE} to the folder, or set geography_source to embedded."
        message = "geography_source is census_files, but there is no folder of them"
        raise InputRefused([Problem("geography files", "folder", found, message, remedy)])
    return files


def newest(folder: Path, *patterns: str) -> Path | None:
    """The last file by name that matches any of the patterns."""
    found = sorted({path for pattern in patterns for path in folder.glob(pattern)})
    return found[-1] if found else None


def zcta_polygons(folder: Path) -> tuple[gpd.GeoDataFrame, str] | None:
    """ZCTA polygons and their file's name, None where no such file is there; InputRefused if unreadable."""
    path = newest(folder, *POLYGON_PATTERNS)
    if path is None:
        return None
    try:
        return read_unit_polygons(path), path.name
    except (ValueError, OSError, RuntimeError) as error:
        problem = Problem(path.name, "whole file", "", f"not readable: {error}", "Download it again.")
        raise InputRefused([problem]) from None


def zcta_neighbours(folder: Path) -> tuple[Neighbours, list[Problem]]:
    """ZCTA pairs of the adjacency list. Raises InputRefused where there is none or it cannot be read."""
    path = newest(folder, "zcta_adjacency*.csv")
    if path is None:
        remedy = "Add zcta_adjacency.csv or the ZCTA polygons, or set geography_source to embedded."
        message = "neither ZCTA polygons nor a ZCTA adjacency list is there"
        raise InputRefused([Problem("geography files", "folder", str(folder), message, remedy)])
    table = _read_text(path, sep=",")
    if not {"zcta_a", "zcta_b"} <= set(table.columns):
        found = ",".join(map(str, table.columns))[:200]
        message = "the columns zcta_a and zcta_b are not there"
        raise InputRefused([Problem(path.name, "line 1", found, message, "Name the two columns so.")])
    return _pairs(table["zcta_a"], table["zcta_b"], path.name, first_line=2)


def county_neighbours(folder: Path) -> tuple[Neighbours, list[Problem]] | None:
    """County pairs of a Census county adjacency file in the 2016 vintage, None where there is none.

    The layouts since 2010 differ in separator, header, a length column, and in leaving the first county empty
    on its further lines; what they share is the order name, id, neighbour's name, neighbour's id.
    """
    path = newest(folder, "county_adjacency*.txt", "county_adjacency*.tsv")
    if path is None:
        return None
    first = path.open("rb").readline()
    table = _read_text(path, sep="|" if first.count(b"|") > first.count(b"\t") else "\t", header=None)
    if table.shape[1] < 4:
        message = "the four columns name, id, neighbour's name, neighbour's id are not there"
        raise InputRefused([Problem(path.name, "line 1", "", message, "Use the Census layout.")])
    own, other = table[1].str.strip().replace("", None).ffill(), table[3].str.strip()
    start = 0 if own.iloc[0] is not None and str(own.iloc[0]).isdigit() else 1
    own, other = county_of_2016(own.iloc[start:]), county_of_2016(other.iloc[start:])
    return _pairs(own, other, path.name, first_line=start + 1)


def _read_text(path: Path, sep: str, header: int | None = 0) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "latin-1"):  # the Census file of 2010 is Latin-1 (Doña Ana)
        try:
            return pd.read_csv(
                path, sep=sep, header=header, dtype=str, keep_default_na=False, encoding=encoding
            )
        except UnicodeDecodeError:
            continue
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            problem = Problem(path.name, "whole file", "", f"not readable: {error}", "Deliver it again.")
            raise InputRefused([problem]) from None
    raise AssertionError("latin-1 reads every byte")


def _pairs(a: pd.Series, b: pd.Series, file: str, first_line: int) -> tuple[Neighbours, list[Problem]]:
    """Each unordered pair once; a row whose ids are not five digits is refused; self-pairs go."""
    a, b = a.reset_index(drop=True).fillna(""), b.reset_index(drop=True).fillna("")
    good = a.str.fullmatch(r"\d{5}") & b.str.fullmatch(r"\d{5}")
    problems = [
        Problem(
            file,
            f"line {i + first_line}",
            f"{a[i]},{b[i]}",
            "the ids are not both five digits",
            "Write ids as text with leading zeros.",
        )
        for i in a.index[~good]
    ]
    a, b = a[good], b[good]
    pairs = pd.DataFrame({"a": a.where(a < b, b), "b": b.where(a < b, a)})
    pairs = pairs[pairs["a"] != pairs["b"]].drop_duplicates().sort_values(["a", "b"], ignore_index=True)
    return Neighbours(pairs, file), problems
