"""Territories: units with opportunity in, a balanced, contiguous, proven plan out.

Here belongs the engine (`solve`) with its input (`problem`), its answer (`plan`) and the independent checker
(`verify`); the way from tables to a problem (`inputs`, `planning`), from a plan to tables (`tables`) and the
folders that plans are kept in (`plan_store`). Method, proof and limits: docs/methods/territories.md. Here does
not belong: when a plan is made (monitoring decides), how far reps drive (geography), who works a territory
(field_plan) and what it must sell (quotas).
"""
