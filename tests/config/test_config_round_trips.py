"""What is written in business files is what comes out, whatever its order, comments and spelling."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.config.load import load_business_config
from pipelines.config.tables import config_tables

DAYS = st.dates(date(2001, 1, 1), date(2035, 12, 31))
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20)
TEXTS = WORDS.map(str.strip).filter(lambda text: text and not text.startswith("#"))
RELAXED = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
    path.write_text(out.getvalue(), encoding="utf-8")


@st.composite
def access_rules(draw: st.DrawFn) -> list[dict[str, object]]:
    rows = []
    for i in range(draw(st.integers(1, 6))):
        start = draw(DAYS)
        days = draw(st.one_of(st.none(), st.integers(0, 3000)))
        status = draw(st.sampled_from(["open", "restricted", "unknown"]))
        rows.append(
            {
                "rule_id": f"A{i}",
                "scope_kind": draw(st.sampled_from(["health_system", "facility"])),
                "scope_id": f"S{i}",
                "product_id": draw(st.sampled_from(["joint_implant", "knee_viscosupplement", "all"])),
                "status": status,
                "addressable_share": draw(st.floats(0, 1)),
                "reason": draw(TEXTS),
                "effective_from": start,
                "effective_to": None if days is None else start + timedelta(days),
                "source": draw(TEXTS),
            }
        )
    return rows


@RELAXED
@given(rows=access_rules())
def test_access_rules_come_out_as_they_went_in(rows, business_files: Path) -> None:
    """Every cell of a valid rule survives file, frame and table, commas and quotes included."""
    write_csv(business_files / "access_rules.csv", rows)
    config, problems = load_business_config(business_files)
    assert problems == []
    assert config_tables(config)["access_rule"].to_pylist() == rows


@RELAXED
@given(rows=access_rules(), data=st.data())
def test_the_hash_knows_content_and_not_its_order(rows, data, business_files: Path) -> None:
    """Shuffled rows and added comments leave the hash; a changed share moves it."""
    path = business_files / "access_rules.csv"
    write_csv(path, rows)
    config, _ = load_business_config(business_files)
    write_csv(path, data.draw(st.permutations(rows)))
    path.write_text(path.read_text(encoding="utf-8") + "\n# a remark, with commas\n", encoding="utf-8")
    assert load_business_config(business_files)[0].config_hash == config.config_hash
    rows[0]["addressable_share"] = 0.25 if rows[0]["addressable_share"] != 0.25 else 0.5
    write_csv(path, rows)
    assert load_business_config(business_files)[0].config_hash != config.config_hash


def rewrite_settings(folder: Path, change) -> None:
    path = folder / "settings.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(dict(reversed(content.items())), allow_unicode=True), encoding="utf-8")


def test_the_hash_ignores_comments_order_and_spelling_of_numbers(business_files: Path) -> None:
    """Settings in another order, without comments, and 30.0 for 30 are the same configuration."""
    before, _ = load_business_config(business_files)
    rewrite_settings(business_files, lambda content: content["territory_count"].update(value=30.0))
    after, problems = load_business_config(business_files)
    assert problems == []
    assert after.config_hash == before.config_hash
    assert after.settings["territory_count"].value == 30


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("settings.yml", "value: 0.15", "value: 0.16"),
        ("settings.yml", "There are thirty seats", "There are about thirty seats"),
        ("products.yml", "value: 780", "value: 781"),
        ("value_sets/knee_viscosupplement.csv", "J7318", "J7316"),
        ("roster.csv", "02139", "02138"),
        ("sources.yml", "cms: medicare", "cms: unknown"),
        ("events.csv", "note\n", "note\nE1,acquisition,national,,2026-05-01,rumour\n"),
        ("profile.yml", "name: device_maker", "name: my_device_maker"),
    ],
)
def test_the_hash_moves_with_every_file(file, old, new, business_files: Path, spoil) -> None:
    """No business file can change what holds without the hash saying so."""
    before, _ = load_business_config(business_files)
    spoil(file, old, new)
    after, problems = load_business_config(business_files)
    assert problems == []
    assert after.config_hash != before.config_hash


def test_empty_dates_mean_since_always_and_open(business_files: Path, spoil) -> None:
    """An empty start becomes the first day there is, for it is part of a key; an empty end stays open."""
    spoil("value_sets/knee_viscosupplement.csv", "J7318,exact,2019-01-01", "J7318,,")
    config, _ = load_business_config(business_files)
    row = config.value_set_codes.set_index("code").loc["J7318"]
    assert (row["effective_from"], row["effective_to"]) == (date(1900, 1, 1), None)


def test_a_code_is_read_without_dot_and_star(business_files: Path, spoil) -> None:
    """m17.1* is the prefix M171."""
    spoil("value_sets/joint_implant.csv", "M17*,prefix", "m17.1*,")
    config, problems = load_business_config(business_files)
    assert problems == []
    codes = config.value_set_codes.set_index("code")
    assert codes.loc["M171", "match_kind"] == "prefix"


def test_an_empty_share_follows_from_the_status(business_files: Path) -> None:
    """Restricted takes the configured share, locked and unknown have none, a given share stands."""
    config, _ = load_business_config(business_files)
    shares = config.access_rules.set_index("rule_id")["addressable_share"]
    assert shares.to_dict() == {
        "AR001": 0.0,
        "AR002": config.number("restricted_addressable_share"),
        "AR003": 0.5,
        "AR004": 0.0,
        "AR005": config.number("restricted_addressable_share"),
        "AR006": 0.0,
    }


def test_one_rule_may_follow_another(business_files: Path, spoil) -> None:
    """Rules for one scope and product that share no day are both kept."""
    spoil("access_rules.csv", "AR003,health_system,HS0007", "AR003,health_system,HS0003")
    spoil(
        "access_rules.csv",
        "Dual-source contract: half of the volume is open to us,2024-01-01,",
        "Dual,2028-01-01,",
    )
    config, problems = load_business_config(business_files)
    assert problems == []
    assert set(config.access_rules["rule_id"]) >= {"AR001", "AR003"}


def test_states_are_canonical(business_files: Path, spoil) -> None:
    """Order and spacing of the states do not matter."""
    spoil("settings.yml", "value: all", "value: 'WV  ME NH'")
    config, _ = load_business_config(business_files)
    assert config.text("states") == "ME NH WV"


@pytest.mark.parametrize(
    "text", ["? [a", "a: *b", "\t- x", "a: !!python/name:os.system x", "- 1\n- 2", "\x00"]
)
def test_no_yaml_gets_past_with_an_unnamed_error(text: str, business_files: Path) -> None:
    """Broken, tagged or list-shaped YAML is refused with a problem, never with a bare exception."""
    (business_files / "profile.yml").write_text(text, encoding="utf-8")
    _, problems = load_business_config(business_files)
    assert [problem.file for problem in problems] == ["profile.yml"]
