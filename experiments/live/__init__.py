"""One world as it happens: month by month, phase by phase, with every lab's money and reasons."""

from experiments.live.accounts import Accounts, Entry
from experiments.live.choices import Choice
from experiments.live.world import PHASES, LiveWorld

__all__ = ["PHASES", "Accounts", "Choice", "Entry", "LiveWorld"]
