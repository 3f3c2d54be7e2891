"""The Spanish auction, tested."""

from pathlib import Path

import numpy as np

from mechanisms import CentralExchange, OrderBook, use_plugins
from tests.mechanisms.contract import MechanismContract

use_plugins([Path(__file__).with_name("spanish.py")])


class TestSpanish(MechanismContract):
    """What every mechanism must do, and a market solved by hand."""

    spec = "spanish"

    def test_who_bids_above_the_average_pays_the_average(self) -> None:
        """Bids of 10, 8 and 3 win: 10 and 8 lie above their average of 7, and 3 below."""
        clearing = CentralExchange("spanish").clear(OrderBook.of([10.0, 8.0, 3.0, 2.0], supply=3))
        np.testing.assert_allclose(clearing.payments, [7.0, 7.0, 3.0, 0.0])
