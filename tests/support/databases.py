"""Both databases, migrated once by Alembic and copied for whoever needs one of their own."""

from __future__ import annotations

import base64
import itertools
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from tests.support.postgres import Server

DATABASES = ("sqlite", "postgresql")

# Fixed secrets: a template holds keys wrapped by them. The two switches are those of the contract.
SETTINGS: Mapping[str, Any] = {
    "SECRET_KEY": "a secret of the tests, of no use elsewhere",
    "ETHICS_EVAL_MASTER_KEY": base64.urlsafe_b64encode(b"the tests' master key, 32 bytes!").decode(),
    "ETHICS_EVAL_CHALLENGE": "off",
    "ETHICS_EVAL_QUOTAS": "off",
    "TESTING": True,
    # hundreds of sign-ins: the hash is the same, its cost is not what they test
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__rounds": 1,
        "argon2__memory_cost": 512,
        "argon2__parallelism": 1,
    },
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Place:
    """Where databases are made: files in a folder, or a PostgreSQL server."""

    folder: Path
    server: Server | None = None

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return "postgresql" if self.server else "sqlite"

    def create(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of the one at the URL ``template``, then used by nobody."""
        if self.server is not None:
            return self.server.create(name, str(make_url(template).database) if template else "template0")
        path = self.folder / f"{name}.db"
        if template:
            shutil.copyfile(str(make_url(template).database), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database."""
        name = str(make_url(url).database)
        if self.server is not None:
            self.server.drop(name)
            return
        for path in Path(name).parent.glob(Path(name).name + "*"):  # with its journals
            path.unlink()

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """A database of one's own in the template's state; gone afterwards. Gives its URL."""
        url = self.create(f"copy_{os.getpid()}_{next(_numbers)}", template)
        try:
            yield url
        finally:
            self.drop(url)
