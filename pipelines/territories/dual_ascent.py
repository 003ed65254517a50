"""The transportation relaxation with given seats, from its dual side: assignment prices and a proven lower
bound.

Relaxed, a unit may be split over seats and territories may be broken; what remains is a linear programme. Its
dual, after pricing the load equations with one multiplier per slot and rule, is concave, and *every*
multiplier gives a valid lower bound, so nothing here needs to converge for the bound to be true (Geoffrion
1974; the smoothing is the log-sum-exp of Nesterov 2005). Several measures cost nothing extra.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from pipelines.territories.area_model import AreaModel
from pipelines.territories.problem import FloatArray, IntArray

SMOOTHING_MILES = (0.3, 0.1, 0.03, 0.01)
"""Temperatures of the soft minimum, in shares of the mean travel; each warm-starts the next."""


def lagrangian(model: AreaModel, cost: FloatArray, multipliers: FloatArray) -> tuple[float, IntArray]:
    """Lower bound of the objective for the seats behind `cost` (n, k), and the assignment that attains its
    minimum.

    `multipliers` (k, R) in miles per share of the market; they are clipped to the price of the rule, outside
    which the bound would be minus infinity.
    """
    multipliers = np.clip(multipliers, -model.price, model.price)
    priced = cost + model.loads @ multipliers.T
    assignment = np.argmin(priced, axis=1)
    low, high = model.band()
    value = priced.min(axis=1).sum() - (np.maximum(multipliers, 0) * high).sum()
    value += (np.maximum(-multipliers, 0) * low).sum()
    return float(value), assignment


def ascend(
    model: AreaModel, cost: FloatArray, start: FloatArray, iterations: int, temperatures: tuple[float, ...]
) -> tuple[float, FloatArray]:
    """Raise the bound from `start` (k, R). Returns the best bound seen and its multipliers (never worse than
    start).
    """
    k, rules = start.shape
    per_weight = cost / model.unit_weight[:, None]
    load_per_weight = model.loads / model.unit_weight[:, None]
    cheapest = per_weight.min(axis=1)
    scale = max(float(model.unit_weight @ cheapest / model.unit_weight.sum()), 1e-9)
    low, high = model.band()
    price = np.broadcast_to(model.price, (k, rules))
    best_value, _ = lagrangian(model, cost, start)
    best = start
    # mu = price * (up - down), so that the kink of the dual at mu = 0 lies on the border of a box.
    unit = np.clip(start / price, -1.0, 1.0)
    point = np.concatenate([np.maximum(unit, 0).ravel(), np.maximum(-unit, 0).ravel()])

    for temperature in temperatures:
        softness = temperature * scale

        def negative_dual(point: FloatArray, softness: float = softness) -> tuple[float, FloatArray]:
            up, down = point.reshape(2, k, rules)
            multipliers = price * (up - down)
            priced = per_weight + load_per_weight @ multipliers.T
            least = priced.min(axis=1, keepdims=True)
            chance = np.exp((least - priced) / softness)
            mass = chance.sum(axis=1, keepdims=True)
            soft = least[:, 0] - softness * np.log(mass[:, 0])
            value = float(model.unit_weight @ soft)
            chance /= mass
            carried = chance.T @ model.loads
            value -= float((price * up * high - price * down * low).sum())
            slope_up, slope_down = price * (carried - high), price * (low - carried)
            return -value, -np.concatenate([slope_up.ravel(), slope_down.ravel()])

        found = minimize(
            negative_dual,
            point,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, 1.0)] * len(point),
            options={"maxiter": iterations, "maxcor": 20, "ftol": 1e-12, "gtol": 1e-10},
        )
        point = np.asarray(found.x)
        up, down = point.reshape(2, k, rules)
        multipliers = price * (up - down)
        value, _ = lagrangian(model, cost, multipliers)
        if value > best_value:
            best_value, best = value, multipliers
    return best_value, best


def proven_bound(model: AreaModel, seats: IntArray, start: FloatArray, iterations: int) -> float:
    """The best bound found for these seats; also tries no multipliers at all, so it is never below plain
    travel.
    """
    cost = model.cost(seats)
    zero = np.zeros_like(start)
    if lagrangian(model, cost, zero)[0] > lagrangian(model, cost, start)[0]:
        start = zero
    return ascend(model, cost, start, iterations, SMOOTHING_MILES)[0]
