"""A receipt in sentences, for logs and for people who look at the UI."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.landing.receipt import FileReceipt, Receipt


def explain(receipt: Receipt) -> list[str]:
    """What happened to a delivery, most important first, one sentence an entry."""
    return [*_outcome(receipt), *(sentence for file in receipt.files for sentence in _file(file))] + [
        problem.sentence() for problem in receipt.problems
    ]


def _outcome(receipt: Receipt) -> Iterator[str]:
    if receipt.status == "duplicate":
        yield (
            f"Delivery {receipt.delivery} has the bytes that {receipt.duplicate_of} was accepted with: "
            "nothing was written."
        )
        return
    if receipt.status == "refused":
        yield (
            f"Delivery {receipt.delivery} was refused: no file of it can be used. "
            "It is tried again once it changes."
        )
        return
    yield (
        f"Refresh {receipt.refresh_id} of {receipt.source}, known on {receipt.known_on}: "
        f"{receipt.accepted_rows:,} of {receipt.delivered_rows:,} rows accepted, "
        f"{receipt.quarantined_rows:,} set aside."
    )
    if receipt.amends:
        yield f"It amends {receipt.amends}, which stays as it is."
    if receipt.service_from:
        yield f"Its services run from {receipt.service_from} to {receipt.service_to}."
    if receipt.manifest_origin == "made":
        yield "It came without a manifest; one was made from file names and from dates in the data."
    if receipt.tokens and receipt.tokens.origin == "development":
        yield (
            "Patient tokens were made with the development key, which is public: set CLAIMLINE_TOKEN_KEY "
            "before landing real patients."
        )


def _file(file: FileReceipt) -> Iterator[str]:
    if file.status == "duplicate":
        yield f"{file.name} was accepted before and was not taken again."
        return
    if file.status == "refused":
        yield f"{file.name} was refused as a whole; the reason is below."
        return
    yield (
        f"{file.name} ({file.entity}, layout {file.layout}): {file.delivered_rows:,} rows delivered, "
        f"{file.accepted_rows:,} accepted, {file.quarantined_rows:,} set aside."
    )
    for count in file.quarantine:
        yield (
            f"{file.name}: {count.rows:,} rows set aside: {count.reason} (column {count.column_name}, "
            f"first in row {count.first_row:,}). {count.remedy}"
        )
    for name, times in sorted(file.repairs.items()):
        yield f"{file.name}: {times:,} {file.repair_notes.get(name, name)}."
    if file.unknown_columns:
        yield f"{file.name}: new columns that were not read: {', '.join(file.unknown_columns)}."
