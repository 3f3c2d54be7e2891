"""Properties of mechanisms as executable checks that return witnesses, and regret as a measure.

>>> from mechanisms import CentralExchange, OrderBook
>>> book = OrderBook.of([9.0, 5.0, 4.0], supply=1)
>>> witness = truthful(CentralExchange("pay-as-bid"), book)
>>> witness.lab, round(witness.gain, 3), witness.misreport.to_frame()["price"].round(3).tolist()
(0, 4.0, [5.0, 5.0, 4.0, 0.0])
"""

from mechanisms.properties.checks import (
    anonymous,
    budget_balanced,
    efficient,
    individually_rational,
    monotone,
    never_in_deficit,
    padding_proof,
    truthful,
)
from mechanisms.properties.claims import PROPERTIES, Checked, Claim, check_claims, claims_of, unclaimed_of
from mechanisms.properties.domains import DOMAINS, random_books
from mechanisms.properties.regret import Regret, regret
from mechanisms.properties.witness import Witness, in_words

__all__ = [
    "DOMAINS",
    "PROPERTIES",
    "Checked",
    "Claim",
    "Regret",
    "Witness",
    "anonymous",
    "budget_balanced",
    "check_claims",
    "claims_of",
    "efficient",
    "in_words",
    "individually_rational",
    "monotone",
    "never_in_deficit",
    "padding_proof",
    "random_books",
    "regret",
    "truthful",
    "unclaimed_of",
]
