"""Each kind of bad input gives one problem at its place; it costs a row, or the load if nothing can go on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.config.load import PROFILES, load_business_config
from pipelines.config.model import BusinessConfig
from pipelines.problems import InputRefused

ACCESS, ROSTER, KNEE, JOINT = (
    "access_rules.csv",
    "roster.csv",
    "value_sets/knee_viscosupplement.csv",
    "value_sets/joint_implant.csv",
)
PRODUCTS, SETTINGS, SOURCES, EVENTS = "products.yml", "settings.yml", "sources.yml", "events.csv"
HEADER = "effective_from,note\n"
PRICE = """    price_usd:
      value: 780
      unit: usd per procedure
      owner: sales finance
      reason: "The net price of one treated knee across the injection schedules on contract."
"""


@dataclass(frozen=True)
class Fault:
    """`old` becomes `new` in `file`; the problem must be `shift` lines from there and name the rest."""

    file: str
    old: str
    new: str
    place: str
    value: str
    message: str
    remedy: str
    shift: int = 0


# fmt: off
ROW_FAULTS = {
    "unknown product in a rule": Fault(ACCESS, "HS0007,joint_implant", "HS0007,joint_implants",
        "column product_id", "joint_implants", "not known", "Did you mean 'joint_implant'?"),
    "status not in the list": Fault(ACCESS, "knee_viscosupplement,restricted", "knee_viscosupplement,closed",
        "column status", "closed", "not in the list", "open, restricted, locked, unknown"),
    "unparsable date": Fault(ACCESS, "2023-01-01,2027-12-31", "01/01/2023,2027-12-31",
        "column effective_from", "01/01/2023", "date cannot be read", "YYYY-MM-DD"),
    "day that does not exist": Fault(ACCESS, "2023-01-01,2027-12-31", "2023-02-30,2027-12-31",
        "column effective_from", "2023-02-30", "date cannot be read", "YYYY-MM-DD"),
    "end before start": Fault(ACCESS, "2023-01-01,2027-12-31", "2028-01-01,2027-12-31",
        "column effective_to", "2027-12-31", "end is before the start", "2028-01-01"),
    "share above one": Fault(ACCESS, "restricted,0.5", "restricted,50",
        "column addressable_share", "50", "out of range", "0 to 1"),
    "share that is no number": Fault(ACCESS, "restricted,0.5", "restricted,nan",
        "column addressable_share", "nan", "out of range", "0 to 1"),
    "addressable part of a locked site": Fault(ACCESS, "locked,,Sole", "locked,0.3,Sole",
        "column addressable_share", "0.3", "locked site", "restricted"),
    "duplicate rule id": Fault(ACCESS, "AR004", "AR003",
        "column rule_id", "AR003", "used twice", "own id"),
    "two rules at one time": Fault(ACCESS, "AR003,health_system,HS0007", "AR003,health_system,HS0003",
        "column effective_from", "2024-01-01", "two rules", "AR001"),
    "row with a cell too many": Fault(ACCESS, "AR006,health_system", "AR006,health,system",
        "", "", "11 cells", "comma"),
    "base ZIP that does not exist": Fault(ROSTER, "Whitcombe,02139", "Whitcombe,00000",
        "column base_zip", "00000", "not in the ZIP table", "five-digit"),
    "base ZIP without its leading zero": Fault(ROSTER, "Whitcombe,02139", "Whitcombe,2139",
        "column base_zip", "2139", "not in the ZIP table", "Did you mean 02139?"),
    "base ZIP of a military post office": Fault(ROSTER, "Whitcombe,02139", "Whitcombe,09263",
        "column base_zip", "09263", "no location", "place on the map"),
    "duplicate rep": Fault(ROSTER, "R002,Darius", "R001,Darius",
        "column rep_id", "R001", "used twice", "own id"),
    "unknown experience level": Fault(ROSTER, "11,senior", "11,veteran",
        "column experience_level", "veteran", "not in the list", "new, experienced, senior"),
    "missing experience": Fault(ROSTER, "10016,11,", "10016,,",
        "column experience_years", "", "missing", "years"),
    "experience in words": Fault(ROSTER, "10016,11,", "10016,eleven,",
        "column experience_years", "eleven", "unreadable", "0 to 70"),
    "code that is none": Fault(KNEE, "J7318", "J731",
        "column code", "J731", "does not look like hcpcs", "5 characters"),
    "unknown code system": Fault(JOINT, "icd10cm,M16*", "icd9,M16*",
        "column code_system", "icd9", "not in the list", "icd10cm"),
    "code listed twice": Fault(KNEE, "J7320", "J7318",
        "column code", "J7318", "twice", "part the dates"),
    "exact code with a star": Fault(KNEE, "M17*,prefix", "M17*,exact",
        "column match_kind", "exact", "cannot match exactly", "prefix"),
    "event of an unknown product": Fault(EVENTS, HEADER,
        HEADER + "E1,product_launch,product,knee_visco,2026-05-01,\n",
        "column scope_id", "knee_visco", "not known", "knee_viscosupplement", 1),
    "event of an unknown kind": Fault(EVENTS, HEADER, HEADER + "E1,party,national,,2026-05-01,\n",
        "column trigger", "party", "not in the list", "acquisition", 1),
    "event without a day": Fault(EVENTS, HEADER, HEADER + "E1,acquisition,health_system,HS0001,,\n",
        "column effective_from", "", "missing", "YYYY-MM-DD", 1),
    "negative price": Fault(PRODUCTS, "value: 780", "value: -780",
        "key products[0].price_usd.value", "-780", "out of range", "left out, with its codes", 0),
    "price standing alone": Fault(PRODUCTS, PRICE, "    price_usd: 780\n",
        "key products[0].price_usd", "780", "without unit, owner and reason", "{value:"),
    "misspelt key of a product": Fault(PRODUCTS, "    product_name: Knee",
        "    colour: red\n    product_name: Knee",
        "key products[0].colour", "", "not known for a product", "Remove"),
    "product that ends before it starts": Fault(PRODUCTS, "    product_name: Knee",
        "    effective_from: 2026-01-01\n    effective_to: 2025-01-01\n    product_name: Knee",
        "key products[0].effective_to", "2025-01-01", "end is before the start", "2026-01-01", 1),
    "product whose date does not exist": Fault(PRODUCTS, "    product_name: Knee",
        "    effective_from: tomorrow\n    product_name: Knee",
        "key products[0].effective_from", "tomorrow", "date cannot be read", "YYYY-MM-DD"),
    "unknown setting": Fault(SETTINGS, "unit_type:", "unit_types: 3\nunit_type:",
        "key unit_types", "", "no setting has this name", "Did you mean 'unit_type'?"),
    "setting named twice": Fault(SETTINGS, "# Territories", "states: 3\n",
        "key states", "states", "appears twice", "the first is used"),
    "unreadable optional setting": Fault(SETTINGS, "value: 1.0\n  unit: ratio", "value: much\n  unit: ratio",
        "key travel_weight.value", "much", "not allowed", "from 0 to 1000"),
}
REFUSING_FAULTS = {
    "number without an owner": Fault(SETTINGS, "  owner: privacy office\n", "",
        "key suppression_threshold", "11", "has no owner", "{value:", -3),
    "number without unit, owner and reason": Fault(SETTINGS, "solver_seed:", "solver_seed: 7\nother_seed:",
        "key solver_seed", "7", "without unit, owner and reason", "{value:"),
    "setting out of range": Fault(SETTINGS, "value: 0.15", "value: 15",
        "key drift_min_effect_share.value", "15", "not allowed", "from 0 to 1: smallest change"),
    "setting in words": Fault(SETTINGS, "value: 30", "value: thirty",
        "key territory_count.value", "thirty", "not allowed", "a whole number from 1 to 5000"),
    "half a territory": Fault(SETTINGS, "value: 30", "value: 30.5",
        "key territory_count.value", "30.5", "not allowed", "a whole number"),
    "setting in the wrong unit": Fault(SETTINGS, "unit: mph", "unit: km/h",
        "key speed_local_mph.unit", "km/h", "not the one", "'mph'"),
    "choice that is none": Fault(SETTINGS, "value: county", "value: tract",
        "key unit_type.value", "tract", "not allowed", "one of zcta, county"),
    "state that does not exist": Fault(SETTINGS, "value: all", "value: ME XX",
        "key states.value", "ME XX", "not allowed", "USPS"),
    "weights that do not add up": Fault(SETTINGS, "value: 0.7\n", "value: 0.8\n",
        "key quota_weight_history", "1.1", "must add up to 1", "Correct", 4),
    "detour that grows with distance": Fault(SETTINGS, "value: 1.42", "value: 1.1",
        "key circuity_far", "1.2", "circuity_far is above circuity_near", "Swap", 4),
    "required setting missing": Fault(SETTINGS, "solver_seed:", "travel_weight:",
        "key solver_seed", "", "required setting solver_seed is missing", "'seed'", -1000),
    "unknown source kind": Fault(SOURCES, "kind: lines", "kind: line",
        "key sources.simulated_market.kind", "line", "not in the list", "lines, annual"),
    "unknown channel": Fault(SOURCES, "ma: medicare", "ma: medicair",
        "key sources.simulated_market.payer_channels.ma", "medicair", "not in the list", "medicaid"),
    "unknown entity": Fault(SOURCES, "entity: facility", "entity: facilities",
        "files[4].entity", "facilities", "not in the list", "facility"),
    "YAML that cannot be read": Fault(SETTINGS, "unit: choice", "unit: 'choice",
        "line ", "", "the YAML cannot be read", "quotes", -1000),
    "YAML with a broken indent": Fault(SOURCES, "    kind: lines", "  kind lines",
        "line ", "", "the YAML cannot be read", "indentation", -1000),
}
# fmt: on


def counts(config: BusinessConfig) -> dict[str, int]:
    frames = {
        PRODUCTS: config.products,
        ACCESS: config.access_rules,
        ROSTER: config.roster,
        KNEE: config.value_set_codes,
    }
    return {file: len(frame) for file, frame in frames.items()}


@pytest.fixture(scope="module")
def whole() -> dict[str, int]:
    return counts(load_business_config(PROFILES / "device_maker")[0])


def assert_named(fault: Fault, problem, line: int) -> None:
    assert problem.file == fault.file
    assert line < 0 or f"line {line}" in problem.place.split(",")
    assert fault.place in problem.place
    assert problem.value == fault.value
    assert fault.message in problem.message
    assert fault.remedy in problem.remedy


@pytest.mark.parametrize("fault", ROW_FAULTS.values(), ids=ROW_FAULTS)
def test_a_bad_row_gives_one_problem_and_the_rest_goes_on(
    fault: Fault, whole: dict[str, int], business_files: Path, spoil
) -> None:
    """File, line, column or key, value and remedy are right, and no other file loses a row."""
    line = spoil(fault.file, fault.old, fault.new) + fault.shift
    config, problems = load_business_config(business_files)
    assert len(problems) == 1, [problem.sentence() for problem in problems]
    assert_named(fault, problems[0], line)
    if fault.file != PRODUCTS:  # a product takes its codes and rules along: a test of its own
        lost = KNEE if fault.file == JOINT else fault.file
        assert counts(config) == {file: n - (file == lost) for file, n in whole.items()}


@pytest.mark.parametrize("fault", REFUSING_FAULTS.values(), ids=REFUSING_FAULTS)
def test_what_nothing_can_go_on_without_refuses_the_load(fault: Fault, business_files: Path, spoil) -> None:
    """A required setting or the only source being unusable raises, and the first problem names the place."""
    line = spoil(fault.file, fault.old, fault.new) + fault.shift
    with pytest.raises(InputRefused) as refusal:
        load_business_config(business_files)
    named = [problem for problem in refusal.value.problems if fault.message in problem.message]
    assert len(named) == 1, str(refusal.value)
    assert_named(fault, named[0], line)


def test_a_refused_product_takes_its_codes_and_rules_along(business_files: Path, spoil) -> None:
    """The product's one problem says that codes and rules are left out, and they are."""
    spoil(PRODUCTS, "value: 780", "value: -780")
    config, problems = load_business_config(business_files)
    assert len(problems) == 1
    for frame in (config.products, config.value_set_codes, config.access_rules):
        assert set(frame["product_id"]) == {"joint_implant"}


def test_a_product_named_twice_is_kept_once(business_files: Path, spoil) -> None:
    """The second is refused, and the codes and rules of the name that is now missing are named too."""
    line = spoil(PRODUCTS, "product_id: joint_implant", "product_id: knee_viscosupplement")
    config, problems = load_business_config(business_files)
    assert problems[0].place == f"line {line}, key products[1].product_id"
    assert "used twice" in problems[0].message
    assert {problem.value for problem in problems[1:]} == {"joint_implant"}
    assert config.products["price_usd"].to_list() == [780.0]


def test_a_refusal_names_everything_that_is_wrong(business_files: Path, spoil) -> None:
    """Faults in two settings and in the sources are told in one go."""
    spoil(SETTINGS, "value: 0.15", "value: 15")
    spoil(SETTINGS, "value: county", "value: tract")
    spoil(SOURCES, "kind: lines", "kind: line")
    with pytest.raises(InputRefused) as refusal:
        load_business_config(business_files)
    places = [problem.place for problem in refusal.value.problems]
    assert sum("drift_min_effect_share" in place for place in places) == 1
    assert sum("unit_type" in place for place in places) == 1


@pytest.mark.parametrize("file", [ACCESS, ROSTER, EVENTS, "profile.yml"])
def test_a_missing_optional_file_is_named_and_the_rest_goes_on(file: str, business_files: Path) -> None:
    """Without rules, roster or events there is a configuration, and one problem for the file."""
    (business_files / file).unlink()
    _, problems = load_business_config(business_files)
    assert [(problem.file, problem.place) for problem in problems] == [(file, "whole file")]


@pytest.mark.parametrize("file", [PRODUCTS, SOURCES, SETTINGS])
def test_a_missing_required_file_refuses_the_load(file: str, business_files: Path) -> None:
    """Products, sources and settings must be there."""
    (business_files / file).unlink()
    with pytest.raises(InputRefused, match="the file is missing"):
        load_business_config(business_files)


def test_bytes_that_are_not_utf8_are_named_with_their_line(business_files: Path) -> None:
    """A roster saved in another encoding is refused as a whole at the first bad byte's line."""
    path = business_files / ROSTER
    path.write_bytes(path.read_bytes().replace(b"Quintero", b"Quint\xe9ro"))
    config, problems = load_business_config(business_files)
    assert [(problem.file, problem.place) for problem in problems] == [(ROSTER, "line 8")]
    assert config.roster.empty


def test_a_renamed_column_is_named_with_what_was_found(business_files: Path, spoil) -> None:
    """A header without a required column refuses the file and shows the header."""
    spoil(ROSTER, "base_zip", "zip")
    _, problems = load_business_config(business_files)
    assert len(problems) == 1
    assert "base_zip is missing" in problems[0].message
    assert "zip" in problems[0].value.split(",")


def test_a_column_that_nobody_knows_is_named_and_ignored(whole: dict[str, int], business_files: Path) -> None:
    """An extra column costs no row, but a misspelt optional one does not pass in silence."""
    path = business_files / KNEE
    text = path.read_text(encoding="utf-8").replace("match_kind", "matchkind").replace(",exact,", ",,")
    path.write_text(text.replace(",prefix,", ",,"), encoding="utf-8")
    config, problems = load_business_config(business_files)
    assert [(problem.place, problem.value) for problem in problems] == [("line 1", "matchkind")]
    assert len(config.value_set_codes) == whole[KNEE]


def test_a_value_set_of_no_product_is_named(business_files: Path) -> None:
    """A file in value_sets that belongs to no product is one problem that suggests the nearest."""
    extra = business_files / "value_sets" / "joint_implants.csv"
    extra.write_bytes((business_files / JOINT).read_bytes())
    _, problems = load_business_config(business_files)
    assert [problem.value for problem in problems] == ["joint_implants"]
    assert "Did you mean 'joint_implant'?" in problems[0].remedy


def test_a_quoted_cell_over_two_lines_keeps_later_lines_right(business_files: Path, spoil) -> None:
    """Line numbers are those of the file, even after a cell that holds a line break."""
    spoil(ACCESS, "Sole-source contract with a competitor", '"Sole-source\ncontract"')
    line = spoil(ACCESS, "HS0009,knee_viscosupplement,locked", "HS0009,knee_viscosupplement,shut")
    _, problems = load_business_config(business_files)
    assert [problem.place for problem in problems] == [f"line {line}, column status"]
