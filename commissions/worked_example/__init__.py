"""Worked examples: what a commission controller writes to pin down what a schedule means, run through the real engine.

    document.py   the example as a value            reading.py   text to that value
    scratch.py    an empty database of its own      play.py      the example's steps, by the actions of real use
    compare.py    expected and posted, cent by cent

`check(text)` does all of it for one example; `manage.py check_examples` for files and folders.
"""
