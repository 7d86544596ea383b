"""What a training will cost on this machine, before it is started."""

import streamlit as st

from fer_core.runs.cost import Cost, known_cost
from fer_core.runs.recipe import Recipe
from ui import caches
from ui.commands import follow_command, is_running, start_command
from ui.train.words import duration

KEY = "train_cost"
_RECIPE_FILE = "recipe.json"


def show_cost(slug: str, dataset: str, settings: Recipe, times: int) -> None:
    """Seconds an epoch, memory and the time until it is done; or a button that times them.

    Args:
        slug: the network.
        dataset: what is learned from.
        settings: with the epochs that are asked for.
        times: how often it is trained, one after the other.
    """
    cost = known_cost(slug, settings)
    with st.container(border=True):
        st.markdown("**What it will cost on this machine**")
        if cost is not None:
            _show(cost, dataset, settings, times)
            return
        st.caption("A few steps are timed, in a process of its own.")
        if st.button(
            "Time it",
            icon=":material/timer:",
            key=f"{KEY}_go",
            disabled=is_running(KEY),
        ):
            start_command(
                KEY,
                "Timing a few steps",
                lambda path, folder: [
                    *("queue", "cost", slug, "--dataset", dataset),
                    *("--recipe", str(folder / _RECIPE_FILE), "--json"),
                ],
                beside={_RECIPE_FILE: settings.model_dump_json()},
            )
            st.rerun()
        follow_command(KEY)


def _show(cost: Cost, dataset: str, settings: Recipe, times: int) -> None:
    learned, chosen = caches.faces.faces_to_learn(dataset)
    epoch_s = cost.epoch_s(settings, learned, chosen)
    total_s = times * (settings.epochs * epoch_s + cost.finish_s(chosen))
    left, right = st.columns(2)
    left.metric("An epoch", duration(epoch_s))
    right.metric("Until it is done" if times == 1 else "Until all are done", duration(total_s))
    memory = (
        f" It takes about {cost.peak_megabytes / 1000:.1f} GB of memory."
        if cost.peak_megabytes
        else ""
    )
    seeds = (
        f" {times} seeds, one after the other, {duration(total_s / times)} each."
        if times > 1
        else ""
    )
    st.caption(
        f"{learned:,} faces to learn from, {chosen:,} to choose on.{seeds} Other programs that "
        f"run meanwhile make it longer.{memory}"
    )
