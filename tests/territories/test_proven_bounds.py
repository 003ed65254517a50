"""The lower bound: never above any plan with these seats, and close to the linear programme it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from small_maps import random_map

from pipelines.territories.area_building import area_models
from pipelines.territories.area_model import AreaModel
from pipelines.territories.areas import Partition, partition
from pipelines.territories.distances import distances_of
from pipelines.territories.dual_ascent import lagrangian, proven_bound
from pipelines.territories.problem import BalanceRule, Problem
from pipelines.territories.seeding import bisection_seats
from pipelines.territories.slots import NamedSlots, named_slots


def one_area(problem: Problem) -> AreaModel:
    named = named_slots(problem, None)
    assert isinstance(named, NamedSlots)
    distances = distances_of(problem, np.zeros((0, 2), dtype=np.int64))
    parts = partition(problem, distances, named)
    assert isinstance(parts, Partition)
    models = area_models(problem, parts, named, distances)
    assert isinstance(models, list)
    return models[0]


def relaxation(model: AreaModel, cost: np.ndarray) -> float:
    """Optimum of the linear programme: split units, priced excess."""
    n, k = cost.shape
    rules = model.loads.shape[1]
    outside = np.repeat(model.price, k)
    objective = np.concatenate([cost.ravel(), outside])
    whole = np.zeros((n, n * k + rules * k))
    for i in range(n):
        whole[i, i * k : (i + 1) * k] = 1.0
    rows, limits = [], []
    for r in range(rules):
        for t in range(k):
            carried = np.zeros(n * k + rules * k)
            carried[t : n * k : k] = model.loads[:, r]
            extra = np.zeros_like(carried)
            extra[n * k + r * k + t] = 1.0
            rows += [carried - extra, -carried - extra]
            limits += [model.band_high[t, r], -model.band_low[t, r]]
    answer = linprog(objective, np.array(rows), limits, whole, np.ones(n), method="highs")
    assert answer.status == 0
    return float(answer.fun)


@pytest.mark.parametrize("rules", [1, 2])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bound_meets_the_linear_programme(seed: int, rules: int) -> None:
    """Dual ascent comes within half a percent of the exact relaxation, from below, for one and for two measures."""
    market = random_map(seed, 40, heaviest=50)
    work = np.random.default_rng(seed).integers(1, 20, 40).astype(float)
    problem = market.problem(
        4,
        rules=[BalanceRule("usd", 0.05), BalanceRule("work", 0.1)][:rules],
        measures={"usd": market.load, "work": work.tolist()},
    )
    model = one_area(problem)
    seats = bisection_seats(model)
    exact = relaxation(model, model.cost(seats))
    bound = proven_bound(model, seats, np.zeros((4, rules)), 200)
    assert bound <= exact + 1e-9
    assert bound >= exact * 0.995


@given(seed=st.integers(0, 1000), prices=st.lists(st.floats(-300, 300), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_any_multipliers_give_a_valid_bound(seed: int, prices: list[float]) -> None:
    """Whatever the multipliers, no assignment of the same seats costs less than the bound."""
    model = one_area(random_map(seed, 14).problem(3))
    seats = bisection_seats(model)
    cost = model.cost(seats)
    bound, _ = lagrangian(model, cost, np.array(prices)[:, None])
    chance = np.random.default_rng(seed)
    for _ in range(20):
        assert bound <= model.objective(chance.integers(0, 3, 14), cost) + 1e-9
