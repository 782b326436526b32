"""The English catalogue: brought up to date with the Chinese texts of the source, or checked against them.

Without an argument the catalogue is updated and compiled, and what still wants translating is listed.
With ``--check`` nothing is written; a missing, fuzzy, empty or stale entry fails, and so does a Chinese text with
half-width punctuation.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "ethics_eval" / "translations"
PO = FOLDER / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = ("lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")
BRACES = re.compile(r"\{\w*\}")  # filled in by scripts; Babel checks the places of Python only
# half-width punctuation in a Chinese sentence (GB/T 15834 has it full-width)
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”》）][,;:?!]|[,;:?!][\u4e00-\u9fff“《（]")
PYBABEL = [sys.executable, "-m", "babel.messages.frontend", "--quiet"]


def extract(pot: Path) -> None:
    """Collect the texts of the source, by file, without the lines that every edit moves."""
    keywords = [part for keyword in KEYWORDS for part in ("-k", keyword)]
    options = ["-F", "pyproject.toml", "--add-location=file", "--sort-by-file", "--no-wrap", *keywords]
    headers = ["--project=ethics_eval", "--copyright-holder=the ethics_eval developers"]
    subprocess.run([*PYBABEL, "extract", *options, *headers, "-o", pot, "."], cwd=ROOT, check=True)


def update(pot: Path) -> None:
    """Take over new texts, drop those that are gone, compile."""
    files = ["-i", str(pot), "-d", str(FOLDER), "-l", "en", "--no-wrap"]
    if PO.is_file():
        keep = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date"]
        subprocess.run([*PYBABEL, "update", *files, *keep], check=True)
    else:
        subprocess.run([*PYBABEL, "init", *files], check=True)
    PO.with_suffix(".mo").write_bytes(compiled(read(PO)))


def read(path: Path) -> Catalog:
    """A catalogue from its file."""
    with path.open("rb") as file:
        return read_po(file, locale="en" if path == PO else None)


def compiled(catalogue: Catalog) -> bytes:
    """The machine form of a catalogue."""
    target = BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def is_translated(message: Message | None) -> bool:
    """Whether every form has a text, and a person has confirmed it."""
    if message is None or message.fuzzy:
        return False
    forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(forms)


def faults(wanted: Catalog) -> Iterator[str]:
    """What is wrong with the catalogue, a line each."""
    catalogue = read(PO)
    for message in wanted:
        if not message.id:
            continue
        if HALF_WIDTH.search(str(message.id)):
            yield f"half-width punctuation: {message.id!r}"
        where = message.locations[0][0] if message.locations else ""
        found = catalogue.get(message.id, message.context)
        if not is_translated(found):
            yield f"not translated: {message.id!r} ({where})"
        elif found is not None:
            yield from (f"{message.id!r}: {error}" for error in found.check(catalogue))
            if sorted(BRACES.findall(str(found.id))) != sorted(BRACES.findall(str(found.string))):
                yield f"{message.id!r}: other places in braces"
    for message in catalogue:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"no longer in the source: {message.id!r}"
    machine = PO.with_suffix(".mo")
    if not machine.is_file() or machine.read_bytes() != compiled(catalogue):
        yield "messages.mo is older than messages.po; run: make messages"


def main() -> int:
    """Update or check; the exit code."""
    check_only = "--check" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        pot = Path(folder) / "messages.pot"
        extract(pot)
        if not check_only:
            update(pot)
        if not PO.is_file():
            print("there is no English catalogue; run: make messages")
            return 1
        found = list(faults(read(pot)))
    print(*found, sep="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
