"""Closing the books: a month frozen as it was reported, and the proof that it can be computed again."""
