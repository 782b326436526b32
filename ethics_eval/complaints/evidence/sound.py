"""An MP3 without its tags: ID3, APE and lyrics hold names, places, pictures and the device."""

from __future__ import annotations

from ethics_eval.complaints.evidence.damage import Damaged

_ID3V1_BYTES = 128
_APE_BYTES = 32
_LYRICS_END = b"LYRICS200"


def bare_sound(body: bytes) -> bytes:
    """The frames of an MP3, nothing before or after them. Raises: Damaged: no frame is there."""
    start = 0
    while body[start : start + 3] == b"ID3" and start + 10 <= len(body):
        start += _id3_length(body[start : start + 10])
    end = len(body)
    while (shorter := _without_trailer(body, start, end)) < end:
        end = shorter
    if body[start : start + 8] == b"APETAGEX":  # APE may stand in front as well
        start += int.from_bytes(body[start + 12 : start + 16], "little") + _APE_BYTES
    first = next(
        (at for at in range(start, min(end - 3, start + 65536)) if _is_frame(body[at : at + 4])),
        None,
    )
    if first is None:
        raise Damaged
    return body[first:end]


def _id3_length(head: bytes) -> int:
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _without_trailer(body: bytes, start: int, end: int) -> int:
    """Where the file ends without its last tag; ``end`` itself when there is none."""
    if body[end - _ID3V1_BYTES : end - _ID3V1_BYTES + 3] == b"TAG":
        return max(start, end - _ID3V1_BYTES)
    if body[end - _APE_BYTES : end - _APE_BYTES + 8] == b"APETAGEX":
        foot = body[end - _APE_BYTES : end]
        length = int.from_bytes(foot[12:16], "little") + (_APE_BYTES if foot[23] & 0x80 else 0)
        return max(start, end - length)
    if body[end - 9 : end] == _LYRICS_END:
        digits = body[end - 15 : end - 9]
        return max(start, end - 15 - int(digits)) if digits.isdigit() else end
    if body[end - 10 : end - 7] == b"3DI":  # ID3v2 at the end
        return max(start, end - 10 - _id3_length(body[end - 10 : end]))
    return end


def _is_frame(head: bytes) -> bool:
    """Whether four bytes begin an MPEG audio frame: sync, version, layer III, a rate that exists."""
    return (
        head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x18 != 0x08
        and head[1] & 0x06 == 0x02
        and head[2] & 0xF0 not in (0x00, 0xF0)
        and head[2] & 0x0C != 0x0C
    )
