"""A ZIP that does not exist: the row lands, and one sentence says so."""

from __future__ import annotations

from pipelines.config.load import initialise_home_config, load_business_config
from pipelines.data_home import DataHome
from pipelines.landing.land import land_delivery
from pipelines.landing.registry import RefreshRegistry

DIRECTORY = """\
npi,entity_type_code,provider_first_name,provider_last_name,provider_organization_name,primary_taxonomy_code,primary_specialty_description,practice_city,practice_state,practice_zip_code,deactivation_date
1003011404,1,Ada,Lund,,207X00000X,Orthopaedics,Portland,ME,04101,
1679576722,1,Bo,Berg,,207X00000X,Orthopaedics,Nowhere,ME,99999,
"""


def test_unknown_zip_is_named_and_its_row_is_kept(data_home: DataHome) -> None:
    """File, place, value and remedy are named once; both rows are accepted."""
    initialise_home_config(data_home, "device_maker")
    folder = data_home.deliveries / "simulated_market.2026-01"
    folder.mkdir(parents=True)
    (folder / "provider_directory.csv").write_text(DIRECTORY, encoding="utf-8")
    (folder / "facility.csv").write_text(
        "facility_npi,facility_name,facility_type,facility_zip,health_system_id,health_system_name\n"
        "1245319599,North,hospital,04101,,\n",
        encoding="utf-8",
    )
    (folder / "manifest.json").write_text(_manifest(folder), encoding="utf-8")
    config, _ = load_business_config(data_home.config)
    (delivery,) = RefreshRegistry(data_home).pending(config)
    receipt = land_delivery(data_home, delivery, config, log=lambda line: None)
    assert receipt.status == "accepted"
    assert receipt.accepted_rows == 3
    (problem,) = receipt.problems
    assert problem.file == "provider_directory.csv"
    assert problem.place == "row 3, column practice_zip"
    assert problem.value == "99999"
    assert problem.remedy


def _manifest(folder) -> str:  # type: ignore[no-untyped-def]
    import json

    from pipelines.atomic_files import sha256_of_file

    files = [
        {
            "name": name,
            "entity": entity,
            "layout": layout,
            "sha256": sha256_of_file(folder / name),
            "rows": rows,
        }
        for name, entity, layout, rows in (
            ("provider_directory.csv", "provider", "provider_directory", 2),
            ("facility.csv", "facility", "facility", 1),
        )
    ]
    content = {
        "manifest_version": 1,
        "source": "simulated_market",
        "refresh_id": "simulated_market.2026-01",
        "known_on": "2026-02-05",
        "service_from": None,
        "service_to": None,
        "code_sets": {},
        "files": files,
    }
    return json.dumps(content)
