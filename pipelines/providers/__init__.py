"""Providers: what happened to the people who perform, read from counts of what they did, where and of what.

Here belongs the panel of counts (`panel`), the two likelihood-ratio scans (`volume_change`, `mix_change`), the
events they amount to (`events`) and those that only the registry tells (`registry_events`). Method and worked example:
docs/methods/opportunity.md, section 5. Here does not belong: where a person practises today
(int_providers__sites, in SQL), how volume grows or shrinks (trends), and what a rep is shown (the marts).
"""
