"""What a measure is: its name, what it gives and what it reads. Importing this loads no engine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qc.model import EVERYTHING, InputError, Scope

if TYPE_CHECKING:
    from qc.measures.base import Base


@dataclass(frozen=True)
class Measure:
    """An aggregation that any engine can do; its sums and counts are integers.

    `made_by` names the function that makes its expression, as module.function of this package: it is loaded, with Ibis,
    when it is called. `reads` names the facts and `settings` the sections of the policy that its result depends on, for
    cache keys. `columns` are those of the result, after the `keys` asked for; rows are in the order of the keys and
    `order`.
    """

    name: str
    made_by: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    reads: tuple[str, ...]
    settings: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __call__(self, base: Base, scope: Scope = EVERYTHING, by: tuple[str, ...] = ()) -> Any:
        """The Ibis expression; raises InputError for a key that the measure does not have."""
        if unknown := set(by) - set(self.keys):
            known = ", ".join(self.keys) or "no keys"
            raise InputError(f"{self.name} cannot be counted by {sorted(unknown)[0]!r}; it knows {known}.")
        rows = self.make(base, scope, by)
        new = tuple(key for key in by if key not in self.columns)
        order = dict.fromkeys((*new, *self.order))
        return (rows.order_by(*order) if order else rows).select(*new, *self.columns)

    def make(self, base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
        """The expression as it was made: in no order."""
        module, function = self.made_by.split(".")
        return getattr(import_module(f"qc.measures.{module}"), function)(base, scope, by)
