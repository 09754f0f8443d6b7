"""The inbox: what comes in by SMTP can be read in the browser and by programs."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest

from tests.sandbox.process import RunningSandbox

HTML = (
    '<html><head><title>x</title></head><body><script>alert(1)</script><img src="https://elsewhere.example/pixel">'
    '<a href="https://adloom.example/a?b=1&amp;c=2">Go</a><a href="javascript:alert(1)">No</a></body></html>'
)


def send(
    sandbox: RunningSandbox,
    *,
    to: str = "ana@shop.example",
    subject: str = "Hello",
    html: str = HTML,
    attachment: bytes | None = None,
) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@adloom.example", to, subject
    message.set_content("Hello\nhttps://adloom.example/text.\n")
    message.add_alternative(html, subtype="html")
    if attachment is not None:
        message.add_attachment(attachment, maintype="text", subtype="html", filename="../Bericht für Ana.html")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, "client.example") as connection:
        connection.send_message(message)


def test_a_message_shows_its_envelope_bodies_and_links(sandbox: RunningSandbox) -> None:
    send(sandbox, subject="Grüße – 10 €")
    message = sandbox.latest(to="ANA@shop.example")
    assert message["subject"] == "Grüße – 10 €"
    assert (message["from"], message["to"]) == ("shop@adloom.example", ["ana@shop.example"])
    assert message["text"] == "Hello\nhttps://adloom.example/text.\n"
    assert message["links"] == ["https://adloom.example/a?b=1&c=2", "https://adloom.example/text"]


def test_latest_looks_at_the_address_and_at_the_number(sandbox: RunningSandbox) -> None:
    send(sandbox, to="ana@shop.example", subject="first")
    first_id = sandbox.latest(to="ana@shop.example")["id"]
    send(sandbox, to="bo@shop.example", subject="second")
    assert sandbox.latest(to="ana@shop.example")["subject"] == "first"
    newer = sandbox.http.get("/api/inbox/latest", params={"to": "ana@shop.example", "after": first_id})
    assert newer.status_code == 404
    assert "ana@shop.example" in newer.json()["detail"]


def test_a_waiting_call_is_answered_when_the_message_comes(sandbox: RunningSandbox) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sandbox.latest, to="late@shop.example")
        send(sandbox, to="other@shop.example")
        send(sandbox, to="late@shop.example", subject="here")
        assert waiting.result(timeout=20)["subject"] == "here"


def test_the_list_is_newest_first_and_can_be_cleared(sandbox: RunningSandbox) -> None:
    for subject in ("one", "two"):
        send(sandbox, subject=subject)
    listed = sandbox.http.get("/api/inbox").json()["messages"]
    assert [message["subject"] for message in listed] == ["two", "one"]
    assert sandbox.http.post("/control/clear/inbox").headers["location"] == "/inbox"
    assert sandbox.http.get("/api/inbox").json()["messages"] == []


def test_numbers_go_on_after_clearing_so_that_after_keeps_its_meaning(sandbox: RunningSandbox) -> None:
    send(sandbox)
    before = sandbox.latest(to="ana@shop.example")["id"]
    sandbox.http.delete("/api/inbox")
    send(sandbox)
    assert sandbox.latest(to="ana@shop.example")["id"] == before + 1


def test_the_page_of_a_message_escapes_what_the_message_says(sandbox: RunningSandbox) -> None:
    send(sandbox, subject="<script>alert(1)</script>")
    page = sandbox.http.get(f"/inbox/{sandbox.latest(to='ana@shop.example')['id']}")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert 'href="javascript:' not in page.text


def test_the_frame_lets_a_message_run_and_fetch_nothing(sandbox: RunningSandbox) -> None:
    send(sandbox)
    frame = sandbox.http.get(f"/inbox/{sandbox.latest(to='ana@shop.example')['id']}/html")
    policy = frame.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert '<head><base target="_blank">' in frame.text


def test_attachments_are_downloads_whatever_they_are(sandbox: RunningSandbox) -> None:
    send(sandbox, attachment=b"<script>alert(1)</script>")
    message = sandbox.latest(to="ana@shop.example")
    assert message["attachments"][0]["name"] == "../Bericht für Ana.html"
    download = sandbox.http.get(f"/inbox/{message['id']}/attachments/1")
    assert download.content == b"<script>alert(1)</script>"
    assert download.headers["content-type"] == "application/octet-stream"
    assert download.headers["content-disposition"] == 'attachment; filename=".._Bericht_f_r_Ana.html"'
    assert sandbox.http.get(f"/inbox/{message['id']}/attachments/2").status_code == 404


def test_the_source_is_kept_byte_for_byte(sandbox: RunningSandbox) -> None:
    raw = b"Subject: raw\r\nX-Odd: \xff\r\n\r\n..a line with a dot\r\n"
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, "client.example") as connection:
        connection.sendmail("a@b.example", ["raw@shop.example"], raw)
    message = sandbox.latest(to="raw@shop.example")
    assert sandbox.http.get(f"/inbox/{message['id']}/source.eml").content == raw


def test_a_message_that_is_too_large_is_refused_in_smtp_words(sandbox: RunningSandbox) -> None:
    with (
        smtplib.SMTP("127.0.0.1", sandbox.smtp_port, "client.example") as connection,
        pytest.raises(smtplib.SMTPException, match=r"limit|Too much|exceeds"),
    ):
        connection.sendmail("a@b.example", ["big@shop.example"], b"x" * 70 + b"\r\n" + (b"y" * 998 + b"\r\n") * 5_100)
    assert sandbox.http.get("/api/inbox").json()["messages"] == []


def test_a_message_that_is_not_there_is_a_page_for_people_and_json_for_programs(sandbox: RunningSandbox) -> None:
    page = sandbox.http.get("/inbox/999999", headers={"accept": "text/html"})
    assert (page.status_code, "There is no message 999999" in page.text) == (404, True)
    assert "There is no message" in sandbox.http.get("/api/inbox/999999").json()["detail"]
