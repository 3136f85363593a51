"""Plain metadata in pictures (XMP): what tools say of a picture that know nothing of content credentials.

Where the packet stands in a file: XMP Specification Part 3, "Storage in Files" (JPEG: APP1; PNG: iTXt; WebP: a chunk).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from liveswapping.provenance.words import AGENT, Done, sentence

_ADOBE: Final = b"http://ns.adobe.com/xap/1.0/\0"
_KEYWORD: Final = b"XML:com.adobe.xmp"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_IPTC: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XAP: Final = "http://ns.adobe.com/xap/1.0/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_HAS_XMP: Final = 0x04
_HAS_ALPHA: Final = 0x10
ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp")
_LARGEST: Final = 1 << 29


def packet(done: Done) -> bytes:
    """The packet that says how a picture was made."""
    words = f"<rdf:Alt><rdf:li xml:lang='x-default'>{escape(sentence(done))}</rdf:li></rdf:Alt>"
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        f"<rdf:RDF xmlns:rdf='{_RDF}'><rdf:Description rdf:about='' xmlns:xmp='{_XAP}' xmlns:dc='{_DC}' "
        f"xmlns:Iptc4xmpExt='{_IPTC}' xmp:CreatorTool={quoteattr(AGENT)} "
        f"Iptc4xmpExt:DigitalSourceType={quoteattr(done.kind)}><dc:description>{words}</dc:description>"
        "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    ).encode()


def embed(picture: bytes, done: Done) -> bytes:
    """The picture with that packet; of a format that has no place for it, or that is not whole, as it is."""
    xmp = packet(done)
    if picture.startswith(b"\xff\xd8"):
        segment = _ADOBE + xmp
        return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + picture[2:]
    if picture.startswith(_PNG):
        body = b"iTXt" + _KEYWORD + b"\0\0\0\0\0" + xmp
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        after = len(_PNG) + 25  # IHDR comes first and has one length
        return picture[:after] + chunk + picture[after:]
    if _is_webp(picture):
        return _into_webp(picture, xmp)
    return picture


def description(file: Path) -> dict[str, str]:
    """What the packet in a picture says: creator tool, source type and words, as far as it says them."""
    try:
        if file.suffix.lower() not in ENDINGS or file.stat().st_size > _LARGEST:
            return {}
        found = _packet_in(file.read_bytes())
        root = None if found is None else ElementTree.fromstring(found)
    except (OSError, ElementTree.ParseError, struct.error, IndexError):
        return {}
    said: dict[str, str] = {}
    for element in () if root is None else root.iter(f"{{{_RDF}}}Description"):
        tool, kind = element.get(f"{{{_XAP}}}CreatorTool"), element.get(f"{{{_IPTC}}}DigitalSourceType")
        words = element.find(f"{{{_DC}}}description/{{{_RDF}}}Alt/{{{_RDF}}}li")
        values = {"tool": tool, "source_type": kind, "words": None if words is None else words.text}
        said |= {name: value for name, value in values.items() if value}
    return said


def _packet_in(picture: bytes) -> bytes | None:
    if picture.startswith(b"\xff\xd8"):
        parts = (body[len(_ADOBE) :] for mark, body in _segments(picture) if mark == 0xE1 and body.startswith(_ADOBE))
    elif picture.startswith(_PNG):
        start = _KEYWORD + b"\0\0\0\0\0"
        parts = (body[len(start) :] for kind, body in _chunks(picture) if kind == b"iTXt" and body.startswith(start))
    elif _is_webp(picture):
        parts = (body for kind, body in _riff(picture) if kind == b"XMP ")
    else:
        return None
    return next(parts, None)


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of what stands before the picture."""
    place = 2
    while place + 4 <= len(jpeg) and jpeg[place] == 0xFF and jpeg[place + 1] != 0xDA:
        size = struct.unpack_from(">H", jpeg, place + 2)[0]
        yield jpeg[place + 1], jpeg[place + 4 : place + 2 + size]
        place += 2 + size


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG)
    while place + 12 <= len(png):
        size = struct.unpack_from(">I", png, place)[0]
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        place += 12 + size


def _riff(webp: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place + 8 <= len(webp):
        size = struct.unpack_from("<I", webp, place + 4)[0]
        yield webp[place : place + 4], webp[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _is_webp(picture: bytes) -> bool:
    return picture[:4] == b"RIFF" and picture[8:12] == b"WEBP"


def _into_webp(webp: bytes, xmp: bytes) -> bytes:
    """Only the extended form has a place for it: its header comes first and says what is in the file."""
    chunks = list(_riff(webp))
    if chunks[0][0] == b"VP8X":
        head = bytearray(chunks.pop(0)[1])
        head[0] |= _HAS_XMP
    else:
        width, height, alpha = _size_of(*chunks[0])
        sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
        head = bytearray([_HAS_XMP | (_HAS_ALPHA if alpha else 0), 0, 0, 0]) + sides
    body = b"WEBP" + b"".join(_chunk(kind, data) for kind, data in [(b"VP8X", bytes(head)), *chunks, (b"XMP ", xmp)])
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _size_of(kind: bytes, data: bytes) -> tuple[int, int, bool]:
    """Width, height and whether there is transparency, of a simple WebP's only chunk."""
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 1)[0]
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, bool(bits >> 28 & 1)
    width, height = struct.unpack_from("<HH", data, 6)
    return width & 0x3FFF, height & 0x3FFF, False
