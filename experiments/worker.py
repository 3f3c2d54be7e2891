"""A process that does one piece of work for another: it is sent a function, tells how far it is, and sends the answer.

Messages are pickles. What comes in: the function and its arguments. What goes out: ``("progress", share)`` and
``("warning", line)``, then ``("done", answer)`` or ``("failed", line)``. The process ends as soon as the one that
started it has gone, however that went.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any, BinaryIO

from mechanisms import InputError
from mechanisms.loading import load_outside

Say = Callable[[str, Any], None]

BOOTSTRAP = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from experiments.worker import main; main()"
)
"""Python that makes a process a worker; it is sent `sys.path` first, so that it imports what its starter does."""


def main() -> None:
    """Do the work that standard input brings, and answer on what was standard output."""
    say = partial(_say, _answers())
    warnings.showwarning = lambda message, *_, **__: say("warning", _line(message))
    try:
        load_outside()
        work, arguments, named = pickle.load(sys.stdin.buffer)
        Thread(target=_end_with_starter, daemon=True).start()
        say("done", work(*arguments, **named, progress=partial(say, "progress")))
    except InputError as error:
        say("failed", _line(error))
    except MemoryError as error:
        say("failed", _line(f"not enough memory: {error}"))
    except Exception as error:  # whatever it is, the one who waits for an answer gets one
        say("failed", _line(f"{type(error).__name__}: {error}"))


def _answers() -> BinaryIO:
    """The way back; whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _say(answers: BinaryIO, kind: str, content: Any) -> None:
    answers.write(pickle.dumps((kind, content)))
    answers.flush()


def _line(words: object) -> str:
    return " ".join(str(words).split())


def _end_with_starter() -> None:
    """Standard input stays open as long as the starter lives."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    end()


def end() -> None:
    """End this worker at once, with the processes that it has started."""
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
