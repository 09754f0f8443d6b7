"""From a confirmed file to facts: what is stored, what is refused, what is said."""

import io
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.imports.errors import CurrencyDiffers, ImportNotWaiting
from app.imports.schemas import Choices
from app.imports.service import cancel, look_again, shape_of
from app.imports.shape import DayOrder, RevenueShape
from billing.plans import FREE, PREMIUM
from kit.errors import NotFound
from kit.jobs import JobCancelled
from tests.imports.desk import Desk

SMALL = """date,channel,spend,revenue
2026-03-01,FB Ads,10.50,40
2026-03-01,Google Ads,20,80.25
2026-03-02,FB Ads,11,30
"""


def test_rows_become_facts_under_standard_channels(desk: Desk) -> None:
    done = desk.bring(SMALL)
    assert (done.state, done.rows_read, done.rows_accepted, done.rows_changed) == ("done", 3, 3, 3)
    assert desk.facts() == [
        ("2026-03-01", "FB Ads", "", 10.5, 40.0),
        ("2026-03-01", "Google Ads", "", 20.0, 80.25),
        ("2026-03-02", "FB Ads", "", 11.0, 30.0),
    ]
    assert desk.totals() == (41.5, 150.25)
    names = desk.session.execute(text("SELECT name FROM channels ORDER BY name")).scalars().all()
    assert names == ["Facebook Ads", "Google Ads"]
    assert "FB Ads as Facebook Ads" in (done.notices or [""])[0]
    assert (str(done.covers_from), str(done.covers_to)) == ("2026-03-01", "2026-03-02")


def test_the_same_file_twice_changes_nothing_and_says_so(desk: Desk) -> None:
    desk.bring(SMALL)
    before = desk.facts()
    again = desk.bring(SMALL)
    assert (again.state, again.rows_accepted, again.rows_changed) == ("done", 3, 0)
    assert desk.facts() == before
    assert "Nothing changed: everything in the file was stored already." in (again.notices or [])


def test_a_corrected_file_replaces_what_it_repeats(desk: Desk) -> None:
    desk.bring(SMALL)
    again = desk.bring(SMALL.replace("11,30", "12,33"))
    assert again.rows_changed == 1
    assert desk.totals() == (42.5, 153.25)


def test_a_finished_import_is_not_run_again(desk: Desk) -> None:
    done = desk.bring(SMALL)
    finished_at = done.finished_at
    assert desk.run(done.id).finished_at == finished_at


def test_valid_rows_are_taken_and_bad_ones_can_be_corrected(desk: Desk) -> None:
    bad = SMALL + "2026-02-30,TikTok,5,9\n2026-03-03,TikTok,-5,9\n2026-03-03,=cmd|x,5,9\n"
    done = desk.bring(bad)
    assert (done.state, done.rows_accepted, done.rows_rejected) == ("done", 3, 3)
    assert [(reject["row"], reject["column"]) for reject in done.first_rejects or []] == [
        (5, "date"),
        (6, "spend"),
        (7, "channel"),
    ]
    assert done.rejects_key is not None
    with desk.storage.open(done.rejects_key) as stream:
        rejects = stream.read().decode("utf-8-sig")
    corrected = rejects.replace("2026-02-30", "2026-02-28").replace(",-5,", ",5,").replace("'=cmd|x", "Email")
    again = desk.bring(corrected, filename="corrected.csv")
    assert (again.state, again.rows_accepted, again.rows_rejected) == ("done", 3, 0)
    assert [fact[:2] for fact in desk.facts()] == [
        ("2026-02-28", "TikTok"),
        ("2026-03-01", "FB Ads"),
        ("2026-03-01", "Google Ads"),
        ("2026-03-02", "FB Ads"),
        ("2026-03-03", "Email"),
        ("2026-03-03", "TikTok"),
    ]


def test_corrected_rows_never_replace_their_neighbours(desk: Desk) -> None:
    done = desk.bring("date,channel,spend,revenue\n2026-03-01,TV,10,40\n2026-03-01,TV,x,5\n2026-03-02,TV,1,2\n")
    assert done.rejects_key is not None
    with desk.storage.open(done.rejects_key) as stream:
        corrected = stream.read().decode("utf-8-sig").replace(",x,", ",7,")
    refused = desk.bring(corrected)
    assert refused.problem is not None
    assert refused.problem["code"] == "corrections-overlap"
    assert desk.totals() == (11, 42)


def test_a_file_without_a_single_good_row_is_refused_with_the_first_reason(desk: Desk) -> None:
    failed = desk.bring("date,channel,spend,revenue\n2026-03-01,FB,ten,5\n2026-03-02,FB,eleven,5\n")
    assert failed.state == "failed"
    assert failed.problem is not None
    assert failed.problem["code"] == "all-rows-rejected"
    assert "row 2" in failed.problem["detail"]
    assert failed.rejects_key is not None
    assert desk.facts() == []


@pytest.mark.parametrize(("other", "word"), [("", "blank"), ("same", "same revenue")])
def test_revenue_of_a_whole_day_is_counted_once(desk: Desk, other: str, word: str) -> None:
    lines = ["date,channel,spend,revenue"]
    for day in range(1, 11):
        lines += [f"2026-03-{day:02},Facebook,{day},{100 + day}"]
        lines += [f"2026-03-{day:02},Google,2,{100 + day if other else ''}"]
    done = desk.bring("\n".join(lines))
    assert done.state == "done"
    assert desk.totals() == (55 + 20, 1055.0)
    assert [fact for fact in desk.facts() if fact[0] == "2026-03-01"] == [
        ("2026-03-01", "Facebook", "", 1.0, None),
        ("2026-03-01", "Google", "", 2.0, None),
        ("2026-03-01", "whole_day", "", 0.0, 101.0),
    ]
    assert any(word in notice for notice in done.notices or [])


def test_corrected_rows_of_a_file_with_daily_revenue_do_not_count_it_twice(desk: Desk) -> None:
    lines = ["date,channel,spend,revenue"]
    for day in range(1, 11):
        lines += [f"2026-03-{day:02},Facebook,{'x' if day == 4 else day},{100 + day}"]
        lines += [f"2026-03-{day:02},Google,2,{100 + day}"]
    done = desk.bring("\n".join(lines))
    assert done.rejects_key is not None
    with desk.storage.open(done.rejects_key) as stream:
        corrected = stream.read().decode("utf-8-sig").replace(",x,", ",4,")
    assert desk.bring(corrected).state == "done"
    assert desk.totals() == (55 + 20, 1055.0)


def test_a_person_may_say_that_revenue_is_per_row_after_all(desk: Desk) -> None:
    lines = ["date,channel,spend,revenue"]
    for day in range(1, 11):
        lines += [f"2026-03-{day:02},{name},1,{100 + day}" for name in ("Facebook", "Google")]
    desk.bring("\n".join(lines), Choices(revenue=RevenueShape.ROW))
    assert desk.totals() == (20.0, 2110.0)


def test_the_plans_number_of_rows_is_a_limit_on_what_changes(desk: Desk) -> None:
    desk.plan = FREE
    lines = [f"2026-{1 + i // 28:02}-{1 + i % 28:02},TV,{i},5" for i in range(150)]
    many = "date,channel,spend,revenue\n" + "\n".join(line for line in lines if not line.startswith("2026-07"))
    campaigns = "date,channel,spend,revenue,campaign\n" + "\n".join(
        f"2026-05-{1 + i % 28:02},TV,{i},5,Campaign {i}" for i in range(501)
    )
    refused = desk.bring(campaigns)
    assert refused.state == "failed"
    assert refused.problem is not None
    assert refused.problem["code"] == "plan-does-not-include"
    assert "500 imported rows a month" in refused.problem["detail"]
    assert desk.facts() == []
    assert desk.bring(many).state == "done"


def test_the_plans_number_of_channels_is_a_limit(desk: Desk) -> None:
    desk.plan = FREE
    rows = "".join(f"2026-03-01,Channel {letter},1,2\n" for letter in "ABCDEF")
    refused = desk.bring("date,channel,spend,revenue\n" + rows)
    assert refused.problem is not None
    assert "5 channels" in refused.problem["detail"]
    assert desk.session.execute(text("SELECT count(*) FROM channels")).scalar() == 0


def test_a_refused_import_can_be_started_again(desk: Desk) -> None:
    desk.plan = FREE
    rows = "".join(f"2026-03-01,Channel {letter},1,2\n" for letter in "ABCDEF")
    refused = desk.bring("date,channel,spend,revenue\n" + rows)
    desk.plan = PREMIUM
    desk.confirm(refused.id)
    assert desk.run(refused.id).state == "done"


def test_confirmed_answers_are_remembered_for_the_same_columns(desk: Desk) -> None:
    first = desk.receive("when,where,Kosten,Umsatz\n03/04/2026,TV,1,2\n04/04/2026,TV,1,2\n")
    mapping = {"date": "when", "channel": "where", "spend": "Kosten", "revenue": "Umsatz"}
    desk.confirm(first.id, Choices(mapping=mapping, day_order=DayOrder.MONTH_FIRST))
    desk.run(first.id)
    assert desk.facts()[0][0] == "2026-03-04"
    second = desk.bring("when,where,Kosten,Umsatz\n05/06/2026,TV,1,2\n")
    assert second.state == "done"
    assert desk.facts()[-1][0] == "2026-05-06"


def test_a_foreign_currency_is_refused_and_says_what_to_do(desk: Desk) -> None:
    euros = "date,channel,spend,revenue\n2026-03-01,TV,€ 1.50,€ 2.50\n"
    item = desk.receive(euros)
    with pytest.raises(CurrencyDiffers) as empty:
        desk.confirm(item.id)
    assert "Settings" in empty.value.hint
    desk.bring(SMALL)
    with pytest.raises(CurrencyDiffers) as filled:
        desk.confirm(item.id)
    assert "Convert" in filled.value.hint


def test_a_sign_that_may_mean_the_workspaces_currency_is_fine(desk: Desk) -> None:
    desk.use_currency("CAD")
    assert desk.bring("date,channel,spend,revenue\n2026-03-01,TV,$1.50,$2.50\n").state == "done"


def test_a_fixed_channel_serves_a_file_without_one(desk: Desk) -> None:
    item = desk.receive("date,spend,revenue\n2026-03-01,1,2\n2026-03-02,1,2\n")
    mapping = {"date": "date", "spend": "spend", "revenue": "revenue"}
    desk.confirm(item.id, Choices(mapping=mapping, fixed_channel="Radio"))
    desk.run(item.id)
    assert {fact[1] for fact in desk.facts()} == {"Radio"}


def test_another_name_of_a_channel_on_the_same_days_is_pointed_out(desk: Desk) -> None:
    desk.bring(SMALL)
    done = desk.bring(SMALL.replace("FB Ads", "facebook"))
    assert any("“FB Ads” on 2 of these days" in notice for notice in done.notices or [])


def test_a_file_that_was_replaced_after_the_confirmation_is_not_read(desk: Desk) -> None:
    item = desk.receive(SMALL)
    desk.confirm(item.id)
    desk.storage.put(item.storage_key, io.BytesIO(SMALL.replace("10.50", "99").encode()))
    failed = desk.run(item.id)
    assert failed.problem is not None
    assert failed.problem["code"] == "file-replaced"


def test_progress_is_told(desk: Desk) -> None:
    desk.bring(SMALL)
    shares = [share for share, _ in desk.told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_import_that_was_cancelled_takes_its_rows_back(desk: Desk) -> None:
    item = desk.receive(SMALL)
    desk.confirm(item.id)
    item.state = "cancelled"
    desk.session.flush()
    assert desk.run(item.id).state == "cancelled"
    assert desk.facts() == []


def test_a_cancel_during_the_run_stops_it(desk: Desk) -> None:
    item = desk.receive(SMALL)
    desk.confirm(item.id)

    def cancel_at_the_end(share: float, _sentence: str) -> None:
        if share == 1.0:
            desk.session.execute(text("UPDATE imports SET state = 'cancelled' WHERE id = :id"), {"id": item.id})

    desk.told = _Listener(cancel_at_the_end)
    with pytest.raises(JobCancelled):
        desk.run(item.id)


class _Listener(list[tuple[float, str]]):
    """Calls a function with what is told."""

    def __init__(self, hear: object) -> None:
        super().__init__()
        self._hear = hear

    def append(self, told: tuple[float, str]) -> None:
        assert callable(self._hear)
        self._hear(*told)


def test_what_is_over_cannot_be_cancelled_or_confirmed(desk: Desk) -> None:
    done = desk.bring(SMALL)
    with pytest.raises(ImportNotWaiting):
        desk.confirm(done.id)
    with pytest.raises(ImportNotWaiting):
        cancel(desk.session, desk.session, workspace=desk.workspace, import_id=done.id)


def test_a_waiting_import_can_be_cancelled(desk: Desk) -> None:
    item = desk.receive(SMALL)
    assert cancel(desk.session, desk.session, workspace=desk.workspace, import_id=item.id).state == "cancelled"


def test_an_import_of_another_workspace_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.confirm(uuid4())


def test_the_file_can_be_read_again_in_another_encoding(desk: Desk) -> None:
    item = desk.receive("date,channel,spend,revenue\n2026-03-01,Köln,1,2\n".encode("cp1252"))
    again = look_again(desk.session, desk.storage, workspace=desk.workspace, import_id=item.id, encoding="latin-1")
    assert shape_of(again).encoding == "latin-1"
