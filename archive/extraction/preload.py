"""Imported once by the server process that every worker is forked from: a new worker starts warm, in milliseconds.

The parent's script is not run again in the workers, as multiprocessing otherwise does: it has nothing they need, may
have no ``__main__`` guard, and may import all of Scrapy. Signals of the terminal and of service managers, which reach
the whole process group, are left to the parent; workers end when it does.
"""

import gc
import os
import signal
from collections.abc import Mapping
from multiprocessing import spawn
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads, and a fork has only one

from archive.extraction.worker import warm_up

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)

_prepare = spawn.prepare


def prepare_without_main(data: Mapping[str, Any]) -> None:
    _prepare({name: value for name, value in data.items() if not name.startswith("init_main_from")})


spawn.prepare = prepare_without_main
warm_up()
gc.collect()
gc.freeze()  # what is loaded now stays: collections need not look at it, nor copy its pages
