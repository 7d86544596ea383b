"""What the networks learned from, as counts and averages: works for everybody."""

import pandas as pd
import streamlit as st

from fer_core.charts.dataset import (
    class_counts_figure,
    ferplus_agreement_figure,
    ferplus_figure,
    spread_figure,
)
from fer_core.dataset import (
    DatasetSummary,
    Split,
    load_summary,
)
from fer_core.emotions import Emotion
from fer_core.errors import MienError
from ui.data.contents import LABELS_SURE, LIGHT, MEAN_FACES, REPEATS, SOURCE, section
from ui.widgets.figure import show_figure
from ui.widgets.image import show_png

_MEAN_PX = 100
"""Eight and seven of them, with their gaps, fill a row of a laptop's screen."""

_PURPOSES = {
    Split.TRAINING: "the networks learn from it",
    Split.PUBLIC_TEST: "every choice is made on it",
    Split.PRIVATE_TEST: "measured once a network is finished",
}


def read_summary() -> DatasetSummary | None:
    """The summary that ships; says what is wrong and gives None where it cannot be read."""
    try:
        return load_summary()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def show_overview(summary: DatasetSummary) -> None:
    """What FER2013 is, in one paragraph and a chart of its classes."""
    images = summary.images
    st.markdown(
        f"All networks learned from **FER2013**: {sum(images.values()):,} grey faces of 48 × 48 "
        "pixels, found by web searches for a challenge in 2013 and each given one of seven labels. "
        "What they can and cannot do begins here."
    )
    shares = st.toggle(
        "Shares instead of counts", key="data_shares", help="Makes the three splits comparable."
    )
    most, least = _extremes(summary.class_counts[Split.TRAINING])
    show_figure(
        class_counts_figure(summary.class_counts, shares=shares),
        "data_classes",
        "; ".join(f"{split}: {purpose}" for split, purpose in _PURPOSES.items())
        + f". {most[0].capitalize()} has {most[1] / max(least[1], 1):.0f} times as many training "
        f"images as {least[0]}, so figures about {least[0]} are the least certain ones.",
    )


def _extremes(counts: dict[str, int]) -> tuple[tuple[str, int], tuple[str, int]]:
    ordered = sorted(counts.items(), key=lambda item: item[1])
    return ordered[-1], ordered[0]


def show_mean_faces(summary: DatasetSummary) -> None:
    """The average face of each class: nobody's face, and yet the expression shows."""
    section(MEAN_FACES)
    try:
        faces = [
            (emotion, face)
            for emotion in Emotion
            if (face := summary.mean_face(emotion)) is not None
        ]
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    counts = summary.class_counts[Split.TRAINING]
    with st.container(horizontal=True):
        for emotion, face in faces:
            label = emotion.label
            show_png(
                face,
                _MEAN_PX,
                alt=f"Mean of all training faces labelled {label}",
                caption=f"{emotion.style.emoji} {label}  \n{counts[label]:,} images",
            )
    st.caption(
        "Each is the mean of all training images with that label, so it shows no person. Happy and "
        "surprise stand out; sad and fear look much like neutral, and that is what people most "
        "often take them for, as the votes below say."
    )


def show_repeats(summary: DatasetSummary) -> None:
    """Blank images and repeated ones, and why they matter."""
    section(REPEATS)
    images, table = summary.images, st.container()
    private = Split.PRIVATE_TEST
    twins, others = summary.twins[private], images[private] - summary.twins[private]
    table.dataframe(
        pd.DataFrame(
            [
                {
                    "split": split,
                    "images": images[split],
                    "blank": summary.blank[split],
                    "twins": None if split == Split.TRAINING else summary.twins[split],
                    "rest": None
                    if split == Split.TRAINING
                    else images[split] - summary.twins[split],
                }
                for split in images
            ]
        ),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            "split": "Split",
            "images": st.column_config.NumberColumn("Images", format="localized"),
            "blank": st.column_config.NumberColumn("Blank", help="One grey level: no face."),
            "twins": st.column_config.NumberColumn(
                "Twins in Training", help="Pixel for pixel the same as a training image."
            ),
            "rest": st.column_config.NumberColumn("Twin-free", format="localized"),
        },
    )
    st.markdown(
        f"- **Twins.** {twins:,} of the {images[private]:,} images that networks are measured on "
        "are also, pixel for pixel, among those that they learned from. Whoever has seen the "
        "question with its answer proves memory, not skill. So each model also states its "
        f"accuracy on the other {others:,}: *twin-free*.\n"
        f"- **Repeats.** In all, {summary.duplicates:,} images repeat an earlier one. Intervals "
        "count identical images as one, so that repeats do not make figures look surer.\n"
        f"- **Contradictions.** {summary.contradicting:,} images occur again under another label: "
        "no network can be right about both.\n"
        f"- **Blanks.** {summary.blank[Split.TRAINING]:,} training images show nothing and are "
        "left out of training. The test splits stay as the challenge made them, so that figures "
        "can be compared with others'."
    )


def show_labels(summary: DatasetSummary) -> None:
    """FER2013's labels against the ten voters of FER+."""
    section(LABELS_SURE)
    votes = summary.ferplus
    if votes is None:
        st.info("This summary was made without FER+ votes.", icon=":material/how_to_vote:")
        return
    n = int(votes.table.sum())
    st.markdown(
        "FER2013 has one label an image. In 2016, ten people looked at each image again "
        f"(**FER+**): in **{votes.agreement:.0%}** of cases their most frequent answer was the "
        f"label, and in **{votes.agreement_where_clear:.0%}** of those where one of the seven "
        "classes won. Networks are measured against labels with that doubt in them: about 76 to "
        "77 % accuracy is what they allow."
    )
    show_figure(
        ferplus_figure(votes),
        "data_ferplus",
        f"All {n:,} images, shares of each label; under half a per cent left empty. Tie: two "
        "answers share the first place.",
    )
    show_figure(
        ferplus_agreement_figure(votes),
        "data_agreement",
        f"The same {n:,} images; ties count as disagreement. Dotted: all classes together.",
    )


def show_light(summary: DatasetSummary) -> None:
    """How bright and how rich in contrast the images of each class are."""
    section(LIGHT)
    n = summary.images[Split.TRAINING] - summary.blank[Split.TRAINING]
    left, right = st.columns(2, gap="medium")
    with left:
        show_figure(
            spread_figure(
                summary.brightness, title="Brightness of an image", axis="mean grey level, 0-255"
            ),
            "data_brightness",
            f"{n:,} training images. Circle: median; thick: half of the images; thin: nine of ten.",
        )
    with right:
        show_figure(
            spread_figure(
                summary.contrast, title="Contrast of an image", axis="standard deviation, 0-255"
            ),
            "data_contrast",
            "The same images. The classes lie over each other: light alone names none of them.",
        )


def show_source() -> None:
    """Where the data comes from, and what Mien ships of it."""
    section(SOURCE)
    st.markdown(
        "- **FER2013**: Goodfellow et al. 2013, [Challenges in Representation Learning]"
        "(https://arxiv.org/abs/1307.0414), collected by Pierre-Luc Carrier and Aaron Courville. "
        "Research data from a web search: the pictures remain their owners', and nobody in them "
        "was asked. Mien ships none of them, only counts and averages.\n"
        "- **FER+**: Barsoum et al. 2016, [Training Deep Networks for Facial Expression "
        "Recognition with Crowd-Sourced Label Distribution](https://arxiv.org/abs/1608.01041); "
        "votes by Microsoft under the MIT licence."
    )
