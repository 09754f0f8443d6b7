"""The conformance kit: twenty-one points that every connector passes, at its own fake, in process and in virtual time.

`run_kit(MyConnector, MyFake)` gives a report; `test_conformance = conformance_tests(MyConnector, MyFake)` makes a test per point.
"""

from adloom_sdk.testing.kit.history import freeze
from adloom_sdk.testing.kit.lookup import FAKES_GROUP, find_fake
from adloom_sdk.testing.kit.points import Outcome
from adloom_sdk.testing.kit.report import Report, conformance_tests, run_kit

__all__ = ["FAKES_GROUP", "Outcome", "Report", "conformance_tests", "find_fake", "freeze", "run_kit"]
