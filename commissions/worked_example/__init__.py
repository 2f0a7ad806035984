"""Worked examples: what a commission controller writes to pin down what a schedule means, run through the real engine.

    document.py   the example as a value            reading.py   text to that value
    scratch.py    an empty database of its own      play.py      the example's steps, by the actions of real use
    compare.py    expected and posted, cent by cent checking.py  all of it, one example after another

Playing calls the actions, and an action reads examples: therefore only reading is offered here.
"""

from __future__ import annotations

from .document import Example
from .reading import parse_example

__all__ = ["Example", "parse_example"]
