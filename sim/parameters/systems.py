"""The systems of the article, each a switch: what is off leaves its processes out of the month (ablation)."""

from __future__ import annotations

from sim.core.params import Section

TIERS = ("core", "chain", "full")
"From the smallest to the largest; each holds the processes of those before it."


class Systems(Section):
    """Which systems of the model run; a process that serves several runs while one of them is on."""

    branches: bool = True
    "A1: branches of enterprises of the source."
    programmes: bool = True
    "A2: programmes pledged to parks, and their investment."
    parks: bool = True
    "A3: the chain of parks."
    centre: bool = True
    "A4: the promotion centre and its platform."
    transfer: bool = True
    "A5: achievements and contracts, offered and bought."
    ventures: bool = True
    "A6: researcher-entrepreneurs."
    chain: bool = True
    "A7: finance from outside the firm."
    alliance: bool = True
    "A8: the crowd-funding alliance and its services."
    environment: bool = True
    "A9: the environment of innovation, and its feedback."
    adoption: bool = True
    "A10: industrialisation, adoption among manufacturers, spillovers of knowledge."
    links: bool = True
    "A11: links in both directions: joint R&D, capital into the source, talent."

    @property
    def on(self) -> frozenset[str]:
        """Codes of the systems that run; what belongs to none of the article's systems always does."""
        states = [getattr(self, name) for name in type(self).model_fields]
        return frozenset(f"A{number}" for number, state in enumerate(states, 1) if state) | ALWAYS


ALWAYS = frozenset({"money", "firms"})
