"""The truth beside the deliveries: a consumer who applies the rules finds exactly it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from delivered_market import LATEST_SERVICES, SMALL, Delivered, deliver, differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.market_simulator import MarketSpec, write_refreshes


def test_services_counted_from_lines_are_the_true_ones(small_market: Delivered) -> None:
    """Latest version per line, minus voids, distinct patient × date × code: no service more and none less."""
    assert differences(small_market, last=2) == (0, 0)


def test_a_naive_count_is_wrong(small_market: Delivered) -> None:
    """The planted traps bite: counting rows, or forgetting voids, does not give the truth."""
    claims = f"read_parquet({small_market.claims()})"
    true = small_market.rows(f"select count(*) from {small_market.services} where not is_final_void")[0][0]
    naive = small_market.rows(
        f"select count(*), count(distinct (person_id, claim_start_date, hcpcs_code)) from {claims}"
    )[0]
    assert naive[0] > 1.1 * true
    assert naive[1] > true


@pytest.mark.parametrize("last", [0, 1, 2])
def test_standing_services_are_right_as_of_every_refresh(small_market: Delivered, last: int) -> None:
    """The counts per refresh equal what the lines delivered until then give, by month and in all."""
    counted = small_market.rows(
        "select service_key[10:16], count(*) "
        f"from ({LATEST_SERVICES.format(files=small_market.claims(last))}) group by 1 order by 1"
    )
    told = small_market.rows(
        f"select strftime(service_month, '%Y-%m'), sum(services)::bigint "
        f"from '{small_market.truth_folder}/service_counts.parquet' "
        f"where refresh_id = '{small_market.spec.refresh_id(last)}' group by 1 order by 1"
    )
    assert counted == told
    standing = small_market.truth["refreshes"][last]["standing_services"]
    assert sum(standing.values()) == sum(count for _, count in counted)


def test_line_counts_by_kind_are_those_of_the_files(small_market: Delivered) -> None:
    """Originals and re-sends, replacements and voids of each refresh add up to its file."""
    for folder, told in zip(small_market.folders, small_market.truth["refreshes"], strict=True):
        rows = dict(
            small_market.rows(
                f"select claim_frequency_code, count(*) from '{folder}/medical_claim.parquet' group by 1"
            )
        )
        lines = told["lines"]
        assert rows == {
            "1": lines["original"] + lines["resend"],
            "7": lines["replacement"],
            "8": lines["void"],
        }


def test_a_surgery_billed_twice_is_one_service(small_market: Delivered) -> None:
    """About the planted share of implant services stands on a professional and an institutional claim."""
    twice, all_of_it = small_market.rows(
        f"select count(*) filter (claims = 2), count(*) from {small_market.services} "
        "where product_id = 'joint_implant'"
    )[0]
    assert twice / all_of_it == pytest.approx(small_market.spec.both_claims_share, abs=0.06)
    on_both = small_market.rows(
        f"""select count(*) from (
            select person_id, claim_start_date, hcpcs_code from read_parquet({small_market.claims()})
            where hcpcs_code in ('C1776', 'C1713') group by all having count(distinct claim_type) = 2)"""
    )[0][0]
    # only implants are on both claims; a few of those lack the diagnosis of the product
    assert on_both >= twice > 0


def test_product_needs_code_and_diagnosis(small_market: Delivered) -> None:
    """Some services have a product's code but not its diagnosis, and truth gives them no product."""
    rows = dict(
        small_market.rows(
            f"select product_id, count(*) from {small_market.services} "
            "where hcpcs_code like 'J73%' or hcpcs_code in ('C1776', 'C1713') group by 1"
        )
    )
    assert set(rows) == {None, "knee_viscosupplement", "joint_implant"}
    assert 0.02 < rows[None] / sum(rows.values()) < 0.1


def test_the_site_of_a_service_is_the_one_a_consumer_finds(small_market: Delivered) -> None:
    """Facility NPI, else billing NPI, gives the true site; rendering, else billing, the true performer."""
    wrong = small_market.rows(
        f"""with lines as (
            select concat_ws('|', person_id, claim_start_date, hcpcs_code) as service_key,
                   coalesce(facility_npi, billing_npi) as site,
                   coalesce(rendering_npi, billing_npi) as performer
            from read_parquet({small_market.claims()}))
        select count(*) filter (site <> site_npi or performer <> performing_npi), count(*)
        from lines join {small_market.services} using (service_key)"""
    )[0]
    assert wrong[0] == 0
    assert wrong[1] > 10_000


@given(
    states=st.sets(st.sampled_from(["DE", "HI", "ME", "VT", "WY"]), min_size=1, max_size=2),
    seed=st.integers(0, 10_000),
    rates=st.tuples(*[st.sampled_from([0.0, 0.05, 0.4])] * 4),
    last=st.integers(0, 2),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_truth_holds_in_any_market(
    states: set[str], seed: int, rates: tuple[float, float, float, float], last: int
) -> None:
    """However many replacements, voids, re-sends and twins: as of any refresh the lines give the truth."""
    spec = MarketSpec(
        seed=seed,
        lines_per_month=300,
        history_months=4,
        states=tuple(sorted(states)),
        events=SMALL.events,
        replacement_rate=rates[0],
        void_rate=rates[1],
        resend_rate=rates[2],
        both_claims_share=rates[3],
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = write_refreshes(spec, folder / "deliveries", folder / "truth", 0, last + 1)
        assert differences(Delivered(spec, folders, folder / "truth"), last) == (0, 0)


def test_without_versions_and_lag_lines_are_services(tmp_path: Path) -> None:
    """With every complication switched off a claim line is a service, but for two-sided care on two lines."""
    plain = replace(
        SMALL,
        lines_per_month=500,
        history_months=3,
        events=(),
        lag_curve=(1.0,),
        replacement_rate=0.0,
        void_rate=0.0,
        resend_rate=0.0,
        both_claims_share=0.0,
    )
    market = deliver(plain, tmp_path)
    lines, sides = market.rows(
        f"select count(*), count(*) filter (hcpcs_modifier_1 = 'LT' and diagnosis_code_1 <> 'M1712' and "
        f"(diagnosis_code_1 = 'M170' or diagnosis_code_2 = 'M170')) from read_parquet({market.claims()})"
    )[0]
    assert market.rows(f"select count(*) from {market.services}") == [(lines - sides,)]
