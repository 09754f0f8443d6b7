"""Files about customers: what is recognised, taken, refused and counted."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.customers.queries import customer_count, offer_events, orders, purchases, refunds, touches
from app.imports.customer_files import CustomerAnswers
from app.imports.customer_running import run_upload
from app.imports.errors import AllRowsRejected
from app.imports.purging import purge_unfinished
from app.imports.refusals import ColumnsMissing, NotATable, UploadMissing
from app.imports.shape import DayOrder
from kit.clock import utc_now
from kit.xlsx import Column, Sheet, write_workbook
from tests.customers.desk import Desk

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
EXAMPLE = """customer,date,kind,value,order,channel,name
C-1,2026-03-01,touch,,,FB Ads,
C-1,2026-03-04,order,59.90,5012,,
C-1,2026-03-11,refund,19.90,5012,,
C-2,2026-03-05 14:20,offer_shown,,,,Free shipping
C-2,2026-03-06,order,10,5013,,
C-2,2026-04-06,order,30,5014,,
"""


def test_a_file_of_all_kinds_is_taken_and_counted(desk: Desk) -> None:
    item = desk.bring(EXAMPLE)
    assert (item.state, item.rows_read, item.rows_accepted, item.rows_changed, item.customers_new) == (
        "done",
        6,
        6,
        6,
        2,
    )
    assert (item.covers_from, item.covers_to) == (date(2026, 3, 1), date(2026, 4, 6))
    one, two = desk.customer("C-1"), desk.customer("C-2")
    assert (one.orders, one.revenue_micros) == (1, 40_000_000)
    assert (two.orders, two.revenue_micros) == (2, 40_000_000)
    assert one.last_order_at == datetime(2026, 3, 3, 23, tzinfo=UTC)  # midnight in Berlin
    assert one.last_seen_at == datetime(2026, 3, 10, 23, tzinfo=UTC)


def test_what_models_learn_from_is_net_in_order_and_by_todays_channel(desk: Desk) -> None:
    desk.bring(EXAMPLE)
    one, two = desk.customer("C-1").id, desk.customer("C-2").id
    bought = purchases(desk.session)
    assert [(who, value) for who, _, value in bought] == sorted(
        [(one, 40_000_000), (two, 10_000_000), (two, 30_000_000)], key=lambda row: row[0]
    )
    before_refund = purchases(desk.session, until=datetime(2026, 3, 6, tzinfo=UTC))
    assert [(who, value) for who, _, value in before_refund if who == one] == [(one, 59_900_000)]
    assert [row[2:] for row in orders(desk.session, BEGIN, END) if row[0] == one] == [(59_900_000, "5012")]
    assert refunds(desk.session, BEGIN, END) == [("5012", 19_900_000)]
    assert [(who, name) for who, _, name in touches(desk.session, BEGIN, END)] == [(one, "Facebook Ads")]
    assert [row[2:] for row in offer_events(desk.session)] == [("offer_shown", "Free shipping")]
    assert customer_count(desk.session) == 2


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.bring(EXAMPLE)
    again = desk.bring(EXAMPLE)
    assert (again.rows_accepted, again.rows_changed, again.customers_new) == (6, 0, 0)
    assert "Nothing changed" in again.notices[0]
    assert desk.events() == 6


def test_a_corrected_order_replaces_what_was_told(desk: Desk) -> None:
    desk.bring(EXAMPLE)
    changed = desk.bring(EXAMPLE.replace("order,10,5013", "order,12.50,5013"))
    assert changed.rows_changed == 1
    assert desk.customer("C-2").revenue_micros == 42_500_000


def test_an_order_that_moves_to_another_customer_leaves_the_first(desk: Desk) -> None:
    desk.bring("customer,date,value,order\nA,2026-03-01,10,1\n")
    desk.bring("customer,date,value,order\nB,2026-03-01,10,1\n")
    first, second = desk.customer("A"), desk.customer("B")
    assert (first.orders, first.revenue_micros, first.last_order_at) == (0, 0, None)
    assert (second.orders, second.revenue_micros) == (1, 10_000_000)


def test_german_spelling_semicolons_and_decimal_commas_are_read(desk: Desk) -> None:
    rows = "Kundennummer;Bestelldatum;Bestellnummer;Betrag;E-Mail\n7;13.02.2026;A1;1.234,50 $;jo@example.org\n"
    item = desk.bring(rows.encode("cp1252"))
    assert item.state == "done", item.problem
    assert (desk.customer("7").revenue_micros, desk.customer("7").email) == (1_234_500_000, "jo@example.org")


def test_a_value_below_0_is_a_refund(desk: Desk) -> None:
    desk.bring("customer id,date,amount,order id\nA,2026-03-01,50,1\nA,2026-03-05,-20,1\n")
    assert (desk.customer("A").orders, desk.customer("A").revenue_micros) == (1, 30_000_000)


def test_rows_with_a_problem_say_which_and_why_and_the_others_are_taken(desk: Desk) -> None:
    rows = (
        "customer,date,kind,value,order,channel,currency,email\n"
        "A,2026-03-01,order,50,1,,,\n"
        ",2026-03-01,order,50,2,,,\n"
        "A,2026-13-01,order,50,3,,,\n"
        "A,2027-03-01,order,50,4,,,\n"
        "A,2026-03-01,gift,50,5,,,\n"
        "A,2026-03-01,order,much,6,,,\n"
        "A,2026-03-01,order,50,7,,XXQ,\n"
        "A,2026-03-01,order,,8,,,\n"
        "A,2026-03-01,touch,,,,,\n"
        "A,2026-03-01,refund,5,,,,\n"
        "A,2026-03-01,order,50,9,,,secret.example.org\n"
        "A,2026-03-02,order,70,1,,,\n"
    )
    item = desk.bring(rows)
    assert (item.state, item.rows_accepted, item.rows_rejected) == ("done", 1, 11)
    said = {error["row"]: error["message"] for error in item.first_errors}
    assert sorted(said) == list(range(3, 14))
    assert "customer is missing" in said[3]
    assert "not a day" in said[4]
    assert "future" in said[5]
    assert "no kind" in said[6]
    assert "not a number" in said[7]
    assert "no exchange rate from XXQ" in said[8]
    assert "order is missing" in said[9]
    assert "channel" in said[10]
    assert "number of the order" in said[11]
    assert "e-mail" in said[12]
    assert "Row 2 has the same order number" in said[13]
    assert item.errors_key is not None
    with desk.storage.open(item.errors_key) as stream:
        written = stream.read().decode("utf-8-sig")
    assert written.count("\n") == 12
    assert "secret" not in written


def test_nothing_is_stored_where_no_row_can_be_taken(desk: Desk) -> None:
    item = desk.bring("customer,date,value\nA,yesterday,5\nB,tomorrow,6\n")
    assert item.state == "failed"
    assert item.problem is not None
    assert item.problem["code"] == AllRowsRejected.code
    assert customer_count(desk.session) == 0


def test_a_day_that_can_be_read_in_two_ways_is_asked_for(desk: Desk) -> None:
    item = desk.receive("customer,date,value\nA,03/04/2026,5\nB,04/05/2026,6\n")
    assert item.state == "awaiting_confirmation"
    desk.confirm(item.id, CustomerAnswers(day_order=DayOrder.MONTH_FIRST))
    desk.run(item.id)
    assert desk.customer("A").last_order_at == datetime(2026, 3, 3, 23, tzinfo=UTC)


def test_columns_can_be_chosen_by_hand(desk: Desk) -> None:
    item = desk.receive("who,when,how much\nA,2026-03-01,5\nB,2026-03-02,6\n")
    with pytest.raises(ColumnsMissing, match="customer"):
        desk.confirm(item.id)
    with pytest.raises(ColumnsMissing, match="no column"):
        desk.confirm(item.id, CustomerAnswers(columns={"customer": "nobody"}))
    desk.confirm(item.id, CustomerAnswers(columns={"customer": "who", "happened_at": "when", "value": "how much"}))
    assert desk.run(item.id).rows_accepted == 2


def test_a_list_of_customers_tells_who_they_are_and_keeps_what_it_does_not_know(desk: Desk) -> None:
    desk.bring("id,name,email,country,Tier\n1,Ann,ann@example.org,DE,gold\n2,Ben,,FR,\n")
    item = desk.bring("id,name,email,country,Tier\n1,,,AT,silver\n2,Ben,,FR,\n")
    assert (item.rows_changed, item.customers_new) == (1, 0)
    ann = desk.customer("1")
    assert (ann.name, ann.email, ann.country, ann.attributes) == ("Ann", "ann@example.org", "AT", {"Tier": "silver"})


def test_customers_may_be_known_by_their_address_alone(desk: Desk) -> None:
    desk.bring("Email,Date,Total\nJo@Example.org,2026-03-01,5\njo@example.org,2026-03-09,6\n")
    assert desk.customer("jo@example.org").orders == 2


def test_repeated_rows_count_once_and_are_named(desk: Desk) -> None:
    item = desk.bring("customer,date,value\nA,2026-03-01,5\nA,2026-03-01,5\nA,2026-03-01,6\n")
    assert (item.rows_accepted, item.rows_changed) == (3, 2)
    assert "counted once" in item.notices[0]
    assert desk.customer("A").revenue_micros == 11_000_000


def test_times_and_zones_are_read(desk: Desk) -> None:
    desk.bring(
        "customer,happened at,value\nA,2026-03-01T10:00:00Z,1\nB,2026-03-01 10:00,1\nC,3 Mar 2026 2:30 PM,1\nD,2026-03-01T10:00+05:30,1\n"
    )
    moments = {name: desk.customer(name).last_order_at for name in "ABCD"}
    assert moments == {
        "A": datetime(2026, 3, 1, 10, tzinfo=UTC),
        "B": datetime(2026, 3, 1, 9, tzinfo=UTC),
        "C": datetime(2026, 3, 3, 13, 30, tzinfo=UTC),
        "D": datetime(2026, 3, 1, 4, 30, tzinfo=UTC),
    }


def test_a_workbook_is_read_as_well(desk: Desk) -> None:
    stream = io.BytesIO()
    rows = [("A", date(2026, 3, 1), 12.5), ("B", date(2026, 3, 2), 7.0)]
    write_workbook(
        stream, [Sheet("Orders", [Column("customer"), Column("date", "date"), Column("value", "money")], rows)]
    )
    item = desk.bring(stream.getvalue(), filename="orders.xlsx")
    assert item.rows_accepted == 2
    assert desk.customer("A").revenue_micros == 12_500_000


def test_what_is_no_file_about_customers_is_refused_with_a_way_out(desk: Desk) -> None:
    with pytest.raises(NotATable):
        desk.receive(b"\x89PNG\r\n\x1a\n" + bytes(400))
    with pytest.raises(ColumnsMissing, match="customer") as refused:
        desk.receive("date,channel,spend,revenue\n2026-03-01,TV,1,2\n2026-03-02,TV,1,2\n")
    assert "Imports" in refused.value.hint


def test_the_example_is_taken_as_a_whole(desk: Desk) -> None:
    content = (Path(__file__).parents[2] / "examples" / "customer-events.csv").read_bytes()
    item = desk.receive(content)
    desk.confirm(item.id)
    done = run_upload(
        desk.session, upload_id=item.id, run=replace(desk.run_of(), now=datetime(2026, 11, 21, tzinfo=UTC))
    )
    assert (done.state, done.rows_rejected, done.customers_new) == ("done", 0, 24)
    assert done.rows_changed == content.count(b"\n") - 1


def test_a_file_is_not_kept_for_more_than_a_day(desk: Desk) -> None:
    item = desk.receive(EXAMPLE)
    purge_unfinished(desk.session, desk.storage, workspace_id=desk.workspace.id, now=utc_now() + timedelta(hours=25))
    assert not desk.storage.exists(item.storage_key)
    with pytest.raises(UploadMissing) as refused:
        desk.confirm(item.id)
    assert "Upload it again" in refused.value.hint
