"""Balance at a glance: every territory as a dot on one line, 100 in the middle, for opportunity and for
workload.
"""

from __future__ import annotations

from html import escape

import pandas as pd

WIDTH, LEFT, RIGHT = 1184, 120, 40
ROW_HEIGHT, TOP = 30, 12


def balance_strip(table: pd.DataFrame) -> str:
    """An SVG element, or `""` where no index is known. A dot per territory and measure."""
    measures = [
        (words, table[["territory_id", "territory_name", column]].dropna())
        for words, column in (("Opportunity", "balance_index"), ("Workload", "workload_index"))
    ]
    measures = [measure for measure in measures if len(measure[1])]
    if not measures:
        return ""
    values = pd.concat([frame.iloc[:, 2].astype(float) for _, frame in measures])
    # Round tens around all dots, and 100 always inside.
    low = min(80.0, values.min() // 10 * 10)
    high = max(120.0, -(-values.max() // 10) * 10)

    def across(value: float) -> float:
        return round(LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    bottom = TOP + ROW_HEIGHT * len(measures)
    parts = [f'<line class="mean" x1="{across(100)}" x2="{across(100)}" y1="{TOP - 6}" y2="{bottom}"/>']
    for row, (words, frame) in enumerate(measures):
        y = TOP + ROW_HEIGHT * row + ROW_HEIGHT / 2
        parts.append(f'<text x="0" y="{y + 4}">{words} index</text>')
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        for territory_id, name, value in frame.itertuples(index=False):
            title = f"{name}: {float(value):.0f}"
            parts.append(
                f'<circle data-t="{escape(str(territory_id))}" cx="{across(float(value))}" cy="{y}" r="6.5">'
                f"<title>{escape(title)}</title></circle>"
            )
    step = 10 if high - low <= 120 else 20 if high - low <= 240 else 50
    ticks = [low, *range(int(low // step + 1) * step, int(high) + 1, step)]
    for tick in sorted(set(ticks)):
        words = "100 = average" if tick == 100 else f"{tick:.0f}"
        parts.append(f'<text x="{across(tick)}" y="{bottom + 16}" text-anchor="middle">{words}</text>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + 22}" role="img" '
        f'aria-label="Opportunity and workload index of every territory">{"".join(parts)}</svg>'
    )
