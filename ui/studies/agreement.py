"""Agreement with a person who coded: their CSV or ELAN tier against what the network said."""

from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd
import streamlit as st

from fer_core.charts import coder_figure
from fer_core.emotions import LABELS
from fer_core.errors import MienError
from fer_core.studies.elan import read_elan
from fer_core.studies.markings import read_coding, tier_coding
from fer_core.studies.results import NetworkCoding, network_coding
from fer_core.studies.statistics import coder_agreement, sentence
from fer_core.studies.store import Study
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal

_LEAVE_OUT = "leave out"


def show_agreement(study: Study) -> None:
    """Drop zone, what each of the coder's words means, and how far both agree."""
    file = st.file_uploader(
        "What a person coded: a CSV with file, start, end and label, or a file of ELAN",
        type=["csv", "txt", "tsv", "eaf"],
        key=f"studies_coder_{study.name}",
        help="Times are seconds from the recording's start, or m:ss.",
    )
    if file is None:
        return
    try:
        coding = _coding(study, file.getvalue(), file.name)
        if coding.empty:
            st.info("There is no interval in it.", icon=":material/search_off:")
            return
        said = network_coding(study, tuple(coding["recording"].unique()))
        agreement = coder_agreement(_translated(coding, study.name), said.intervals)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.markdown(literal(sentence(agreement)))
    show_figure(
        coder_figure(agreement),
        "study_coder",
        f"By {literal(study.settings.slugs[0])}. Left out: {agreement.only_first_s:.0f} s that "
        f"only the person named, {agreement.only_second_s:.0f} s that only the network did "
        "(unsure, and without a face, are no words), "
        f"{agreement.overlap_s:.0f} s with two words at once. {literal(_missing_words(said))}",
    )


def _missing_words(said: NetworkCoding) -> str:
    """How much of the coded recordings the network could not say anything of."""
    if not said.seconds:
        return "Nothing of these recordings has been read."
    no_face = 1 - said.face_s / said.seconds
    unsure = said.unsure_s / said.face_s if said.face_s else 0.0
    return (
        f"In these recordings {no_face:.0%} of the time had no face, and in {unsure:.0%} of the "
        "rest the network was unsure."
    )


def _coding(study: Study, content: bytes, name: str) -> pd.DataFrame:
    if PurePath(name).suffix.lower() != ".eaf":
        return read_coding(study, content, name)
    tiers = read_elan(content, name)
    names = [each.name for each in study.recordings()]
    left, right = st.columns(2)
    stem = PurePath(name).stem
    recording = left.selectbox(
        "Of which recording is it?",
        names,
        index=names.index(stem) if stem in names else 0,
        key=f"studies_coded_recording_{study.name}",
    )
    tier = right.selectbox("In which tier?", list(tiers), key=f"studies_coded_tier_{study.name}")
    return tier_coding(str(recording), tiers.get(str(tier), ()))


def _translated(coding: pd.DataFrame, name: str) -> pd.DataFrame:
    """The coder's words as expressions; those that are none are asked for."""
    strange = sorted(set(coding["label"]) - set(LABELS))
    if not strange:
        return coding
    st.markdown("What does each of the coder's words mean?")
    meanings = {}
    columns = st.columns(min(len(strange), 4))
    for number, word in enumerate(strange):
        meanings[word] = columns[number % len(columns)].selectbox(
            literal(word), options_for(word), key=f"studies_word_{name}_{word}"
        )
    meant = coding["label"].map(lambda word: meanings.get(word, word))
    return coding.assign(label=meant)[meant != _LEAVE_OUT]


def options_for(word: str) -> Sequence[str]:
    """What a coder's word may mean: those that begin like it, nothing, and the others."""
    alike = [label for label in LABELS if word.lower()[:3] == label[:3]]
    return [*alike, _LEAVE_OUT, *(label for label in LABELS if label not in alike)]
