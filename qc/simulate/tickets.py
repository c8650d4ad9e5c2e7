"""Texts for simulated items: short support tickets put together from our own phrases."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

GREETINGS: Final = ("", "", "", "Hello, ", "Hi, ", "Good morning, ", "Dear team, ", "Olá, ", "Kumusta, ")
CLOSINGS: Final = ("", "", "", " Thanks.", " Please advise.", " Waiting for your reply.", " Salamat!", " Obrigado.")
THINGS: Final = (
    "desk lamp",
    "kettle",
    "office chair",
    "water filter",
    "phone case",
    "coffee grinder",
    "backpack",
    "bicycle light",
    "router",
    "garden hose",
    "rice cooker",
    "headset",
)

# The plan decides which labels there are; one without phrases here gets GENERIC.
PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "billing": (
        "I was charged twice for the {thing}",
        "the invoice for order {order} shows a wrong amount",
        "my refund for the {thing} has not reached my card",
        "the discount code was not taken off order {order}",
        "please send the receipt for order {order} again",
        "my card was declined although the {thing} was paid",
    ),
    "delivery": (
        "order {order} has been in transit for {days} days",
        "the courier left the {thing} at a wrong address",
        "tracking for order {order} has not moved for {days} days",
        "the parcel with the {thing} came {days} days late",
        "only half of order {order} was in the parcel",
        "nobody rang, and the {thing} went back to the depot",
    ),
    "defect": (
        "the {thing} stopped working after {days} days",
        "the {thing} from order {order} has a crack",
        "the {thing} makes a loud noise",
        "one part of the {thing} does not fit",
        "the {thing} does not switch on",
        "the paint of the {thing} came off after {days} days",
    ),
    "account": (
        "I have not been able to sign in for {days} days",
        "the code to reset my password never arrives",
        "please change the e-mail address of my account",
        "my account was locked when I ordered the {thing}",
        "I want to close my account after order {order}",
        "two accounts show the same order {order}",
    ),
    "praise": (
        "the {thing} is better than I hoped",
        "thank you for solving order {order} so fast",
        "your support was kind and quick",
        "the {thing} still works perfectly after {days} days",
        "I told my friends about the {thing}",
        "best shop that I have used in {days} years",
    ),
}
GENERIC: Final = ("ticket {order} about the {thing} is of the kind {label}",)
JOINS: Final = ("; also, ", ", and ", ". Besides, ")


def tickets(
    labels: list[str],
    asides: list[str | None],
    draw: np.random.Generator,
) -> list[str]:
    """One text per item, about its label; an aside adds a second phrase about another label, which misleads."""
    n = len(labels)
    numbers: NDArray[np.float64] = draw.random((n, 8))
    return [_ticket(label, aside, row) for label, aside, row in zip(labels, asides, numbers, strict=True)]


def _ticket(label: str, aside: str | None, u: NDArray[np.float64]) -> str:
    words = {
        "thing": _choose(THINGS, u[0]),
        "order": str(10_000 + int(u[1] * 90_000)),
        "days": str(2 + int(u[2] * 12)),
        "label": label,
    }
    body = _choose(PHRASES.get(label, GENERIC), u[3]).format(**words)
    if aside is not None:
        body += _choose(JOINS, u[4]) + _choose(PHRASES.get(aside, GENERIC), u[5]).format(**{**words, "label": aside})
    text = _choose(GREETINGS, u[6]) + body
    return text[0].upper() + text[1:] + "." + _choose(CLOSINGS, u[7])


def _choose(phrases: tuple[str, ...], u: float) -> str:
    return phrases[int(u * len(phrases))]
