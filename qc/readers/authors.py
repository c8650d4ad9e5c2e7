"""Who gave the answers of a file that names at most one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qc.model import Role
from qc.readers.reader import Options

MERGED: Final = (
    "{n} submissions name nobody who gave them and are taken as merged answers (consensus), which no agreement counts; "
    "name the person with --annotator NAME"
)


@dataclass(frozen=True, slots=True)
class Author:
    """The name and the role of whoever gave an answer."""

    name: str
    role: Role

    def submission(self, item_id: str) -> str:
        """The id of this author's one submission on an item, in a format that has none."""
        if self.role is Role.ANNOTATOR:
            return f"{item_id}/{self.name}"
        return f"{item_id}/{self.role}" if self.name == self.role.value else f"{item_id}/{self.role} {self.name}"


def author(person: str | None, options: Options) -> Author:
    """The person that a file names, else the one that the user names, else gold or merged answers of nobody known."""
    name = person or options.annotator
    if name:
        return Author(name, options.role)
    role = Role.CONSENSUS if options.role is Role.ANNOTATOR else options.role
    return Author(role.value, role)
