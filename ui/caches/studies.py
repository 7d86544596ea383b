"""What follows from a study; its state is part of each key."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.studies.assemble import assemble
from fer_core.studies.catalogue import open_study
from fer_core.studies.mended import MendedRecording
from fer_core.studies.results import Results, find
from fer_core.studies.views import key_pictures, picture_at


@st.cache_resource(show_spinner="Working out the findings …", max_entries=8)
def study_results(name: str, state: str) -> Results:
    """All findings of a study.

    Args:
        name: of it.
        state: as `fer_core.studies.results.state_of` says; another one is worked out anew.

    Raises:
        MienError: nothing is read yet, or it cannot be read.
    """
    return find(open_study(name))


@st.cache_resource(show_spinner="Following the faces …", max_entries=4)
def mended_recording(study: str, recording: str, state: str) -> MendedRecording:
    """A recording as it was mended; ``state`` as of `study_results`.

    Raises:
        MienError: nothing of it is read yet, or what was read is damaged.
    """
    opened = open_study(study)
    return assemble(opened, opened.recording(recording))


@st.cache_data(show_spinner="Looking for each face …", max_entries=20)
def track_pictures(
    study: str, recording: str, state: str, track_ids: tuple[int, ...]
) -> dict[int, NDArray[np.uint8]]:
    """A small picture of each face of a recording; ``state`` as of `study_results`.

    Raises:
        MienError: the video is not there any more.
    """
    opened = open_study(study)
    index = opened.index_of(opened.recording(recording))
    return key_pictures(mended_recording(study, recording, state), index, track_ids)


@st.cache_data(show_spinner=False, max_entries=40)
def moment(study: str, recording: str, state: str, seconds: float) -> NDArray[np.uint8]:
    """A frame of a recording with its faces boxed; ``state`` as of `study_results`.

    Raises:
        MienError: the video is not there any more.
    """
    opened = open_study(study)
    index = opened.index_of(opened.recording(recording))
    return picture_at(mended_recording(study, recording, state), index, seconds)
