"""The warning signs that a rep and a territory do not suit each other, in words and with the numbers."""

from __future__ import annotations

from pipelines.field_plan.rep_fit import TeamFit


def mismatch_signs(fit: TeamFit, territory: int, rep: int) -> list[str]:
    """`senior_underused` and `new_rep_overloaded` for one pair (positions in `fit`), each as one sentence."""
    facts, rule = fit.territories.iloc[territory], fit.rule
    level = fit.roster["experience_level"].iloc[rep]
    signs = []
    if level == "senior":
        reasons = [
            f"{name} index {value:.0f}"
            for name, value in (
                ("opportunity", facts["opportunity_index"]),
                ("workload", facts["workload_index"]),
            )
            if value < rule.thin_index
        ]
        if facts["complexity_class"] == "simple":
            reasons.append(f"only {facts['complexity']:.0%} of opportunity in big accounts")
        if reasons:
            signs.append(f"senior_underused: a senior rep in a thin territory ({', '.join(reasons)}).")
    if level == "new":
        reasons = []
        if facts["complexity_class"] == "complex":
            reasons.append(f"{facts['complexity']:.0%} of opportunity in big accounts")
        if facts["workload_index"] > rule.heavy_index:
            reasons.append(f"workload index {facts['workload_index']:.0f}")
        if reasons:
            signs.append(f"new_rep_overloaded: a new rep in a demanding territory ({', '.join(reasons)}).")
    return signs
