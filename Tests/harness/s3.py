"""A real S3 server on this machine: moto, which keeps what it is given in memory."""

import xml.etree.ElementTree as xml

import boto3
import httpx
from botocore.config import Config
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
BUCKET = "petnexus-images"


def flags_of(url):
    """What a node is told of a server."""
    return (
        "--s3-endpoint", url, "--s3-bucket", BUCKET, "--s3-region", REGION,
        "--s3-access-key", "key", "--s3-secret-key", "secret")


class S3:
    """A server with a bucket that everyone may read; as a context it is stopped in the end."""

    def __enter__(self):
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self._client = boto3.client(
            "s3", endpoint_url=self.url, region_name=REGION, aws_access_key_id="key",
            aws_secret_access_key="secret", config=Config(s3={"addressing_style": "path"}))
        self._client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION},
            ACL="public-read")
        return self

    def __exit__(self, kind, value, trace):
        self._server.stop()

    @property
    def flags(self):
        """What a node is told of it."""
        return flags_of(self.url)

    @property
    def keys(self):
        """What is in the bucket."""
        answer = httpx.get(f"{self.url}/{BUCKET}?list-type=2")
        tree = xml.fromstring(answer.text)
        return [each.text for each in tree.iter() if each.tag.endswith("}Key")]

    def put(self, key, content, content_type):
        """Puts something there as whoever has the keys."""
        self._client.put_object(Bucket=BUCKET, Key=key, Body=content, ContentType=content_type)
