"""Landing one file: verify it, find its layout and columns, canonicalise it, count what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from pipelines.config.model import SourceProfile
from pipelines.landing.canonicalise import CanonicalResult, canonicalise
from pipelines.landing.columns import match_columns
from pipelines.landing.delivery import DeliveredFile
from pipelines.landing.identifying_values import identifying_values
from pipelines.landing.intake import look_at, take_in
from pipelines.landing.layouts import Layout
from pipelines.landing.layouts.contract import FileContext
from pipelines.landing.made_manifest import pattern_for
from pipelines.landing.manifest import Manifest, ManifestFile
from pipelines.landing.patient_token import TokenKey
from pipelines.landing.receipt import FileReceipt, QuarantineCount, Status
from pipelines.landing.refusal import refusal
from pipelines.problems import InputRefused, Problem

FILE_HASH_CHARACTERS = 12


@dataclass(frozen=True)
class Landing:
    """What all files of one landing share."""

    manifest: Manifest
    refresh_id: str
    profile: SourceProfile
    layouts: Mapping[str, Layout]
    key: TokenKey
    staging: Path

    def target(self, table: str, sha256: str) -> Path:
        """Where the rows of a file for a raw table grow."""
        return self.staging / table / f"{sha256[:FILE_HASH_CHARACTERS]}.parquet"


@dataclass(frozen=True)
class LandedFile:
    """What became of one file, with its refused rows; `problems` say why a refused file was refused."""

    receipt: FileReceipt
    refused_rows: pa.Table | None = None
    problems: tuple[Problem, ...] = ()


def land_file(landing: Landing, said: ManifestFile, file: DeliveredFile) -> LandedFile:
    """One file into the staging folder. Raises InputRefused when the file as a whole cannot be used."""
    if said.sha256 != file.sha256:
        raise refusal(
            file.name,
            "whole file",
            file.sha256,
            f"the manifest says SHA-256 {said.sha256}, the bytes have another",
            "Deliver the file again, or correct the manifest.",
        )
    layout = _layout(landing, said, file)
    shape = look_at(file.path, delimiter=layout.delimiter, encoding=layout.encoding)
    if (shape.form == "x12") != (layout.form == "x12"):
        raise _other_form(file, layout, shape.form)
    match = match_columns(layout, file.name, shape.names)
    if match.problems:
        raise InputRefused(match.problems)
    columns = [match.delivered[field.name] for field in layout.fields if field.name in match.delivered]
    scratch = landing.staging / ".scratch"
    intake = take_in(file.path, shape, columns, must_be_empty=match.identifiers, staging=scratch)
    if said.rows is not None and said.rows != intake.rows:
        raise refusal(
            file.name,
            "whole file",
            f"{intake.rows:,} rows",
            f"the manifest says {said.rows:,} rows",
            "Deliver the file again, or correct the manifest. (A line break inside a field makes two rows.)",
        )
    target = landing.target(layout.entity, file.sha256)
    result = canonicalise(
        intake,
        shape,
        match,
        layout,
        _context(landing, file, frozenset(match.delivered)),
        key=landing.key,
        file_name=file.name,
        target=target,
        scratch=scratch,
    )
    if intake.rows and not result.accepted_rows:
        target.unlink()
        raise _nothing_good(file, result)
    if layout.holds_patients and result.accepted_rows:
        _refuse_identifying(file, target)
    receipt = _counted(file_receipt(said, file, "accepted", landing.profile), layout, result, match.unknown)
    return LandedFile(receipt, result.refused)


def _refuse_identifying(file: DeliveredFile, target: Path) -> None:
    """A file with people's numbers or addresses in a free column is not kept, in whole or in part."""
    if found := identifying_values(target):
        target.unlink()
        raise InputRefused(
            Problem(
                file.name,
                f"column {column}",
                f"{rows:,} rows",
                f"values look like {what}, which identifies a person",
                "Leave the identifiers out and deliver the file again.",
            )
            for column, what, rows in found
        )


def _layout(landing: Landing, said: ManifestFile, file: DeliveredFile) -> Layout:
    """The layout the manifest names, else the one of the source's pattern, if it fits the entity."""
    profile = landing.profile
    pattern = pattern_for(profile, file.name)
    name = said.layout or (pattern.layout if pattern else None)
    if name is None:
        raise refusal(
            file.name,
            "whole file",
            "",
            f"source {profile.source} expects no file of this name",
            "Name entity and layout in the manifest, or add a file pattern to the source.",
        )
    layout = landing.layouts.get(name)
    if layout is None:
        raise refusal(
            file.name,
            "whole file",
            name,
            "the layout is unknown",
            f"Use one of: {', '.join(sorted(landing.layouts))}.",
        )
    entity = said.entity or (pattern.entity if pattern and not said.layout else layout.entity)
    if entity != layout.entity:
        raise refusal(
            file.name,
            "whole file",
            entity,
            f"layout {name} is for {layout.entity}, not for {entity}",
            f"Write entity {layout.entity}, or another layout.",
        )
    for constant in layout.required_constants:
        if not profile.constants.get(constant, "").strip().isdigit():
            raise refusal(
                file.name,
                "whole file",
                profile.constants.get(constant, ""),
                f"layout {name} needs the constant {constant}, which source {profile.source} does not give",
                f"Add constants.{constant} to the source.",
            )
    return layout


def _other_form(file: DeliveredFile, layout: Layout, form: str) -> InputRefused:
    return refusal(
        file.name,
        "whole file",
        "X12 interchange" if form == "x12" else form,
        f"layout {layout.name} is for {'X12 interchanges' if layout.form == 'x12' else 'tables'}",
        "Name the layout x12_837 for 837 claims, and another for tables.",
    )


def _context(landing: Landing, file: DeliveredFile, delivered_fields: frozenset[str]) -> FileContext:
    profile = landing.profile
    return FileContext(
        source=profile.source,
        refresh_id=landing.refresh_id,
        known_on=landing.manifest.known_on,
        file_sha256=file.sha256,
        token_domain=profile.token_domain,
        default_payer_channel=profile.default_payer_channel,
        payer_channels=profile.payer_channels,
        constants=profile.constants,
        delivered_fields=delivered_fields,
        replacement_codes=profile.replacement_codes,
        void_codes=profile.void_codes,
        claim_id_suffix=profile.claim_id_suffix,
        test_patients=profile.test_patients,
    )


def _nothing_good(file: DeliveredFile, result: CanonicalResult) -> InputRefused:
    """A file of which every row is refused is a wrong file, not a file with many bad rows."""
    worst = max(_counts(result.refused), key=lambda count: (count.rows, -count.first_row))
    return refusal(
        file.name,
        f"row {worst.first_row}, column {worst.column_name}",
        "",
        f"all of its {result.refused.num_rows:,} rows are refused, {worst.rows:,} because of: {worst.reason}",
        worst.remedy,
    )


def _counts(refused: pa.Table) -> list[QuarantineCount]:
    grouped = refused.group_by(["column_name", "reason", "remedy"]).aggregate(
        [("row_number", "count"), ("row_number", "min")]
    )
    counts = [
        QuarantineCount(
            row["column_name"], row["reason"], row["remedy"], row["row_number_count"], row["row_number_min"]
        )
        for row in grouped.to_pylist()
    ]
    return sorted(counts, key=lambda count: (-count.rows, count.column_name, count.reason))


def _counted(
    receipt: FileReceipt, layout: Layout, result: CanonicalResult, unknown: tuple[str, ...]
) -> FileReceipt:
    return replace(
        receipt,
        entity=layout.entity,
        layout=layout.name,
        delivered_rows=result.accepted_rows + result.refused.num_rows,
        accepted_rows=result.accepted_rows,
        quarantined_rows=result.refused.num_rows,
        quarantine=tuple(_counts(result.refused)),
        repairs=result.repairs,
        repair_notes=result.repair_notes,
        unknown_columns=unknown,
        service_from=result.service_from,
        service_to=result.service_to,
    )


def file_receipt(
    said: ManifestFile, file: DeliveredFile, status: Status, profile: SourceProfile
) -> FileReceipt:
    """The receipt of a file of which no row is counted (yet)."""
    pattern = pattern_for(profile, file.name)
    entity = said.entity or (pattern.entity if pattern else "")
    layout = said.layout or (pattern.layout if pattern else "")
    return FileReceipt(file.name, entity, layout, file.sha256, status)
