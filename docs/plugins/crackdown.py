"""An audit policy: a month in which many labs were caught is followed by a strict one."""

from typing import Annotated

import numpy as np
from pydantic import Field

from mechanisms import policy

Share = Annotated[float, Field(ge=0, le=1)]


@policy("crackdown")
def crackdown(announced, observed, calm: Share = 0.2, strict: Share = 0.9, trigger: Share = 0.1):
    """Audit everyone more often in the month after more than a share of the labs was caught."""
    if observed.caught is None:
        return calm, calm
    caught = observed.caught.mean(axis=-1, keepdims=True)
    rate = np.where(caught > trigger, strict, calm)
    return rate, rate
