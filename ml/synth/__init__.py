"""Businesses whose truth is known: simulated spend and revenue with the contribution of every channel written down.

`simulate` (simulate.py) runs a business described in `business.py`; `demo_shop` (shop.py) is the demo's world;
`write_import_csv` and its neighbours (tables.py) turn either into files in the form of an import.
"""

from ml.synth.business import ChannelTruth, Market, Promotion, random_business
from ml.synth.shop import demo_shop
from ml.synth.simulate import Simulated, simulate
from ml.synth.tables import ImportRow, import_rows, write_events_csv, write_import_csv, write_plan_csv

__all__ = [
    "ChannelTruth",
    "ImportRow",
    "Market",
    "Promotion",
    "Simulated",
    "demo_shop",
    "import_rows",
    "random_business",
    "simulate",
    "write_events_csv",
    "write_import_csv",
    "write_plan_csv",
]
