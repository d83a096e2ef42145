"""Limits that no slow machine reaches: only what hangs, or grows by squares, is to fail by time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 240.0
"""For what comes within seconds. Below pytest's own limit, so that it is the test that says what did not come."""
STEADY_CPU_S = 30.0
"""For an input that is made to be slow: read step by step it costs a second or two, by squares minutes."""


@contextmanager
def steady() -> Iterator[None]:
    """What is done inside is to take no more than STEADY_CPU_S of processor time, however busy the machine is."""
    start = time.process_time()
    yield
    assert time.process_time() - start < STEADY_CPU_S
