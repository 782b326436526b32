"""A plain HTTP client: the standard library, a cookie jar, and what a form hides. No browser, no application."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from tests.support.forms import form_at, values

TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """What came back; redirects are not followed."""

    status: int
    location: str
    text: str
    retry_after: str


class PlainClient:
    """One visitor; the connection is kept open, and opened again when the server closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            str(parts.hostname), parts.port, timeout=TIMEOUT_SECONDS
        )
        self._cookies: dict[str, str] = {}
        self._token = ""  # of this visitor's session: good for every form

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """Send a request. Raises: OSError, http.client.HTTPException: no whole answer came."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        for header in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
        return Answer(
            answer.status, answer.headers.get("Location", ""), text, answer.headers.get("Retry-After", "")
        )

    def get(self, path: str) -> Answer:
        """Look at a page."""
        return self.ask("GET", path)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form without files."""
        return self.ask("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def post_multipart(self, path: str, fields: Mapping[str, str], files: Mapping[str, bytes] = {}) -> Answer:
        """Send a form as a browser does when it has a file field; ``files``: name → contents, as evidence."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        parts += [
            f'--{mark}\r\nContent-Disposition: form-data; name="evidence"; filename="{name}"\r\n\r\n'.encode()
            + contents
            + b"\r\n"
            for name, contents in files.items()
        ]
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        return self.ask("POST", path, body, f"multipart/form-data; boundary={mark}")

    def form(self, path: str) -> dict[str, str]:
        """The page's form as it stands, all that is hidden in it."""
        answer = self.get(path)
        assert answer.status == 200, f"GET {path} answered {answer.status}"
        return {name: str(value) for name, value in values(form_at(answer.text)).items()}

    def receipt(self) -> str:
        """The query code of what was just sent."""
        (code,) = set(re.findall(r'data-receipt="([\w-]+)"', self.get("/receipt").text))
        return str(code)

    def track(self, code: str) -> str | None:
        """The state of a complaint by its code; None: the code opens nothing."""
        self._token = self._token or self.form("/track")["csrf_token"]
        answer = self.post("/track", {"csrf_token": self._token, "query_code": code})
        if answer.status != 303:
            return None
        found = re.search(r'data-state="(\w+)"', self.get("/track/case").text)
        return found[1] if found else None
