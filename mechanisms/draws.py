"""All chance in the lab: uniforms that depend on seed, month, purpose and place alone.

A counter-based generator: the k-th draw of a stream is the SplitMix64 output for counter k, and a stream's key is
hashed from (seed, purpose, month). Nothing is consumed, so asking twice, in another order, for one world or for a
thousand gives the same numbers: mechanisms meet the same labs and the same luck (common random numbers).

References
----------
Box, G. E. P., Muller, M. E. (1958). A note on the generation of random normal deviates. Annals of Mathematical
Statistics 29, 610-611.
Steele, G. L., Lea, D., Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mechanisms.errors import InputError

Array = NDArray[Any]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_MONTHS = 16
_TICKETS = np.float32(2**24)


def _mix(z: Array) -> Array:
    """SplitMix64's finaliser, a bijection of 64-bit words, in place."""
    shifted = z >> np.uint64(30)
    z ^= shifted
    z *= _MIX_1
    z ^= np.right_shift(z, np.uint64(27), out=shifted)
    z *= _MIX_2
    z ^= np.right_shift(z, np.uint64(31), out=shifted)
    return z


@lru_cache(maxsize=256)
def _purpose_key(purpose: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "little"))


@lru_cache(maxsize=64)
def _counters(shape: tuple[int, ...]) -> Array:
    """Counter of each place: lab + 2**32 * unit, so a lab's draws do not depend on how many labs there are."""
    counters = (np.arange(shape[-1], dtype=np.uint64) + np.uint64(1)) * _GAMMA
    if len(shape) == 2:
        counters = counters + (np.arange(shape[0], dtype=np.uint64) * np.uint64((int(_GAMMA) << 32) % 2**64))[:, None]
    counters.flags.writeable = False
    return counters


class Draws:
    """The chance of one month in one world or many.

    Parameters
    ----------
    seed : int or array of int, shape lead
        World seeds in [0, 2**64). Worlds that share a seed share every draw.
    month : int
        Months count from 0; month -1 holds what is drawn once a world.

    Examples
    --------
    >>> one, many = Draws(7), Draws([6, 7])
    >>> bool((one.uniform("signals", 5) == many.uniform("signals", 5)[1]).all())
    True
    >>> Draws(7, month=1).uniform("signals", 2).shape, many.uniform("values", 3, 5).shape
    ((2,), (2, 3, 5))
    """

    def __init__(self, seed: ArrayLike = 0, month: int = 0) -> None:
        seeds = check_seeds(seed)
        self.lead = seeds.shape
        self.month = month
        unique, inverse = np.unique(seeds, return_inverse=True)
        repeats = unique.size < seeds.size
        self._seeds = unique if repeats else seeds.reshape(-1)
        self._shared = inverse.reshape(-1) if repeats else None
        self._streams: dict[str, tuple[int, Array]] = {}

    def _copy(self, **changes: Any) -> Draws:
        other = object.__new__(Draws)
        other.__dict__ |= self.__dict__ | changes
        return other

    def at(self, month: int) -> Draws:
        """The same worlds in another month."""
        return self._copy(month=month)

    def world(self, index: int) -> Draws:
        """One world of many (leading axes flattened); a single world serves every market."""
        if not self.lead:
            return self
        place = index if self._shared is None else self._shared[index]
        return self._copy(lead=(), _seeds=self._seeds[place : place + 1], _shared=None, _streams={})

    def some(self, worlds: Array) -> Draws:
        """Some worlds of many, by their places on the one leading axis.

        >>> Draws([5, 6, 7]).some(np.array([2])).uniform("signals", 1) == Draws(7).uniform("signals", 1)
        array([[ True]])
        """
        seeds = self._seeds if self._shared is None else self._seeds[self._shared]
        return Draws(seeds[worlds], self.month)

    def repeated(self, times: int) -> Draws:
        """The same luck several times over, on a new first axis: for alternatives tried out in the same worlds.

        >>> Draws([5, 6]).repeated(3).uniform("signals", 4).shape
        (3, 2, 4)
        """
        places = np.arange(self._seeds.size) if self._shared is None else self._shared
        return self._copy(lead=(times, *self.lead), _shared=np.tile(places, times))

    def _keys(self, purpose: str) -> Array:
        """The key of each seed's stream this month, (seeds,); worked out for some months together."""
        block, place = divmod(self.month + 1, _MONTHS)
        known, keys = self._streams.get(purpose, (-1, self._seeds))
        if known != block:
            months = (np.arange(_MONTHS, dtype=np.uint64) + np.uint64(block * _MONTHS + 1)) * _GAMMA
            keys = _mix(_mix(self._seeds + _purpose_key(purpose)) + months[:, None])
            self._streams[purpose] = block, keys
        return keys[place]

    def _words(self, purpose: str, shape: tuple[int, ...]) -> Array:
        """Random 64-bit words, (seeds, *shape)."""
        return _mix(self._keys(purpose).reshape(-1, *(1,) * len(shape)) + _counters(shape))

    def _spread(self, per_seed: Array) -> Array:
        worlds = per_seed if self._shared is None else per_seed[self._shared]
        return worlds.reshape(self.lead + per_seed.shape[1:])

    def uniform(self, purpose: str, *shape: int) -> Array:
        """Uniforms in [0, 1) with 53 random bits, shape (*lead, labs) or (*lead, units, labs)."""
        words = self._words(purpose, shape)
        words >>= np.uint64(11)
        return self._spread(words * 2.0**-53)

    def luck(self, purpose: str, labs: int) -> Array:
        """Uniforms in [0, 1) with 24 random bits, (*lead, labs): for events, at a third of the cost of `uniform`.

        >>> bool(((luck := Draws(0).luck("signals", 1000)) < 1).all()), round(float(luck.mean()), 1)
        (True, 0.5)
        """
        return self._spread(self._tickets(purpose, labs).astype(np.float32) / _TICKETS)

    def happens(self, purpose: str, labs: int, *chances: Any) -> tuple[Array, ...]:
        """Whether the luck of a purpose falls below each chance, bool (*lead, labs) for each.

        A chance, broadcast to (*lead, labs), is first made as coarse as luck is.

        >>> [float(likely.mean().round(1)) for likely in Draws(0).happens("signals", 1000, 0.2, 0.7)]
        [0.2, 0.7]
        """
        tickets = self._spread(self._tickets(purpose, labs))
        return tuple(tickets < np.ceil(np.asarray(p, dtype=np.float32) * _TICKETS).astype(np.uint32) for p in chances)

    def _tickets(self, purpose: str, labs: int) -> Array:
        """24 random bits for each lab as whole numbers, (seeds, labs)."""
        halves = self._words(purpose, ((labs + 1) // 2,)).view("<u4")
        halves >>= np.uint32(8)
        return halves[..., :labs]

    def normal(self, purpose: str, labs: int) -> Array:
        """Standard normals, (*lead, labs), by the transformation of Box and Muller: two labs share a random point.

        In single precision (float32), in which NumPy's sine is ten times as fast, and which a simulation cannot tell
        apart.

        >>> sample = Draws(range(100)).normal("noise", 1000)
        >>> round(float(sample.mean()), 2) + 0.0, round(float(sample.std()), 2)
        (0.0, 1.0)
        """
        pairs = self._words(purpose, ((labs + 1) // 2,)).view("<u4").astype(np.float32)
        first, second = pairs[:, ::2], pairs[:, 1::2]
        angle = first * np.float32(2.0 * np.pi * 2.0**-32)
        radius = (second + np.float32(0.5)) * np.float32(2.0**-32)
        np.sqrt(np.multiply(np.log(radius, out=radius), np.float32(-2.0), out=radius), out=radius)
        np.multiply(radius, np.cos(angle), out=first)
        np.multiply(radius, np.sin(angle), out=second)
        return self._spread(pairs[:, :labs])

    def lots(self, purpose: str, labs: int) -> Array:
        """Distinct 32-bit words, (*lead, labs), to draw some labs by: random bits, and below them the lab's place.

        >>> lots = Draws(0).lots("endowments", 1000)
        >>> lots.dtype, len(set(lots.tolist()))
        (dtype('uint32'), 1000)
        """
        place_bits = np.uint32(max(labs - 1, 1).bit_length())
        halves = self._words(purpose, ((labs + 1) // 2,)).view("<u4")[..., :labs]
        halves >>= place_bits
        halves <<= place_bits
        halves |= np.arange(labs, dtype=np.uint32)
        return self._spread(halves)

    def priority(self, purpose: str, labs: int) -> Array:
        """Distinct random 64-bit words, shape (*lead, labs): the smaller goes first."""
        return self._spread(self._words(purpose, (labs,)))


class Calendar(Draws):
    """Some months of one world as if each were a world of its own, on one leading axis.

    >>> months = Calendar(Draws(7), range(3))
    >>> bool((months.uniform("signals", 5)[2] == Draws(7, month=2).uniform("signals", 5)).all())
    True
    """

    def __init__(self, draws: Draws, months: range) -> None:
        self.__dict__ |= draws.__dict__
        self._one, self._months = draws, months
        self.lead = (len(months),)

    def at(self, month: int) -> Draws:
        """The same months, whichever is asked for."""
        return self

    def world(self, index: int) -> Draws:
        """One of the months."""
        return self._one.at(self._months[index])

    def _keys(self, purpose: str) -> Array:
        months = (np.arange(self._months.start, self._months.stop, dtype=np.uint64) + np.uint64(2)) * _GAMMA
        return _mix(_mix(self._seeds + _purpose_key(purpose)) + months)


def smallest(words: Array, places: Any) -> Array:
    """Mark the smallest distinct words of each row, as many as there are places, bool (*lead, words).

    >>> smallest(np.array([[5, 1, 3], [2, 9, 4]]), 2).tolist(), smallest(np.array([5, 1, 3]), np.array([0])).tolist()
    ([[False, True, True], [True, False, True]], [False, False, False])
    """
    ranked, count = np.sort(words, axis=-1), np.minimum(places, words.shape[-1]).astype(np.intp)
    if count.size == 1:
        some = count.item()
        return np.asarray(words <= ranked[..., some - 1, None]) if some else np.zeros(words.shape, dtype=bool)
    last = np.take_along_axis(ranked, np.maximum(count, 1) - 1, axis=-1)
    return (words <= last) & (count > 0)


def served_in_turn(counts: Array, words: Array) -> Array:
    """Running sum of labs' counts (*lead, labs) in the order of their distinct words, each lab's own included.

    >>> served_in_turn(np.array([2, 0, 1]), np.array([5, 1, 9], dtype=np.uint64)).tolist()
    [2, 0, 3]
    """
    labs = counts.shape[-1]
    place = np.uint64((1 << labs.bit_length()) - 1)  # in the last bits of a word: sorting takes a third of an argsort
    order = (np.sort(words & ~place | np.arange(labs, dtype=np.uint64), axis=-1) & place).astype(np.intp)
    order += np.arange(0, counts.size, labs).reshape(*counts.shape[:-1], 1)
    upto = np.empty(counts.shape, dtype=np.int32)
    upto.reshape(-1)[order] = np.cumsum(counts.reshape(-1)[order], axis=-1, dtype=np.int32)
    return upto


def check_seeds(seed: ArrayLike) -> Array:
    """World seeds as an array of unsigned 64-bit words.

    >>> check_seeds(-1)
    Traceback (most recent call last):
    mechanisms.errors.InputError: seed: -1 is not a whole number in [0, 2**64)
    """
    words = list(seed) if isinstance(seed, range) else seed
    given = words if isinstance(words, np.ndarray) else np.asarray(words, dtype=object)
    if given.size == 0:
        raise InputError("seed: at least one is needed")
    if given.dtype.kind not in "iu":
        for value in given.astype(object).flat:
            if not isinstance(value, int | np.integer) or isinstance(value, bool) or not 0 <= value < 2**64:
                shown = repr(value) if isinstance(value, str) else value
                raise InputError(f"seed: {shown} is not a whole number in [0, 2**64)")
    elif given.min() < 0:
        raise InputError(f"seed: {given.min()} is not a whole number in [0, 2**64)")
    return given.astype(np.uint64)
