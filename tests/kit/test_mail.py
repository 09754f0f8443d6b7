"""Mail arrives as written, cannot be abused, and a failure says whether another try can help."""

import socket
import ssl
import stat
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, UndefinedError
from pydantic import SecretStr

from kit.errors import Unavailable
from kit.notify import (
    Mail,
    MailAddressUnreadable,
    MailRefused,
    MailTemporarilyRefused,
    UnsafeMailHeader,
    open_mailer,
    render_mail,
)
from kit.notify.mail import FileMailer, SmtpMailer
from kit.settings import Settings
from kit.web.templates import template_environment
from tests.kit.scripted_smtp import HANG_UP, ScriptedServer, scripted_server, self_signed
from tests.sandbox.process import RunningSandbox, running_sandbox

LINK = "https://adloom.example/verify-email?token=abc&next=1"
MAILS: dict[str, dict[str, object]] = {
    "verify_email": {"name": "Ana & Bo", "link": LINK, "valid_hours": 48},
    "account_exists": {"name": "Ana & Bo", "sign_in_link": LINK, "reset_link": LINK},
    "reset_password": {"name": "Ana & Bo", "link": LINK, "valid_minutes": 60},
    "password_changed": {"name": "Ana & Bo", "changed_at": "21 Nov 2026, 10:00 UTC", "reset_link": LINK},
    "invitation": {
        "inviter_name": "Ana & Bo",
        "workspace_name": "Shop",
        "role": "editor",
        "link": LINK,
        "valid_days": 7,
    },
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    return running


def mail(*, to: str = "ana@shop.example", subject: str = "Hello", **changes: object) -> Mail:
    return Mail(to, subject, "<p>Hello</p>", "Hello\n", **changes)  # type: ignore[arg-type]  # each test names its own field


def settings_for(server: ScriptedServer, **changes: object) -> Settings:
    plain = Settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_tls="none", _env_file=None)
    return plain.model_copy(update=changes)


def test_names_and_subjects_in_any_script_arrive_as_written(sandbox: RunningSandbox) -> None:
    subject = "Grüße – 折扣 10 € für dich, " + "sehr lang " * 12
    written = Mail(
        "Jürgen “X” Ä <ana@shop.example>", subject.strip(), "<p>Größe €</p>", "Größe €\n", "Bö <bo@shop.example>"
    )
    open_mailer(sandbox.mail_settings).send(written, idempotency_key="job:1")
    received = sandbox.latest(to="ana@shop.example")
    headers = dict(received["headers"])
    assert received["subject"] == subject.strip()
    assert headers["To"] == "Jürgen “X” Ä <ana@shop.example>"
    assert headers["Reply-To"] == "Bö <bo@shop.example>"
    assert (received["text"], received["html"]) == ("Größe €\n", "<p>Größe €</p>\n")


@pytest.mark.parametrize(
    ("typed", "delivered"),
    [
        ("ana@exämple.de", "ana@xn--exmple-cua.de"),
        ("ana@faß.de", "ana@xn--fa-hia.de"),
        ("jürgen@exämple.de", "jürgen@xn--exmple-cua.de"),
        ("Ana@Shop.Example", "Ana@shop.example"),
    ],
)
def test_addresses_beyond_ascii_reach_the_server_in_a_form_it_knows(
    sandbox: RunningSandbox, typed: str, delivered: str
) -> None:
    open_mailer(sandbox.mail_settings).send(mail(to=typed), idempotency_key="job:1")
    assert sandbox.latest(to=delivered)["to"] == [delivered]


def test_the_message_id_depends_on_the_key_alone(sandbox: RunningSandbox) -> None:
    mailer = open_mailer(sandbox.mail_settings)
    sent = [mailer.send(mail(subject=str(number)), idempotency_key=key) for number, key in enumerate(["a", "a", "b"])]
    assert sent[0] == sent[1] != sent[2]
    assert sandbox.latest(to="ana@shop.example")["message_id"] == sent[2]
    assert sent[0].endswith("@adloom.example>")


def test_a_user_name_and_password_are_used(sandbox: RunningSandbox) -> None:
    settings = sandbox.settings_with(smtp_username="ana", smtp_password=SecretStr("secret"))
    open_mailer(settings).send(mail(), idempotency_key="job:1")
    assert sandbox.latest(to="ana@shop.example")["subject"] == "Hello"


@pytest.mark.parametrize("break_", ["\r\nBcc: x@evil.example", "\n", "\r", "\x00", "\x85", "\u2028", "\udcff"])
def test_nothing_can_be_smuggled_into_the_head(tmp_path: Path, break_: str) -> None:
    mailer = FileMailer(tmp_path, sender="Adloom <hello@adloom.example>")
    smuggling = [
        mail(subject=f"Hello{break_}"),
        mail(to=f"ana@shop.example{break_}"),
        mail(reply_to=f"Ana{break_} <ana@shop.example>"),
        mail(headers={"X-Adloom-Kind": f"a{break_}"}),
        mail(headers={f"X-Adloom{break_}": "a"}),
    ]
    for attempt in smuggling:
        with pytest.raises(UnsafeMailHeader):
            mailer.send(attempt, idempotency_key="job:1")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["Bcc", "to", "Content-Type", "Resent-To", "Message-ID", "X Space", "X:", "Ü", ""])
def test_headers_that_are_ours_cannot_be_set_by_others(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeMailHeader):
        FileMailer(tmp_path, sender="a@b.example").send(mail(headers={name: "x"}), idempotency_key="job:1")


@pytest.mark.parametrize(
    "text",
    [
        "", "ana", "ana@", "@shop.example", "a@b.example, c@d.example", "Friends: a@b.example;", "a b@c.example",
        "a@b.example junk", "a@evil.example <b@c.example>", "=?utf-8?q?a=0d=0aBcc:x?= <a@b.example>", "a@xn--.example.ü",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MailAddressUnreadable, match="is not one e-mail address"):
        FileMailer(tmp_path, sender="a@b.example").send(mail(to=text), idempotency_key="job:1")


def test_a_refusal_for_good_carries_the_servers_words(sandbox: RunningSandbox) -> None:
    sandbox.arm("smtp_reject")
    with pytest.raises(MailRefused, match=r"550 5\.1\.1 <ana@shop\.example> refused"):
        open_mailer(sandbox.mail_settings).send(mail(), idempotency_key="job:1")


def test_try_again_later_is_not_a_refusal(sandbox: RunningSandbox) -> None:
    sandbox.arm("smtp_defer")
    mailer = open_mailer(sandbox.mail_settings)
    with pytest.raises(MailTemporarilyRefused, match=r"451 4\.7\.1 Please try again later") as refused:
        mailer.send(mail(), idempotency_key="job:1")
    assert isinstance(refused.value, Unavailable)
    mailer.send(mail(), idempotency_key="job:1")
    assert sandbox.latest(to="ana@shop.example")["subject"] == "Hello"


def test_a_server_that_does_not_answer_in_time_is_worth_another_try(sandbox: RunningSandbox) -> None:
    sandbox.arm("smtp_delay", delay_s=60)
    with pytest.raises(MailTemporarilyRefused):
        SmtpMailer(sandbox.mail_settings, timeout_s=0.3).send(mail(), idempotency_key="job:1")


def test_a_retry_after_a_lost_reply_is_the_same_message(sandbox: RunningSandbox) -> None:
    sandbox.arm("smtp_lost_reply")
    mailer = open_mailer(sandbox.mail_settings)
    with pytest.raises(MailTemporarilyRefused, match="broke"):
        mailer.send(mail(), idempotency_key="job:1")
    mailer.send(mail(), idempotency_key="job:1")
    received = sandbox.http.get("/api/inbox").json()["messages"]
    assert len(received) == 2
    assert len({message["message_id"] for message in received}) == 1


def test_no_server_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", _env_file=None)
    with pytest.raises(MailTemporarilyRefused, match=rf"127\.0\.0\.1:{port} cannot be reached"):
        open_mailer(settings).send(mail(), idempotency_key="job:1")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"greeting": "421 Busy"}, MailTemporarilyRefused),
        ({"greeting": "554 No mail here"}, MailRefused),
        ({"greeting": "what"}, MailTemporarilyRefused),
        ({"MAIL": "452 Disk full"}, MailTemporarilyRefused),
        ({"MAIL": "553 Not from you"}, MailRefused),
        ({".": "554 Spam"}, MailRefused),
        ({"DATA": HANG_UP}, MailTemporarilyRefused),
    ],
)
def test_each_reply_is_sorted_by_whether_another_try_helps(script: dict[str, str], error: type[Exception]) -> None:
    with scripted_server(script) as server, pytest.raises(error):
        open_mailer(settings_for(server)).send(mail(), idempotency_key="job:1")


def test_an_accepted_mail_is_not_sent_again_because_of_a_bad_goodbye() -> None:
    for goodbye in (HANG_UP, "421 Shutting down"):
        with scripted_server({"QUIT": goodbye}) as server:
            open_mailer(settings_for(server)).send(mail(), idempotency_key="job:1")


def test_a_refused_password_points_to_the_setting() -> None:
    wrong = {"smtp_username": "ana", "smtp_password": SecretStr("wrong")}
    with (
        scripted_server({"AUTH": "535 5.7.8 Bad credentials"}) as server,
        pytest.raises(MailRefused, match=r"535 .*SMTP_PASSWORD"),
    ):
        open_mailer(settings_for(server, **wrong)).send(mail(), idempotency_key="job:1")


def test_an_address_that_the_server_cannot_carry_is_a_refusal() -> None:
    with scripted_server() as server, pytest.raises(MailRefused, match="SMTPUTF8"):
        open_mailer(settings_for(server)).send(mail(to="jürgen@shop.example"), idempotency_key="job:1")


def test_without_starttls_nothing_is_said_in_clear() -> None:
    with scripted_server({"EHLO": "250 scripted.example"}) as server, pytest.raises(MailRefused, match="SMTP_TLS"):
        open_mailer(settings_for(server, smtp_tls="starttls")).send(mail(), idempotency_key="job:1")
    assert not [line for line in server.heard if line.startswith(("MAIL", "RCPT", "DATA"))]


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_protected_connection_carries_the_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    certificate, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with scripted_server(context=context, is_tls_from_start=mode == "tls") as server:
        open_mailer(settings_for(server, smtp_tls=mode)).send(mail(), idempotency_key="job:1")
    assert "Subject: Hello" in server.heard
    assert all(line.startswith(("ehlo", "STARTTLS")) for line in server.heard_in_clear)


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(tmp_path: Path, mode: str) -> None:
    _, context = self_signed(tmp_path)
    with (
        scripted_server(context=context, is_tls_from_start=mode == "tls") as server,
        pytest.raises(MailTemporarilyRefused, match="certificate") as refused,
    ):
        open_mailer(settings_for(server, smtp_tls=mode)).send(mail(), idempotency_key="job:1")
    assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)
    assert not [line for line in server.heard if line.startswith("MAIL")]


def test_without_a_mail_server_each_mail_is_a_file_that_mail_programs_open(tmp_path: Path) -> None:
    settings = Settings(smtp_host="", adloom_data_dir=tmp_path, _env_file=None)
    for subject in ("first try", "second try"):
        open_mailer(settings).send(mail(subject=subject), idempotency_key="job:1")
    (kept,) = (tmp_path / "mail").iterdir()
    message = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert (kept.suffix, message["Subject"], message["To"]) == (".eml", "second try", "ana@shop.example")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", sorted(MAILS))
def test_every_mail_of_ours_says_the_same_in_both_forms(name: str) -> None:
    rendered = render_mail(
        template_environment(), f"email/{name}", MAILS[name], to="ana@shop.example", subject="Subject"
    )
    assert LINK in rendered.text
    assert LINK.replace("&", "&amp;") in rendered.html
    assert "Ana & Bo" in rendered.text
    assert "Ana &amp; Bo" in rendered.html
    assert "You get this because" in rendered.text
    assert "You get this because" in rendered.html


@pytest.mark.parametrize("name", sorted(MAILS))
def test_every_mail_of_ours_fails_rather_than_leave_a_gap(name: str) -> None:
    for missing in MAILS[name]:
        incomplete = {key: value for key, value in MAILS[name].items() if key != missing}
        with pytest.raises(UndefinedError, match=missing):
            render_mail(template_environment(), f"email/{name}", incomplete, to="ana@shop.example", subject="Subject")


def test_styles_move_onto_the_elements_and_the_dark_ones_stay() -> None:
    rendered = render_mail(
        template_environment(), "email/verify_email", MAILS["verify_email"], to="ana@shop.example", subject="Subject"
    )
    assert '<h1 style="' in rendered.html
    assert "prefers-color-scheme: dark" in rendered.html
    assert "http" not in rendered.html.replace("https://adloom.example", "")


def test_a_lenient_environment_is_made_strict_and_escapes_html_only() -> None:
    lenient = Environment(  # the point of the test: rendering does not rely on the caller for this
        loader=DictLoader({"a.html": "<p>{{ name }}</p>", "a.txt": "{{ name }}\n\n\n\nBye", "b.html": "{{ gone }}"})
    )
    rendered = render_mail(lenient, "a", {"name": "<b>"}, to="ana@shop.example", subject="Subject")
    assert "&lt;b&gt;" in rendered.html
    assert rendered.text == "<b>\n\nBye\n"
    with pytest.raises(UndefinedError):
        render_mail(lenient, "b", {}, to="ana@shop.example", subject="Subject")
