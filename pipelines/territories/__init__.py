"""Territories: units with opportunity in, a balanced, contiguous, proven plan out.

Here belongs the engine (`solve`) with its input (`problem`), its answer (`plan`) and the independent checker
(`verify`), the reading of frames into a problem (`inputs`), the writing of a plan into the tables of the
contract (`tables`) and the store of plans (`plan_store`). Here does not belong: when a plan is made
(monitoring decides), how far reps drive (geography), who works a territory (field_plan) and what it must sell
(quotas).
"""
