"""The Spanish auction: a winner pays its bid, but no more than the average winning bid.

References
----------
Álvarez, F., Mazón, C. (2002). Treasury auctions: the Spanish format. Documentos de trabajo ICAE 0228.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from mechanisms import mechanism
from mechanisms.pot import Pot

Share = Annotated[float, Field(ge=0, le=1, description="how far from the lowest winning bid the ceiling lies")]


@mechanism("spanish", batched=True, efficient="for reports", budget="weak")
def spanish(book, draws, ceiling: Share = 1.0):
    """Winners pay their bid, but no more than the average winning bid; sellers get the lowest winning report."""
    pot = Pot.of(book, draws)
    bought = pot.fills * book.buying
    volume = bought.sum(axis=-1)
    lowest = np.where(volume > 0, pot.lowest_winning, 0.0)[..., None]
    above = np.where(bought > 0, book.price - lowest, 0.0)
    average = (bought * above).sum(axis=-1) / np.where(volume > 0, volume, 1.0)
    pays = lowest + np.minimum(above, ceiling * average[..., None])
    return pot.fills, (2.0 * bought - pot.fills) * pays
