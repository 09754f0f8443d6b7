"""A server on loopback that speaks S3, for tests of what is kept in a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer


@contextmanager
def object_server(*buckets: str) -> Iterator[str]:
    """The address of a running server with these buckets."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with object_client(url) as client:
        for name in buckets:
            client.create_bucket(Bucket=name)
    yield url
    server.stop()


@contextmanager
def object_client(url: str) -> Iterator[Any]:  # boto3 makes the client's class when it runs
    """Straight at the server, past our own code."""
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    )
    try:
        yield client
    finally:
        client.close()
