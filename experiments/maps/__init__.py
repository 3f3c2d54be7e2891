"""Maps: a measure over any two settings, under several mechanisms and bidding rules, with differences between them."""
