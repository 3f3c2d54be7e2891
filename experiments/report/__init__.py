"""A policy brief: one page that answers the question for one scenario, with its tables as CSV and LaTeX."""
