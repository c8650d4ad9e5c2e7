"""Outgoing messages: plain text to the channels of a workspace, through Apprise.

Names in messages come from strangers: they are made harmless here, so that nobody is called, nothing becomes a link and
nothing is marked up, whatever the channel makes of text. Addresses of channels are secrets: they stand in no message,
log or error.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from qc.model.notify import Channel

LONGEST_LINE: Final = 500
# Seconds to connect, and to wait for an answer.
PATIENCE: Final = (5.0, 15.0)
# Signs by which channels know mentions, links and markup, and what looks like them.
HARMLESS: Final = str.maketrans(
    {"@": "＠", "<": "‹", ">": "›", "*": "∗", "`": "ˋ", "~": "∼", "[": "［", "]": "］", "|": "¦", "\\": "＼", "#": "＃"}
)
# Keeps two signs apart without being seen.
JOINER: Final = "\u2060"
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_ADDRESS: Final = re.compile(r"(?<=\w)([.:])(?=[\w/])")
_MARKUP: Final = re.compile(r"(?<!\w)_|_(?!\w)")


@dataclass(frozen=True, slots=True)
class Message:
    """A title and lines of plain text, already harmless; `link` leads to the page, empty where none is known."""

    title: str
    lines: tuple[str, ...]
    link: str = ""

    @property
    def body(self) -> str:
        """All of the text."""
        return "\n".join((*self.lines, *((self.link,) if self.link else ())))


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether a channel took a message; `problem` says why not, without its address."""

    channel: str
    ok: bool
    problem: str | None = None


def plain(text: str) -> str:
    """Words that nothing takes for more: one line, no mention, link, markup or hidden sign.

    >>> plain("Ann <!channel> see evil.com")
    'Ann ‹!channel› see evil.\u2060com'
    """
    seen = "".join(" " if sign in "\t\r\n" else "" if unicodedata.category(sign) in _UNSEEN else sign for sign in text)
    kept = _MARKUP.sub("＿", " ".join(seen.split()).translate(HARMLESS))
    # Between digits a point or colon is a number or a time.
    harmless = _ADDRESS.sub(lambda sign: sign.group() if _number(kept, sign.start()) else sign.group() + JOINER, kept)
    return harmless if len(harmless) <= LONGEST_LINE else harmless[: LONGEST_LINE - 1] + "…"


def send(channels: Iterable[Channel], message: Message) -> list[Delivery]:
    """Try each channel once; a failure of one never stops the others."""
    return [_sent(channel, message) for channel in channels]


def harmless(lines: Sequence[str]) -> tuple[str, ...]:
    """Each line as `plain` leaves it."""
    return tuple(plain(line) for line in lines)


def _number(text: str, place: int) -> bool:
    return text[place - 1].isdigit() and text[place + 1].isdigit()


def _sent(channel: Channel, message: Message) -> Delivery:
    if channel.missing:
        return Delivery(channel.name, False, channel.missing)
    # Loads a hundred kinds of channels, so not before something is sent.
    import apprise

    # Its log repeats addresses and what servers answered.
    logging.getLogger("apprise").disabled = True
    asset = apprise.AppriseAsset(app_id="Annotation QC", app_desc="Annotation QC", async_mode=False)
    try:
        to = apprise.Apprise.instantiate(channel.address, asset=asset, suppress_exceptions=True)
        if not isinstance(to, apprise.NotifyBase):
            what = f"its {channel.scheme} address is not understood; see docs/alerts.md"
            return Delivery(channel.name, False, f"channel {channel.name}: {what}")
        to.socket_connect_timeout, to.socket_read_timeout = PATIENCE
        # A message is for the address that the workspace names, and for nobody that this one names.
        to.redirects = False
        ok = to.notify(body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        # Plugins of third parties raise anything, and their words may hold secrets.
        return Delivery(channel.name, False, f"channel {channel.name} failed ({type(error).__name__})")
    refused = f"channel {channel.name} ({channel.scheme}) refused the message or could not be reached"
    return Delivery(channel.name, bool(ok), None if ok else refused)
