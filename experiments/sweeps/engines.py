"""Engines: where the chunks of a sweep are computed. All give the same answers, in any order, whoever dies."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import Any, TypeVar

from experiments.ensemble import check_jobs
from mechanisms import InputError

Answer = TypeVar("Answer")
Compute = Callable[[int], tuple[Callable[..., Any], tuple[Any, ...]]]
"""From a chunk's number to the function that computes it and its arguments, which can go to another process."""

AHEAD = 2
"""Chunks handed out for each worker: one that it computes and one that waits."""
ATTEMPTS = 3
"""Times that workers may die without a chunk in between before the sweep gives up."""
PATIENCE = 10
"""Seconds to wait for a scheduler to answer."""


def check_engine(engine: str, jobs: int) -> str | None:
    """Address of a Dask scheduler, None for this machine; InputError for anything else.

    >>> check_engine("local", 2), check_engine("dask=tcp://10.0.0.1:8786", 1)
    (None, 'tcp://10.0.0.1:8786')
    """
    check_jobs(jobs)
    name, equals, address = engine.partition("=")
    if engine == "local":
        return None
    if name != "dask" or not equals or not address:
        raise InputError(f"engine: {engine!r} is neither local nor dask=tcp://host:port")
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise InputError("engine: dask is not installed; install permit-lab[cluster]") from None
    return address


def answers(engine: str, jobs: int, chunks: Iterator[int], compute: Compute) -> Iterator[tuple[int, Any]]:
    """Each chunk's number with its answer, as they come.

    Parameters
    ----------
    engine : str
        ``local``, or ``dask=`` and a scheduler's address.
    jobs : int
        Local processes; 1 computes in this one, -1 starts one a core. A cluster has as many as it has.
    """
    address = check_engine(engine, jobs)
    if address:
        return _on_dask(address, chunks, compute)
    return _here(chunks, compute) if jobs == 1 else _in_processes(jobs, chunks, compute)


def _here(chunks: Iterator[int], compute: Compute) -> Iterator[tuple[int, Any]]:
    for chunk in chunks:
        function, arguments = compute(chunk)
        yield chunk, function(*arguments)


def _in_processes(jobs: int, chunks: Iterator[int], compute: Compute) -> Iterator[tuple[int, Any]]:
    """From local processes; those killed are replaced, and what they were at is computed again."""
    from joblib import effective_n_jobs
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    size, open_chunks, deaths = effective_n_jobs(jobs), list[int](), 0
    while deaths < ATTEMPTS:
        executor = get_reusable_executor(size, initializer=_undisturbed, kill_workers=deaths > 0)
        try:
            for answer in _window(executor, AHEAD * size, chunks, open_chunks, compute):
                deaths = 0
                yield answer
            return
        except BrokenProcessPool:
            deaths += 1
        except BaseException:
            executor.shutdown(wait=False, kill_workers=True)
            raise
    raise InputError(f"engine: worker processes died {ATTEMPTS} times at chunks {open_chunks}; is there enough memory?")


def _undisturbed() -> None:
    """Ctrl-C is for the process that holds the results; it ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _window(
    executor: Executor, size: int, chunks: Iterator[int], open_chunks: list[int], compute: Compute
) -> Iterator[tuple[int, Any]]:
    """Answers from an executor that is never handed more than a few chunks at a time.

    `open_chunks` always names those handed out and not answered, so that they can be handed to another executor.
    """
    running: dict[Future[Any], int] = {}

    def hand_out(chunk: int) -> None:
        function, arguments = compute(chunk)
        running[executor.submit(function, *arguments)] = chunk

    for chunk in list(open_chunks):
        hand_out(chunk)
    while True:
        for chunk in islice(chunks, max(0, size - len(running))):
            open_chunks.append(chunk)
            hand_out(chunk)
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            answer = future.result()
            chunk = running.pop(future)
            open_chunks.remove(chunk)
            yield chunk, answer


def _on_dask(address: str, chunks: Iterator[int], compute: Compute) -> Iterator[tuple[int, Any]]:
    """From the workers of a Dask cluster, which may come and go."""
    from distributed import Client, as_completed
    from distributed.scheduler import KilledWorker

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"engine: no Dask scheduler answers at {address} ({type(error).__name__})") from None
    with client:
        running: dict[Any, int] = {}
        done = as_completed(loop=client.loop)

        def refill() -> None:
            size = AHEAD * max(1, sum(client.nthreads().values()))
            for chunk in islice(chunks, max(0, size - len(running))):
                function, arguments = compute(chunk)
                future = client.submit(function, *arguments, pure=False, retries=ATTEMPTS)
                running[future] = chunk
                done.add(future)

        refill()
        for future in done:
            chunk = running.pop(future)
            try:
                answer = future.result()
            except KilledWorker:
                raise InputError(f"engine: chunk {chunk} killed several workers; is there enough memory?") from None
            except ModuleNotFoundError as error:
                raise InputError(f"engine: workers cannot import {error.name}; install the project there") from None
            yield chunk, answer
            refill()
