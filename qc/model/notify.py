"""Where messages go out: the table `[notify]` of a workspace's qc.toml."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final
from urllib.parse import urlsplit

from qc.model.errors import InputError

SEVERITIES: Final = ("info", "warning", "critical")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_ENV: Final = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_FIELDS: Final = {"channels", "link", "quiet_from", "quiet_until"}
_OF_CHANNEL: Final = {"url", "least"}


@dataclass(frozen=True, slots=True)
class Channel:
    """One address that messages go to, from a severity on; the address is a secret and no part of its text."""

    name: str
    url: str = field(repr=False)
    least: str = "warning"

    @property
    def address(self) -> str:
        """The address, looked up where the settings name a variable of the environment; empty where that is not set."""
        named = _ENV.fullmatch(self.url)
        return os.environ.get(named.group(1), "") if named else self.url

    @property
    def scheme(self) -> str:
        """What kind of channel it is, such as slack or json; empty where nothing is set."""
        scheme = self.address.partition("://")[0].lower()
        return scheme if re.fullmatch(r"[a-z][a-z0-9+.-]{0,30}", scheme) and "://" in self.address else ""

    @property
    def missing(self) -> str | None:
        """What to do where the address is not there; None where it is."""
        named = _ENV.fullmatch(self.url)
        if self.scheme:
            return None
        where = f"set the variable {named.group(1)}" if named else "write its address in qc.toml"
        return f"channel {self.name} has no address: {where}, such as slack://… or json://…"


@dataclass(frozen=True, slots=True)
class Notify:
    """The channels, the address of the dashboard that links begin with, and hours without messages."""

    channels: tuple[Channel, ...] = ()
    link: str = ""
    quiet_from: time | None = None
    quiet_until: time | None = None

    def quiet(self, local: datetime) -> bool:
        """Whether nothing is sent at a local time."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        at = local.time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until

    @staticmethod
    def from_table(table: Any) -> Notify:
        """The table `[notify]`; InputError for what it does not know. No error repeats an address."""
        if not isinstance(table, dict) or set(table) - _FIELDS:
            raise InputError(f"[notify] in qc.toml holds {', '.join(sorted(_FIELDS))} and nothing else.")
        channels = table.get("channels", {})
        if not isinstance(channels, dict):
            raise InputError("Channels stand in tables such as [notify.channels.team] in qc.toml.")
        link = table.get("link", "")
        if not isinstance(link, str) or (link and urlsplit(link).scheme not in ("http", "https")):
            raise InputError("link in [notify] of qc.toml is the dashboard's address, such as https://qc.example.org.")
        hours = [_hour(name, table.get(name)) for name in ("quiet_from", "quiet_until")]
        if (hours[0] is None) != (hours[1] is None):
            raise InputError("Quiet hours in qc.toml need both: quiet_from and quiet_until, such as 20:00 and 07:00.")
        return Notify(tuple(_channel(name, channels[name]) for name in sorted(channels)), link.rstrip("/"), *hours)


NO_CHANNELS: Final = Notify()


def _channel(name: str, table: Any) -> Channel:
    if not _NAME.fullmatch(name):
        raise InputError(f"A channel cannot be called {name[:40]!r}; use small letters, digits, - and _.")
    known = isinstance(table, dict) and set(table) <= _OF_CHANNEL and isinstance(table.get("url"), str)
    if not known:
        raise InputError(f"[notify.channels.{name}] in qc.toml needs url, may have least, and nothing else.")
    if (least := table.get("least", "warning")) not in SEVERITIES:
        raise InputError(f"least of channel {name} in qc.toml is one of {', '.join(SEVERITIES)}.")
    return Channel(name, table["url"], least)


def _hour(name: str, value: Any) -> time | None:
    if value is None:
        return None
    try:
        return value if isinstance(value, time) else time.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} in [notify] of qc.toml is a time of day, such as 20:00.") from None
