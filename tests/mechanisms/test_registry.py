"""Names, options and claims: everything is registered, and what is misspelt is refused in one line."""

import ast
from pathlib import Path
from typing import Any

import pytest

import mechanisms
from mechanisms import (
    CentralExchange,
    InputError,
    bidding,
    get_plugin,
    mechanism,
    mechanism_names,
    plugin_names,
    resolve,
)
from mechanisms.registry import _plugins

FOLDER = Path(mechanisms.__file__).parent


def declared(path: Path) -> list[str]:
    """Names that a file registers with ``@mechanism("name", ...)``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    decorators = [d for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for d in node.decorator_list]
    calls = [
        d for d in decorators if isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id == "mechanism"
    ]
    return [ast.literal_eval(call.args[0]) for call in calls]


def test_every_rule_file_is_registered() -> None:
    found = {name: path.stem for path in FOLDER.glob("*.py") for name in declared(path)}
    assert {"uniform-price", "vickrey", "double-auction"} <= set(found)
    for name, module in found.items():
        assert get_plugin("mechanism", name).function.__module__ == f"mechanisms.{module}"


@pytest.mark.parametrize("name", mechanism_names())
def test_every_mechanism_says_what_it_does(name: str) -> None:
    plugin = get_plugin("mechanism", name)
    assert plugin.summary.endswith(".")
    assert "\n" not in plugin.summary


def refused(action: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        action(*arguments, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_name_is_taken_once() -> None:
    assert refused(mechanism("vickrey"), lambda book, draws: None) == (
        "mechanism: 'vickrey' is already registered by mechanisms.vickrey"
    )
    assert get_plugin("mechanism", "vickrey").function is mechanisms.vickrey.vickrey


def test_kinds_do_not_share_names() -> None:
    bidding("vickrey")(lambda *arguments: None)
    assert "vickrey" in plugin_names("bidding")
    del _plugins["bidding", "vickrey"]


@pytest.mark.parametrize("name", ["", "Vickrey", "a b", "a:b:c", "-x", "k=1"])
def test_bad_name(name: str) -> None:
    assert refused(mechanism(name), lambda book, draws: None).startswith(f"mechanism: name {name!r} does not match")


def test_bad_claims() -> None:
    assert refused(mechanism, "x", truthful="yes") == (
        "truthful: 'yes' is not one of no, unit, single-order, multi-unit"
    )
    assert refused(mechanism, "x", stochastic="maybe") == "stochastic: 'maybe' is not one of True, False"
    assert refused(mechanism, "x", truthfull="no") == (
        "mechanism x: fact: 'truthfull' is not known; did you mean 'truthful'?"
    )


BAD_SPECS = [
    ("uniform-prise", {}, "mechanism: 'uniform-prise' is not known; did you mean 'uniform-price'?"),
    ("vikrey:k=1", {}, "mechanism: 'vikrey' is not known; did you mean 'vickrey'?"),
    ("uniform-price", {"k": 1.3}, "mechanism.options.k: 1.3 is not in [0, 1]"),
    ("uniform-price:k=1.3", {}, "mechanism.options.k: 1.3 is not in [0, 1]"),
    ("uniform-price", {"k": -0.1}, "mechanism.options.k: -0.1 is not in [0, 1]"),
    ("uniform-price", {"k": float("nan")}, "mechanism.options.k: nan is not a finite number"),
    ("uniform-price", {"k": None}, "mechanism.options.k: None is not a number"),
    ("uniform-price:k=half", {}, "mechanism.options.k: 'half' is not a number"),
    ("uniform-price", {"kk": 1}, "mechanism.options.kk: is not a known setting; did you mean 'k'?"),
    ("vickrey", {"k": 1}, "mechanism.options.k: is not a known setting; there are none here"),
    ("uniform-price:k=", {}, "mechanism: 'uniform-price:k=' is not name:key=value,key=value with each key once"),
    (
        "uniform-price:k=0,k=1",
        {},
        "mechanism: 'uniform-price:k=0,k=1' is not name:key=value,key=value with each key once",
    ),
    ("uniform-price:k=0", {"k": 1}, "mechanism: give options in 'uniform-price:k=0' or apart, not both"),
    (3, {}, "mechanism: 3 is not a name"),
]


@pytest.mark.parametrize(("spec", "options", "message"), BAD_SPECS)
def test_bad_spec(spec: Any, options: dict[str, Any], message: str) -> None:
    assert refused(CentralExchange, spec, **options) == message


def test_unknown_name_far_from_all_lists_the_names() -> None:
    assert refused(CentralExchange, "xyzzy").endswith("known: " + ", ".join(mechanism_names()))


@pytest.mark.parametrize("k", [0.0, 0.1, 1 / 3, 0.1234567, 1.0])
def test_labels_tell_settings_apart_and_can_be_typed(k: float) -> None:
    rule = resolve("mechanism", "uniform-price", {"k": k})
    assert resolve("mechanism", rule.label).options == {"k": k}
    assert (rule.label == "uniform-price") == (k == 1.0)


def test_where_names_the_setting() -> None:
    with pytest.raises(InputError, match=r"^market\.mechanism\.options\.k: 2 is not in \[0, 1\]$"):
        resolve("mechanism", "uniform-price", {"k": 2}, where="market.mechanism")
