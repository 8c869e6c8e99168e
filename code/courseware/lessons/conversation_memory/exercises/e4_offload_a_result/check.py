"""Check: Offload a large result."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from courseware.exercises import chance, expect, expecting


def check(save: Callable[..., Any], find: Callable[..., Any]) -> None:
    """Save drawn texts on both sides of the limit, read them back, and try to leave the folder."""
    draw = chance()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for place in (root, root / "results_old"):  # beside the folder, and in its namesake
            place.mkdir(exist_ok=True)
            (place / "secret.txt").write_text("secret 4711", encoding="utf-8")
        limit = draw.randint(150, 400)
        _small(save, root / "results", limit, draw)
        lengths = draw.sample(range(60, 91), 3)
        names = [_large(save, find, root / "results", limit, draw, many) for many in lengths]
        _outside(find, root / "results", draw)
        expect(
            len(set(names)) == 3 and len(list((root / "results").iterdir())) == 3,
            "mixes-texts",
            f"Three different texts were saved, each twice, and the folder holds"
            f" {len(list((root / 'results').iterdir()))} files. One text, one file.",
        )
        _twins(save, find, root / "results", limit, draw)


def _small(save: Callable[..., Any], folder: Path, limit: int, draw: random.Random) -> None:
    for size in (0, draw.randint(1, limit - 1), limit):
        text = "x" * size
        with expecting(f"save(…, limit={limit}) of {size} characters returns them unchanged."):
            found = save(text, folder, limit)
        expect(
            found == text,
            "changes-small-texts",
            f"With limit={limit}, a text of {size} characters should come back unchanged. It came"
            f" back as {str(found)[:60]!r}.",
        )
    expect(
        not folder.exists() or not list(folder.iterdir()),
        "saves-small-texts",
        "A text within the limit needs no file, and there is one.",
    )


def _large(
    save: Callable[..., Any],
    find: Callable[..., Any],
    folder: Path,
    limit: int,
    draw: random.Random,
    many: int,
) -> str:
    mark = f"ERROR {draw.randint(1000, 9999)} für MF-{draw.randint(1000, 9999)} 订单"
    lines = [f"line {n}: {draw.randint(100, 999)} ok" for n in range(many)]
    lines.insert(draw.randint(40, len(lines)), mark)
    text = "\n".join(lines)
    before = set(folder.iterdir()) if folder.exists() else set()
    said = f"With limit={limit}, a text of {len(text)} characters was saved."
    with expecting(f"{said} The folder {'exists' if folder.exists() else 'does not exist yet'}."):
        note = save(text, folder, limit)
    expect(isinstance(note, str), "returns-no-text", f"{said} `save` returned {note!r}.")
    expect(
        len(note) <= limit + 200,
        "note-too-long",
        f"{said} The note has {len(note)} characters; at most {limit + 200} are allowed.",
    )
    expect(
        note[:30] == text[:30],
        "hides-the-beginning",
        f"{said} The note should begin with the text's first 30 characters at least, so that the"
        f" model sees what it is. It begins {note[:40]!r}.",
    )
    new = set(folder.iterdir()) - before if folder.exists() else set()
    expect(
        len(new) == 1,
        "saves-no-file",
        f"{said} {len(new)} files appeared in the folder; one should. (It may not exist yet.)",
    )
    name = new.pop().name
    _stable(name, text, said)
    expect(
        name in note, "hides-the-name", f"{said} The file is {name!r}; the note doesn't name it."
    )
    expect(
        save(text, folder, limit) == note and {p.name for p in folder.iterdir()} >= {name},
        "name-changes",
        f"{said} Saved again, it got another note. The same text must get the same name, or every"
        " retry leaves a file.",
    )
    _findable(find, folder, name, mark, lines, said)
    return name


def _twins(
    save: Callable[..., Any],
    find: Callable[..., Any],
    folder: Path,
    limit: int,
    draw: random.Random,
) -> None:
    """Save texts that differ only in the middle, and look for each middle."""
    same = "\n".join(f"line {n}: {draw.randint(100, 999)} ok" for n in range(60))
    before = {path.name for path in folder.iterdir()}
    saved: list[tuple[str, str]] = []
    for mark in (f"ERROR {code}" for code in draw.sample(range(1000, 9999), 40)):
        note = save(f"{same}\n{mark}\n{same}", folder, limit)
        names = [path.name for path in folder.iterdir() if path.name in note]
        saved += [(name, mark) for name in names if name not in before]
    expect(
        len(dict(saved)) == 40 and all(find(name, mark, folder) == mark for name, mark in saved),
        "mixes-texts",
        "40 texts of equal length that begin and end alike were saved, and one took another's"
        f" place: the new files are {sorted(dict(saved))[:3]}. Make the name from the whole text,"
        " and long enough.",
    )


def _stable(name: str, text: str, said: str) -> None:
    told = {f"{hash(text)}", f"{hash(text) & 0xFFFFFFFFFFFFFFFF}", f"{hash(text):x}"}
    expect(
        not any(each.lstrip("-") in name for each in told),
        "name-changes",
        f"{said} Its name {name!r} comes from Python's `hash`, which differs in every process:"
        " after a restart the same text gets another file. hashlib's digests don't change.",
    )


def _findable(
    find: Callable[..., Any], folder: Path, name: str, mark: str, lines: list[str], said: str
) -> None:
    """Look for the marked line, two others, one of many, and a word that isn't there."""
    wanted = {mark.split()[1]: mark, mark.split()[-1]: mark, "line 3:": lines[3], "ok": lines[0]}
    for word, line in wanted.items():
        with expecting(f"{said} find(…, {word!r}) returns the first line that holds the word."):
            got = find(name, word, folder)
        expect(
            got == line,
            "finds-another-line",
            f"{said} find(…, {word!r}) returned {str(got)[:60]!r} instead of {line!r}.",
        )
    with tempfile.TemporaryDirectory() as elsewhere:
        with expecting(f"{said} In another, empty folder `find` returns ''."):
            got = find(name, mark.split()[1], Path(elsewhere))
        expect(
            not got,
            "keeps-it-elsewhere",
            f"{said} In another, empty folder `find` still found it. Read the file: a variable is"
            " gone after a restart.",
        )
    nothing = find(name, f"nowhere{mark.split()[1]}", folder)
    expect(
        nothing == "",
        "no-empty-answer",
        f"{said} For a word that isn't in it, `find` returned {nothing!r} instead of ''.",
    )


def _outside(find: Callable[..., Any], folder: Path, draw: random.Random) -> None:
    for name in (
        "../secret.txt",
        f"../{folder.name}_old/secret.txt",
        str(folder.parent / "secret.txt"),
        f"gone{draw.randint(1, 99)}.txt",
    ):
        try:
            got = find(name, "secret", folder)
        except OSError as error:
            got = f"{type(error).__name__}"
        expect(
            "4711" not in str(got),
            "leaves-the-folder",
            f"find({name!r}, …) read a file outside the folder. The name comes from a model, so it"
            " may be anything: refuse names that contain a path.",
        )
        expect(
            got == "",
            "no-empty-answer",
            f"find({name!r}, …) should return '' for what isn't there; it gave {str(got)[:60]!r}.",
        )
