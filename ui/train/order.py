"""The form: what is learned from, which network, how, and what that will cost."""

from collections.abc import Callable

import streamlit as st

from fer_core.dataset import FER2013, FERPLUS, find_dataset
from fer_core.errors import MienError
from fer_core.runs.faces import DRAWN, faces_digest, learning_names
from fer_core.runs.networks import NetworkFacts, known_networks
from fer_core.runs.order import TrainingOrder
from fer_core.runs.queue import add_family, add_order
from fer_core.runs.recipe import RECIPES, Recipe, load_recipe
from fer_core.runs.shelf import runs_folder, taken_names
from fer_core.zoo import WEIGHTS_FILE, find_folder, models_root, models_roots
from ui import caches
from ui.train.cost import show_cost
from ui.train.leading import start_queue
from ui.train.settings import show_settings_form
from ui.widgets.texts import literal

KEY = "train_order"
_FAULT = "train_order_fault"
_EXAMPLE = ("triple", "bn_tiny")
_EXAMPLE_EPOCHS = {FER2013: 6, DRAWN: 60}
"""Of Triple, some minutes on two cores."""

_UNTAUGHT = "bn"

Open = Callable[[str], None]


def show_example(open_one: Open) -> None:
    """One click for those who only want to see it."""
    name = FER2013 if find_dataset() else DRAWN
    faces = "FER2013" if name == FER2013 else "faces drawn by code"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Just look.** The smallest network, on {faces}, for a few minutes. You can "
            "delete it with one button."
        )
        st.button(
            "Train Triple for a few minutes",
            icon=":material/rocket_launch:",
            type="primary",
            key="train_example",
            on_click=_order_example,
            args=(name, open_one),
        )


def _order_example(dataset: str, open_one: Open) -> None:
    network, recipe = _EXAMPLE
    settings = load_recipe(recipe).planned_for(_EXAMPLE_EPOCHS[dataset])
    order = TrainingOrder(
        name=_free_name(f"my_{network}"),
        network=network,
        dataset=dataset,
        dataset_digest=faces_digest(dataset),
        recipe=recipe,
        settings=settings,
    )
    _place(order, range(1), open_one)


def show_order(open_one: Open) -> None:
    """Choices, cost and the button."""
    st.header("New training", divider="gray")
    dataset = st.selectbox(
        "Learn from",
        learning_names(),
        format_func=_dataset_words,
        key=f"{KEY}_dataset",
        help="Your own pictures become a data set on the page Data.",
    )
    facts = known_networks()
    slug = st.selectbox(
        "Network",
        list(facts),
        list(facts).index("triple") if "triple" in facts else 0,
        format_func=lambda name: _network_words(facts[name]),
        key=f"{KEY}_network",
        help="The least work first.",
    )
    st.caption(
        f"{_short(facts[slug].multiply_accumulates)} multiplications a face. "
        f"{literal(facts[slug].origin)}"
    )
    recipe_name = _pick_recipe(facts[slug], dataset)
    recipe = load_recipe(recipe_name)
    name, epochs = _name_and_epochs(slug, recipe)
    start = _pick_start(facts[slug])
    changed, seeds = show_settings_form(recipe, f"{KEY}_{recipe_name}")
    if changed is None:
        return
    settings = changed.planned_for(epochs)
    show_cost(slug, dataset, settings, len(seeds))
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(literal(fault), icon=":material/error:")
    if st.button(
        "Train" if len(seeds) == 1 else f"Train {len(seeds)} seeds",
        icon=":material/play_arrow:",
        type="primary",
        key=f"{KEY}_go",
        width="stretch",
    ):
        # Not as a callback: that would have the choices of the run before.
        _order(name, dataset, slug, recipe_name, settings, seeds, start, open_one)
        st.rerun()


def chosen_network() -> str:
    """Slug of the network that the form has chosen."""
    return str(st.session_state.get(f"{KEY}_network", ""))


def _pick_recipe(facts: NetworkFacts, dataset: str) -> str:
    fitting = [
        path.stem
        for path in sorted(RECIPES.glob("*.json"))
        if _fits(load_recipe(path.stem), facts, dataset)
    ]
    own = facts.recipe if facts.recipe in fitting else _untaught(facts, fitting)
    chosen = st.selectbox(
        "Recipe",
        fitting,
        fitting.index(own),
        format_func=lambda name: f"{name} · the network's own" if name == facts.recipe else name,
        key=f"{KEY}_recipe_{facts.slug}_{dataset}",
        help="How it learns: a file of settings, which you can change below.",
    )
    if (teacher := load_recipe(chosen).teacher) and teacher != FERPLUS:
        st.caption(
            f"It also learns from what **{literal(teacher)}** answers. Where that network has not "
            "read these faces yet, it does so first, which can take minutes."
        )
    return chosen


def _fits(recipe: Recipe, facts: NetworkFacts, dataset: str) -> bool:
    """Whether a recipe can be used as it is: with this network, on these faces, on this machine."""
    if recipe.network or recipe.side_px or recipe.standardise is not None:
        return False
    if recipe.sides_px and not facts.any_side:
        return False
    challenge = dataset == FER2013
    if recipe.votes or recipe.teacher == FERPLUS:
        return challenge and caches.faces.challenge_has_votes()
    if not recipe.teacher:
        return True
    is_network = (models_root() / recipe.teacher / WEIGHTS_FILE).is_file()
    is_file = (models_root() / "teachers" / f"{recipe.teacher}.npz").is_file()
    return is_network or (is_file and challenge)


def _untaught(facts: NetworkFacts, fitting: list[str]) -> str:
    """The nearest to a network's own recipe: the longest name that both begin with."""
    parts = facts.recipe.split("_")
    for end in range(len(parts), 0, -1):
        if (name := "_".join(parts[:end])) in fitting:
            return name
    return _UNTAUGHT if _UNTAUGHT in fitting else fitting[0]


def _name_and_epochs(slug: str, recipe: Recipe) -> tuple[str, int]:
    name = st.text_input(
        "What to call it",
        _free_name(f"my_{slug}"),
        key=f"{KEY}_name_{slug}",
        help="Lower-case letters, digits and _, a letter first.",
    )
    epochs = st.number_input(
        "Epochs",
        1,
        1000,
        recipe.epochs,
        key=f"{KEY}_epochs_{slug}_{recipe.epochs}",
        help="How often each face is learned from.",
    )
    return name, int(epochs)


def _pick_start(facts: NetworkFacts) -> str:
    """The slug of a network whose weights are gone on from; "" for none."""
    fitting = [
        card.slug
        for card in caches.networks.model_cards()[0]
        if card.network in (facts.slug, facts.grows_from or facts.slug)
        and card.imported is None
        and WEIGHTS_FILE in card.files
    ]
    if not fitting:
        return ""
    chosen = st.selectbox(
        "Begin with",
        ["", *fitting],
        format_func=lambda slug: f"what {slug} has learned" if slug else "nothing learned",
        key=f"{KEY}_start_{facts.slug}",
    )
    return str(chosen)


def _order(
    name: str,
    dataset: str,
    slug: str,
    recipe: str,
    settings: Recipe,
    seeds: range,
    start: str,
    open_one: Open,
) -> None:
    """Ask for a training, or for a family of them."""
    try:
        folder = str(find_folder(start, *models_roots()).absolute()) if start else ""
        digest = faces_digest(dataset)
    except MienError as error:
        st.session_state[_FAULT] = str(error)
        return
    order = TrainingOrder(
        name=name,
        network=slug,
        dataset=dataset,
        dataset_digest=digest,
        recipe=recipe,
        settings=settings,
        seed=seeds[0],
        start=folder,
    )
    _place(order, seeds, open_one)


def _place(order: TrainingOrder, seeds: range, open_one: Open) -> None:
    """Put it into the queue, have that worked on, and look at it."""
    try:
        if len(seeds) > 1:
            add_family(order, seeds)
        else:
            add_order(order)
        start_queue()
    except MienError as error:
        st.session_state[_FAULT] = str(error)
        return
    open_one(order.name)


def _free_name(name: str) -> str:
    """The name, with a number where something has it."""
    taken = {card.slug for card in caches.networks.model_cards()[0]} | taken_names()
    number, free = 1, name
    while free in taken or (runs_folder() / free).exists():
        number += 1
        free = f"{name}_{number}"
    return free


def _dataset_words(name: str) -> str:
    if name == FER2013:
        return "FER2013 · 28,709 faces to learn from"
    return "Drawn faces · made by code, for trying" if name == DRAWN else name


def _network_words(facts: NetworkFacts) -> str:
    return f"{facts.title} · {_short(facts.parameters)} parameters"


def _short(count: int) -> str:
    return f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count / 1e3:.0f} k"
