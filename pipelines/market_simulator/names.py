"""Invented names of people, practices, sites and health systems. Patients have none."""

from __future__ import annotations

import numpy as np

# fmt: off
FIRST = [
    "Ada", "Amir", "Anders", "Bianca", "Boris", "Carla", "Chen", "Dalia", "Darius", "Edith", "Elena",
    "Farid", "Fiona", "Gideon", "Greta", "Hana", "Hugo", "Imani", "Ivor", "Jasmin", "Jonas", "Kaia",
    "Kenji", "Lara", "Leon", "Mara", "Milo", "Nadia", "Nils", "Odessa", "Omar", "Petra", "Quentin", "Rhea",
    "Rolf", "Selma", "Stefan", "Talia", "Tobias", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zora",
]
LAST = [
    "Abbasi", "Albrecht", "Amadi", "Barlow", "Bergstrom", "Castellan", "Cho", "Corwin", "Dacosta",
    "Delacroix", "Eastman", "Eriksen", "Falk", "Farrow", "Gallo", "Greenhill", "Halvorsen", "Haruki",
    "Ibarra", "Ingram", "Jansen", "Joubert", "Kaplan", "Kowal", "Lindqvist", "Lombardi", "Mahler",
    "Marchetti", "Nakano", "Norwood", "Okafor", "Orlov", "Pereira", "Pfeiffer", "Quigley", "Ramsay",
    "Rosales", "Sandoval", "Sorensen", "Tanaka", "Thackeray", "Ueda", "Underhill", "Vargas", "Vossberg",
    "Wexler", "Whitlock", "Yamada", "Yarrow", "Zeller", "Zielinski",
]
TREES = [
    "Alder", "Aspen", "Birch", "Cedar", "Cypress", "Elm", "Hawthorn", "Hickory", "Juniper", "Laurel",
    "Linden", "Magnolia", "Maple", "Rowan", "Spruce",
]
# fmt: on
ENDINGS = {
    "group": ("Medical Group", "Joint and Spine Clinic", "Physician Partners", "Health Associates"),
    "hospital": ("Regional Hospital", "General Hospital", "Memorial Hospital", "Medical Center"),
    "ambulatory_surgery_center": ("Surgery Center", "Ambulatory Surgery Center"),
    "clinic": ("Outpatient Clinic", "Satellite Clinic"),
    "ambulance": ("Ambulance Service",),
    "equipment": ("Medical Equipment",),
}


def people_names(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """First and last names."""
    return rng.choice(np.array(FIRST), count), rng.choice(np.array(LAST), count)


def organisation_names(kinds: np.ndarray, cities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """City, a tree and what the place is: "Tulsa Cedar Surgery Center"."""
    count = len(kinds)
    ending_choice = rng.integers(0, 1_000_000, count)
    endings = np.array(
        [
            ENDINGS[kind][choice % len(ENDINGS[kind])]
            for kind, choice in zip(kinds.tolist(), ending_choice.tolist(), strict=True)
        ]
    )
    trees = rng.choice(np.array(TREES), count)
    return np.array(
        [
            f"{city} {tree} {ending}"
            for city, tree, ending in zip(cities.tolist(), trees.tolist(), endings.tolist(), strict=True)
        ]
    )


def system_names(cities: np.ndarray) -> np.ndarray:
    """One name per health system, distinct: the tree changes with the position."""
    trees = [TREES[position % len(TREES)] for position in range(len(cities))]
    names = [f"{tree} Health of {city}" for tree, city in zip(trees, cities.tolist(), strict=True)]
    taken: dict[str, int] = {}
    distinct = []
    for name in names:
        taken[name] = taken.get(name, 0) + 1
        distinct.append(name if taken[name] == 1 else f"{name} {taken[name]}")
    return np.array(distinct)
