"""The part Seeds: one network trained several times, and how far chance alone carries it."""

import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.errors import MienError
from fer_core.evaluation.families import Family, in_per_cent
from fer_core.evaluation.family_comparison import Contender, compare_families
from fer_core.evaluation.recipe_words import recipe_in_words
from ui import caches
from ui.compare.chosen import Chosen
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal

_HOW_TO = (
    "None of the chosen networks was trained with several seeds. Three of one, then a look at "
    "PrivateTest for each: `python -m fer_core train triple --seeds 3`, "
    "`python -m fer_core freeze triple --seeds`."
)


def seeds(chosen: Chosen) -> None:
    """The chosen networks' families: figures with their spread, curves as bands, each seed."""
    families, errors = caches.measured.families()
    for error in errors:
        st.warning(literal(error), icon=":material/broken_image:")
    shown = {key: families[key] for key in chosen.picked if key in families}
    if not shown:
        st.info(_HOW_TO, icon=":material/casino:")
        return
    titles = {key: chosen.everyone[key].title for key in shown}
    st.dataframe(
        pd.DataFrame([_row(titles[key], family) for key, family in shown.items()]),
        hide_index=True,
        key="seeds_table",
    )
    st.caption(
        "The same training begun with other numbers: mean ± standard deviation of a seed (lowest "
        "to highest), in per cent. PrivateTest was looked at once for each seed. Each seed's epoch "
        "was chosen on the validation faces: PublicTest, for what learned from FER2013."
    )
    _against_baseline(chosen, families)
    _bands(titles)
    for key, family in shown.items():
        with st.expander(f"{literal(titles[key])}: each of {len(family.seeds)} seeds"):
            _each(family)


def _row(title: str, family: Family) -> dict[str, object]:
    f1 = family.spread("macro_f1")
    return {
        "Model": title,
        "Seeds": len(family.seeds),
        "Accuracy": in_per_cent(family.spread("accuracy")),
        "Measured on": family.best.tested_on,
        "Macro-F1": f"{f1.mean:.3f}" + (f" ± {f1.sd:.3f}" if f1.sd is not None else ""),
        "Validation": in_per_cent(family.spread("accuracy", "public_test")),
        "Trained with": family.recipe_words,
        "What ships": _ships(family),
    }


def _ships(family: Family) -> str:
    if family.shipped_seed is not None:
        return f"seed {family.shipped_seed}"
    return "another training, not counted here"


def _against_baseline(chosen: Chosen, families: dict[str, Family]) -> None:
    """What is more than chance: each network against the baseline, where one of them has seeds."""
    contenders = {
        key: Contender(chosen.everyone[key].title, chosen.everyone[key].metrics, families.get(key))
        for key in chosen.picked
    }
    base = contenders[chosen.baseline]
    lines = []
    for key, contender in contenders.items():
        found = None if key == chosen.baseline else compare_families(contender, base)
        if found is not None:
            lines.append(
                f"- **{literal(contender.name)}** against {literal(base.name)}, "
                f"{literal(found.text())}."
            )
    if lines:
        st.markdown("\n".join(lines))
        if not base.seeds:
            st.caption(
                f"{literal(base.name)}, the baseline, has one training: its own seeds are taken to "
                "be as far apart as the other network's."
            )


def _bands(titles: dict[str, str]) -> None:
    curves = {}
    for key, title in titles.items():
        try:
            curves[title] = list(caches.measured.seed_histories(key).values())
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
    show_figure(
        charts.seed_bands_figure(curves),
        "seed_bands",
        "Validation faces (PublicTest, of FER2013): the line is the mean of the seeds, the band "
        "goes from the lowest to the highest.",
    )


def _each(family: Family) -> None:
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Seed": one.seed,
                    "Accuracy": 100 * one.private_test.accuracy,
                    "Twin-free": 100 * one.private_test.accuracy_twin_free,
                    "Macro-F1": one.private_test.macro_f1,
                    "Validation": 100 * one.public_test.accuracy,
                    "Best epoch": one.best_epoch,
                    "Minutes": one.train_seconds / 60,
                }
                for one in family.seeds
            ]
        ),
        hide_index=True,
        column_config={
            **{
                name: st.column_config.NumberColumn(format="%.1f %%")
                for name in ("Accuracy", "Twin-free", "Validation")
            },
            "Macro-F1": st.column_config.NumberColumn(format="%.3f"),
            "Minutes": st.column_config.NumberColumn(format="%.1f"),
        },
        key=f"seeds_of_{family.slug}",
    )
    counts = f"{family.seeds[0].private_test.n:,} images, {literal(family.best.tested_on)}"
    st.caption(f"{counts}; without test-time tricks; trained on {family.seeds[0].processor}.")
    if not family.is_of_shipped_recipe:
        st.caption(_differs(family))


def _differs(family: Family) -> str:
    """How the network that ships was trained otherwise."""
    mine, shipped = recipe_in_words(family.seeds[0].recipe), recipe_in_words(family.card.recipe)
    changes = [
        f"{topic.lower()}: {literal(shipped[topic])} (seeds: {literal(mine[topic])})"
        for topic in mine
        if mine[topic] != shipped[topic]
    ]
    if family.card.epochs != family.seeds[0].epochs:
        changes.insert(0, f"epochs: {family.card.epochs} (seeds: {family.seeds[0].epochs})")
    return f"The network that ships was trained otherwise. {'; '.join(changes)}."
