"""No message, however malformed, stops the inbox."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from sandbox.parts.inbox.letters import Letter, letter_from_wire, read_letter

SAMPLE = (
    b"From: =?utf-8?q?J=C3=BCrgen?= <j@b.example>\r\nTo: a@\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n folded\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=no-such\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==\r\n--b\r\nContent-Type: text/html\r\n\r\n<![x <a href='http://x'>\r\n"
    b"--b\r\nContent-Disposition: attachment; filename*=utf-8''%E2%82%AC.csv\r\n\r\n1\r\n--b--\r\n"
)


def letter(raw: bytes) -> Letter:
    return letter_from_wire(1, received_at=datetime.now(UTC), mail_from="", recipients=[], raw=raw)


def test_headers_bodies_and_file_names_are_read_as_people_read_them() -> None:
    reading = read_letter(letter(SAMPLE))
    assert letter(SAMPLE).subject == "Grüße folded"
    assert reading.text == "Grüße"
    assert reading.links == ["http://x"]
    assert [(item.name, item.content) for item in reading.attachments] == [("€.csv", b"1")]


@pytest.mark.parametrize("subject", [b"Gr\xc3\xbc\xc3\x9fe", b"=?utf-8?q?Gr=C3=BC=C3=9Fe?="])
def test_raw_utf8_and_encoded_words_read_alike(subject: bytes) -> None:
    assert letter(b"Subject: " + subject + b"\r\n\r\n").subject == "Grüße"


@budget(max_examples=150, deadline=None, derandomize=True)
@given(
    start=st.integers(0, len(SAMPLE)),
    length=st.integers(0, 40),
    noise=st.binary(max_size=40)
    | st.sampled_from([b"\r\n", b"=?x?q?=00?=", b"--b", b"<a href='http://", b"charset=rot13"]),
)
def test_any_damage_still_reads(start: int, length: int, noise: bytes) -> None:
    damaged = letter(SAMPLE[:start] + noise + SAMPLE[start + length :])
    assert isinstance(read_letter(damaged).links, list)
