"""Quotas: what each territory must sell, and every cent of it explained.

Here belong the rule (`rule`), the split of the goal (`blend`, `bounds`, `allocate`), what can be won at all
(`winnability`) and the lines that explain a quota (`explain`); method and sources: docs/methods/quotas.md.
How large a territory is (territories, opportunity) and who sells in it (field_plan) does not.
"""
