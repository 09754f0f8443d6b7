"""Both storages keep the same promises; S3 is spoken by boto3 to a server on loopback."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from kit.clock import utc_now
from kit.errors import NotAllowed, TooLarge
from kit.settings import Settings
from kit.storage import (
    DirectoryStorage,
    FileMissing,
    S3Storage,
    Storage,
    StorageUnavailable,
    open_storage,
)
from kit.upload_tokens import UploadTokens
from tests.object_store import object_client, object_server

KEY = "0198f0c4-7d6e-7cc1-8f43-5a5b7d0ad0aa/imports/0198f0c4"


@pytest.fixture(scope="module")
def object_store() -> Iterator[str]:
    """A server that speaks S3, with one bucket."""
    with object_server("adloom") as url:
        yield url


@pytest.fixture(params=["directory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Either storage."""
    if request.param == "directory":
        return directory(tmp_path)
    return bucket(request.getfixturevalue("object_store"))


def directory(root: Path) -> DirectoryStorage:
    return DirectoryStorage(root, upload_url="http://127.0.0.1:8000/uploads", tokens=UploadTokens(b"k" * 32))


def bucket(url: str, name: str = "adloom") -> S3Storage:
    settings = Settings(
        s3_bucket=name,
        s3_endpoint_url=url,
        s3_access_key_id="test",
        s3_secret_access_key=SecretStr("test"),
        _env_file=None,
    )
    opened = open_storage(settings)
    assert isinstance(opened, S3Storage)
    return opened


def test_what_is_stored_comes_back(storage: Storage) -> None:
    assert storage.put(KEY, io.BytesIO(b"date,channel\n")) == 13
    assert storage.exists(KEY)
    assert storage.size(KEY) == 13
    with storage.open(KEY) as stream:
        assert stream.read() == b"date,channel\n"
    with storage.local_copy(KEY) as path:
        assert path.read_bytes() == b"date,channel\n"


def test_storing_again_replaces(storage: Storage) -> None:
    storage.put(KEY, io.BytesIO(b"first"))
    storage.put(KEY, io.BytesIO(b"2nd"))
    assert storage.size(KEY) == 3


def test_removing_twice_is_the_same_as_once(storage: Storage) -> None:
    storage.put(KEY, io.BytesIO(b"first"))
    storage.delete(KEY)
    storage.delete(KEY)
    assert not storage.exists(KEY)
    with pytest.raises(FileMissing):
        storage.open(KEY)
    with pytest.raises(FileMissing):
        storage.size(KEY)


def test_a_stream_beyond_the_limit_leaves_nothing(storage: Storage) -> None:
    key = f"{KEY}-large"
    with pytest.raises(TooLarge, match="larger than 12 MB"):
        storage.put(key, io.BytesIO(bytes(13_000_000)), max_bytes=12_000_000)
    assert not storage.exists(key)


@pytest.mark.parametrize("key", ["../secrets", "/etc/passwd", "a//b", "a/../b", "", ".hidden"])
def test_a_key_never_leaves_the_storage(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        storage.put(key, io.BytesIO(b"x"))


def test_a_refused_upload_leaves_no_unfinished_file(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        directory(tmp_path).put("a/b", io.BytesIO(b"12345"), max_bytes=4)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_form_uploads_straight_to_the_bucket(object_store: str) -> None:
    storage = bucket(object_store)
    ticket = storage.presign_upload("w/imports/form", max_bytes=1000)
    assert ticket.method == "POST"
    reply = httpx.post(ticket.url, data=dict(ticket.fields), files={"file": b"date,channel\n"}, timeout=10)
    assert reply.status_code == 204
    assert storage.size("w/imports/form") == 13


def test_the_form_tells_the_bucket_how_large_a_file_may_be(object_store: str) -> None:
    import base64
    import json

    ticket = bucket(object_store).presign_upload("w/imports/form", max_bytes=1000)
    policy = json.loads(base64.b64decode(ticket.fields["policy"]))
    assert ["content-length-range", 1, 1000] in policy["conditions"]


def test_a_signed_address_takes_one_file_of_the_agreed_size(tmp_path: Path) -> None:
    storage = directory(tmp_path)
    ticket = storage.presign_upload("w/imports/1", max_bytes=5)
    token = ticket.url.removeprefix("http://127.0.0.1:8000/uploads/")
    assert ticket.method == "PUT"
    assert storage.accept_upload(token, io.BytesIO(b"12345")) == 5
    assert storage.size("w/imports/1") == 5
    with pytest.raises(TooLarge):
        storage.accept_upload(token, io.BytesIO(b"123456"))


@pytest.mark.parametrize("token", ["", "x", "x.y", "é.é", "W10.W10", "AAAA" * 20])
def test_an_address_that_we_did_not_sign_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(NotAllowed):
        directory(tmp_path).accept_upload(token, io.BytesIO(b"x"))


def test_another_installation_signs_differently(tmp_path: Path) -> None:
    token = directory(tmp_path).presign_upload("a", max_bytes=1).url.rpartition("/")[2]
    other = DirectoryStorage(tmp_path, upload_url="", tokens=UploadTokens(b"z" * 32))
    with pytest.raises(NotAllowed):
        other.accept_upload(token, io.BytesIO(b"x"))


def test_an_address_ends_with_its_time(tmp_path: Path) -> None:
    storage = directory(tmp_path)
    token = storage.presign_upload("a", max_bytes=1, lasts_s=-1).url.rpartition("/")[2]
    with pytest.raises(NotAllowed, match="expired"):
        storage.accept_upload(token, io.BytesIO(b"x"))


def test_a_folder_is_removed_without_its_neighbour(storage: Storage) -> None:
    for key in ("w1/imports/1", "w1/imports/2", "w1/exports/3", "w12/imports/4"):
        storage.put(key, io.BytesIO(b"x"))
    assert storage.delete_all("w1") == 3
    assert storage.delete_all("w1") == 0
    assert storage.exists("w12/imports/4")


def test_what_lies_there_for_too_long_is_removed_unless_it_is_to_be_kept(storage: Storage) -> None:
    for key in ("w1/imports/1", "w1/imports/2", "w1/exports/3", "w12/imports/4"):
        storage.put(key, io.BytesIO(b"x"))
    soon = utc_now() + timedelta(minutes=1)
    assert storage.delete_stale("w1/imports", before=utc_now() - timedelta(hours=1), keep=()) == 0
    assert storage.delete_stale("w1/imports", before=soon, keep={"w1/imports/1"}) == 1
    assert storage.delete_stale("w1/imports", before=soon, keep={"w1/imports/1"}) == 0
    assert [storage.exists(key) for key in ("w1/imports/1", "w1/imports/2", "w1/exports/3", "w12/imports/4")] == [
        True,
        False,
        True,
        True,
    ]


def test_a_folder_that_nobody_wrote_to_holds_nothing_old(storage: Storage) -> None:
    assert storage.delete_stale("nobody/imports", before=utc_now(), keep=()) == 0


def test_half_a_file_that_a_killed_server_left_is_removed_after_its_time(tmp_path: Path) -> None:
    storage = directory(tmp_path)
    storage.put("w1/imports/1", io.BytesIO(b"x"))
    half = tmp_path / "w1" / "imports" / ".incoming-abc"
    half.write_bytes(b"date,cha")
    assert storage.delete_stale("w1/imports", before=utc_now() - timedelta(hours=1), keep={"w1/imports/1"}) == 0
    assert storage.delete_stale("w1/imports", before=utc_now() + timedelta(hours=1), keep={"w1/imports/1"}) == 1
    assert not half.exists()


def test_parts_of_an_upload_that_broke_off_are_given_back_to_the_bucket(object_store: str) -> None:
    with object_client(object_store) as client:
        for folder in ("w1", "w12"):
            key = f"{folder}/imports/broken"
            upload = client.create_multipart_upload(Bucket="adloom", Key=key)
            part = {"UploadId": upload["UploadId"], "PartNumber": 1, "Body": b"x" * 100}
            client.upload_part(Bucket="adloom", Key=key, **part)
        storage = bucket(object_store)
        # The server of the tests says of every upload that it was begun in 2010.
        assert storage.delete_stale("w1/imports", before=datetime(2010, 1, 1, tzinfo=UTC), keep=()) == 0
        assert storage.delete_stale("w1/imports", before=utc_now() - timedelta(hours=1), keep=()) == 1
        left = client.list_multipart_uploads(Bucket="adloom")["Uploads"]
        assert [upload["Key"] for upload in left] == ["w12/imports/broken"]


def test_a_bucket_that_is_not_there_is_said_to_be_unavailable(object_store: str) -> None:
    with pytest.raises((StorageUnavailable, FileMissing)):
        bucket(object_store, "nowhere").put("a", io.BytesIO(b"x"))


def test_a_server_that_does_not_answer_is_said_to_be_unavailable(unused_tcp_port_url: str) -> None:
    with pytest.raises(StorageUnavailable):
        bucket(unused_tcp_port_url).size("a")


@pytest.fixture
def unused_tcp_port_url() -> str:
    """An address that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
