"""Access tokens as another backend, or a forger, makes them."""

import base64
import hashlib
import hmac
import json
import time


def encode(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(token):
    """What a token says, unchecked."""
    return json.loads(decode(token.split(".")[1]))


def mint(secret, header=None, lifetime=900, **claims):
    """A token signed with HMAC-SHA256 under `secret`; claims given as None are left out."""
    now = int(time.time())
    payload = {
        "iss": "another backend", "sub": "4711", "name": "Guest", "iat": now,
        "exp": now + lifetime, **claims,
    }
    payload = {name: value for name, value in payload.items() if value is not None}
    head = {"alg": "HS256", "typ": "JWT", **(header or {})}
    signed = ".".join(encode(json.dumps(part).encode()) for part in (head, payload))
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), hashlib.sha256))}"
