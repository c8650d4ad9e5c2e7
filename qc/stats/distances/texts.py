"""Distances between free texts: by words, by runs of characters, by edits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist
from scipy.sparse import csr_array

from qc.stats.agreement.chance import Distance
from qc.stats.distances.sets import Bags
from qc.stats.patterns import Floats, Integers

MOST_CHARACTERS: Final = 1000
"""How much of a text chrF and the edit distance look at: their cost grows with it, that of edits with its square."""
RUNS: Final = 6
"""The longest run of characters that chrF counts."""

# Words with the marks that some scripts write around their letters, and single signs; scripts that leave no spaces
# between words (Han, kana, Thai, Lao, Khmer, Burmese) count by the character.
_ALONE: Final = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_IN_WORDS: Final = r"[\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff]"
_TOKEN: Final = re.compile(rf"{_ALONE}|(?:(?!{_ALONE}){_IN_WORDS})+|\S")
_BLOCK: Final = 5_000_000
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_COLUMNS: Final = 2**31 - 1


def token_f1(texts: Sequence[str]) -> Distance:
    """1 - F1 of the words of two texts, whatever their order and case; a word that is repeated counts as often.

    Two texts without a word are equal. Source: as for answers in SQuAD (Rajpurkar et al. 2016), articles kept.
    """
    return Bags.of([_TOKEN.findall(text.casefold()) for text in texts]).dice


def edit(texts: Sequence[str]) -> Distance:
    """The fewest characters to insert, delete or replace, over the longer length. Source: Levenshtein 1966.

    Of each text the first MOST_CHARACTERS count.
    """
    objects = np.array([*(text[:MOST_CHARACTERS] for text in texts), ""], dtype=object)[:-1]

    def distance(first: Integers, second: Integers) -> Floats:
        pairs = objects[first].tolist(), objects[second].tolist()
        return np.asarray(cpdist(*pairs, scorer=Levenshtein.normalized_distance, dtype=np.float64))

    return distance


def chrf(texts: Sequence[str]) -> Distance:
    """1 - chrF1: of the runs of 1 to 6 characters (no white space) the mean precision and recall, and their F1.

    beta is 1, as neither text is the reference; lengths that neither text has a run of do not count. Two texts without
    characters are equal. Source: Popović 2015. Runs are told apart by a digest of 64 bits, of which 31 are compared; of
    each text the first MOST_CHARACTERS count.
    """
    squeezed = ["".join(text[:MOST_CHARACTERS].split()) for text in texts]
    points = np.frombuffer("".join(squeezed).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter(map(len, squeezed), dtype=np.int64, count=len(squeezed))
    starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    step = _BLOCK // max(2 * int(lengths.max(initial=0)), 1) + 1

    def distance(first: Integers, second: Integers) -> Floats:
        found = [
            _chrf(points, starts, lengths, first[low : low + step], second[low : low + step])
            for low in range(0, len(first), step)
        ]
        return np.concatenate(found) if found else np.zeros(0)

    return distance


def _chrf(points: Any, starts: Integers, lengths: Integers, first: Integers, second: Integers) -> Floats:
    used, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    one, other = place[: len(first)], place[len(first) :]
    length = lengths[used]
    offset = np.concatenate([[0], np.cumsum(length)])
    own = points[np.repeat(starts[used] - offset[:-1], length) + np.arange(offset[-1])].astype(np.uint64)
    padded, digest = np.concatenate([own, np.zeros(RUNS, dtype=np.uint64)]), np.zeros(len(own), dtype=np.uint64)
    precision, recall, orders = np.zeros(len(first)), np.zeros(len(first)), np.zeros(len(first))
    for order in range(1, RUNS + 1):
        runs = np.maximum(length - order + 1, 0)
        # The digest of a run is that of the run without its last character, stirred with it.
        digest = (digest ^ (padded[order - 1 : order - 1 + len(own)] + np.uint64(1))) * _FACTOR
        digest ^= digest >> np.uint64(29)
        begins = np.repeat(offset[:-1] - np.concatenate([[0], np.cumsum(runs)])[:-1], runs) + np.arange(runs.sum())
        columns = (digest[begins] % np.uint64(_COLUMNS)).astype(np.int32)
        held = csr_array(
            (np.ones(len(columns), dtype=np.float32), columns, np.concatenate([[0], np.cumsum(runs)]).astype(np.int32)),
            shape=(len(used), _COLUMNS),
        )
        held.sum_duplicates()
        shared = np.asarray(held[one].minimum(held[other]).sum(axis=1), dtype=np.float64).reshape(-1)
        precision += np.divide(shared, runs[one], out=np.zeros(len(one)), where=runs[one] > 0)
        recall += np.divide(shared, runs[other], out=np.zeros(len(one)), where=runs[other] > 0)
        orders += (runs[one] > 0) | (runs[other] > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both * orders, out=np.zeros(len(both)), where=both > 0)
    return np.where(orders > 0, 1 - f1, 0.0)
