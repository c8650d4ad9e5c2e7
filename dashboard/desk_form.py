"""What a reviewer says of the answer on the screen: what is wrong with it, how badly, and what is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from dashboard import regions_editor, show
from qc.model import SEVERITIES, InputError
from qc.workspace.answer_text import joined, labels
from qc.workspace.corrected import as_text, corrected, from_text
from qc.workspace.desk import Case, Region
from qc.workspace.differing import Difference, after

NUMBERED: Final = 9
"""Choices that have a key of their own."""
# What an object that changed in a way is called on the default checklist.
_CALLED: Final = (
    ("added", "missed"),
    ("removed", "extra"),
    ("relabelled", "wrong label"),
    ("moved and relabelled", "wrong label"),
    ("moved", "poor boundary"),
)
_ACTS: Final = {"type": "change", "severity": "change", "comment": "write"}


@dataclass(frozen=True)
class Form:
    """The form of one answer; `earlier` is the verdict that it changes, if it does.

    write: opens the window of the comment. letter: the key of a button, None while keys are off.
    """

    case: Case
    types: Sequence[str]
    earlier: dict[str, Any] | None
    write: Callable[[], None]
    letter: Callable[[str], str | None]

    @property
    def marked(self) -> bool:
        """Whether answers to the question are drawn or marked."""
        return self.case.region_kind is not None

    def key(self, name: str) -> str:
        """The key of a widget: another answer, and another look at one, is another form."""
        return f"{name}|{self.case.annotation_id}|{self.case.question}{'|again' if self.earlier else ''}"

    def state(self, name: str) -> Any:
        """What a widget holds, or held in the verdict that is changed."""
        key = self.key(name)
        return st.session_state[key] if key in st.session_state else (self.earlier or {}).get(name)

    @property
    def label(self) -> str | None:
        """The label that is right, as a verdict states it; None where none was chosen or it is the one given."""
        given = self.case.given
        if self.case.kind == "multi":
            picked = self.picked
            return None if set(picked) == set(given.labels) else joined(sorted(picked))
        label = self.state("corrected_label") or None
        if self.case.kind == "ranking" and label is not None:
            return None if labels(label) == list(given.labels) else label
        return None if label == given.label else label

    @property
    def picked(self) -> list[str]:
        """Of several labels those that are right: as chosen, or as in the verdict that is changed, else as given."""
        chosen = st.session_state.get(self.key("chosen"))
        if chosen is None and self.earlier and self.earlier.get("corrected_label") is not None:
            return labels(self.earlier["corrected_label"])
        return list(self.case.given.labels if chosen is None else chosen)

    @property
    def regions(self) -> list[Region] | None:
        """The regions that are right; None where they were left as they are."""
        found = regions_editor.edited(self.case, st.session_state.get(self.key("regions")))
        if found is None and self.earlier and self.earlier.get("corrected_regions"):
            return from_text(self.earlier["corrected_regions"])
        return found

    @property
    def fault(self) -> str | None:
        """Why the regions cannot be kept as they were changed; None where they can."""
        try:
            corrected(self.case, self.regions or [])
        except InputError as error:
            return str(error)
        return None

    @property
    def difference(self) -> Difference | None:
        """What the correction changes; None without one, or where it cannot be kept."""
        if self.marked:
            return None if self.regions is None or self.fault else after(self.case, self.regions)
        return None if self.label is None else after(self.case, self.label)

    @property
    def error_type(self) -> str | None:
        """What was chosen from the checklist, else what the correction suggests."""
        if chosen := self.state("error_type"):
            return str(chosen)
        difference = self.difference
        states = {change.state.value for change in difference.objects} if difference else set()
        named = [called for state, called in _CALLED if state in states and called in self.types]
        if not self.marked and self.types[0] == "wrong label":
            named.append(self.types[0])
        return named[0] if named else None

    def said(self, decision: str, seconds: float) -> dict[str, Any]:
        """The verdict, with the columns of a sheet."""
        wrong = decision != "accept"
        regions = self.regions if wrong else None
        severity = self.state("severity") or ("minor" if decision == "minor" else "major")
        return {
            "annotation_id": self.case.annotation_id,
            "question": self.case.question,
            "verdict": decision,
            "error_type": self.error_type if wrong else None,
            "severity": severity if wrong else None,
            "corrected_label": self.label if wrong and not self.marked else None,
            "corrected_regions": None if regions is None else as_text(regions),
            "comment": self.state("comment") or None,
            "seconds": seconds,
        }

    def show(self) -> None:
        """The form, top to bottom in the order in which it is filled in."""
        if self.marked:
            st.caption("What is right: " + regions_editor.offer(self.case))
            regions_editor.show(self.case, self.key("regions"))
            with st.container():
                if self.fault:
                    st.warning(show.plain(f"This cannot be kept: {self.fault}."), icon=":material/edit_off:")
            self._types(numbered=True)
        else:
            self._right()
            self._types(numbered=False)
        self._head("How bad", "severity", "s", self.next_severity)
        key = self.key("severity")
        if key not in st.session_state:
            st.session_state[key] = (self.earlier or {}).get("severity")
        st.pills("How bad", SEVERITIES, key=key, label_visibility="collapsed")
        self._head("Comment", "comment", "w", self.write)
        key = self.key("comment")
        if key not in st.session_state:
            st.session_state[key] = (self.earlier or {}).get("comment") or ""
        st.text_input("Comment", key=key, placeholder="What should the annotator learn?", label_visibility="collapsed")

    def _head(self, words: str, name: str, letter: str, act: Callable[[], None]) -> None:
        """The name of a part of the form, with the key that moves it on."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(words, width="content")
            st.button(_ACTS[name], key=f"review-{name}", shortcut=self.letter(letter), type="tertiary", on_click=act)

    def _right(self) -> None:
        """The right answer: a key for each of the first choices, all of them in a list, or a text to correct."""
        case = self.case
        if case.kind in ("text", "ranking") or not case.choices:
            words = {"text": "The right text", "ranking": "The right order, separated by semicolons"}
            given = case.given.label if case.kind == "text" else joined(case.given.labels)
            key = self.key("corrected_label")
            if key not in st.session_state:
                st.session_state[key] = (self.earlier or {}).get("corrected_label") or given or ""
            (st.text_area if case.kind == "text" else st.text_input)(words.get(case.kind, "Right answer"), key=key)
            return
        several = case.kind == "multi"
        current = None if several else self.state("corrected_label")
        same = current is not None and current == case.given.label
        st.caption("Right answer: the one given, so nothing is corrected" if same else "Right answer")
        chosen = set(self.picked) if several else {current}
        with st.container(horizontal=True, gap="small"):
            for number, label in enumerate(case.choices[:NUMBERED], 1):
                st.button(
                    show.plain(label),
                    key=f"choose-{number}",
                    shortcut=self.letter(str(number)),
                    type="primary" if label in chosen else "secondary",
                    on_click=self._choose,
                    args=(label,),
                )
        if len(case.choices) > NUMBERED:
            if several:
                st.multiselect("All labels", case.choices, sorted(chosen), key=self.key("chosen"))
            else:
                st.selectbox(
                    "All labels", case.choices, index=None, placeholder="Choose", key=self.key("corrected_label")
                )

    def _choose(self, label: str) -> None:
        """Take a label for right; once more takes it back."""
        if self.case.kind == "multi":
            key = self.key("chosen")
            now = self.picked
            st.session_state[key] = [name for name in now if name != label] if label in now else [*now, label]
            return
        key = self.key("corrected_label")
        st.session_state[key] = None if self.state("corrected_label") == label else label

    def _types(self, *, numbered: bool) -> None:
        current = self.error_type
        self._head("What is wrong", "type", "t", self.next_type)
        with st.container(horizontal=True, gap="small"):
            for number, name in enumerate(self.types, 1):
                st.button(
                    show.plain(name),
                    key=f"wrong-{number}",
                    shortcut=self.letter(str(number)) if numbered and number <= NUMBERED else None,
                    type="primary" if name == current else "secondary",
                    on_click=self._set,
                    args=("error_type", name),
                )

    def _set(self, name: str, value: str) -> None:
        st.session_state[self.key(name)] = value

    def next_type(self) -> None:
        """The next of the checklist."""
        at = self.types.index(self.error_type) + 1 if self.error_type in self.types else 0
        self._set("error_type", self.types[at % len(self.types)])

    def next_severity(self) -> None:
        """The next severity."""
        now = self.state("severity")
        at = SEVERITIES.index(now) + 1 if now in SEVERITIES else 0
        self._set("severity", SEVERITIES[at % len(SEVERITIES)])


@st.dialog("Comment", dismissible=False)
def write(form: Form, done: Callable[[], None]) -> None:
    """The comment in a window of its own, one Tab away; Enter keeps it. No other key does anything meanwhile."""
    key = form.key("comment")

    def keep() -> None:
        st.session_state[key] = st.session_state["review-words"]
        leave()

    def leave() -> None:
        done()
        st.session_state["review-written"] = True

    label = "What should the annotator learn?"
    st.text_input(label, st.session_state.get(key) or "", key="review-words", on_change=keep)
    st.button("Leave as it was", key="review-leave", shortcut="escape", on_click=leave)
    if st.session_state.pop("review-written", False):
        # Only a run of the whole page closes a window.
        st.rerun()
