"""What the delivered lines look like: versions, lag, places, codes."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from delivered_market import Delivered, deliver
from luhn_check import luhn_holds

from pipelines.market_simulator import MarketSpec, payer_channels
from pipelines.market_simulator.catalog import CODES, PRODUCTS, VISIT_TYPES
from pipelines.market_simulator.versions import UNKNOWN, draw_versions


def test_all_npis_are_valid_and_all_are_in_the_directory(small_market: Delivered) -> None:
    """Every NPI on a line or in a file passes Luhn, and every one on a line is a row of the directory."""
    on_lines = small_market.rows(
        f"select distinct unnest([rendering_npi, billing_npi, facility_npi]) npi "
        f"from read_parquet({small_market.claims()})"
    )
    directory = {
        row[0]: row[1]
        for row in small_market.rows(
            f"select npi, entity_type_code from '{small_market.folders[0]}/provider_directory.parquet'"
        )
    }
    used = {npi for (npi,) in on_lines if npi}
    assert used <= set(directory)
    assert all(luhn_holds(npi) for npi in directory)
    rendering = small_market.rows(
        f"select distinct rendering_npi from read_parquet({small_market.claims()}) "
        "where rendering_npi is not null"
    )
    assert {directory[npi] for (npi,) in rendering} == {"1"}


def test_every_facility_on_a_line_is_in_the_facility_file(small_market: Delivered) -> None:
    """Site NPIs join, and institutional claims bill as their site."""
    missing = small_market.rows(
        f"select count(*) from read_parquet({small_market.claims()}) as line "
        f"anti join '{small_market.folders[0]}/facility.parquet' using (facility_npi) "
        "where facility_npi is not null"
    )
    assert missing == [(0,)]
    wrong = small_market.rows(
        f"select count(*) from read_parquet({small_market.claims()}) where claim_type = 'institutional' and "
        "(billing_npi <> facility_npi or place_of_service_code is not null or revenue_center_code is null "
        "or bill_type_code[3] <> claim_frequency_code)"
    )
    assert wrong == [(0,)]


def test_products_are_done_where_they_belong(small_market: Delivered) -> None:
    """Injections in offices; implants at facilities, with revenue centre 0278 and a facility bill."""
    codes = ", ".join(f"'{code}'" for code in PRODUCTS["knee_viscosupplement"][0])
    claims = f"read_parquet({small_market.claims()})"
    places = small_market.rows(
        f"select distinct claim_type, place_of_service_code from {claims} where hcpcs_code in ({codes})"
    )
    assert places == [("professional", "11")]
    implants = small_market.rows(
        "select distinct claim_type, coalesce(place_of_service_code, bill_type_code[:2]), "
        "revenue_center_code "
        f"from {claims} where hcpcs_code in ('C1776', 'C1713')"
    )
    assert set(implants) == {
        ("institutional", "13", "0278"),
        ("institutional", "83", "0278"),
        ("professional", "22", None),
        ("professional", "24", None),
    }


def test_every_replacement_and_void_refers_to_an_earlier_line(small_market: Delivered) -> None:
    """The same claim line was delivered before (earlier refresh, or higher in the file) and paid earlier."""
    orphans = small_market.rows(
        f"""
        with numbered as (
            select *, row_number() over (order by file_date, file_row_number) as arrival
            from read_parquet({small_market.claims()}, file_row_number = true)),
        changes as (select * from numbered where claim_frequency_code in ('7', '8'))
        select count(*), count(*) filter (claim_frequency_code = '7'), (
            select count(*) from changes anti join (
                select late.claim_id, late.claim_line_number, late.arrival from changes as late
                join numbered as early using (claim_id, claim_line_number)
                where early.arrival < late.arrival and early.paid_date < late.paid_date
                  and early.person_id = late.person_id
            ) as found using (claim_id, claim_line_number, arrival))
        from changes"""
    )[0]
    assert orphans[0] > orphans[1] > 100
    assert orphans[2] == 0


def test_replacements_change_something_and_resends_nothing(small_market: Delivered) -> None:
    """Replacements carry other amounts, some another code; a re-sent line equals the first."""
    columns = ", ".join(
        name
        for name in pq.read_schema(small_market.folders[0] / "medical_claim.parquet").names
        if name not in ("file_date", "file_name")
    )
    claims = f"read_parquet({small_market.claims()})"
    repeated = small_market.rows(
        f"""select count(*), count(*) filter (versions > 1) from (
            select claim_id, claim_line_number, count(*) as copies, count(distinct ({columns})) as versions
            from {claims} where claim_frequency_code = '1' group by all having copies > 1)"""
    )[0]
    assert repeated[0] > 100
    assert repeated[1] == 0
    changed = small_market.rows(
        f"""select avg((old.allowed_amount <> new.allowed_amount)::int),
                   avg((old.hcpcs_code <> new.hcpcs_code)::int)
        from {claims} as old join {claims} as new using (claim_id, claim_line_number)
        where old.claim_frequency_code = '1' and new.claim_frequency_code = '7'"""
    )[0]
    assert changed[0] > 0.9
    assert 0.02 < changed[1] < 0.3


def test_the_lag_curve_is_recovered(small_market: Delivered) -> None:
    """The share of claims known by age 0 to 3 is the planted one within sampling error."""
    rows = small_market.rows(
        f"""select age, count(*) from (
            select datediff('month', claim_start_date, paid_date) as age
            from read_parquet({small_market.claims(0)})
            where claim_frequency_code = '1' and claim_line_number = 1
              and claim_start_date < date '2025-04-01')
        group by age order by age"""
    )
    ages = dict(rows)
    total = sum(ages.values())
    known = np.cumsum([ages[age] for age in range(4)]) / total
    # only the oldest service month (ten months) is fully known, hence a few thousand claims
    assert total > 2_000
    assert known == pytest.approx(small_market.spec.lag_curve[:4], abs=4 * np.sqrt(0.24 / total))


def test_volume_is_proportional_to_the_knob(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Lines per fully known month come to the knob, at two scales, and product lines to their share."""
    for knob in (2_000, 8_000):
        spec = MarketSpec(
            lines_per_month=knob,
            history_months=4,
            refreshes=1,
            states=("OH",),
            lag_curve=(1.0,),
            seasonal_swing=0.0,
        )
        market = deliver(spec, tmp_path_factory.mktemp("knob"))
        lines, products = market.rows(
            "select count(*), count(*) filter (hcpcs_code[:3] = 'J73' or hcpcs_code in ('C1776', 'C1713')) "
            "from (select distinct claim_id, claim_line_number, first(hcpcs_code) as hcpcs_code "
            f"from read_parquet({market.claims()}) group by all)"
        )[0]
        assert lines / 4 == pytest.approx(knob, rel=0.08)
        assert 0.40 < products / lines < 0.50


def test_codes_channels_and_ids_are_those_promised(small_market: Delivered) -> None:
    """Only catalogue codes, three channels through payer or plan, person ids without a name or birth date."""
    claims = f"read_parquet({small_market.claims()})"
    assert {code for (code,) in small_market.rows(f"select distinct hcpcs_code from {claims}")} <= set(CODES)
    channels = payer_channels()
    pairs = small_market.rows(f"select distinct lower(payer), lower(plan) from {claims}")
    assert all(channels[payer] == channels[plan] for payer, plan in pairs)
    assert {channels[payer] for payer, _ in pairs} == {"medicare", "medicaid", "commercial"}
    odd = small_market.rows(
        f"select count(*) from {claims} where not regexp_full_match(person_id, 'P\\d{{7}}') "
        "or paid_amount > allowed_amount or allowed_amount > charge_amount or paid_date < claim_start_date"
    )
    assert odd == [(0,)]
    names = set(pq.read_schema(small_market.folders[0] / "medical_claim.parquet").names)
    assert not {name for name in names if "name" in name or "birth" in name} - {"file_name"}


def test_both_sides_are_billed_in_three_ways_and_are_one_service(small_market: Delivered) -> None:
    """Modifier 50, two lines RT and LT, or double units: all three occur, and truth counts each once."""
    rows = small_market.rows(
        f"""select lines, has_50, count(*), max(services) from (
            select claim_id, count(distinct claim_line_number) as lines,
                   max((hcpcs_modifier_1 = '50')::int) as has_50,
                   count(distinct (person_id, claim_start_date, hcpcs_code)) as services
            from read_parquet({small_market.claims()})
            where claim_frequency_code = '1' and hcpcs_code like 'J73%' and diagnosis_code_1 = 'M170'
            group by claim_id)
        group by all"""
    )
    assert {(lines, bool(has_50)) for lines, has_50, _, _ in rows} == {(1, False), (1, True), (2, False)}
    assert all(services == 1 and claims > 50 for _, _, claims, services in rows)


def test_version_rates_are_those_of_the_spec() -> None:
    """Replacements, voids, re-sends and corrected codes come at their rates, each after what it changes."""
    spec = MarketSpec(replacement_rate=0.04, void_rate=0.02, resend_rate=0.03, corrected_code_share=0.25)
    count, month = 100_000, 24_000
    drawn = draw_versions(spec, VISIT_TYPES[0], month, count, np.random.default_rng(2))
    replaced, voided, resent = (drawn[name][:, 0] < UNKNOWN for name in ("replaced", "voided", "resent"))
    noise = 4 * np.sqrt(0.04 / count)
    assert replaced.mean() == pytest.approx(0.04, abs=noise)
    assert voided.mean() == pytest.approx(0.02, abs=noise)
    assert resent.mean() == pytest.approx(0.03 * 0.96 * 0.98, abs=noise)
    assert (drawn["correction"][:, 0] > 0).sum() / replaced.sum() == pytest.approx(0.25, abs=0.03)
    assert not (resent & (replaced | voided)).any()
    assert (drawn["known"][:, 0] >= month).all()
    assert (drawn["replaced"] > drawn["known"])[replaced, 0].all()
    both = replaced & voided
    assert both.sum() > 20
    assert (drawn["voided"] > drawn["replaced"])[both, 0].all()
    assert (drawn["known"][:, 1] == UNKNOWN).all()  # an office visit has no twin claim
