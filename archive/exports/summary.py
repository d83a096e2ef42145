"""What an export wrote."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """Counts of one export; ``bytes`` is the size of what was written.

    ``left_out`` names WARC files that the export could not take, each with the reason;
    ``refused`` counts documents that a rights policy kept back, by reason.
    """

    format: str
    path: Path
    documents: int
    bytes: int
    captures: int | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, object]:
        """For programs: plain values, the keys always the same."""
        return {
            "format": self.format,
            "path": str(self.path),
            "documents": self.documents,
            "captures": self.captures,
            "bytes": self.bytes,
            "left_out": [{"file": file, "reason": reason} for file, reason in self.left_out],
            "refused": dict(self.refused),
        }
