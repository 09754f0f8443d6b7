"""Where files lie: a bucket that speaks S3, or a directory of this machine. `open_storage(settings)` chooses.

Keys are made by us (`{workspace_id}/imports/{import_id}`), never by a person. A browser uploads straight to the storage with an
`UploadTicket`: a form that S3 checks itself, or a signed address of ours that `DirectoryStorage.accept_upload` checks.
"""

import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os import fdopen
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, cast, runtime_checkable

from kit.errors import NotFound, TooLarge, Unavailable
from kit.settings import Settings
from kit.upload_tokens import UploadTokens

CHUNK_BYTES = 1 << 20
PART_BYTES = 8 << 20
TICKET_LASTS_S = 3600
UPLOAD_PATH = "/api/v1/uploads"
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class FileMissing(NotFound):
    """Nothing is stored under the key."""

    code = "file-missing"


class StorageUnavailable(Unavailable):
    """The storage does not answer, or does not let us in."""

    code = "storage-unavailable"


@dataclass(frozen=True)
class UploadTicket:
    """How a browser uploads one file itself: send `fields` and then the file as a form (POST), or the bare bytes (PUT)."""

    method: Literal["POST", "PUT"]
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 0


@runtime_checkable
class Storage(Protocol):
    """What both kinds can do. `FileMissing` and `StorageUnavailable` are the refusals."""

    def put(self, key: str, stream: BinaryIO, *, max_bytes: int | None = None) -> int:
        """Store the stream under the key, as a whole or not at all, replacing what was there; returns its size.

        Nothing is stored where the stream is longer than `max_bytes`.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """The stored bytes from the beginning; the caller closes."""
        ...

    def local_copy(self, key: str) -> AbstractContextManager[Path]:
        """A path of this machine with the stored bytes, to be read only, for as long as the context lasts."""
        ...

    def size(self, key: str) -> int:
        """How many bytes are stored."""
        ...

    def exists(self, key: str) -> bool:
        """True where something is stored under the key."""
        ...

    def delete(self, key: str) -> None:
        """Remove what is stored; nothing happens where there is nothing."""
        ...

    def delete_all(self, folder: str) -> int:
        """Remove everything below `folder/`; returns how many files that were."""
        ...

    def delete_stale(self, folder: str, *, before: datetime, keep: Collection[str]) -> int:
        """Remove what has lain below `folder/` since before `before` and is not one of the keys to `keep`.

        That includes uploads that broke off before they were complete. Returns how many files and uploads that were.
        """
        ...

    def presign_upload(self, key: str, *, max_bytes: int, lasts_s: int = TICKET_LASTS_S) -> UploadTicket:
        """Leave to upload one file of at most `max_bytes` under the key."""
        ...


def open_storage(settings: Settings) -> Storage:
    """The storage that the settings name."""
    if settings.s3_bucket:
        return S3Storage(settings)
    return DirectoryStorage(
        settings.adloom_data_dir / "files",
        upload_url=settings.base_url + UPLOAD_PATH,
        tokens=UploadTokens(settings.derived_key("uploads")),
    )


class DirectoryStorage:
    """Files in a directory of this machine."""

    def __init__(self, root: Path, *, upload_url: str, tokens: UploadTokens) -> None:
        self._root, self._upload_url, self._tokens = root, upload_url, tokens

    def put(self, key: str, stream: BinaryIO, *, max_bytes: int | None = None) -> int:
        """Written beside and moved into place, so that nobody reads half a file."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=".incoming-", dir=path.parent)
        try:
            with fdopen(handle, "wb") as target:
                shutil.copyfileobj(_Limited(stream, max_bytes), target, CHUNK_BYTES)
                size = target.tell()
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return size

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as missing:
            raise _missing(key) from missing

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        self.size(key)
        yield self._path(key)

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as missing:
            raise _missing(key) from missing

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def delete_all(self, folder: str) -> int:
        directory = self._path(folder)
        count = sum(1 for path in directory.rglob("*") if path.is_file())
        shutil.rmtree(directory, ignore_errors=True)
        return count

    def delete_stale(self, folder: str, *, before: datetime, keep: Collection[str]) -> int:
        """A broken upload is a file beside its place, whose name is no key."""
        count = 0
        for path in self._path(folder).rglob("*"):
            with suppress(FileNotFoundError):  # another one may clear up, or move the file into place, meanwhile
                written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if path.is_file() and written_at < before and str(path.relative_to(self._root)) not in keep:
                    path.unlink()
                    count += 1
        return count

    def presign_upload(self, key: str, *, max_bytes: int, lasts_s: int = TICKET_LASTS_S) -> UploadTicket:
        token = self._tokens.sign(_checked(key), max_bytes=max_bytes, expires_in_s=lasts_s)
        return UploadTicket("PUT", f"{self._upload_url}/{token}", max_bytes=max_bytes)

    def check_ticket(self, token: str) -> int:
        """How large a file an address that we have signed allows; refuses any other, before a byte is read."""
        return self._tokens.read(token)[1]

    def accept_upload(self, token: str, stream: BinaryIO) -> int:
        """Store the body of a PUT to an address that we have signed; refuses any other, and one that is too large."""
        key, max_bytes = self._tokens.read(token)
        return self.put(key, stream, max_bytes=max_bytes)

    def _path(self, key: str) -> Path:
        return self._root / _checked(key)


class S3Storage:
    """Files in a bucket. It shows an object only when it is complete."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.s3_bucket
        self._client = _s3_client(settings)

    def put(self, key: str, stream: BinaryIO, *, max_bytes: int | None = None) -> int:
        from boto3.s3.transfer import TransferConfig

        # Parts one after the other: memory stays flat whatever the file's size. A refused stream aborts the upload.
        limited = _Limited(stream, max_bytes)
        config = TransferConfig(use_threads=False, multipart_chunksize=PART_BYTES)
        with _translated(key):
            self._client.upload_fileobj(limited, self._bucket, _checked(key), Config=config)
        return limited.bytes_read

    def open(self, key: str) -> BinaryIO:
        with _translated(key):
            return cast("BinaryIO", self._client.get_object(Bucket=self._bucket, Key=_checked(key))["Body"])

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="adloom-file-") as directory:
            path = Path(directory) / "file"
            with _translated(key), self.open(key) as body, path.open("wb") as target:
                shutil.copyfileobj(body, target, CHUNK_BYTES)
            yield path

    def size(self, key: str) -> int:
        with _translated(key):
            return int(self._client.head_object(Bucket=self._bucket, Key=_checked(key))["ContentLength"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except FileMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        with _translated(key):
            self._client.delete_object(Bucket=self._bucket, Key=_checked(key))

    def delete_all(self, folder: str) -> int:
        count = 0
        with _translated(folder):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=_checked(folder) + "/"):
                if found := [{"Key": entry["Key"]} for entry in page.get("Contents", [])]:
                    self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": found, "Quiet": True})
                    count += len(found)
        return count

    def delete_stale(self, folder: str, *, before: datetime, keep: Collection[str]) -> int:
        prefix = _checked(folder) + "/"
        with _translated(folder):
            return self._delete_stale_objects(prefix, before, keep) + self._abort_stale_uploads(prefix, before)

    def _delete_stale_objects(self, prefix: str, before: datetime, keep: Collection[str]) -> int:
        count = 0
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            entries = [e for e in page.get("Contents", []) if e["LastModified"] < before and e["Key"] not in keep]
            for entry in entries:
                self._client.delete_object(Bucket=self._bucket, Key=entry["Key"])
            count += len(entries)
        return count

    def _abort_stale_uploads(self, prefix: str, before: datetime) -> int:
        """Parts of an upload that never became an object are not listed as one, and cost as much."""
        count = 0
        for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix):
            uploads = [upload for upload in page.get("Uploads", []) if upload["Initiated"] < before]
            for upload in uploads:
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            count += len(uploads)
        return count

    def presign_upload(self, key: str, *, max_bytes: int, lasts_s: int = TICKET_LASTS_S) -> UploadTicket:
        form = self._client.generate_presigned_post(
            self._bucket, _checked(key), Conditions=[["content-length-range", 1, max_bytes]], ExpiresIn=lasts_s
        )
        return UploadTicket("POST", form["url"], form["fields"], max_bytes)


class _Limited:
    """A stream that counts what is read and refuses to go on beyond a limit."""

    def __init__(self, stream: BinaryIO, max_bytes: int | None) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self.bytes_read = 0

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self.bytes_read += len(block)
        if self._max_bytes is not None and self.bytes_read > self._max_bytes:
            raise too_large(self._max_bytes)
        return block


def too_large(max_bytes: int) -> TooLarge:
    """The refusal of a file beyond the limit."""
    return TooLarge(
        f"The file is larger than {max_bytes / 1e6:,.0f} MB.", "Split it, for example by year, and import the parts."
    )


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """boto3's errors as ours."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as refused:
        code = refused.response.get("Error", {}).get("Code", "")
        if code in {"404", "NoSuchKey", "NotFound"}:
            raise _missing(key) from refused
        raise StorageUnavailable(
            f"The file storage refused the request ({code}).", "Try again; if it stays so, check the S3 settings."
        ) from refused
    except (BotoCoreError, Boto3Error) as away:
        raise StorageUnavailable(
            "The file storage cannot be reached.", "Try again in a minute; if it stays so, check the S3 settings."
        ) from away


def _missing(key: str) -> FileMissing:
    return FileMissing(f"No file is stored as “{key}”.", "It may have been removed; upload it again.")


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key) or len(key) > 500:
        raise ValueError(f"{key!r} is no key of a stored file")
    return key


def _s3_client(settings: Settings) -> Any:  # Any: boto3 makes its clients at run time
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if settings.s3_endpoint_url else "auto"},
        retries={"max_attempts": 3, "mode": "standard"},
        connect_timeout=5,
        read_timeout=60,
    )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.s3_endpoint_url or None,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id or None,
        aws_secret_access_key=settings.s3_secret_access_key.get_secret_value() or None,
        config=config,
    )
