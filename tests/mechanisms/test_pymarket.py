"""PyMarket both ways: its mechanisms in our exchange, ours in its market."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from pydantic import Field

import mechanisms
from mechanisms import CentralExchange, Clearing, Draws, InputError, OrderBook, get_plugin, mechanism, mechanism_names
from mechanisms.pymarket_bridge import estimated_seconds, from_pymarket, register_pymarket
from mechanisms.pymarket_run import Table, load_pymarket, undisturbed
from mechanisms.registry import _plugins

pymarket = load_pymarket()

NAMES = ["pymarket:p2p", "pymarket:huang", "pymarket:muda"]
BIDS = [(1, p) for p in (6.7, 6.6, 6.5, 6.4, 6.3, 6.0)]
ASKS = [(1, 1.0), (1, 2.0), (2, 3.0), (2, 4.0), (1, 6.1)]


def documented_market() -> Any:
    market = pymarket.Market()
    for user, (quantity, price) in enumerate(BIDS + ASKS):
        market.accept_bid(quantity, price, user, user < len(BIDS))
    return market


def clear(name: str, frame: pd.DataFrame | None = None, seed: int = 0, **options: Any) -> Clearing:
    frame = documented_market().bm.get_df() if frame is None else frame
    return CentralExchange(name, **options).clear(OrderBook.from_frame(frame), seed)


def frame_of(bids: Sequence[tuple[float, float]], asks: Sequence[tuple[float, float]]) -> pd.DataFrame:
    rows = [(q, p, user, user < len(bids)) for user, (q, p) in enumerate([*bids, *asks])]
    return pd.DataFrame(rows, columns=["quantity", "price", "user", "buying"])


def pymarket_state(seed: int) -> np.random.RandomState:
    """The generator that the bridge hands to PyMarket for this seed."""
    return np.random.RandomState(int(Draws(seed).priority("mechanism", 1)[0]) % 2**32)


def test_huang_on_the_documented_market() -> None:
    clearing = clear("pymarket:huang")
    buying = clearing.book.buying
    assert clearing.fills[buying] == pytest.approx([0.8] * 5 + [0.0])
    assert clearing.fills[~buying] == pytest.approx([1, 1, 2, 0, 0])
    assert np.nanmin(clearing.prices[buying]) == np.nanmax(clearing.prices[buying]) == pytest.approx(6.0)
    assert np.nanmin(clearing.prices[~buying]) == np.nanmax(clearing.prices[~buying]) == pytest.approx(4.0)
    gains = np.where(buying, 1, -1) * clearing.book.price * clearing.fills - clearing.payments
    assert float(clearing.volume) == pytest.approx(4.0)
    assert gains.sum() == pytest.approx(9.0)
    assert float(clearing.surplus) == pytest.approx(8.0)


def test_muda_of_pymarket_itself_gives_the_documented_figures() -> None:
    transactions, extra = documented_market().run("muda", r=np.random.RandomState(1234))
    assert (extra["price_left"], extra["price_right"]) == pytest.approx((4.65, 6.3))
    assert transactions.get_df().quantity.sum() / 2 == pytest.approx(6 * 2 / 3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["p2p", "muda"])
def test_bridge_returns_what_pymarket_computes(name: str, seed: int) -> None:
    market = documented_market()
    transactions, extra = market.run(name, r=pymarket_state(seed))
    trades = transactions.get_df()
    trades["money"] = trades.quantity * trades.price
    fills, money = trades.groupby("bid")[["quantity", "money"]].sum().reindex(range(11), fill_value=0).to_numpy().T
    fees = extra.get("fees", np.zeros(11))
    clearing = clear(f"pymarket:{name}", seed=seed)
    assert clearing.fills == pytest.approx(fills)
    assert clearing.payments == pytest.approx(np.where(clearing.book.buying, money, -money) + fees)


def test_muda_fees_are_the_exchanges_profit() -> None:
    for seed in range(6):
        market = documented_market()
        _, extra = market.run("muda", r=pymarket_state(seed))
        assert float(clear("pymarket:muda", seed=seed).surplus) == pytest.approx(extra["fees"].sum())


def test_muda_fee_is_shared_by_the_users_orders_and_never_by_the_house() -> None:
    frame = frame_of([(1, 9.0), (1, 8.0), (1, 7.0), (1, 6.0)], [(1, 1.0), (1, 2.0), (1, 3.0), (2, 2.5)])
    frame["user"], frame["house"] = [0, 0, 0, 1, 2, 2, 3, 9], [False] * 7 + [True]
    revenues = set()
    for seed in range(12):
        clearing = clear("pymarket:muda", frame, seed)
        lab_money = clearing.payments[:7].sum()
        assert clearing.payments[7] == 0
        assert float(clearing.surplus) == pytest.approx(lab_money)
        assert clearing.fills[:4].sum() == pytest.approx(clearing.fills[4:].sum())
        revenues.add(round(lab_money, 6))
    assert len(revenues) > 2


def test_muda_takes_equal_orders_of_one_lab_and_serves_the_first_first() -> None:
    frame = frame_of([(1, 5.0)] * 3 + [(1, 4.0)], [(1, 1.0), (1, 2.0), (1, 1.5), (1, 1.2)])
    frame["user"] = [0, 0, 0, 1, 2, 3, 4, 5]
    equal = [clear("pymarket:muda", frame, seed).fills[:3] for seed in range(8)]
    assert any(fills.any() for fills in equal)
    assert all((np.diff(fills) <= 0).all() for fills in equal)


def test_ties_kill_pymarkets_huang_and_the_label_says_whose_it_is() -> None:
    frame = frame_of([(1, 5.0), (1, 4.0), (1, 3.0)], [(1, 1.0), (1, 2.0), (1, 3.0)])
    clearing = clear("pymarket:huang", frame)
    assert clearing.mechanism == "pymarket:huang"
    assert float(clearing.volume) == 0


def test_huang_splits_merged_bids_pro_rata() -> None:
    frame = frame_of([(1, 9.0), (3, 9.0), (4, 5.0)], [(2, 1.0), (9, 4.0)])
    clearing = clear("pymarket:huang", frame)
    assert clearing.fills == pytest.approx([0.5, 1.5, 0, 2, 0])
    assert clearing.payments == pytest.approx([2.5, 7.5, 0, -8, 0])


@pytest.mark.parametrize("name", NAMES)
def test_house_is_one_seller_who_is_not_paid(name: str) -> None:
    frame = frame_of([(1, p) for p in (9.0, 8.0, 7.0, 6.0, 5.0)], [(1, 1.0), (1, 4.5), (3, 2.0)])
    frame["house"] = [False] * 7 + [True]
    clearings = [clear(name, frame, seed) for seed in range(8)]
    assert any(c.house_sold > 0 for c in clearings)
    for clearing in clearings:
        assert clearing.payments[-1] == 0
        assert float(clearing.surplus) == pytest.approx(clearing.payments.sum())
        assert float(clearing.surplus) >= float(clearing.house_sold) * 2.0 - 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_result_alone_and_in_a_batch(name: str) -> None:
    price = np.random.default_rng(0).random((3, 12)) * 5
    book = OrderBook.of(price, buying=np.arange(12) % 3 > 0, supply=2.0, reserve=1.0)
    exchange = CentralExchange(name)
    batch = exchange.clear(book, [4, 5, 4])
    for i, seed in enumerate((4, 5, 4)):
        alone = exchange.clear(book.one(i), seed)
        assert (batch.fills[i] == alone.fills).all()
        assert (batch.payments[i] == alone.payments).all()


@pytest.mark.parametrize("name", ["pymarket:p2p", "pymarket:muda"])
def test_seeds_matter(name: str) -> None:
    assert len({clear(name, seed=seed).fills.tobytes() for seed in range(10)}) > 1


def test_huang_depends_on_bids_alone() -> None:
    frame = frame_of([(1, 9.0), (2, 9.0), (1, 9.0), (1, 5.0)], [(2, 1.0), (2, 1.0), (2, 4.0)])
    assert len({clear("pymarket:huang", frame, seed).payments.tobytes() for seed in range(10)}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_numpy_generator_and_backend_are_left_alone(name: str) -> None:
    before = np.random.get_state()  # noqa: NPY002
    with mpl.rc_context():
        mpl.use("svg")
        clear(name)
        assert mpl.get_backend() == "svg"
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(x, y) for x, y in zip(before, after, strict=True))


@pytest.mark.parametrize(
    "book",
    [
        OrderBook.of([]),
        OrderBook.of([3.0, 2.0]),
        OrderBook.of([3.0, 2.0], buying=False),
        OrderBook.of([0.0, 2.0], 0.0, supply=3),
        OrderBook.of([3.0], buying=[False], supply=3),
    ],
    ids=["empty", "no seller", "no buyer", "nothing wanted", "house and seller alone"],
)
@pytest.mark.parametrize("name", NAMES)
def test_one_sided_books_do_not_trade(name: str, book: OrderBook) -> None:
    clearing = CentralExchange(name).clear(book)
    assert not clearing.fills.any()
    assert not clearing.payments.any()


def test_p2p_is_refused_above_its_limit() -> None:
    book = OrderBook.of(np.linspace(1, 2, 2_001), buying=np.arange(2_001) % 2 == 0)
    with pytest.raises(InputError, match=r"pymarket:p2p: 2,001 orders.*at most 2,000 are allowed"):
        CentralExchange("pymarket:p2p").clear(book)


def test_p2p_coefficient() -> None:
    pair = frame_of([(1, 9.0)], [(1, 3.0)])
    assert clear("pymarket:p2p:p_coef=0", pair).prices.tolist() == [3.0, 3.0]
    assert clear("pymarket:p2p", pair, p_coef=1).prices.tolist() == [9.0, 9.0]
    with pytest.raises(InputError, match=r"p_coef: 1.5 is not in \[0, 1\]"):
        CentralExchange("pymarket:p2p", p_coef=1.5)


def test_no_claims() -> None:
    for name in NAMES:
        facts = get_plugin("mechanism", name).facts
        assert (facts.truthful, facts.budget, facts.efficient) == ("no", "none", "no")


def test_sums_that_differ_by_rounding_do_not_unbalance_muda() -> None:
    tenths = np.random.default_rng(0).integers(1, 30, (20_000, 16)) * 0.1
    odd = tenths[np.cumsum(tenths, axis=1)[:, -1] < np.nextafter(tenths.sum(axis=1), 0)][0]
    quantity = np.append(odd, np.nextafter(odd.sum(), 0))
    book = OrderBook.of(np.append(np.linspace(9, 8, 16), 1.0), quantity, np.arange(17) < 16)

    def bought_and_sold(bids: pd.DataFrame) -> tuple[float, float]:
        half = pymarket.mechanisms.solve_market_side_with_exogenous_price
        trades = half(bids, 5.0, np.zeros(17))[0].get_df()
        return trades.quantity[trades.bid < 16].sum(), trades.quantity[trades.bid == 16].sum()

    bought, sold = bought_and_sold(book.to_frame())
    assert sold > 2 * bought, "PyMarket alone: the sum and the running sum of the bids lie on two sides of the ask"
    bought, sold = bought_and_sold(Table.of(book).bids)
    assert bought == sold


def test_a_negligible_quantity_does_not_stop_huang() -> None:
    frame = frame_of([(0.1, 9.0), (0.2, 8.0), (0.3, 7.0), (1, 5.0)], [(1e-20, 1.0), (1, 4.0)])
    with undisturbed(0), pytest.raises(ValueError, match="All-NaN"):
        pymarket.HuangAuction(frame.assign(time=0, divisible=True))._run()
    assert float(clear("pymarket:huang", frame).volume) == 0


quantities = st.one_of(st.integers(0, 4).map(float), st.integers(1, 30).map(lambda k: k * 0.1), st.floats(0, 100))
prices = st.one_of(st.integers(0, 6).map(float), st.floats(0, 10))
orders = st.lists(st.tuples(prices, quantities, st.booleans(), st.integers(0, 4)), min_size=1, max_size=12)


@pytest.mark.parametrize("name", NAMES)
@given(
    rows=orders,
    supply=st.sampled_from([0.0, 1.0, 2.5, 50.0]),
    reserve=st.sampled_from([0.0, 2.0]),
    seed=st.integers(0, 9),
)
def test_permits_are_conserved(name: str, rows: list[Any], supply: float, reserve: float, seed: int) -> None:
    price, quantity, buying, user = (list(column) for column in zip(*rows, strict=True))
    book = OrderBook.of(price, quantity, buying, user, supply, reserve)
    clearing = CentralExchange(name).clear(book, seed)
    grain = 1e-9 * max(float(book.offered), 1.0)
    assert (clearing.fills >= 0).all()
    assert (clearing.fills <= book.amounts).all()
    assert -grain <= float(clearing.house_sold) <= supply + grain
    assert not clearing.payments[clearing.fills == 0].any()
    assert np.isfinite(clearing.payments).all()
    if name == "pymarket:p2p" and not clearing.house_sold:
        assert float(clearing.surplus) == pytest.approx(0, abs=1e-6)


def best_pair(bids: pd.DataFrame, weight: Annotated[float, Field(ge=0, le=1)] = 0.5, r: Any = None) -> Any:
    """The best bid and the best ask trade one permit."""
    buyer: Any
    seller: Any
    buyer, seller = bids[bids.buying].price.idxmax(), bids[~bids.buying].price.idxmin()
    transactions = pymarket.TransactionManager()
    price = weight * bids.price[buyer] + (1 - weight) * bids.price[seller] + 0 * r.rand()
    for bid, partner in ((buyer, seller), (seller, buyer)):
        transactions.add_transaction(bid, 1, price, partner, False)
    return transactions, {"luck": np.random.random()}  # noqa: NPY002


class BestPair(pymarket.mechanisms.Mechanism):  # type: ignore[misc,name-defined]
    """A user's mechanism, written as PyMarket's guide says."""

    def __init__(self, bids: pd.DataFrame, *args: Any, **kwargs: Any) -> None:
        super().__init__(best_pair, bids, *args, **kwargs)


class Overbought(pymarket.mechanisms.Mechanism):  # type: ignore[misc,name-defined]
    def __init__(self, bids: pd.DataFrame, price: float, row: int = 0) -> None:
        def buy(bids: pd.DataFrame) -> Any:
            transactions = pymarket.TransactionManager()
            transactions.add_transaction(row, 1, price, -1, False)
            return transactions, {}

        super().__init__(buy, bids)


def test_a_users_mechanism_clears_in_the_exchange() -> None:
    exchange = CentralExchange(BestPair, weight=0.25)
    assert (exchange.name, exchange.label) == ("BestPair", "BestPair:weight=0.25")
    clearing = exchange.clear(OrderBook.of([[5.0, 9.0, 1.0], [7.0, 2.0, 3.0]], buying=[True, True, False]), seed=1)
    assert clearing.fills.tolist() == [[0, 1, 1], [1, 0, 1]]
    assert clearing.payments.tolist() == [[0, 3, -3], [4, 0, -4]]
    with pytest.raises(InputError, match=r"BestPair.options.weight: 2 is not in \[0, 1\]"):
        CentralExchange(BestPair, weight=2)
    with pytest.raises(InputError, match="weigth: is not a known setting; did you mean 'weight'"):
        CentralExchange(BestPair, weigth=2)


def test_pymarkets_classes_are_the_registered_mechanisms() -> None:
    for name in ("huang", "muda", "p2p"):
        assert from_pymarket(pymarket.market.MECHANISM[name]).label == f"pymarket:{name}"


def test_other_classes_are_refused() -> None:
    for cls in (int, pymarket.mechanisms.Mechanism):
        with pytest.raises(InputError, match="is not a subclass of PyMarket's Mechanism"):
            CentralExchange(cls)


def test_a_users_mechanism_that_breaks_the_accounts_is_refused() -> None:
    book = OrderBook.of([5.0, 1.0], buying=[True, False])
    with pytest.raises(InputError, match="buy 1 permits and sell 0"):
        CentralExchange(Overbought, price=1.0).clear(book)
    with pytest.raises(InputError, match="names bid 7"):
        CentralExchange(Overbought, price=1.0, row=7).clear(book)
    with pytest.raises(InputError, match=r"not in \[0, the bid's quantity"):
        CentralExchange(Overbought, price=1.0).clear(OrderBook.of([5.0, 1.0], 0.5, [True, False]))
    with pytest.raises(InputError, match="price: is required"):
        CentralExchange(Overbought)


def test_register_pymarket() -> None:
    register_pymarket("best-pair", BestPair, stochastic=True)
    try:
        assert "best-pair" in mechanism_names()
        assert clear("best-pair:weight=1").payments.sum() == 0
        transactions, _ = documented_market().run("best-pair")
        assert transactions.get_df().price.tolist() == pytest.approx([3.85, 3.85])
    finally:
        del _plugins["mechanism", "best-pair"]


def test_estimated_seconds() -> None:
    assert 0.33 < estimated_seconds("pymarket:huang", 1_000) < 1.34
    assert estimated_seconds("pymarket:p2p", 2_000) > 10 * estimated_seconds("pymarket:p2p", 1_000)
    with pytest.raises(InputError, match="did you mean 'pymarket:muda'"):
        estimated_seconds("pymarket:mudda", 10)


@pytest.mark.parametrize(
    ("name", "options"), [("vickrey", {}), ("uniform-price", {"k": 0.0}), ("double-auction", {"k": 0.3})]
)
def test_our_mechanisms_run_in_pymarkets_market(name: str, options: Any) -> None:
    market = documented_market()
    transactions, extra = market.run(name, **options)
    clearing = clear(name, **options)
    trades = transactions.get_df()
    assert isinstance(transactions, pymarket.TransactionManager)
    assert trades.columns.tolist() == ["bid", "quantity", "price", "source", "active"]
    assert trades.bid.tolist() == np.flatnonzero(clearing.fills).tolist()
    assert trades.quantity.tolist() == clearing.fills[trades.bid].tolist()
    assert trades.price.to_numpy() == pytest.approx(clearing.prices[trades.bid])
    assert (trades.source == -1).all()
    assert not trades.active.any()
    assert (extra["clearing"].payments == clearing.payments).all()
    assert extra.get("price") == (None if name == "vickrey" else float(clearing.price))
    assert market.transactions is transactions
    assert market.extra is extra


def test_pymarkets_statistics_and_plots_read_our_transactions() -> None:
    market = documented_market()
    transactions, extra = market.run("double-auction")
    profits = pymarket.statistics.calculate_profits(market.bm.get_df(), transactions.get_df())
    clearing = extra["clearing"]
    gains = np.where(clearing.book.buying, 1, -1) * clearing.book.price * clearing.fills - clearing.payments
    assert profits["player_bid"] == pytest.approx(gains)
    assert profits["market"] == pytest.approx(0)
    assert extra["price_buy"] == extra["price_sell"] == extra["price"]
    axes = Figure().subplots()
    assert market.plot_method("huang", ax=axes) is axes


def test_house_and_seed_in_pymarkets_market() -> None:
    market = pymarket.Market()
    for user in range(4):
        market.accept_bid(1, 5.0, user, True)
    transactions, extra = market.run("uniform-price", supply=2, reserve=1.5, k=0)
    assert extra["quantity_traded"] == transactions.get_df().quantity.sum() == 2
    winners = {tuple(market.run("vickrey", supply=2, seed=seed)[0].get_df().bid) for seed in range(20)}
    assert len(winners) > 1
    assert market.run("vickrey", seed=3)[0].get_df().empty


def test_empty_market_and_bad_input_in_pymarkets_market() -> None:
    transactions, extra = pymarket.Market().run("uniform-price")
    assert transactions.get_df().empty
    assert extra["quantity_traded"] == 0
    with pytest.raises(KeyError, match="did you mean 'vickrey'"):
        documented_market().run("vickry")
    with pytest.raises(InputError, match=r"k: 2 is not in \[0, 1\]"):
        documented_market().run("uniform-price", k=2)


def test_pymarkets_own_names_stay_its_own() -> None:
    table = pymarket.market.MECHANISM
    assert table["huang"] is pymarket.HuangAuction
    assert table is pymarket.MECHANISM
    assert {"vickrey", "uniform-price", "huang", "muda", "p2p"} <= set(table)
    assert not [name for name in table if "pymarket:" in name]
    assert table["lab:vickrey"] is table["vickrey"]


def test_later_plug_ins_and_shared_names_are_found() -> None:
    had = _plugins.get(("mechanism", "p2p"))
    if had is None:

        @mechanism("p2p")
        def p2p(book: OrderBook, draws: Draws) -> Any:
            return 0 * book.amounts, 0 * book.amounts

    try:
        assert "lab:p2p" in list(pymarket.market.MECHANISM)
        assert pymarket.market.MECHANISM["p2p"] is pymarket.P2PTrading
        assert "clearing" in documented_market().run("lab:p2p")[1]
    finally:
        if had is None:
            del _plugins["mechanism", "p2p"]


RUN = """
market = pymarket.Market()
market.accept_bid(1, 9.0, 0, True)
market.accept_bid(1, 3.0, 1, False)
_, extra = market.run("double-auction")
assert extra["price"] == 6.0, extra
assert "vickrey" in pymarket.MECHANISM
"""


@pytest.mark.parametrize(
    "code",
    [
        "import pymarket\nimport mechanisms" + RUN,
        "import mechanisms, sys\nassert not {'pymarket', 'matplotlib', 'networkx'} & set(sys.modules)\n"
        "from pymarket.market import MECHANISM\nimport pymarket"
        + RUN
        + "import importlib\nimportlib.reload(pymarket.market)"
        + RUN,
        "import matplotlib\nmatplotlib.rcParams['backend'] = 'svg'\nimport mechanisms\n"
        "mechanisms.CentralExchange('pymarket:huang').clear(mechanisms.OrderBook.of([2., 1.], buying=[True, False]))\n"
        "assert 'pymarket' in __import__('sys').modules and matplotlib.get_backend() == 'svg'",
    ],
    ids=["pymarket first", "mechanisms first, then reloaded", "backend"],
)
def test_import_orders(code: str) -> None:
    root = Path(mechanisms.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
