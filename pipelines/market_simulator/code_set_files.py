"""The release and the crosswalk that go with a planted code change, as a user would put them into the configuration."""

from __future__ import annotations

from pathlib import Path

from pipelines.atomic_files import write_text
from pipelines.market_simulator.catalog import DELETED_CODE, SUCCESSOR_CODE

RELEASE_HEADER = "code,effective_from,effective_to,status,note"
CROSSWALK_HEADER = "code_system,from_code,to_code,effective_from,weight,note"


def write_code_change(folder: Path, month: str) -> list[Path]:
    """`code_sets/hcpcs_<month>.csv` and `code_sets/crosswalk_<month>.csv` in `folder`: a code deleted on the first day
    of `month` (YYYY-MM), and the one that takes its place, one for one."""
    first_day = f"{month}-01"
    release = [
        RELEASE_HEADER,
        f"{DELETED_CODE},,,deleted,billed as {SUCCESSOR_CODE} from {first_day}",
        f"{SUCCESSOR_CODE},{first_day},,added,takes the place of {DELETED_CODE}",
    ]
    crosswalk = [CROSSWALK_HEADER, f"hcpcs,{DELETED_CODE},{SUCCESSOR_CODE},{first_day},1,invented"]
    return [
        write_text(folder / "code_sets" / f"hcpcs_{month}.csv", "\n".join([*release, ""])),
        write_text(folder / "code_sets" / f"crosswalk_{month}.csv", "\n".join([*crosswalk, ""])),
    ]
