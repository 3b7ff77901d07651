"""JSON that says whether it is what was written: a first line with the digest of the second."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sim.errors import StoreError


def digest(content: bytes) -> str:
    """BLAKE2b-256, in hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def sealed(content: dict[str, Any]) -> bytes:
    """The bytes of a sealed document; keys stay in their order, which is that of arms and axes."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    body = text.encode("utf-8", "surrogatepass")
    return json.dumps({"seal": digest(body)}).encode() + b"\n" + body + b"\n"


def unsealed(path: Path) -> dict[str, Any]:
    """The content of a sealed document; StoreError if it is not what was written, FileNotFoundError if it is not."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        seal = json.loads(head)["seal"]
        body = body.removesuffix(b"\n")
        content = json.loads(body) if digest(body) == seal else None
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{path}: cannot be read ({error})") from error
    if not isinstance(content, dict):
        raise StoreError(f"{path}: damaged: its content is not what was written")
    return content
