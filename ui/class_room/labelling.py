"""One face after the other, blind: seven buttons, their keys, and a way back."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.evaluation.class_room import DrawnFaces
from ui.widgets.image import show_png

_KEPT = "class_room_labellings"
_FACE_PX = 240
_BUTTON_PX = 148
"""Two beside each other on a phone, seven on a wide screen."""


@dataclass(slots=True, eq=False)
class Labelling:
    """A visitor's answers to the faces of one draw, kept in the session.

    Attributes:
        faces: how many there are.
        is_open: whether it was started.
        answers: so far, in the order of the faces.
    """

    faces: int
    is_open: bool = False
    answers: list[Emotion] = field(default_factory=list)

    @classmethod
    def of(cls, drawn: DrawnFaces) -> "Labelling":
        """The one of these faces."""
        kept: dict[tuple[str, int], Labelling] = st.session_state.setdefault(_KEPT, {})
        return kept.setdefault((drawn.fingerprint, drawn.seed), cls(len(drawn)))

    @property
    def is_complete(self) -> bool:
        """Whether every face has an answer."""
        return len(self.answers) == self.faces

    def open(self) -> None:
        """Start."""
        self.is_open = True

    def answer(self, face: int, emotion: Emotion) -> None:
        """Name a face; a second tap on the one before it names nothing."""
        if face == len(self.answers) and not self.is_complete:
            self.answers.append(emotion)

    def undo(self) -> None:
        """Take the last answer back."""
        del self.answers[-1:]

    def again(self) -> None:
        """Forget all answers."""
        self.answers.clear()
        self.is_open = False

    def classes(self) -> NDArray[np.int64]:
        """(k,) int64 of the answers so far."""
        return np.array(self.answers, np.int64)


def show_face(drawn: DrawnFaces, own: Labelling) -> None:
    """The next face with its buttons; nothing here says what others call it."""
    face = len(own.answers)
    st.progress(face / len(drawn), f"Face {face + 1} of {len(drawn)}")
    show_png(drawn.faces[face], _FACE_PX, alt=f"Face {face + 1} of {len(drawn)}")
    st.markdown("**Which expression is shown?**")
    with st.container(horizontal=True, key="class_room_buttons"):
        for emotion in Emotion:
            st.button(
                f"{emotion.style.emoji} {emotion.label}",
                key=f"class_room_{emotion.label}",
                shortcut=str(emotion + 1),
                width=_BUTTON_PX,
                on_click=own.answer,
                args=(face, emotion),
            )
    st.button(
        "Undo",
        icon=":material/undo:",
        key="class_room_undo",
        shortcut="Backspace",
        type="tertiary",
        disabled=not own.answers,
        on_click=own.undo,
    )
