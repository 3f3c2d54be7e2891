"""The plain Mesa model gives what the arrays give: lab by lab the same rules and the same luck."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import PermitMarket
from experiments.benchmark.simulation.plain import plain_market
from mechanisms import InputError
from scenarios import load_scenario, override

PlainMarket = plain_market()


CHANGES = st.fixed_dictionaries(
    {
        "labs.count": st.integers(1, 12),
        "labs.units": st.integers(1, 3),
        "labs.value_noise": st.sampled_from([0.0, 0.3]),
        "permits.cap": st.integers(0, 20),
        "permits.grandfathered": st.sampled_from([0.0, 0.5, 1.0]),
        "permits.reserve_price": st.sampled_from([0.0, 0.4]),
        "market.options": st.sampled_from([{"k": 1.0}, {"k": 0.0}, {"k": 0.5}]),
        "enforcement.backcheck": st.sampled_from([0.0, 0.3]),
        "enforcement.audit_accuracy": st.sampled_from([1.0, 0.7]),
    }
)


@given(CHANGES, st.integers(0, 1000), st.sampled_from(["baseline", "seed_binary", "no_enforcement"]))
def test_every_measure_of_every_month_is_the_same(changes, seed, name):
    scenario = override(load_scenario(name), {**changes, "months": 2})
    ours, theirs = PermitMarket(scenario, seed=seed), PlainMarket(scenario, seed=seed)
    ours.run()
    theirs.run()
    for measure, values in ours.measures().items():
        np.testing.assert_allclose(theirs.measures()[measure], values, rtol=1e-9, atol=1e-9, err_msg=measure)


def test_what_it_does_not_know_is_refused():
    with pytest.raises(InputError, match=r"^labs\.bidding: 'outside-option' is not 'full-value'"):
        PlainMarket(override(load_scenario("baseline"), {"labs.bidding": "outside-option"}))
    with pytest.raises(InputError, match=r"^enforcement\.policy\.kind: optimal is not one of"):
        PlainMarket(load_scenario("targeted_audit"))
