"""Landing one delivery: verify, canonicalise, set aside, and leave a receipt. The only writer of `lake/raw`.

Order of writing makes a kill harmless: files grow in a staging folder, whole table partitions are renamed
into place, and the receipt comes last. Without a receipt all of it is done again, to the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from pipelines.config.model import BusinessConfig
from pipelines.data_home import DataHome
from pipelines.landing.delivery import Delivery, as_it_is_now
from pipelines.landing.land_file import LandedFile, Landing, file_receipt, land_file
from pipelines.landing.layouts import layouts_of
from pipelines.landing.manifest import MANIFEST_NAME, Manifest, ManifestFile
from pipelines.landing.patient_token import KEY_VARIABLE, TokenKey
from pipelines.landing.raw_partitions import move_into_place, write_shared_tables
from pipelines.landing.receipt import FileReceipt, Receipt, TokenUse
from pipelines.landing.refusal import refusal
from pipelines.landing.registry import RefreshRegistry, sources_hash
from pipelines.landing.unknown_zips import unknown_zips
from pipelines.problems import InputRefused, Problem

Log = Callable[[str], None]
STAGING = ".landing"


def land_delivery(home: DataHome, delivery: Delivery, config: BusinessConfig, *, log: Log) -> Receipt:
    """Land `delivery` and return its receipt, whose status says what happened.

    * `accepted`: at least one file is in `lake/raw/*/<refresh_id>/`, the receipt in the registry.
    * `refused`: nothing was written but the receipt under `refused/`.
    * `duplicate`: all of it was accepted before; nothing was written at all.

    Raises InputRefused, and leaves no receipt, when the delivery is unfinished or was to be tokenised with
    another key than the refreshes before it: neither is a property of the delivery.
    """
    registry = RefreshRegistry(home)
    delivery = as_it_is_now(delivery, config)
    if delivery.found.unfinished:
        raise InputRefused(delivery.found.unfinished)
    settled = registry.settled_by(delivery.found, config)
    if settled is not None and settled.status == "accepted":
        log(f"{delivery.name}: accepted before as {settled.refresh_id}; nothing to do")
        return _receipt(delivery, config, status="duplicate", duplicate_of=settled.refresh_id)
    if delivery.problems or delivery.manifest is None:
        return _refuse(registry, delivery, config, problems=delivery.problems, log=log)

    manifest = delivery.manifest
    refresh_id = delivery.refresh_id
    if registry.receipt(refresh_id) is not None:
        refresh_id = registry.free_refresh_id(manifest.refresh_id)
    staging = home.lake / "raw" / STAGING / refresh_id
    key = _token_key(registry, manifest, config)
    profile = config.sources[manifest.source]
    landing = Landing(manifest, refresh_id, profile, layouts_of(config), key, staging)
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(parents=True, mode=0o700)
        landed = _land_files(landing, delivery, registry, log)
        problems = tuple(problem for file in landed for problem in file.problems) + _not_listed(delivery)
        files = tuple(file.receipt for file in landed)
        if not any(file.status == "accepted" for file in files):
            return _refuse(registry, delivery, config, problems=problems, files=files, log=log)
        problems += tuple(unknown_zips(landing, landed))
        write_shared_tables(landing, landed)
        move_into_place(home, refresh_id, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        with suppress(OSError):  # another landing is still at work there
            staging.parent.rmdir()
    receipt = _accepted_receipt(landing, delivery, config, registry, files=files, problems=problems)
    registry.record(receipt)
    for problem in problems:
        log(f"{refresh_id}: {problem.sentence()}")
    log(f"{refresh_id}: {receipt.accepted_rows:,} of {receipt.delivered_rows:,} rows accepted")
    return receipt


# --- files --------------------------------------------------------------------------------------------------


def _land_files(
    landing: Landing, delivery: Delivery, registry: RefreshRegistry, log: Log
) -> list[LandedFile]:
    """Every file of the delivery by name; one bad file does not keep the others out."""
    accepted_before = {file.sha256 for receipt in registry.accepted() for file in receipt.accepted_files}
    listed = {file.name: file for file in landing.manifest.files}
    landed = []
    delivered = sorted(delivery.found.files, key=lambda file: file.name)
    for place, file in enumerate(delivered, start=1):
        said = listed.get(file.name) or ManifestFile(file.name, None, None, file.sha256, None)
        if file.sha256 in accepted_before:
            result = LandedFile(file_receipt(said, file, "duplicate", landing.profile))
        else:
            try:
                result = land_file(landing, said, file)
                accepted_before.add(file.sha256)
            except InputRefused as refusal:
                receipt = file_receipt(said, file, "refused", landing.profile)
                result = LandedFile(receipt, problems=tuple(refusal.problems))
        landed.append(result)
        log(_progress(landing.refresh_id, place, len(delivered), result))
    return landed


def _progress(refresh_id: str, place: int, files: int, landed: LandedFile) -> str:
    file = landed.receipt
    what = (
        f"{file.delivered_rows:,} rows, {file.quarantined_rows:,} of them set aside"
        if file.status == "accepted"
        else {"duplicate": "accepted before", "refused": "refused"}[file.status]
    )
    return f"{refresh_id}: file {place} of {files}, {file.name}: {what}"


# --- receipts -----------------------------------------------------------------------------------------------


def _token_key(registry: RefreshRegistry, manifest: Manifest, config: BusinessConfig) -> TokenKey:
    """The key to use. Raises InputRefused if this token domain's patients were tokenised with another one."""
    key = TokenKey.from_environment()
    domain = config.sources[manifest.source].token_domain
    for receipt in registry.accepted():
        if (
            receipt.tokens
            and receipt.tokens.domain == domain
            and receipt.tokens.fingerprint != key.fingerprint
        ):
            raise refusal(
                KEY_VARIABLE,
                "environment",
                "",
                f"the patients of {domain} got their tokens with another key ({receipt.tokens.origin}) in "
                f"refresh {receipt.refresh_id}; a second key would make two patients of each",
                f"Set {KEY_VARIABLE} to the earlier key, or land everything anew in a new data home.",
            )
    return key


def _not_listed(delivery: Delivery) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            name,
            "whole file",
            "",
            "the file is no data file, or is not in the manifest, and was not read",
            "List it in the manifest, or leave it out.",
        )
        for name in delivery.found.not_listed
    )


def _accepted_receipt(
    landing: Landing,
    delivery: Delivery,
    config: BusinessConfig,
    registry: RefreshRegistry,
    *,
    files: tuple[FileReceipt, ...],
    problems: tuple[Problem, ...],
) -> Receipt:
    accepted = [file for file in files if file.status == "accepted"]
    service_from = min((file.service_from for file in accepted if file.service_from), default=None)
    service_to = max((file.service_to for file in accepted if file.service_to), default=None)
    manifest = landing.manifest
    problems += _outside_said_span(delivery, manifest, service_from, service_to)
    if delivery.manifest_origin == "made":
        manifest = _completed(manifest, files, service_from, service_to)
    base = manifest.refresh_id
    with_patients = any(landing.layouts[file.layout].holds_patients for file in accepted)
    return _receipt(
        delivery,
        config,
        status="accepted",
        refresh_id=landing.refresh_id,
        manifest=manifest,
        amends=base if landing.refresh_id != base and registry.receipt(base) else None,
        service_from=service_from,
        service_to=service_to,
        tokens=TokenUse(landing.key.origin, landing.key.fingerprint, landing.profile.token_domain)
        if with_patients
        else None,
        files=files,
        problems=problems,
    )


def _outside_said_span(
    delivery: Delivery, manifest: Manifest, service_from: date | None, service_to: date | None
) -> tuple[Problem, ...]:
    """Worth a word, not a refusal: the rows are as good as their own dates."""
    early = manifest.service_from and service_from and service_from < manifest.service_from
    late = manifest.service_to and service_to and service_to > manifest.service_to
    if not early and not late:
        return ()
    return (
        Problem(
            f"{delivery.name}/{MANIFEST_NAME}",
            "keys service_from and service_to",
            f"{service_from} to {service_to}",
            f"the manifest says {manifest.service_from} to {manifest.service_to}, services lie outside of it",
            "Correct the manifest; the rows were accepted.",
        ),
    )


def _completed(
    manifest: Manifest, files: tuple[FileReceipt, ...], service_from: date | None, service_to: date | None
) -> Manifest:
    """A made manifest with what only landing could count."""
    rows = {file.name: file.delivered_rows for file in files if file.status == "accepted"}
    listed = tuple(replace(file, rows=rows.get(file.name)) for file in manifest.files)
    return replace(manifest, files=listed, service_from=service_from, service_to=service_to)


def _refuse(
    registry: RefreshRegistry,
    delivery: Delivery,
    config: BusinessConfig,
    *,
    problems: tuple[Problem, ...],
    files: tuple[FileReceipt, ...] = (),
    log: Log,
) -> Receipt:
    receipt = _receipt(delivery, config, status="refused", files=files, problems=problems)
    registry.record(receipt)
    for problem in problems:
        log(f"{delivery.name} refused: {problem.sentence()}")
    return receipt


def _receipt(delivery: Delivery, config: BusinessConfig, **known: object) -> Receipt:
    """A receipt with all that the delivery itself says, overridden by what is `known` by now."""
    manifest = known.pop("manifest", None) or delivery.manifest
    assert manifest is None or isinstance(manifest, Manifest)
    said = {
        "refresh_id": delivery.refresh_id,
        "source": manifest.source if manifest else None,
        "known_on": manifest.known_on if manifest else None,
        "delivery": delivery.name,
        "content_hash": delivery.found.content_hash,
        "delivery_hash": delivery.found.delivery_hash,
        "sources_hash": sources_hash(config),
        "manifest_origin": delivery.manifest_origin,
        "manifest": manifest.as_json() if manifest else None,
        "code_sets": dict(manifest.code_sets) if manifest else {},
    }
    return Receipt(**(said | known))  # type: ignore[arg-type]
