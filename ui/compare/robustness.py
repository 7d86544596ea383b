"""The Compare page's tab on harder conditions: blur, noise, darkness and the like."""

from collections.abc import Sequence

import streamlit as st

from fer_core import charts
from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.leaderboard import ModelSummary, unique_titles
from fer_core.evaluation.robustness import RobustnessRow, current_rows
from fer_core.faces.corruptions import CONDITIONS, Condition, corrupt
from fer_core.synthetic.face import POSES, cropped_face
from ui import caches
from ui.widgets.figure import show_figure
from ui.widgets.image import show_pixels

_HOW_TO = (
    "No network's robustness has been measured yet. With FER2013 on this machine: "
    "`python -m fer_core robustness`."
)
_EXAMPLE_PX = 144


def robustness(models: Sequence[ModelSummary], ticked: Sequence[ModelSummary]) -> None:
    """All networks under all conditions; the ticked ones by degree, with pictures of it."""
    try:
        measured = caches.robustness()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if not measured:
        st.info(_HOW_TO, icon=":material/blur_on:")
        return
    rows = current_rows(measured, [model.card for model in models])
    show_figure(
        charts.robustness_heatmap_figure(_titles(models), rows),
        "robustness",
        f"{_on(rows)} A cell is the mean over the degrees of its condition, which are below. "
        "PublicTest, because what is found here may change how networks are trained; PrivateTest "
        "was not looked at for this.",
    )
    _not_measured(models, measured, rows)
    by_name = {condition.name: condition for condition in CONDITIONS}
    name = st.selectbox(
        "Condition", list(by_name), format_func=lambda key: by_name[key].title, key="condition"
    )
    condition = by_name[name]
    _examples(condition)
    show_figure(
        charts.severity_figure(_titles(ticked), rows, condition),
        f"robustness_{condition.name}",
        f"{_on(rows)} The ticked networks; whiskers are 95 % bootstrap intervals. The same faces "
        "with the same chance for every network.",
    )


def _titles(models: Sequence[ModelSummary]) -> dict[str, str]:
    return dict(zip((model.slug for model in models), unique_titles(models), strict=True))


def _on(rows: Sequence[RobustnessRow]) -> str:
    if not rows:
        return ""
    counts = " or ".join(f"{n:,}" for n in sorted({row.n for row in rows}))
    return f"On {counts} PublicTest images, evenly spread over the split."


def _not_measured(
    models: Sequence[ModelSummary],
    measured: Sequence[RobustnessRow],
    rows: Sequence[RobustnessRow],
) -> None:
    """Name the networks without figures, and those whose figures are of an earlier network."""
    titles = _titles(models)
    current, ever = {row.slug for row in rows}, {row.slug for row in measured}
    earlier = [title for slug, title in titles.items() if slug in ever - current]
    never = [title for slug, title in titles.items() if slug not in ever]
    notes = [
        f"{words}: {', '.join(names)}."
        for words, names in (
            ("Left out, because an earlier network of that name was measured", earlier),
            ("Not measured yet", never),
        )
        if names
    ]
    if notes:
        st.caption(" ".join(notes) + " `python -m fer_core robustness` with the names measures.")


def _examples(condition: Condition) -> None:
    """The drawn face as it is and under each degree; faces of FER2013 are never shown here."""
    face = cropped_face(POSES[Emotion.HAPPY])
    pictures = {"as it is": face} | {
        condition.label(severity): corrupt(face[None], condition, severity)[0]
        for severity in condition.severities
    }
    with st.container(horizontal=True, gap="medium"):
        for words, picture in pictures.items():
            alt = f"The drawn face, {condition.title.lower()}: {words}"
            show_pixels(picture, _EXAMPLE_PX, alt=alt, caption=words)
