"""The plug-in registry: mechanisms, bidding rules and audit policies by name, with options and declared facts.

A plug-in is a plain function. Its options are its keyword parameters: their annotations and defaults are the options'
schema, so an option has one home and a misspelt one is refused before anything runs. Importing a module registers its
plug-ins; `mechanisms.loading` says which modules are imported by themselves.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from mechanisms.errors import InputError, options_error, unknown
from mechanisms.loading import load_outside

Kind = Literal["mechanism", "bidding", "policy"]
POSITIONAL: dict[str, int] = {"mechanism": 2, "bidding": 4, "policy": 2}


@dataclass(frozen=True)
class Facts:
    """What a mechanism claims; a test looks for a witness against every claim.

    Parameters
    ----------
    truthful : the widest demand for which reporting true values is a dominant strategy
    budget : ``strong`` lab payments are the house's sales at one price, ``weak`` never a deficit, ``none`` no claim
    efficient : ``for reports`` means the highest reports hold the permits
    monotone : the widest demand for which raising a bid, or an ask, never leaves the lab with fewer permits
    padding_proof : asking for more permits than wanted, at no more than the lowest true price, never pays
    stochastic : chance decides more than ties
    two_sided : labs may sell
    single_price : all trades at one price
    indivisible : honours ``divisible=False`` above one permit
    """

    truthful: Literal["no", "unit", "single-order", "multi-unit"] = "no"
    budget: Literal["strong", "weak", "none"] = "weak"
    efficient: Literal["for reports", "no"] = "no"
    monotone: Literal["no", "unit", "single-order", "multi-unit"] = "no"
    padding_proof: bool = False
    stochastic: bool = False
    two_sided: bool = True
    single_price: bool = False
    indivisible: bool = False

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(Facts).items():
            known, value = get_args(hint) or (True, False), getattr(self, name)
            if value not in known:
                raise InputError(f"{name}: {value!r} is not one of {', '.join(map(str, known))}")


@dataclass(frozen=True)
class Plugin:
    """A registered function with its options' schema."""

    kind: Kind
    name: str
    function: Callable[..., Any]
    options: type[BaseModel]
    summary: str
    batched: bool = False
    facts: Facts = field(default_factory=Facts)
    after_clearing: bool = False
    fixed: bool = False
    prepares: bool = False
    remembers: bool = False

    def bind(self, options: Mapping[str, Any], where: str) -> Bound:
        """Check options and fix them; InputError names the option, the value and what is allowed."""
        try:
            checked = self.options.model_validate(dict(options))
        except ValidationError as error:
            raise options_error(error, self.options.model_fields, where) from None
        return Bound(self, {name: getattr(checked, name) for name in self.options.model_fields})


@dataclass(frozen=True)
class Bound:
    """A plug-in with its options fixed, ready to call."""

    plugin: Plugin
    options: dict[str, Any]

    def __call__(self, *arguments: Any) -> Any:
        """Call the function with its options."""
        return self.plugin.function(*arguments, **self.options)

    @property
    def label(self) -> str:
        """Name with the options that differ from their defaults, such as ``uniform-price:k=0``."""
        fields = self.plugin.options.model_fields
        changed = [f"{k}={_shown(v)}" for k, v in self.options.items() if v != fields[k].default]
        return self.plugin.name + (":" + ",".join(changed) if changed else "")


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


_plugins: dict[tuple[str, str], Plugin] = {}


def _options_model(function: Callable[..., Any], positional: int) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())[positional:]
    fields: dict[str, Any] = {
        p.name: (hints.get(p.name, Any), ... if p.default is p.empty else p.default) for p in parameters
    }
    config = ConfigDict(extra="forbid", allow_inf_nan=False)
    return create_model(f"{function.__name__}_options", __config__=config, **fields)


def _same(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether a function is another one defined anew: by its name in the module, or in a file that is loaded twice."""
    if one.__qualname__ != other.__qualname__:
        return False
    return one.__module__ == other.__module__ or inspect.getsourcefile(one) == inspect.getsourcefile(other)


def _register(kind: Kind, name: str, function: Callable[..., Any], **details: Any) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*(:[a-z0-9_-]+)?", name):
        raise InputError(f"{kind}: name {name!r} does not match [a-z0-9_-], optionally with one prefix:")
    old = _plugins.get((kind, name))
    if old and not _same(old.function, function):
        raise InputError(f"{kind}: {name!r} is already registered by {old.function.__module__}")
    summary = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
    positional = 1 if details.get("prepares") else POSITIONAL[kind] + bool(details.get("remembers"))
    _plugins[kind, name] = Plugin(kind, name, function, _options_model(function, positional), summary, **details)


def mechanism(name: str, *, batched: bool = False, **facts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register ``(book, draws, **options) -> fills, payments`` as a mechanism.

    Parameters
    ----------
    name : str
        What users type.
    batched : bool
        The function takes books with leading axes; otherwise it is called book by book.
    **facts
        See `Facts`; nothing is claimed unless said.

    Examples
    --------
    >>> from mechanisms import CentralExchange, OrderBook
    >>> @mechanism("nobody-trades")
    ... def nobody_trades(book, draws):
    ...     "Leaves every permit where it is."
    ...     return 0 * book.price, 0 * book.price
    >>> float(CentralExchange("nobody-trades").clear(OrderBook.of([2.0, 1.0], supply=1)).volume)
    0.0
    >>> del _plugins["mechanism", "nobody-trades"]
    """
    for fact in facts:
        if fact not in Facts.__dataclass_fields__:
            raise unknown(f"mechanism {name}: fact", fact, Facts.__dataclass_fields__)
    claims = Facts(**facts)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _register("mechanism", name, function, batched=batched, facts=claims)
        return function

    return decorate


def bidding(
    name: str, *, batched: bool = False, prepares: bool = False, remembers: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register ``(net_value, endowment, expected_penalty, draws, **options) -> values`` as a bidding rule.

    Arrays are (labs, units): `net_value` in M$ per unit, `expected_penalty[:, m-1]` in M$ for m uncovered units, the
    result in M$ per permit; `endowment` is (labs,). With ``batched`` they may have leading axes.

    With ``prepares`` the function is ``(scenario, **options) -> rule``, called once before the first month, for bidding
    that depends on the scenario and its mechanism; the rule then takes the four arrays above, with leading axes.

    With ``remembers`` the function (then also ``batched``) takes one more argument before its options: `memory`, a dict
    of the market's own, empty in the first month, which the function reads and fills. From the second month on the
    market puts last month's outcome there: `endowment`, `held` and `paid`, each (*lead, labs).
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _register("bidding", name, function, batched=batched or prepares, prepares=prepares, remembers=remembers)
        return function

    return decorate


def policy(
    name: str, *, after_clearing: bool = False, fixed: bool = False, remembers: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register ``(announced, observed, **options) -> (audit_high, audit_low)`` as an audit policy.

    Called before phase 1 of each month, or of the first alone where it is ``fixed``; with ``after_clearing`` again
    after phase 2, when `observed` holds the clearing, and the first call then gives the strongest policy that the labs
    have to reckon with. Results are probabilities that
    broadcast to (*lead, labs); a third result marks the worlds in which the policy cannot reach its target. More can be
    said in an `agents.economics.AuditRates`: costs that a violation has for labs later, and a fixed number of audits.

    With ``remembers`` the function takes one more argument before its options: `memory`, a dict of the market's own,
    empty in the first month, which the function reads and fills.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _register("policy", name, function, after_clearing=after_clearing, fixed=fixed, remembers=remembers)
        return function

    return decorate


def plugin_names(kind: Kind) -> list[str]:
    """Names registered for one kind, sorted."""
    load_outside()
    return sorted(name for k, name in _plugins if k == kind)


def mechanism_names() -> list[str]:
    """Names of all mechanisms.

    >>> {"uniform-price", "vickrey", "double-auction"} <= set(mechanism_names())
    True
    """
    return plugin_names("mechanism")


def get_plugin(kind: Kind, name: str, where: str | None = None) -> Plugin:
    """Look up one plug-in; InputError gives the nearest name."""
    if (kind, name) not in _plugins:
        load_outside()
    if (kind, name) not in _plugins:
        raise unknown(where or kind, name, plugin_names(kind))
    return _plugins[kind, name]


def resolve(kind: Kind, spec: str, options: Mapping[str, Any] | None = None, where: str | None = None) -> Bound:
    """A plug-in with options from ``name`` or ``name:key=value,key=value``.

    >>> resolve("mechanism", "uniform-price:k=0").label
    'uniform-price:k=0'
    """
    where = where or kind
    name, given = _split(kind, spec, where)
    if given and options:
        raise InputError(f"{where}: give options in {spec!r} or apart, not both")
    return get_plugin(kind, name, where).bind(given or options or {}, f"{where}.options")


def _split(kind: Kind, spec: str, where: str) -> tuple[str, dict[str, str]]:
    if not isinstance(spec, str):
        raise InputError(f"{where}: {spec!r} is not a name")
    head, colon, tail = spec.rpartition(":")
    if not colon or "=" not in tail:
        return spec, {}
    pairs = [pair.partition("=") for pair in tail.split(",")]
    bad = [key for key, equals, value in pairs if not (key.strip() and equals and value.strip())]
    given = {key.strip(): value.strip() for key, _, value in pairs}
    if bad or len(given) < len(pairs):
        raise InputError(f"{where}: {spec!r} is not name:key=value,key=value with each key once")
    return head, given
