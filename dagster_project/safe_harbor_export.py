"""`make safe-harbor-export`: services by product, three-digit ZIP of the site and year, fit for HIPAA's Safe Harbor."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from dagster_project.console import say
from pipelines.data_home import DataHome

SERVICES = """
select matched.product_id, site.zip, extract(year from matched.service_date) as service_year,
       matched.patient_key, sum(matched.procedures)::double as procedures
from intermediate.int_services__matched as matched
left join intermediate.int_providers__located as site on matched.account_id = site.npi
group by all
"""


def export(home: DataHome, target: Path) -> list[str]:
    """Write the extract; what was wrong with it, and then nothing is written."""
    import pandas as pd

    from assets.warehouse import query
    from pipelines.atomic_files import write_text
    from pipelines.config.load import load_business_config
    from pipelines.delivery.patient_values import patient_values_in_text
    from pipelines.delivery.safe_harbor import breaches, suppressed, zip3_populations, zip3_to_tell

    threshold = int(load_business_config(home.config)[0].number("suppression_threshold"))
    population = zip3_populations(pd.read_parquet(home.table("geography", "unit")))
    services = query(home, SERVICES)
    told = zip3_to_tell(services["zip"].dropna().unique(), population)
    cells = (
        services.assign(zip3=services["zip"].map(told).fillna("000"))
        .groupby(["product_id", "zip3", "service_year"], as_index=False)
        .agg(procedures=("procedures", "sum"), patients=("patient_key", "nunique"))
    )
    extract = suppressed(cells, threshold)
    text = extract.to_csv(index=False)
    raw_claims = home.raw_partition("medical_claim", "any").parent
    found = breaches(extract, population, threshold)
    found += [problem.sentence() for problem in patient_values_in_text(target.name, text, raw_claims)]
    if not found:
        write_text(target, text)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, help="file to write (default: safe_harbor.csv in the data home)")
    options = parser.parse_args(arguments)
    home = DataHome.default()
    target = options.to or home.root / "safe_harbor.csv"
    found = export(home, target)
    for sentence in found:
        say(f"Nothing was written: {sentence}")
    if not found:
        say(f"Written to {target}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
