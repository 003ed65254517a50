"""The report put together: marts in, one HTML text out. Same marts, same text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import jinja2
import pandas as pd
from markupsafe import Markup

from pipelines.delivery.cartography.map_shapes import draw_shapes
from pipelines.delivery.report.balance_strip import balance_strip
from pipelines.delivery.report.changes import changes, place_name
from pipelines.delivery.report.code_story import code_story
from pipelines.delivery.report.data_story import data_story
from pipelines.delivery.report.flags import flags
from pipelines.delivery.report.glossary import glossary
from pipelines.delivery.report.headline import headline, key_figures
from pipelines.delivery.report.inputs import ReportInputs, clean_inputs, suppressed_units
from pipelines.delivery.report.layers import map_layers
from pipelines.delivery.report.places import richest_places
from pipelines.delivery.report.scorecard import NO_REP, scorecard
from pipelines.delivery.report.svg_map import DrawnMap, draw_map
from pipelines.delivery.report.territory_table import territory_table
from pipelines.delivery.report.wording import DASH, change, count, dollars, is_known, money, spoken, whole

FOLDER = Path(__file__).parent
UNIT_WORDS = {"county": ("county", "counties"), "zcta": ("ZIP area", "ZIP areas")}
CONTENTS = (
    ("map-section", "Map"),
    ("scorecard", "Scorecard"),
    ("moved", "What moved"),
    ("reviews", "Reviews"),
    ("data", "Data"),
    ("reading", "How to read it"),
)


def render_report(
    frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], polygons: gpd.GeoDataFrame | None
) -> str:
    """The leadership report as one self-contained HTML text.

    `frames`: the published marts by name (suppressed already; cells marked suppressed are blanked again
    here). `manifest`: `snapshot_id, as_of_refresh, data_through, plan_id, input_hash, config_hash`.
    `polygons`: `unit_id, geometry`, or None for units that are points (then `mart_unit_assignment` has
    `latitude, longitude`). Raises `InputRefused` without territories or assignments; every other gap is said
    in the page.
    """
    inputs = clean_inputs(frames, manifest)
    table = territory_table(inputs)
    assignment = inputs["mart_unit_assignment"]
    unit_word = _unit_word(inputs)
    shapes = draw_shapes(assignment, polygons)
    moved = set(inputs["mart_plan_change"]["unit_id"])
    drawn = draw_map(shapes, assignment, table, moved) if shapes else None
    reviews = flags(inputs, table)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        css=Markup((FOLDER / "report.css").read_text(encoding="utf-8")),
        js=Markup((FOLDER / "report.js").read_text(encoding="utf-8")),
        head=headline(inputs, table, unit_word),
        contents=CONTENTS,
        figures=key_figures(inputs, table, unit_word),
        map=Markup(drawn.svg) if drawn else None,
        is_points=bool(shapes and shapes.is_points),
        layers=map_layers(drawn, shapes, table, unit_word) if drawn and shapes else [],
        places=richest_places(inputs, table),
        unit_word=unit_word,
        scorecard=scorecard(table),
        strip=Markup(balance_strip(table)),
        quota_parts=_quota_parts(inputs, table),
        changes=changes(inputs, table, unit_word),
        unmoved=f"Every {unit_word[0]} stays in the territory it was in." if inputs.plan else "",
        flags=reviews,
        flags_sentence=f"{count(len(reviews), 'review is', 'reviews are')} open.",
        data=data_story(inputs, table, unit_word, shapes.not_drawn if shapes else 0),
        codes=code_story(inputs),
        glossary=glossary(unit_word),
        manifest={
            "snapshot_id": DASH,
            "as_of_refresh": DASH,
            "plan_id": None,
            "input_hash": None,
            "config_hash": None,
        }
        | dict(manifest),
        facts=Markup(_facts(inputs, table, drawn)),
    )


def _unit_word(inputs: ReportInputs) -> tuple[str, str]:
    assignment = inputs["mart_unit_assignment"]
    kinds = set(assignment["unit_type"].dropna()) if "unit_type" in assignment.columns else set()
    return UNIT_WORDS.get(str(kinds.pop()), ("area", "areas")) if len(kinds) == 1 else ("area", "areas")


def _quota_parts(inputs: ReportInputs, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Quota lines in territory order; the territory is named on its first line only."""
    lines = inputs["mart_quota_line"].sort_values(["territory_id", "line_number"])
    names = table.set_index("territory_id")["territory_name"]
    parts, before = [], None
    for _, line in lines.iterrows():
        owner = line["territory_id"]
        kind = [
            spoken(line[name])
            for name in ("product_name", "component")
            if is_known(line[name]) and line[name]
        ]
        parts.append(
            {
                "territory": names.get(owner, owner) if owner != before else "",
                "starts": owner != before,
                "part": ", ".join(kind),
                "why": str(line["explanation"]) if is_known(line["explanation"]) else "",
                "amount": dollars(line["amount_usd"]),
            }
        )
        before = owner
    return parts


def _facts(inputs: ReportInputs, table: pd.DataFrame, drawn: DrawnMap | None) -> str:
    """What the page says on pointing at the map, as JSON that cannot end its script element."""
    territories = {
        str(row["territory_id"]): {
            "title": f"{row['number']}. {row['territory_name']}",
            "facts": _territory_facts(row),
        }
        for _, row in table.iterrows()
    }
    content = {"order": table["territory_id"].astype(str).tolist(), "territories": territories, "units": {}}
    if drawn and drawn.unit_order:
        content["units"] = _unit_facts(inputs, table, drawn.unit_order)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _territory_facts(row: pd.Series) -> list[tuple[str, str]]:
    rep = NO_REP if row["is_vacant"] else row["rep_name"]
    volume = row["drift_words"]
    if row["drift_class"] in ("up", "down"):
        volume = f"{volume}, {change(row['drift_change_share'])}"
    return [
        ("Representative", str(rep) if is_known(rep) else DASH),
        ("Opportunity", money(row["addressable_usd"])),
        ("Opportunity index", whole(row["balance_index"])),
        ("Workload index", whole(row["workload_index"])),
        ("Accounts", whole(row["accounts"])),
        (
            "Mean drive",
            f"{whole(row['mean_drive_miles'])} miles" if is_known(row["mean_drive_miles"]) else DASH,
        ),
        ("Quota", money(row["quota_usd"])),
        ("Quota change", change(row["quota_change_share"])),
        ("Volume", volume),
    ]


def _unit_facts(
    inputs: ReportInputs, table: pd.DataFrame, order: dict[str, list[str]]
) -> dict[str, list[str]]:
    """Per territory, one line per unit in drawing order."""
    places = inputs["mart_unit_assignment"].drop_duplicates("unit_id").set_index("unit_id")
    hidden = suppressed_units(places)
    names = table.set_index("territory_id")["territory_name"]
    change_rows = inputs["mart_plan_change"].drop_duplicates("unit_id")
    came_from = dict(zip(change_rows["unit_id"], change_rows["from_territory_id"], strict=True))

    def line(unit_id: str) -> str:
        worth = (
            "opportunity withheld (few patients)"
            if hidden[unit_id]
            else f"{money(places.at[unit_id, 'addressable_usd'])} opportunity"
        )
        moved = (
            f"; before: {names.get(came_from[unit_id], came_from[unit_id])}" if unit_id in came_from else ""
        )
        return f"{place_name(places.loc[unit_id], unit_id)}: {worth}{moved}"

    return {territory: [line(unit_id) for unit_id in units] for territory, units in order.items()}
