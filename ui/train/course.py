"""How a training goes: progress, curves, the faces as the network gets them, the confusion."""

import numpy as np
import streamlit as st

from fer_core.charts import confusion_figure
from fer_core.dataset import FER2013
from fer_core.emotions import LABELS
from fer_core.errors import MienError
from fer_core.evaluation.learning import LearningCurve
from fer_core.evaluation.recipe_words import training_in_words
from fer_core.runs.run import Condition, Run
from fer_core.runs.shelf import list_runs
from fer_core.runs.snapshot import Snapshot
from ui import caches
from ui.train.leading import is_active
from ui.train.words import STATES, duration, stage_of
from ui.widgets.figure import show_figure
from ui.widgets.image import show_pixels
from ui.widgets.learning import show_learning_curves, show_settings
from ui.widgets.texts import literal

_LOOK_S, _DRAW_S = 1.0, 3.0
_FACE_PX = 96


def show_course(run: Run) -> None:
    """All that is seen of a training, drawn anew while it goes on."""
    active, stage = is_active(run), stage_of(run.condition())
    st.fragment(_progress, run_every=_LOOK_S if active else None)(run, stage)
    others = _pick_others(run)
    st.fragment(_pictures, run_every=_DRAW_S if active else None)(run, others)


def show_shipped_course(slug: str) -> None:
    """How the network of that name that ships has learned, before one's own does."""
    shipped = next((each for each in caches.measured.summaries()[0] if each.slug == slug), None)
    if shipped is None or not len(shipped.history):
        return
    curve = LearningCurve.of(shipped.history, shipped.card.recipe)
    name = f"{shipped.title}, as it ships"
    show_learning_curves(
        {name: curve}, "train_shipped", "FER2013: faces that were learned from, and PublicTest."
    )
    with st.expander("How it was trained", icon=":material/tune:"):
        words = training_in_words(
            shipped.card.recipe, epochs=shipped.card.epochs, seed=shipped.card.seed
        )
        show_settings({name: words}, "train_shipped")


def _progress(run: Run, stage: str) -> None:
    condition, snapshot = run.condition(), run.snapshot()
    if stage_of(condition) != stage:
        st.rerun()  # the whole page: other buttons belong to it
    sign, words = STATES[condition]
    st.markdown(f"{sign} **{literal(run.name)}** {words}")
    if condition in ("learning", "validating", "paused", "finishing") and snapshot is not None:
        _show_step(condition, snapshot)


def _show_step(condition: Condition, now: Snapshot) -> None:
    if condition == "finishing":
        st.progress(1.0, "The best epoch is written, and what its confidence is worth is measured")
        return
    st.progress(
        now.share, f"Epoch {now.epoch} of {now.epochs}, batch {now.step:,} of {now.steps:,}"
    )
    cells = {
        "Loss now": None if now.loss is None else f"{now.loss:.3f}",
        "Right now": None if now.accuracy is None else f"{now.accuracy:.0%}",
        "Learning rate": None if now.learning_rate is None else f"{now.learning_rate:.2g}",
        "Time left": None if now.left_s is None else duration(now.left_s),
    }
    with st.container(horizontal=True, gap="large"):
        for label, value in cells.items():
            st.metric(label, value or "–", width="content")


def _pick_others(run: Run) -> list[str]:
    """Trainings and networks whose curves are laid over this one's."""
    names = [other.name for other in list_runs() if other.name != run.name]
    shipped = [
        summary.slug for summary in caches.measured.summaries()[0] if summary.slug not in names
    ]
    return st.multiselect(
        "Lay over it",
        [*names, *(slug for slug in shipped if slug != run.name)],
        key=f"train_others_{run.name}",
        placeholder="another training, or a network that is here",
    )


def _pictures(run: Run, others: list[str]) -> None:
    curves, trainings = _course(run, others)
    if any(len(curve.history) for curve in curves.values()):
        show_learning_curves(
            curves,
            "train",
            f"Of {literal(run.name)} on {literal(run.order().dataset)}: faces that are learned "
            "from, and the validation faces, on which the epoch is chosen.",
        )
    else:
        st.caption("Curves begin with the first whole epoch.")
    if others:
        show_settings(trainings, "train")
    _show_faces(run)
    _show_confusion(run)
    if not others:
        with st.expander("All settings", icon=":material/tune:"):
            show_settings(trainings, "train")


def _course(
    run: Run, others: list[str]
) -> tuple[dict[str, LearningCurve], dict[str, dict[str, str]]]:
    """Curves and settings by name, this training's first."""
    curves: dict[str, LearningCurve] = {}
    trainings: dict[str, dict[str, str]] = {}
    runs = {each.name: each for each in list_runs()}
    summaries = {summary.slug: summary for summary in caches.measured.summaries()[0]}
    for name in (run.name, *others):
        try:
            if name in runs:
                order, history = runs[name].order(), runs[name].history()
                recipe = order.settings.model_dump(mode="json")
                curves[name] = LearningCurve.of(history, recipe)
                trainings[name] = {
                    "Architecture": order.network,
                    "Faces": order.dataset,
                    **training_in_words(recipe, epochs=order.epochs, seed=order.seed),
                }
            elif name in summaries:
                card = summaries[name].card
                curves[name] = LearningCurve.of(summaries[name].history, card.recipe)
                trainings[name] = {
                    "Architecture": card.network,
                    "Faces": card.own.dataset if card.own else FER2013,
                    **training_in_words(card.recipe, epochs=card.epochs, seed=card.seed),
                }
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
    return curves, trainings


def _show_faces(run: Run) -> None:
    found = run.faces()
    if found is None:
        return
    st.subheader("Faces as the network gets them")
    faces, targets = found
    with st.container(horizontal=True):
        for number, (face, target) in enumerate(zip(faces, targets, strict=True)):
            label = LABELS[int(target.argmax())]
            sure = "" if target.max() > 0.995 else f" {target.max():.0%}"
            grey = face[:, :, 0] if face.shape[2] == 1 else face
            show_pixels(
                np.ascontiguousarray(grey),
                _FACE_PX,
                alt=f"Training face {number + 1}, {label}",
                caption=f"{label}{sure}",
            )
    st.caption(
        "The first faces of the newest epoch, changed at random as the recipe says, under what "
        "the network is to answer."
    )


def _show_confusion(run: Run) -> None:
    snapshot = run.snapshot()
    if snapshot is None or snapshot.confusion is None:
        return
    confusion = snapshot.confusion
    filling = (
        f"{confusion.seen:,} of {confusion.total:,}"
        if (confusion.seen < confusion.total)
        else f"{confusion.total:,}"
    )
    show_figure(
        confusion_figure(
            np.array(confusion.counts), title=f"Taken for which, after epoch {confusion.epoch}"
        ),
        "train_confusion",
        f"{filling} validation faces of {literal(run.order().dataset)}.",
    )
