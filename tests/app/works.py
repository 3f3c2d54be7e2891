"""Work for the tests of background jobs: functions that a process of its own imports."""

import os
import time
import warnings

from mechanisms import InputError


def counts(steps, progress):
    for step in range(1, steps + 1):
        progress(step / steps)
    print("what is printed does not disturb the answers")
    warnings.warn("mind the gap", stacklevel=1)
    return os.getpid()


def sleeps(seconds, progress):
    progress(0.5)
    time.sleep(seconds)


def mistakes(progress):
    raise InputError("labs.count: 0 is not in\n[1, 10]")


def dies(progress):
    os._exit(3)


def unpicklable(progress):
    return lambda: None
