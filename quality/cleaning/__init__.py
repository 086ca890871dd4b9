"""Pure functions that mend one value; no database, no Django model.

Each of them answers with an `Outcome`: what stands in the cleaned file, what an import may
store, and which rule spoke. None of them guesses: what cannot be proven is kept and flagged,
what cannot be true is emptied.
"""

from quality.cleaning.outcome import Outcome, Verdict

__all__ = ["Outcome", "Verdict"]
