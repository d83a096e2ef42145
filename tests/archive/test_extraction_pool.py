"""Worker processes: what kills one costs its page a reason and nothing else anything."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait
from pathlib import Path

import pytest

from archive.errors import CaptureNotFound, WarcFormatError
from archive.extraction.pool import WorkerPool, _Worker
from archive.outcome import Kind
from tests.archive.stored import response, store
from tests.patience import PATIENCE_S

GOOD = (
    b"<!doctype html><html lang=en><head><title>Rain</title></head><body><article><h1>Rain</h1>"
    + b"<p>The rain fell over the hills for hours, and nobody who had been out came back dry.</p>" * 12
    + b"</article><a href='/next'>next</a></body></html>"
)
MANY_ATTRIBUTES = (
    b"<html><body><p " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">x</p></body></html>"
)
MANY_PARAGRAPHS = b"<html><body>" + b"<section><p>a short one</p></section>" * 10_000 + b"</body></html>"
BIG_TABLE = (
    b"<html><body><table>" + (b"<tr>" + b"<td>x</td>" * 20 + b"</tr>") * 20_000 + b"</table></body></html>"
)
DEEP = b"<html><body>" + b"<div>" * 200_000 + b"x"
TIME_LIMIT_S = 10.0
"""For bombs: no good page comes near it, and MANY_ATTRIBUTES goes far beyond."""
MEMORY_LIMIT = 200_000_000


def pages(directory: Path, *bodies: bytes, prefix: str = "test") -> list[tuple[Path, int]]:
    return store(
        directory,
        [(f"https://news.example.org/{number}", response(body)) for number, body in enumerate(bodies)],
        prefix=prefix,
    )


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, time_limit_s=PATIENCE_S, memory_limit_bytes=MEMORY_LIMIT) as pool:
        yield pool


def workers_of(parent: int) -> set[int]:
    """The processes that run the parent's pages: the children of its fork server."""
    servers = [pid for pid in children_of(parent) if b"forkserver" in command_of(pid)]
    return {pid for server in servers for pid in children_of(server)}


def children_of(parent: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: object) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_pages_are_examined(pool: WorkerPool, tmp_path: Path) -> None:
    captures = pages(tmp_path, *[GOOD] * 20)
    found = [future.result() for future in [pool.submit(*capture) for capture in captures]]
    assert [examination.entry.ref.offset for examination in found] == [offset for _, offset in captures]
    assert {examination.outcome.kind for examination in found} == {Kind.ARTICLE}
    assert found[0].outcome.links[0].url == "https://news.example.org/next"


def test_bombs_end_in_a_reason_within_their_limit_while_good_pages_go_on(tmp_path: Path) -> None:
    bombs = pages(tmp_path, MANY_ATTRIBUTES, MANY_PARAGRAPHS, BIG_TABLE, DEEP, prefix="bombs")
    good = pages(tmp_path, *[GOOD] * 30, prefix="good")
    with WorkerPool(2, time_limit_s=TIME_LIMIT_S, memory_limit_bytes=MEMORY_LIMIT) as pool:
        futures = [pool.submit(*capture) for pair in zip(bombs, good, strict=False) for capture in pair]
        futures += [pool.submit(*capture) for capture in good[len(bombs) :]]
        outcomes = [future.result(PATIENCE_S).outcome for future in futures]
    of_bombs = [outcomes[2 * number] for number in range(len(bombs))]
    assert of_bombs[0].kind is Kind.FAILED
    assert of_bombs[0].reason == "examination took more than 10 s"
    for outcome in of_bombs:
        assert (
            outcome.kind is not Kind.FAILED
            or "more than" in outcome.reason
            or "MemoryError" in outcome.reason
        )
    others = [outcome for number, outcome in enumerate(outcomes) if number >= 2 * len(bombs) or number % 2]
    assert {outcome.kind for outcome in others} == {Kind.ARTICLE}
    assert len(others) == 30


def test_memory_has_its_limit(tmp_path: Path) -> None:
    urls = b"".join(b"https://news.example.org/%040d\n" % number for number in range(80_000))
    [(path, offset)] = store(tmp_path, [("https://news.example.org/list.txt", response(urls, "text/plain"))])
    with WorkerPool(1, time_limit_s=PATIENCE_S, memory_limit_bytes=12_000_000) as small:
        outcome = small.submit(path, offset).result().outcome
        assert (outcome.kind, outcome.reason) == (Kind.FAILED, "examination needed more than 12 MB")
        again = small.submit(*pages(tmp_path, GOOD, prefix="good")[0]).result().outcome
        assert again.kind is Kind.ARTICLE


def test_the_failed_pages_entry_is_complete(tmp_path: Path) -> None:
    [capture] = pages(tmp_path, MANY_ATTRIBUTES)
    with WorkerPool(1, time_limit_s=0.5, memory_limit_bytes=MEMORY_LIMIT) as pool:
        examination = pool.submit(*capture).result()
    entry = examination.entry
    assert examination.outcome.kind is Kind.FAILED
    assert (entry.url, entry.status, entry.mime) == ("https://news.example.org/0", 200, "text/html")
    assert entry.ref.file == capture[0].name


def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    captures = pages(tmp_path, *[GOOD] * 200)
    with WorkerPool(2, time_limit_s=PATIENCE_S, memory_limit_bytes=MEMORY_LIMIT) as pool:
        pool.submit(*captures[0]).result()
        futures = [pool.submit(*capture) for capture in captures]
        for number in (20, 60, 100):
            futures[number].result()
            for worker in workers_of(os.getpid()):
                os.kill(worker, signal.SIGKILL)
                break
        assert {future.result().outcome.kind for future in futures} == {Kind.ARTICLE}


def test_idle_workers_that_die_are_replaced(tmp_path: Path) -> None:
    [capture] = pages(tmp_path, GOOD)
    with WorkerPool(2, time_limit_s=PATIENCE_S, memory_limit_bytes=MEMORY_LIMIT) as pool:
        for _ in range(3):
            assert pool.submit(*capture).result().outcome.kind is Kind.ARTICLE
            for worker in workers_of(os.getpid()):
                os.kill(worker, signal.SIGKILL)


def test_a_page_that_kills_every_worker_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [capture] = pages(tmp_path, MANY_ATTRIBUTES)
    received, killed = _Worker._received, set()

    def kill_who_has_the_page(worker: _Worker, limit_s: float) -> object:
        if limit_s == PATIENCE_S:
            killed.add(worker._process.pid)
            worker.kill()
        return received(worker, limit_s)

    monkeypatch.setattr(_Worker, "_received", kill_who_has_the_page)
    with WorkerPool(1, time_limit_s=PATIENCE_S, memory_limit_bytes=10**9) as pool:
        outcome = pool.submit(*capture).result().outcome
    assert (outcome.kind, outcome.reason) == (Kind.FAILED, "worker died (Killed)")
    assert len(killed) == 2


def processor_time(pid: int) -> float:
    """Seconds of CPU that the process has used; a fork begins at 0."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_signals_of_the_terminal_and_of_service_managers_are_the_parents(
    pool: WorkerPool, tmp_path: Path
) -> None:
    captures = pages(tmp_path, *[GOOD] * 40)
    pool.submit(*captures[0]).result()
    futures = [pool.submit(*capture) for capture in captures]
    before = workers_of(os.getpid())
    assert before
    for worker in before:
        os.kill(worker, signal.SIGINT)
        os.kill(worker, signal.SIGTERM)
    assert {future.result().outcome.kind for future in futures} == {Kind.ARTICLE}
    assert set(before) <= set(workers_of(os.getpid()))


def test_an_archive_that_cannot_be_read_is_the_callers_error(pool: WorkerPool, tmp_path: Path) -> None:
    [(path, offset)] = pages(tmp_path, GOOD)
    with pytest.raises(CaptureNotFound):
        pool.submit(tmp_path / "none.warc.gz", 0).result()
    data = bytearray(path.read_bytes())
    data[offset + 40] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(WarcFormatError):
        pool.submit(path, offset).result()


def test_closing_cancels_what_waits_and_what_runs(tmp_path: Path) -> None:
    captures = pages(tmp_path, *[MANY_ATTRIBUTES] * 6)
    pool = WorkerPool(2, time_limit_s=10 * PATIENCE_S, memory_limit_bytes=10**9)
    futures = [pool.submit(*capture) for capture in captures]
    assert wait_until(lambda: any(processor_time(worker) > 0.2 for worker in workers_of(os.getpid())))
    start = time.monotonic()
    pool.close()
    assert time.monotonic() - start < 30  # each page takes minutes
    assert len(wait(futures, timeout=PATIENCE_S).done) == 6
    for future in futures:
        with pytest.raises(CancelledError):
            future.result()
    pool.close()
    with pytest.raises(ValueError, match="closed"):
        pool.submit(*captures[0])
    assert not [thread for thread in threading.enumerate() if thread in pool._slots]


def test_a_cancelled_page_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    captures = pages(tmp_path, GOOD, MANY_ATTRIBUTES, GOOD)
    started, go_on = _Worker.started, threading.Event()
    monkeypatch.setattr(_Worker, "started", lambda *given: go_on.wait() and started(*given))
    with WorkerPool(1, time_limit_s=PATIENCE_S, memory_limit_bytes=10**9) as pool:
        first, cancelled, last = (pool.submit(*capture) for capture in captures)
        assert cancelled.cancel()
        go_on.set()
        assert first.result(PATIENCE_S).outcome.kind is Kind.ARTICLE
        assert last.result(PATIENCE_S).outcome.kind is Kind.ARTICLE


def test_a_pool_needs_a_process() -> None:
    with pytest.raises(ValueError, match="at least one"):
        WorkerPool(0, time_limit_s=1, memory_limit_bytes=1)


SCRIPT = """
import sys, time
from pathlib import Path
print("main", flush=True)
from archive.extraction.pool import WorkerPool
pool = WorkerPool(2, time_limit_s=1000, memory_limit_bytes=10**9)
futures = [pool.submit(Path(sys.argv[1]), int(offset)) for offset in sys.argv[2:]]
"""


def run_script(tmp_path: Path, end: str, captures: list[tuple[Path, int]]) -> "subprocess.Popen[str]":
    """A program without a ``__main__`` guard that has a pool."""
    script = tmp_path / "program.py"
    script.write_text(SCRIPT + textwrap.dedent(end))
    command = [sys.executable, str(script), str(captures[0][0]), *(str(offset) for _, offset in captures)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_the_parents_script_is_not_run_again(tmp_path: Path) -> None:
    captures = pages(tmp_path, GOOD, GOOD)
    process = run_script(
        tmp_path, "print([future.result().outcome.kind.value for future in futures])", captures
    )
    out, errors = process.communicate(timeout=PATIENCE_S)
    assert (out, errors, process.returncode) == ("main\n['article', 'article']\n", "", 0)


def test_a_program_that_forgets_to_close_ends_all_the_same(tmp_path: Path) -> None:
    captures = pages(tmp_path, MANY_ATTRIBUTES, MANY_ATTRIBUTES)
    process = run_script(tmp_path, "time.sleep(0.5); print('end')", captures)
    out, errors = process.communicate(timeout=PATIENCE_S)
    assert (out, errors, process.returncode) == ("main\nend\n", "", 0)


def test_busy_workers_die_with_a_killed_parent(tmp_path: Path) -> None:
    captures = pages(tmp_path, MANY_ATTRIBUTES, MANY_ATTRIBUTES)
    process = run_script(tmp_path, "time.sleep(600)", captures)
    try:
        assert wait_until(
            lambda: sum(processor_time(worker) > 0.2 for worker in workers_of(process.pid)) == 2
        )
        family = workers_of(process.pid) | children_of(process.pid)
        assert len(family) >= 3
    finally:
        process.kill()
        process.communicate()
    assert wait_until(lambda: not any(map(alive, family)))


def test_idle_workers_die_with_a_killed_parent(tmp_path: Path) -> None:
    captures = pages(tmp_path, GOOD, GOOD)
    process = run_script(
        tmp_path,
        "[future.result() for future in futures]; print('idle', flush=True); time.sleep(600)",
        captures,
    )
    try:
        assert process.stdout
        assert [process.stdout.readline(), process.stdout.readline()] == ["main\n", "idle\n"]
        family = workers_of(process.pid) | children_of(process.pid)
        assert len(family) >= 3
    finally:
        process.kill()
        process.communicate()
    assert wait_until(lambda: not any(map(alive, family)))
