"""What can be sold and what was sold: catalogue, segments, feed imports, events, and the orders they add up to.

`Event` is the fact: append-only, one row for each line the operator delivered. `Order` and `Revenue` are nothing but a
function of the set of events (see importing.py); they may be thrown away and derived again. The three big tables
carry typed columns and the indexes that queries need, and no foreign-key triggers: five of those made a million
inserts 3.4 times slower, so the loader checks the references instead.

catalogue.py    families and products, news of them
segments.py     who serves a customer, by yearly spend
imports.py      delivered files
events.py       their rows, and those that cannot take effect yet
orders.py       what the rows add up to
campaigns.py    extra pay for a time, who takes part
"""

from sales.models.campaigns import Campaign, CampaignRegistration, CampaignTerms
from sales.models.catalogue import Product, ProductFamily, ProductNotice, Titled
from sales.models.events import CustomerClass, Event, EventType, OrderFields, Parked, Reason, Transaction
from sales.models.imports import FeedImport, FeedIssue
from sales.models.orders import Channel, Order, Revenue
from sales.models.segments import EVER, CustomerSpend, Route, SegmentBand

__all__ = [
    "EVER",
    "Campaign",
    "CampaignRegistration",
    "CampaignTerms",
    "Channel",
    "CustomerClass",
    "CustomerSpend",
    "Event",
    "EventType",
    "FeedImport",
    "FeedIssue",
    "Order",
    "OrderFields",
    "Parked",
    "Product",
    "ProductFamily",
    "ProductNotice",
    "Reason",
    "Revenue",
    "Route",
    "SegmentBand",
    "Titled",
    "Transaction",
]
