"""What can be wrong with an installation: each check looks at one thing and says what to do about it."""

import fcntl
import importlib
import importlib.metadata
import platform
import re
import resource
import shutil
import ssl
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import archive
import crawler
from archive.errors import ArchiveError

DISTRIBUTION = "palmyra-news-archive"
HOUSE = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 51, 3)
"""Earlier ones can corrupt a write-ahead log that two processes use (sqlite.org, WAL-reset bug)."""
LEAST_FREE_BYTES = 2_000_000_000
"""Room for one WARC file of the usual size and what is derived from it."""
LEAST_OPEN_FILES = 512
"""A crawl of the default concurrency, its workers and databases use fewer than 200."""
CLOCK_SLACK_S = 86_400
"""How far the clock may lie behind the program's own files: time zones, and a build machine's clock."""


_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:>=\s*(?P<least>[0-9.]+))?")


@dataclass(frozen=True, slots=True)
class Check:
    """A finding. ``advice`` says what to do where ``ok`` is False."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def examine(folder: Path) -> Iterator[Check]:
    """Every check, of the installation and of ``folder``, where collections are to lie."""
    yield _python()
    yield _program()
    yield from map(_package, ("archive", "crawler"))
    yield from map(_dependency, sorted(importlib.metadata.requires(DISTRIBUTION) or (), key=str.lower))
    home = _existing(folder)
    yield from (_writable(home), _locking(home), _disk(home), _open_files(), _clock(), _certificates())
    yield from (_imported("sqlite (in apsw)", _sqlite), _imported("compression", _compression))
    yield from (_imported("extraction", _extraction), _imported("worker", _worker))


def _imported(name: str, check: Callable[[], Check]) -> Check:
    """The check, which imports what may be missing: the doctor itself must work without."""
    try:
        return check()
    except ImportError as error:
        return Check(name, ok=False, found=str(error), advice="reinstall palmyra into a new environment")


def _python() -> Check:
    found = f"{platform.python_implementation()} {platform.python_version()} ({sys.executable})"
    return Check("python", sys.version_info >= OLDEST_PYTHON, found, "install Python 3.11 or later")


def _program() -> Check:
    return Check("palmyra", ok=True, found=importlib.metadata.version(DISTRIBUTION))


def _package(name: str) -> Check:
    """The package's own name is common: another distribution's may lie over it."""
    places = {Path(entry).resolve() for entry in {"archive": archive, "crawler": crawler}[name].__path__}
    own = HOUSE / name
    others = set(importlib.metadata.packages_distributions().get(name, ())) - {DISTRIBUTION}
    found = ", ".join(sorted(map(str, places))) + (
        f"; also installed by {', '.join(sorted(others))}" if others else ""
    )
    advice = "install palmyra into an environment of its own"
    return Check(f"package {name}", places == {own} and not others, found, advice)


def _dependency(requirement: str) -> Check:
    parts = _REQUIREMENT.match(requirement)
    name, least = (parts["name"], parts["least"]) if parts else (requirement, None)
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(name, ok=False, found="missing", advice=f"pip install '{requirement}'")
    recent = least is None or numbers(version) >= numbers(least)
    problem = _import_problem(name)
    found = f"{version} does not import: {problem}" if problem else version
    return Check(name, recent and not problem, found, f"pip install '{requirement}'")


def _import_problem(distribution: str) -> str:
    modules = [
        name for name, owners in _modules().items() if distribution.lower() in owners and name.isidentifier()
    ]
    for module in modules:
        if module.startswith("_"):
            continue
        try:
            importlib.import_module(module)
        except ImportError as error:
            return str(error)
    return ""


@cache
def _modules() -> dict[str, set[str]]:
    found = importlib.metadata.packages_distributions()
    return {module: {owner.lower() for owner in owners} for module, owners in found.items()}


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a release: ``3.54.1`` gives (3, 54, 1); what follows letters is left out."""
    release = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()


def _sqlite() -> Check:
    import apsw  # noqa: PLC0415

    version = apsw.sqlite_lib_version()
    advice = "upgrade apsw: this SQLite can corrupt a catalog that is read while a crawl writes it"
    return Check("sqlite (in apsw)", numbers(version) >= OLDEST_SQLITE, version, advice)


def _compression() -> Check:
    from isal import isal_zlib  # noqa: PLC0415

    sample = b"palmyra" * 1000
    ok = zlib.decompress(isal_zlib.compress(sample)) == sample
    found = f"zlib {zlib.ZLIB_RUNTIME_VERSION}, isal {importlib.metadata.version('isal')}"
    return Check("compression", ok, found, "reinstall isal: what it compresses does not decompress")


def _certificates() -> Check:
    paths = ssl.get_default_verify_paths()
    found = next((path for path in (paths.cafile, paths.capath) if path), None)
    advice = "install ca-certificates: without them no https page can be fetched"
    return Check("certificates", found is not None, f"{found or 'none'} ({ssl.OPENSSL_VERSION})", advice)


def _existing(folder: Path) -> Path:
    """``folder`` or the nearest one above it that exists."""
    return next((place for place in (folder, *folder.absolute().parents) if place.is_dir()), Path("/"))


def _writable(folder: Path) -> Check:
    return _tried(
        "folder", folder, lambda: None, "name a folder that you may write, or change its permissions"
    )


def _locking(folder: Path) -> Check:
    """Locks keep two crawls apart; some network file systems have none."""

    def lock() -> None:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    return _tried("file locks", folder, lock, "keep collections on a local disk")


def _tried(name: str, folder: Path, action: Callable[[], None], advice: str) -> Check:
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".palmyra-"):
            action()
    except OSError as error:
        return Check(name, ok=False, found=f"{folder.resolve()}: {error.strerror}", advice=advice)
    return Check(name, ok=True, found=str(folder.resolve()))


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    return Check(
        "free disk",
        free >= LEAST_FREE_BYTES,
        f"{free / 1e9:.1f} GB",
        "free some space, or name another folder",
    )


def _extraction() -> Check:
    """Either way is right, and gives the same documents: that Python works alone is no fault."""
    from archive.extraction import native  # noqa: PLC0415

    alone = f"by Python alone, which takes longer: the parts in C are {native.missing}"
    return Check("extraction", ok=True, found="by the parts in C" if native.parts else alone)


def _worker() -> Check:
    """Whether a page goes the whole way: into a WARC file, and through a worker process that reads it there."""
    from crawler.doctor.trial import examined_page  # noqa: PLC0415

    advice = "reinstall palmyra into a new environment; the lines above say what the worker process lacks"
    try:
        with tempfile.TemporaryDirectory(prefix="palmyra-") as folder:
            examined_page(Path(folder))
    except (ArchiveError, OSError) as error:
        return Check("worker", ok=False, found=str(error), advice=advice)
    return Check("worker", ok=True, found="examines pages")


def _open_files() -> Check:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    advice = f"raise the limit: ulimit -n {LEAST_OPEN_FILES}"
    return Check("open files", soft == resource.RLIM_INFINITY or soft >= LEAST_OPEN_FILES, str(soft), advice)


def _clock() -> Check:
    now, newest = time.time(), max(path.stat().st_mtime for path in (HOUSE / "crawler").rglob("*.py"))
    found = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    return Check(
        "clock", now >= newest - CLOCK_SLACK_S, found, "set the clock: it lies before this program's files"
    )
