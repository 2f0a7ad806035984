"""The reference model: the rules of the engine once more, slow and obvious, over plain dataclasses.

Reading order: facts (what is known), orders (what the events of an order add up to), entitlement (what every
identity is worth), causes (why a line is posted), ledger (entitled minus booked), statements (the partner's page).
It uses neither Django nor SQL and imports nothing of the product: two readings of the same rules are worth nothing
once they share a mistake.
"""
