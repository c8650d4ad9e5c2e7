"""The children of an XML document's root, one at a time; document types and entities are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from qc.model import InputError
from qc.readers.elements import Readable
from qc.readers.source import longest_record

DEPTH: Final = 32
BLOCK: Final = 1 << 18

# What expat reports of a document that ends too soon.
_CUT_OFF: Final = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


@dataclass(slots=True)
class Node:
    """An element: its name, attributes, the line where it begins, its child elements and its own text."""

    name: str
    attributes: dict[str, str]
    line: int
    nodes: list[Node] = field(default_factory=list)
    text: str = ""

    def at(self, *path: str) -> Node | None:
        """The first element on a path of names, or None."""
        found: Node | None = self
        for name in path:
            found = next((node for node in found.nodes if node.name == name), None) if found else None
        return found

    def text_at(self, *path: str) -> str | None:
        """The text of the first element on a path of names, without space about it; None where there is none."""
        found = self.at(*path)
        return (found.text.strip() or None) if found else None


def children(stream: Readable, name: str, root: str) -> Iterator[Node]:
    """The children of the element `root`, whole, in the order of the file.

    A file that is cut off, is no XML, has another root, a document type, a child longer than the limit of a record or
    elements deeper than DEPTH is an InputError.
    """
    tree, longest = _Tree(name, root), longest_record(stream)
    for fed in _fed(stream, name, tree.parser):
        if tree.open and fed - tree.begin > longest << 20:
            raise InputError(
                f"{name} has an element longer than {longest:,} MB; export it in parts, or raise the limit `record_mb`."
            )
        yield from tree.done
        tree.done.clear()


def visit(stream: Readable, name: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Calls `start` with the name and the attributes of every element; refuses what `children` refuses."""
    parser = _parser(name)
    parser.StartElementHandler = start
    for _ in _fed(stream, name, parser):
        pass


class _Tree:
    """Puts the children of the root together as the parser meets their parts."""

    def __init__(self, name: str, root: str) -> None:
        self._name = name
        self._root = root
        self.open: list[Node] = []
        self.done: list[Node] = []
        self.begin = 0
        self._inside = False
        self.parser = _parser(name)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._inside:
            if name != self._root:
                raise InputError(
                    f"{self._name} is XML, but its root is {name[:40]!r} where {self._root!r} is expected."
                )
            self._inside = True
            return
        node = Node(name, attributes, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].nodes.append(node)
        else:
            self.begin = self.parser.CurrentByteIndex
        self.open.append(node)
        if len(self.open) > DEPTH:
            raise InputError(f"{self._name} nests deeper than {DEPTH} levels in line {node.line:,}; no export does.")

    def _end(self, _: str) -> None:
        # The root itself ends with nothing open.
        if self.open:
            node = self.open.pop()
            if not self.open:
                self.done.append(node)

    def _text(self, text: str) -> None:
        if self.open:
            self.open[-1].text += text


def _parser(name: str) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise InputError(f"{name} declares a document type, as no export does; it may be made to harm.")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _fed(stream: Readable, name: str, parser: expat.XMLParserType) -> Iterator[int]:
    """Feeds the parser a block at a time, and tells the bytes that it has had."""
    fed, longest = 0, longest_record(stream)
    while True:
        block = stream.read(BLOCK) or b""
        fed += len(block)
        try:
            parser.Parse(block, not block)
        except expat.ExpatError as error:
            if error.code in _CUT_OFF and not block:
                raise InputError(f"{name} is cut off at byte {fed:,}; export it again.") from None
            fault = expat.ErrorString(error.code)
            raise InputError(
                f"{name} is no readable XML ({fault} in line {error.lineno:,}); export it again."
            ) from None
        if fed - parser.CurrentByteIndex > longest << 20:
            raise InputError(f"{name} has a value longer than {longest:,} MB; no export does.")
        yield fed
        if not block:
            return
