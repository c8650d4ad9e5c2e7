"""Mutated exports: what no tool writes and somebody will send. Deterministic by seed."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

WEIRD: tuple[object, ...] = (
    *(None, True, False, 0, -1, 3.5, 1e308, -1e308, 2**63, 10**40, "", " ", "x", "\u0000", "\ud83d\ude00", "=1+1"),
    *("2026-13-45", "1e999", "NaN", "-0", "9" * 400, "\u202e\ufeff", "{}", "[]", "1,5", "12/13/2026", "../../etc"),
    *([], {}, [[]], [{}], [None], ["a", 1], {"a": {"b": []}}, [[[[1]]]], {"id": None}, [1, 2, 3, 4, 5, 6]),
)
BYTES: tuple[bytes, ...] = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b":", b";", b"\t", b"|"),
    *(b"\r", b"\n", b"\r\n", b"<", b">", b"&", b"&x;", b"</", b"\xed\xa0\x80", b"\\ud800", b"1e999", b"NaN", b"null"),
    *(b"-", b"99999999999999999999", b'""', b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"]]>", b"T-", b"#", b"=", b"\xc3"),
)
Mutation = Callable[[bytes, random.Random], bytes]


def mutated(content: bytes, seed: int) -> bytes:
    """One to four mutations of a file's bytes."""
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
        content = dice.choice(MUTATIONS)(content, dice)
    return content or b" "


def _cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(1, len(content) + 1)] if content else content


def _flip(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 5) if content else 0):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _insert(content: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content) + 1)
    return content[:place] + dice.choice(BYTES) * dice.choice((1, 1, 1, 2, 50)) + content[place:]


def _delete(content: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content) + 1)
    return content[:place] + content[place + dice.choice((1, 1, 2, 7, 40)) :]


def _repeat(content: bytes, dice: random.Random) -> bytes:
    begin, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[begin:end] * dice.choice((1, 2, 3)) + content[end:]


def _lines(content: bytes, dice: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if dice.random() < 0.5:
        dice.shuffle(lines)
    elif lines:
        lines.pop(dice.randrange(len(lines)))
    return b"".join(lines)


def _value(content: bytes, dice: random.Random) -> bytes:
    """Another value in place of one in a JSON document, or on a line of JSON; other text gets a weird cell."""
    try:
        whole = json.loads(content)
        return json.dumps(_swapped(whole, dice)).encode()
    except (ValueError, RecursionError):
        pass
    lines = content.splitlines()
    if not lines:
        return content
    place = dice.randrange(len(lines))
    try:
        lines[place] = json.dumps(_swapped(json.loads(lines[place]), dice)).encode()
    except (ValueError, RecursionError):
        lines[place] = _cell(lines[place], dice)
    return b"\n".join(lines)


def _swapped(value: object, dice: random.Random) -> object:
    places = list(_places(value))
    if not places:
        return dice.choice(WEIRD)
    parent, key = dice.choice(places)
    if dice.random() < 0.15:
        del parent[key]
    else:
        parent[key] = dice.choice(WEIRD)
    return value


def _places(value: object) -> Iterator[tuple]:
    if isinstance(value, dict | list):
        for key, member in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from _places(member)


def _cell(line: bytes, dice: random.Random) -> bytes:
    mark = max((b",", b"\t", b";", b" ", b'"', b"|"), key=line.count)
    cells = line.split(mark)
    cells[dice.randrange(len(cells))] = str(dice.choice(WEIRD)).encode("utf-8", "surrogatepass")
    return mark.join(cells)


MUTATIONS: tuple[Mutation, ...] = (_cut, _flip, _insert, _delete, _repeat, _lines, _value, _value, _value)


def fixtures(*folders: Path) -> list[Path]:
    """The files of folders of fixtures, in a fixed order."""
    files = (path for folder in folders for path in folder.rglob("*"))
    return sorted(path for path in files if path.is_file() and path.suffix not in (".md", ".zip", ".gz"))


class BrokenError(Exception):
    """What a reader must never do, with the seed that shows it."""


def outcome(path: Path, seed: int, folder: Path, read: Callable[[Path, Path], object], refusal: type[Exception]) -> str:
    """`taken` or `refused` for one mutation of a fixture; any exception but the project's own raises BrokenError.

    `read(path, folder)` stages a file into a folder and checks what holds for every file that can be read.
    """
    place = folder / str(seed)
    if path.with_suffix(".txt").exists() or path.with_suffix(".ann").exists():
        shutil.copytree(path.parent, place)
    place.mkdir(exist_ok=True)
    target = place / path.name
    target.unlink(missing_ok=True)
    target.write_bytes(mutated(path.read_bytes(), seed))
    try:
        read(target, place)
    except refusal:
        return "refused"
    except BaseException as error:
        raise BrokenError(f"{path.name}, seed {seed}: {type(error).__name__}: {error}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return "taken"
