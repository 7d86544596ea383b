"""The part on harder conditions: blur, noise, darkness and the like."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_core import charts
from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.external import external_name
from fer_core.evaluation.external.robustness import current_external_rows
from fer_core.evaluation.robustness import ConditionFigures, current_rows
from fer_core.faces.corruptions import CONDITIONS, Condition, corrupt
from fer_core.synthetic.face import POSES, cropped_face
from ui import caches
from ui.compare.chosen import Chosen
from ui.widgets.figure import show_figure
from ui.widgets.image import show_pixels
from ui.widgets.texts import literal

_HOW_TO = (
    "No network's robustness has been measured yet. With FER2013 on this machine: "
    "`python -m fer_core robustness`."
)
_EXAMPLE_PX = 144


def robustness(chosen: Chosen) -> None:
    """All networks and packages under all conditions; the chosen ones by degree, with pictures."""
    try:
        ours, outside = caches.measured.robustness(), caches.measured.external_robustness()
    except MienError as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")
        return
    if not ours and not outside:
        st.info(_HOW_TO, icon=":material/blur_on:")
        return
    cards = [row.model.card for row in chosen.everyone.values() if row.model]
    rows: list[ConditionFigures] = [
        *current_rows(ours, cards),
        *current_external_rows(outside, chosen.packages),
    ]
    titles = {key: row.title for key, row in chosen.everyone.items()}
    show_figure(
        charts.robustness_heatmap_figure(titles, rows),
        "robustness",
        f"{_on(rows)} A cell is the mean over the degrees of its condition, which are below. "
        "PublicTest, because what is found here may change how networks are trained; PrivateTest "
        "was not looked at for this.",
    )
    _not_measured(
        titles,
        {row.slug for row in ours} | {row.slug for row in outside},
        {row.slug for row in rows},
    )
    by_name = {condition.name: condition for condition in CONDITIONS}
    name = st.selectbox(
        "Condition", list(by_name), format_func=lambda key: by_name[key].title, key="condition"
    )
    condition = by_name[name]
    _examples(condition)
    show_figure(
        charts.severity_figure(chosen.picked_titles, rows, condition),
        f"robustness_{condition.name}",
        f"{_on(rows)} The chosen networks; whiskers are 95 % bootstrap intervals. The same faces "
        "with the same chance for every network.",
    )


def _on(rows: Sequence[ConditionFigures]) -> str:
    if not rows:
        return ""
    counts = " or ".join(f"{n:,}" for n in sorted({row.n for row in rows}))
    return f"On {counts} PublicTest images, evenly spread over the split."


def _not_measured(titles: Mapping[str, str], ever: set[str], current: set[str]) -> None:
    """Name those without figures, and those whose figures are of an earlier network or version."""
    earlier = {key for key in titles if key in ever - current}
    never = {key for key in titles if key not in ever}
    notes = [
        f"{words}: {', '.join(literal(titles[key]) for key in titles if key in keys)}."
        for words, keys in (
            ("Left out, because an earlier network of that name was measured", earlier),
            ("Not measured yet", never),
        )
        if keys
    ]
    if not notes:
        return
    missing = earlier | never
    how = []
    if ours := [key for key in titles if key in missing and external_name(key) is None]:
        how.append(f"`python -m fer_core robustness {' '.join(ours)}`")
    packages = [name for key in titles if key in missing and (name := external_name(key))]
    how += [f"`python -m fer_core external {name} --robustness`" for name in packages]
    st.caption(f"{' '.join(notes)} To measure: {', '.join(how)}.")


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
