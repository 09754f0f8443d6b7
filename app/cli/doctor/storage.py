"""Files: a small object is written, read back and removed, in the bucket or in the local directory."""

import secrets

from app.cli.doctor.findings import Finding
from kit.settings import Settings

_SUBJECT = "Files"
_CONTENT = b"adloom doctor"


def look_at_storage(settings: Settings) -> list[Finding]:
    """One round trip."""
    return [_bucket(settings) if settings.s3_bucket else _folder(settings)]


def _folder(settings: Settings) -> Finding:
    root = settings.adloom_data_dir
    if not root.exists():
        return Finding(_SUBJECT, "ok", f"Kept in {root}, which is made at the first start.")
    probe = root / f".doctor-{secrets.token_hex(4)}"
    try:
        probe.write_bytes(_CONTENT)
        probe.unlink()
    except OSError as problem:
        return Finding(
            _SUBJECT,
            "problem",
            f"{root} cannot be written to: {problem.strerror}.",
            "Mend its rights, or set ADLOOM_DATA_DIR.",
        )
    return Finding(_SUBJECT, "ok", f"Kept in {root}, which can be written to.")


def _bucket(settings: Settings) -> Finding:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url or None,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id or None,
        aws_secret_access_key=settings.s3_secret_access_key.get_secret_value() or None,
        config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 1}),
    )
    key = f"doctor/{secrets.token_hex(8)}"
    try:
        client.put_object(Bucket=settings.s3_bucket, Key=key, Body=_CONTENT)
        came_back = client.get_object(Bucket=settings.s3_bucket, Key=key)["Body"].read()
        client.delete_object(Bucket=settings.s3_bucket, Key=key)
    except (BotoCoreError, ClientError) as problem:
        return Finding(
            _SUBJECT,
            "problem",
            f"The bucket {settings.s3_bucket} did not take a small file: {problem}",
            "Check the S3_ settings.",
        )
    finally:
        client.close()
    if came_back != _CONTENT:
        return Finding(_SUBJECT, "problem", f"The bucket {settings.s3_bucket} returned something else than was stored.")
    return Finding(_SUBJECT, "ok", f"The bucket {settings.s3_bucket} takes, returns and removes files.")
