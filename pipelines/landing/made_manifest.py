"""A manifest for a delivery that came without one: source by file names, date by what the data says.

Never the wall clock: the same bytes get the same manifest whenever they are looked at.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from pipelines.config.model import BusinessConfig, FilePattern, SourceProfile
from pipelines.landing.columns import match_columns
from pipelines.landing.intake import look_at, take_in
from pipelines.landing.layouts import Layout, layouts_of
from pipelines.landing.layouts.contract import Field
from pipelines.landing.manifest import Manifest, ManifestFile
from pipelines.landing.refusal import refusal
from pipelines.landing.sql_expressions import identifier, strict_date
from pipelines.problems import InputRefused

MONTHLY_CADENCE_DAYS = 28
# Dates of one file belong together; a date further from the others than this is a slip of the pen.
LONGEST_SILENCE_DAYS = 366
# How registries name their files: a week (`…_20251103-20251109`), a day, or a month (`…_2026_02`).
DAY_IN_NAME = re.compile(r"(?<![0-9])(20[0-9]{2})([0-9]{2})([0-9]{2})(?![0-9])")
MONTH_IN_NAME = re.compile(r"(?<![0-9])(20[0-9]{2})[-_](0[1-9]|1[0-2])(?![0-9])")
WRITE_ONE = "Deliver a manifest.json with source, refresh_id and known_on."


def pattern_for(profile: SourceProfile, file_name: str) -> FilePattern | None:
    """The first of the source's patterns that fits the name, letter case aside."""
    for pattern in profile.files:
        if fnmatchcase(file_name.lower(), pattern.glob.lower()):
            return pattern
    return None


def make_manifest(
    folder_name: str, files: Mapping[str, tuple[Path, str]], config: BusinessConfig
) -> Manifest:
    """A manifest for `files` (name → path and SHA-256). Rows and service dates stay unsaid: landing counts
    them.

    Raises InputRefused when no source, or more than one, fits the names, or when no file carries a date.
    """
    profile = _source_of(folder_name, sorted(files), config)
    layouts = layouts_of(config)
    listed, dates = [], []
    for name in sorted(files):
        path, sha256 = files[name]
        pattern = pattern_for(profile, name)
        if pattern is None:
            continue
        listed.append(ManifestFile(name, pattern.entity, pattern.layout, sha256, None))
        if layout := layouts.get(pattern.layout):
            dates += _dates_known(path, layout, profile)
    if not dates:
        raise refusal(
            folder_name,
            "whole folder",
            "",
            "the delivery has no manifest, and no file of it carries a date to tell when it was known",
            WRITE_ONE,
        )
    # Dates of service outrank the dates at which a directory's entries were last touched.
    best = min(rank for rank, _ in dates)
    known_on = max(day for rank, day in dates if rank == best)
    stamp = known_on.strftime("%Y-%m" if profile.cadence_days >= MONTHLY_CADENCE_DAYS else "%Y-%m-%d")
    return Manifest(profile.source, f"{profile.source}.{stamp}", known_on, tuple(listed))


def _source_of(folder_name: str, names: list[str], config: BusinessConfig) -> SourceProfile:
    """The source most of the file names fit; on a tie, the one the folder is named after."""
    fitting = {
        source: sum(pattern_for(profile, name) is not None for name in names)
        for source, profile in sorted(config.sources.items())
    }
    most = max(fitting.values(), default=0)
    best = [source for source, count in fitting.items() if count == most and count]
    named = [source for source, count in fitting.items() if count and _is_named_after(folder_name, source)]
    if named:
        return config.sources[max(named, key=len)]
    if len(best) == 1:
        return config.sources[best[0]]
    message = (
        f"the file names fit more than one source ({', '.join(best)})"
        if best
        else "the delivery has no manifest, and no configured source expects files of these names"
    )
    remedy = (
        "Start the folder's name with the source's, or deliver a manifest.json that names it."
        if best
        else "Deliver a manifest.json, or add a file pattern to the source."
    )
    raise refusal(folder_name, "whole folder", ", ".join(names)[:200], message, remedy)


def _is_named_after(folder_name: str, source: str) -> bool:
    rest = folder_name.lower().removeprefix(source.lower())
    return rest != folder_name.lower() and (not rest or not rest[0].isalnum())


def _dates_known(path: Path, layout: Layout, profile: SourceProfile) -> list[tuple[int, date]]:
    """What a file says about when it was known: (rank, date), rank 0 before 1. [] if it says nothing or is
    damaged.

    A file that cannot be read is landing's to refuse; here it just has no say.
    """
    if layout.required_constants == ("service_year",) and profile.constants.get("service_year", "").isdigit():
        return [(0, date(int(profile.constants["service_year"]), 12, 31))]
    if layout.dated_by_name and (day := date_in_name(path.name)):
        return [(0, day)]
    label = layout.label_date
    fields = {field.name: field for field in layout.fields if field.name in layout.event_dates}
    fields |= {field.name: field for field in layout.dating_fields}
    try:
        shape = look_at(path, delimiter=layout.delimiter, encoding=layout.encoding)
        match = match_columns(layout, path.name, shape.names)
        columns = {name: match.delivered[name] for name in fields if name in match.delivered}
        if not columns:
            return []
        with tempfile.TemporaryDirectory() as staging, duckdb.connect() as connection:
            intake = take_in(path, shape, list(columns.values()), must_be_empty=(), staging=Path(staging))
            dated = ", ".join(f"{_date_sql(fields[name], columns[name])} AS {name}" for name in columns)
            connection.execute(f"CREATE TABLE dated AS SELECT {dated} FROM {intake.relation}")
            events = [name for name in layout.event_dates if name in columns]
            if label and label.name in columns and (day := _labelled(connection, label.name, events)):
                return [(0, day)]
            if events and (day := _last_event(connection, events)):
                return [(0, day)]
            if layout.update_date and layout.update_date.name in columns:
                updated = connection.execute(f"SELECT max({layout.update_date.name}) FROM dated").fetchall()[
                    0
                ][0]
                return [(1, updated)] if updated else []
    except (InputRefused, duckdb.Error):
        return []
    return []


def date_in_name(file_name: str) -> date | None:
    """The last day of the period that a file's name speaks of: of a week, a day or a month; None where of none."""
    try:
        if days := DAY_IN_NAME.findall(file_name):
            return max(date(*map(int, day)) for day in days)
        if months := MONTH_IN_NAME.findall(file_name):
            year, month = max((int(year), int(month)) for year, month in months)
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    except ValueError:  # digits that are no date
        pass
    return None


def _date_sql(field: Field, column: str) -> str:
    return strict_date(f"({identifier(column)}::VARCHAR)", field.date_formats)


def _labelled(connection: duckdb.DuckDBPyConnection, label: str, events: list[str]) -> date | None:
    """The date on the file. A first of month with services in that month names the month: its last day."""
    event = f"coalesce({', '.join(events)})" if events else "NULL::DATE"
    return connection.execute(
        f"""
        SELECT CASE WHEN day(label) = 1 AND services_after > 0 THEN last_day(label) ELSE label END
        FROM (SELECT max({label}) AS label FROM dated),
        LATERAL (
            SELECT count(*) AS services_after FROM dated WHERE {event} > label AND {event} <= last_day(label)
        )
        """
    ).fetchall()[0][0]


def _last_event(connection: duckdb.DuckDBPyConnection, events: list[str]) -> date | None:
    """The last date of service in the stretch of dates that most rows are in: a lone 2108 is not believed."""
    last = connection.execute(
        f"""
        WITH days AS (
            SELECT coalesce({", ".join(events)}) AS day, count(*) AS services
            FROM dated GROUP BY ALL HAVING day IS NOT NULL
        ), silences AS (
            SELECT *, day - lag(day, 1, day) OVER (ORDER BY day) AS silence_days FROM days
        ), stretches AS (
            SELECT *, sum((silence_days > {LONGEST_SILENCE_DAYS})::INTEGER) OVER (ORDER BY day) AS stretch
            FROM silences
        )
        SELECT max(day) FROM stretches GROUP BY stretch ORDER BY sum(services) DESC, max(day) DESC LIMIT 1
        """
    ).fetchall()
    return last[0][0] if last else None
