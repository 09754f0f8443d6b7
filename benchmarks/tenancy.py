"""What tenancy costs: the role switch of each transaction, and a sign-up with a spare schema at hand."""

import statistics

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from benchmarks.installation import installation, make_workspace
from benchmarks.machine import describe, percentile, summary, timed_ms, verdict
from tenants.identity.service import register
from tenants.isolation.provision import refill_spares
from tenants.isolation.setup import owner_engine

TRANSACTIONS = 1500
SIGN_UPS = 30


def main() -> None:
    """Print both figures."""
    print(f"tenancy — {describe()}")
    with installation() as place:
        tenant = make_workspace(place)
        plain_engine = create_engine(owner_engine(place.settings).url, connect_args={"prepare_threshold": None})

        def plain() -> None:
            with Session(plain_engine) as session, session.begin():
                session.execute(text("SELECT 1"))

        def switched() -> None:
            with place.planes.begin_tenant(tenant) as session:
                session.execute(text("SELECT 1"))

        without, with_switch = [], []
        for _ in range(3):  # in turn, because the machine's speed drifts
            without += timed_ms(plain, times=TRANSACTIONS // 3, warm_up=50)
            with_switch += timed_ms(switched, times=TRANSACTIONS // 3, warm_up=50)
        plain_engine.dispose()
        print(f"  plain transaction        {summary(without)}")
        print(f"  with role and path       {summary(with_switch)}")
        print(
            "  "
            + verdict(
                "role switch per transaction", statistics.median(with_switch) - statistics.median(without), 0.5, "ms"
            )
        )

        refill_spares(owner_engine(place.settings), place.planes.roles, wanted=SIGN_UPS + 5)
        numbers = iter(range(1000))

        def sign_up() -> None:
            with place.planes.begin_control() as control:
                register(
                    control,
                    settings=place.settings,
                    name="Ada Example",
                    email=f"ada{next(numbers)}@example.org",
                    password="correct horse battery staple",
                    workspace_name="Ada's shop",
                    timezone="UTC",
                    currency="USD",
                )

        figures = timed_ms(sign_up, times=SIGN_UPS)
        print(f"  sign-up                  {summary(figures)}")
        print("  " + verdict("sign-up to usable workspace, p95", percentile(figures, 0.95), 300, "ms"))


if __name__ == "__main__":
    main()
