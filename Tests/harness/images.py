"""Images as cameras, phones and attackers make them, and how they get to a server."""

import io
import struct
import zlib

import httpx
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def noise(size=(64, 48)):
    """A picture that no format makes small."""
    return Image.effect_noise(size, 80).convert("RGB")


def encoded(kind, image=None, **options):
    """A picture as a file of this kind."""
    file = io.BytesIO()
    (image or noise()).save(file, kind, **options)
    return file.getvalue()


def decoded(content):
    """The picture in a file, all of which must be there."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def exif(orientation=1):
    """What a phone writes into a photo: how it was held, and where it was."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SecretPhone"
    place = data.get_ifd(0x8825)
    place[1], place[2] = "N", (37.0, 33.0, 59.0)
    place[3], place[4] = "E", (126.0, 58.0, 41.0)
    return data


def chunk(kind, content):
    """A chunk of a PNG."""
    check = zlib.crc32(kind + content)
    return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", check)


def png(width=1, height=1, data=b"data"):
    """A PNG that says so of itself; what is in it may be anything."""
    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def large_png(size):
    """A PNG of exactly so many bytes."""
    return png(data=bytes(size - len(png(data=b""))))


class Uploader:
    """Somebody who sends forms to a server, with httpx."""

    def __init__(self, server, person):
        self.client = httpx.Client(
            base_url=server.url, timeout=60,
            headers={"Authorization": f"Bearer {person.token}"} if person else {})

    def put(self, *files, fields=None):
        """Changes the profile by a form; files are (name, content) or contents."""
        parts = [
            ("imageFile", each if isinstance(each, tuple) else ("photo.jpg", each))
            for each in files]
        return self.client.put("/api/profile", files=parts, data=fields or {})

    def picture(self, content):
        """Makes an image the profile's picture; answers with its address."""
        answer = self.put(content)
        assert answer.status_code == 200, answer.text
        return answer.json()["image"]

    def send(self, method, address, **content):
        """Sends a form or JSON, as httpx has it."""
        return self.client.request(method, address, **content)

    def get(self, address, **headers):
        return self.client.get(address, headers=headers)


def refusal(answer):
    """Status and code, to compare in one go."""
    return answer.status_code, answer.json()["errorCode"]


def media_files(data):
    """What lies in the media directory of a node's data."""
    return sorted(
        each.relative_to(data / "media").as_posix()
        for each in (data / "media").rglob("*") if each.is_file())
