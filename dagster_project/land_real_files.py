"""Land every real claims and registry file there is, each as a delivery of its own, and say what became of each line.

Landing alone: no SQL, no plan. The data home is thrown away; what stays is the table that docs/real_data.md shows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.atomic_files import sha256_of_file, write_json
from pipelines.config.model import BusinessConfig, FilePattern, SourceProfile
from pipelines.data_home import DataHome
from pipelines.landing.land import land_delivery
from pipelines.landing.layouts import LAYOUTS
from pipelines.landing.made_manifest import date_in_name
from pipelines.landing.manifest import Manifest, ManifestFile
from pipelines.landing.receipt import Receipt
from pipelines.landing.registry import RefreshRegistry

KNOWN_ON = date(2026, 1, 31)
REGISTRIES = (
    ("providers/nppes/org_test.csv", "provider_directory", "nppes"),
    ("providers/nppes/pl_pfile_20251103-20251109.csv", "nppes_practice_locations", "nppes"),
    ("providers/nppes/othername_pfile_20251103-20251109.csv", "nppes_other_names", "nppes"),
    (
        "providers/hospitals/hospital_general_information_2026_02.csv",
        "hospital_general_information",
        "cms_hospitals",
    ),
    (
        "providers/hospitals/hospital_general_information_2026_06.csv",
        "hospital_general_information",
        "cms_hospitals",
    ),
)


@dataclass(frozen=True)
class RealFile:
    """A file under the data folder with the layout it is landed in."""

    path: str
    layout: str
    source: str


def real_files(data: Path) -> list[RealFile]:
    """The claims files of the data folder, then the registries, in a fixed order."""
    listed = [
        RealFile("claims/tuva_integration/medical_claim_seed.csv", "tuva", "tuva_integration"),
        RealFile("claims/tuva_demo/medical_claim.csv", "tuva", "tuva_demo"),
        *(
            RealFile(f"claims/cms_rif/{name}.csv", f"cms_rif_{name}", "cms_rif")
            for name in ("carrier", "outpatient", "inpatient")
        ),
        # Not claims: it has to be refused, and to say why.
        RealFile("claims/cms_rif/beneficiary_2016.csv", "cms_rif_carrier", "cms_rif"),
    ]
    samples = sorted((data / "claims/x12_837").glob("*.txt"), key=lambda path: (len(path.name), path.name))
    listed += [RealFile(f"claims/x12_837/{path.name}", "x12_837", "x12_837") for path in samples]
    return listed + [RealFile(*registry) for registry in REGISTRIES]


def sources() -> BusinessConfig:
    """One source a set. The 837 samples are anonymised: every member is called TESTMBR, so none is left out for it."""
    import pandas as pd

    names = {file.source: file.layout for file in real_files(Path())} | {"x12_837": "x12_837"}
    profiles = {
        name: SourceProfile(
            name,
            "lines",
            (FilePattern("*", "medical_claim", layout),),
            name,
            "unknown",
            {"medicare": "medicare"},
            feed="open" if name == "x12_837" else "closed",
            test_patients=() if name == "x12_837" else SourceProfile.test_patients,
        )
        for name, layout in names.items()
    }
    nothing = pd.DataFrame()
    return BusinessConfig(
        profile="real_files",
        products=nothing,
        value_set_codes=nothing,
        value_set_rules=nothing,
        rule_outs=nothing,
        modifier_rules=nothing,
        code_rules=nothing,
        opt_outs=nothing,
        access_rules=nothing,
        roster=nothing,
        sources=profiles,
        settings={},
        events=(),
        config_hash="",
    )


def land_real_files(data: Path, home: DataHome) -> list[tuple[RealFile, Receipt]]:
    """Deliver and land each file; the receipts say the rest. Files that are not there are left out."""
    config = sources()
    landed = []
    for file in real_files(data):
        path = data / file.path
        if not path.is_file():
            continue
        refresh_id = f"{file.source}.{path.stem}"
        folder = home.deliveries / refresh_id
        folder.mkdir(parents=True)
        (folder / path.name).symlink_to(path.resolve())
        said = ManifestFile(path.name, LAYOUTS[file.layout].entity, file.layout, sha256_of_file(path), None)
        known_on = date_in_name(path.name) or KNOWN_ON
        write_json(folder / "manifest.json", Manifest(file.source, refresh_id, known_on, (said,)).as_json())
        (delivery,) = RefreshRegistry(home).pending(config)
        landed.append((file, land_delivery(home, delivery, config, log=lambda _: None)))
    return landed


def as_table(landed: list[tuple[RealFile, Receipt]]) -> list[str]:
    """A Markdown table: delivered, accepted and quarantined rows, and what was mended, refused or set aside."""
    lines = ["| file | layout | delivered | accepted | quarantined | what was mended, set aside or refused |"]
    lines.append("|---|---|---:|---:|---:|---|")
    for file, receipt in landed:
        (said,) = receipt.files
        notes = [f"{count.rows:,} rows: {count.reason} ({count.column_name})" for count in said.quarantine]
        notes += [f"{times:,} {said.repair_notes[name]}" for name, times in sorted(said.repairs.items())]
        notes += [f"{problem.place}: {problem.message}" for problem in receipt.problems]
        counts = (
            f"{said.delivered_rows:,} | {said.accepted_rows:,} | {said.quarantined_rows:,}"
            if said.status == "accepted"
            else "refused | – | –"
        )
        lines.append(f"| `{Path(file.path).name}` | {file.layout} | {counts} | {'; '.join(notes) or '–'} |")
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the real data")
    data = parser.parse_args(arguments).data
    with tempfile.TemporaryDirectory() as folder:
        landed = land_real_files(data, DataHome(Path(folder)))
    print("\n".join(as_table(landed)))
    accepted = [said for _, receipt in landed for said in receipt.accepted_files]
    result = {
        "files": len(landed),
        "files_accepted": len(accepted),
        "files_refused": sum(receipt.status == "refused" for _, receipt in landed),
        "delivered_rows": sum(said.delivered_rows for said in accepted),
        "accepted_rows": sum(said.accepted_rows for said in accepted),
        "quarantined_rows": sum(said.quarantined_rows for said in accepted),
    }
    result["rows_unaccounted_for"] = (
        result["delivered_rows"] - result["accepted_rows"] - result["quarantined_rows"]
    )
    print(json.dumps(result))
    return 0 if landed and not result["rows_unaccounted_for"] else 1


if __name__ == "__main__":
    sys.exit(main())
