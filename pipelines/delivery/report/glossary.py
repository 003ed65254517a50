"""What the words in the report mean."""

from __future__ import annotations


def glossary(unit_word: tuple[str, str]) -> list[tuple[str, str]]:
    """Term and meaning, in the order a reader meets them."""
    one, many = unit_word
    return [
        (
            "Territory",
            f"The {many} that one representative looks after. Every {one} belongs to exactly one territory.",
        ),
        (
            "Addressable opportunity",
            "What the procedures done there would be worth to us in a year, counting only the share done "
            "at sites where "
            "we may sell. Work at sites closed to us is left out.",
        ),
        (
            "Opportunity index",
            "A territory's addressable opportunity against the average territory, which is 100, as the plan was "
            "made. Where a change was confirmed, the plan counts a full year at the new level; the opportunity "
            "column gets there as the months pass.",
        ),
        (
            "Workload index",
            "The hours of visits and travel a territory asks for, against the average territory, which "
            "is 100.",
        ),
        ("Miles to drive", f"The average road distance from the territory's seat to its {many}, estimated."),
        (
            "Compact",
            "How close a territory's shape comes to a circle: 1 is a circle, near 0 is long and thin.",
        ),
        (
            "Quota",
            "The territory's part of the national goal, in proportion to its opportunity and within set "
            "limits.",
        ),
        (
            "Changed, steady",
            "A territory counts as changed only if its volume differs from its own past by more than "
            "chance explains, "
            "tested over all territories together. Months that are still filling up are not used.",
        ),
        (
            "Withheld",
            "Where 1 to 10 patients stand behind a number it is not shown, nor is a neighbouring number "
            "that would give it away.",
        ),
        ("Data through", "The last month whose claims are complete enough to be used."),
    ]
