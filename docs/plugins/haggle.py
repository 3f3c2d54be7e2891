"""A bidding rule: labs leave a margin on both sides of the market."""

from typing import Annotated

import numpy as np
from pydantic import Field

from mechanisms import bidding

Margin = Annotated[float, Field(ge=0, le=1, description="share of a permit's worth that the lab wants to gain")]


@bidding("haggle", batched=True)
def haggle(net_value, endowment, expected_penalty, draws, margin: Margin = 0.1):
    """Bid less than a permit is worth, and ask more for one in hand."""
    worth = np.minimum(net_value, expected_penalty[..., :1])
    in_hand = np.arange(worth.shape[-1]) < endowment[..., None]
    return worth * np.where(in_hand, 1.0 + margin, 1.0 - margin)
