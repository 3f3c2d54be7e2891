"""The Governor's choice: what each audit policy reaches at which effort, and the best of each."""
