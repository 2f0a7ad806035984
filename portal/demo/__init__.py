"""The demo channel: an invented operator with eighty partners and a year of business, made by `manage.py demo`.

    people.py      staff, partners, outlets, dealer codes, contracts
    catalogue.py   products, segments, schedule documents (schedules/*.yaml)
    stories.py     single orders to which one remarkable thing happens
    year.py        month by month: import the file, let things happen, run, approve, post
    (sales/synthetic.py makes the other twenty-five thousand orders)

Everything is relative to `now`: the twelfth month is today's, and only provisional. The same seed and the same day
give the same channel. An interrupted build goes on where it stopped.
"""

from portal.demo.build import build, demo_logins, is_there

__all__ = ["build", "demo_logins", "is_there"]
