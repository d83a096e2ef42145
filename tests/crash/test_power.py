"""The power goes after any sync: what was acknowledged by then is there, however the rest of each file ended."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.power import Durable, watched
from tests.crash.steps import BASE, Steps

RECURRING = {f"{BASE}/", f"{BASE}/section/0"}
TAILS: dict[str, Callable[[bytes], bytes]] = {
    "dropped": lambda _: b"",
    "zeroed": lambda data: bytes(len(data)),
    "halved": lambda data: data[: len(data) // 2],
    "kept": lambda data: data,
}


@pytest.mark.parametrize("tail", TAILS)
def test_what_was_acknowledged_survives(tmp_path: Path, tail: str) -> None:
    steps = Steps(tmp_path / "news", articles=2)
    images: list[tuple[Path, set[str]]] = []

    def cut() -> None:
        if steps.fetched:
            target = tmp_path / f"image{len(images)}"
            durable.image(target, TAILS[tail])
            images.append((target, set(steps.acknowledged)))

    with watched(Durable(steps.root)) as durable:
        tmp_path_is_durable(durable, tmp_path)
        durable.on_sync = cut
        assert steps.run() is None
    assert len(images) > 10
    for image, acknowledged in images:
        goes_on(image, acknowledged)


def goes_on(image: Path, acknowledged: set[str]) -> None:
    again = Steps(image, articles=2)
    assert again.run() is None
    assert again.faults == []
    assert acknowledged <= again.captured.keys()
    if set(again.fetched) != RECURRING:  # all was there: a new run began
        assert not acknowledged & set(again.fetched), "fetched again, though it was acknowledged"
    shutil.rmtree(image)


def tmp_path_is_durable(durable: Durable, tmp_path: Path) -> None:
    durable.names[tmp_path] = {}
