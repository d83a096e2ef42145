"""What a start does about WARC files that a dead writer left open."""

from archive.collection import OPEN_SUFFIX, Collection
from archive.warc.recover import Recovered, recover


def close_leftovers(collection: Collection) -> list[Recovered]:
    """Close every ``.open`` file nobody writes to: whole members stay, torn tails go to ``quarantine/``."""
    return [
        recover(path, collection.quarantine)
        for path in collection.warc_files()
        if path.name.endswith(OPEN_SUFFIX)
    ]
