"""What programs tell of customers: each row checked by itself, what is valid stored at once."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.customers.converting import Converter
from app.customers.models import Customer
from app.customers.taking import take_events, take_turns
from app.customers.telling import MOST_LETTERS, Given, Rules, Told, checked
from app.imports.customer_reader import SOURCE
from app.imports.customer_running import learn_channels
from app.imports.customer_schemas import EventError, EventsReply, Happened, HappenedToCustomer
from billing.plans import Plan
from kit.clock import utc_now
from kit.errors import FieldError, InvalidInput, TooLarge
from tenants.workspaces.principal import WorkspaceRef

MOST_EVENTS = 1_000


def tell(
    session: Session, events: Sequence[HappenedToCustomer], *, source: str, workspace: WorkspaceRef, plan: Plan
) -> EventsReply:
    """Store what is valid. Refuses a batch of which nothing is."""
    _require_size(events)
    _require_source(source)
    rules = _rules(session, workspace)
    told, errors = _checked_rows([_given(one, rules.zone) for one in events], rules)
    if not told:
        raise InvalidInput(
            "Nothing of this could be taken.", "Correct what each row complains about and send it again.", errors
        )
    rejected = {one.row for one in errors}
    return _stored(session, told, source, plan, said=len(events) - len(rejected), errors=errors)


def tell_of(
    session: Session, customer: Customer, event: Happened, *, source: str, workspace: WorkspaceRef, plan: Plan
) -> EventsReply:
    """Store one thing that a known customer did, or refuse it."""
    _require_source(source)
    rules = _rules(session, workspace)
    found = _given_of(event, rules.zone, customer=customer.external_id)
    result = found if isinstance(found, list) else checked(found, rules)
    if isinstance(result, list):
        problems = [_in_words_of_api(one, None) for one in result]
        raise InvalidInput(problems[0].message, "Correct it and send it again.", problems)
    return _stored(session, [result], source, plan, said=1, errors=[])


def _stored(
    session: Session, told: list[Told], source: str, plan: Plan, *, said: int, errors: list[FieldError]
) -> EventsReply:
    take_turns(session)
    learn_channels(session, told, plan=plan, known=set())
    taken = take_events(session, told, source=source)
    return EventsReply(
        new=taken.events_new,
        changed=taken.events_changed,
        unchanged=said - taken.events_new - taken.events_changed,
        rejected=len({one.row for one in errors}),
        customers_new=taken.customers_new,
        errors=[EventError(one.row or 0, one.field, one.message) for one in errors],
    )


def _checked_rows(given: Sequence[Given | list[FieldError]], rules: Rules) -> tuple[list[Told], list[FieldError]]:
    told: dict[str, Told] = {}
    errors: list[FieldError] = []
    for row, one in enumerate(given, start=1):
        result = one if isinstance(one, list) else checked(one, rules)
        if isinstance(result, list):
            errors += [_in_words_of_api(found, row) for found in result]
        elif told.setdefault(result.external_id, result) != result:
            message = "An earlier row of this batch has the same external_id and says something else."
            errors.append(FieldError(message, "external_id", row))
    return list(told.values()), errors


def _in_words_of_api(problem: FieldError, row: int | None) -> FieldError:
    name = "value_micros" if problem.field == "value" else problem.field
    return FieldError(problem.message, name, row)


def _given(event: HappenedToCustomer, zone: ZoneInfo) -> Given | list[FieldError]:
    return _given_of(
        event,
        zone,
        customer=event.customer.strip(),
        customer_name=" ".join(event.customer_name.split()),
        email=event.email.strip(),
        country=event.country.strip(),
    )


def _given_of(
    event: Happened, zone: ZoneInfo, *, customer: str, customer_name: str = "", email: str = "", country: str = ""
) -> Given | list[FieldError]:
    moment = _moment(event.happened_at, zone)
    if moment is None:
        return [FieldError("This is no moment. Write it as ISO 8601, such as 2026-11-21T14:05:00Z.", "happened_at")]
    if any("\0" in text for text in (*event.properties, *map(str, event.properties.values()))):
        return [FieldError("A property holds a letter that cannot be stored.", "properties")]
    return Given(
        customer=customer,
        kind=event.kind,
        happened_at=moment,
        value_micros=event.value_micros,
        currency=event.currency.strip(),
        order=event.order.strip(),
        channel=" ".join(event.channel.split()),
        campaign=" ".join(event.campaign.split()),
        name=" ".join(event.name.split()),
        properties=event.properties,
        external_id=event.external_id.strip(),
        customer_name=customer_name,
        email=email,
        country=country,
    )


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError:
        return None


def _rules(session: Session, workspace: WorkspaceRef) -> Rules:
    return Rules.at(utc_now(), workspace.timezone, Converter(session, currency=workspace.currency))


def _require_size(events: Sequence[object]) -> None:
    if not events:
        raise InvalidInput("There is nothing in `events`.", "Send 1 to 1,000 of them.")
    if len(events) > MOST_EVENTS:
        raise TooLarge(
            f"There are {len(events):,} events; {MOST_EVENTS:,} can be taken at once.",
            "Send them in several calls, or upload a file to /api/v1/customers/upload.",
        )


def _require_source(source: str) -> None:
    if not source or len(source) > MOST_LETTERS or not source.isprintable() or source == SOURCE:
        raise InvalidInput(
            "This source cannot be used.",
            "Name the program that tells of it, such as `shop`. `file` is kept for uploads.",
            [FieldError("cannot be used", "source", value=source[:MOST_LETTERS])],
        )
