"""The part with the card of each chosen network, to read."""

from functools import partial

import pandas as pd
import streamlit as st

from fer_core.emotions import LABELS
from fer_core.evaluation.external import ExternalReport
from fer_core.evaluation.leaderboard import ModelSummary
from fer_core.evaluation.takeaway import folder_zip
from fer_core.faces import Restoration
from fer_core.zoo import Imported, ModelCard, Voters, find_folder, models_roots
from fer_core.zoo.confidence import Calibration
from ui import caches
from ui.compare.chosen import Chosen
from ui.widgets.downloads import offer_file
from ui.widgets.texts import literal

_PAGES = {
    "Use it live": ("pages/1_Live.py", ":material/videocam:"),
    "Try a photo": ("pages/2_Photos.py", ":material/photo_camera:"),
    "Look inside": ("pages/5_Look_inside.py", ":material/search_insights:"),
}


def cards(chosen: Chosen) -> None:
    """The card of each chosen network, to read, and the ways to use it."""
    for key in chosen.picked:
        network = chosen.everyone[key]
        with st.container(border=True):
            if network.model:
                _card(network.model, network.title)
            elif network.package:
                _package(network.package, network.title)


def _uses(slug: str) -> None:
    """Buttons to pages on which the network is then on."""
    with st.container(horizontal=True):
        for label, (page, icon) in _PAGES.items():
            if st.button(label, icon=icon, key=f"{page}_{slug}"):
                st.switch_page(page, query_params={"network": slug})


def _package(package: ExternalReport, name: str) -> None:
    st.header(name)
    figures = package.metrics
    assert figures is not None
    st.markdown(
        f"External package, version {literal(str(package.version))}  \n"
        f":gray[Origin: {literal(package.source)}]  \n"
        f"**Accuracy** {figures.accuracy:.1%} "
        f"(95 %: {figures.accuracy_low:.1%} to {figures.accuracy_high:.1%}) on PrivateTest, "
        f"{figures.n:,} images  \n"
        f"**Temperature** {package.temperature or 1:.3f}, fitted on PublicTest  \n"
        "It is compared here and does not serve on other pages."
    )


def _card(model: ModelSummary, name: str) -> None:
    card, metrics = model.card, model.metrics
    st.header(name)
    _uses(model.slug)
    st.markdown(f"{card.architecture}  \n:gray[Origin: {card.origin}]")
    left, right = st.columns(2)
    published = card.published
    left.markdown(
        f"**Accuracy** {metrics.accuracy:.1%} "
        f"(95 %: {metrics.accuracy_low:.1%} to {metrics.accuracy_high:.1%}) "
        f"on PrivateTest, {metrics.n:,} images  \n"
        + _over_seeds(model.slug)
        + (
            f"**Published** {published.figure:.2f} %, {published.split}, {published.classes} "
            f"classes ({published.source})  \n"
            if published
            else "**Published** its origin states no figure  \n"
        )
        + f"**Input** {card.input.side_px} × {card.input.side_px} px, "
        f"{card.input.channels} channel{'s' if card.input.channels > 1 else ''}"
        + (
            "; faces that a camera saw badly are restored first"
            if card.input.restoration != Restoration.NONE
            else ""
        )
        + "  \n"
        f"**Size** {card.parameters:,} parameters, {card.multiply_accumulates:,} "
        f"multiply-accumulates, {model.megabytes:.1f} MB"
    )
    training = (
        "**Training** elsewhere; of its data and recipe nothing is known here  \n"
        if card.imported
        else f"**Training** {card.epochs} epochs, {card.train_seconds / 60:,.0f} minutes on "
        f"{card.processor}, {card.precision}, seed {card.seed}; {card.status}  \n"
    )
    right.markdown(
        training
        + f"**Temperature** {card.temperature:.3f} · **unsure below** {card.unsure_threshold:.0%}"
        f"{_chosen(card.calibration)}  \n"
        f"{_second_answer(card.voters)}"
        f"**Looks at PrivateTest** {'unknown' if model.looks is None else model.looks}  \n"
        f"**Classes** {', '.join(LABELS)}"
    )
    st.markdown(f"**Meant for** {card.intended_use}  \n**Limits** {card.limits}")
    if card.imported is not None:
        _imported(card.imported)
    with st.expander("Recipe, versions, files"):
        _details(card)


def _over_seeds(slug: str) -> str:
    """Mean and spread of the trainings that differ in their seed alone; "" without."""
    family = caches.measured.families()[0].get(slug)
    return "" if family is None else f"**Over seeds** {literal(family.figures_text())}  \n"


def _imported(imported: Imported) -> None:
    """What a network was taken for, and how that became known."""
    st.markdown(
        f"**Imported** from {literal(imported.file)} ({imported.kind}, "
        f"{imported.bytes / 1e6:.1f} MB): "
        + ", ".join(
            f"{name} {literal(setting.value)} ({setting.how})"
            for name, setting in imported.settings.items()
        )
    )
    for note in imported.notes:
        st.markdown(f"- {literal(note)}")


def _second_answer(voters: Voters | None) -> str:
    """What a network says of other pictures than FER2013's; "" without."""
    if voters is None:
        return ""
    one = voters.calibration.one_view
    return (
        f"**On your pictures** it answers as FER+'s voters name faces, and names "
        f"{voters.accuracy:.1%} of PublicTest as most of them do (macro-F1 {voters.macro_f1:.3f}); "
        f"temperature {one.temperature:.3f}, unsure below {one.unsure_threshold:.0%}"
        f"{_chosen(voters.calibration)}  \n"
    )


def _chosen(chosen: Calibration | None) -> str:
    """How temperature and threshold were chosen."""
    if chosen is None:
        return " (chosen on PublicTest as it is)"
    mixture = ", ".join(f"{share:.0%} {part}" for part, share in chosen.shares.items())
    return (
        f"  \n**Two views** temperature {chosen.two_views.temperature:.3f}, unsure below "
        f"{chosen.two_views.unsure_threshold:.0%}  \n**Chosen on** {chosen.split}, "
        f"{sum(chosen.faces.values()):,} readings: {mixture.replace('_', ' ')}"
    )


def _details(card: ModelCard) -> None:
    recipe, versions = st.columns(2)
    recipe.dataframe(
        pd.DataFrame(
            {"setting": list(card.recipe), "value": [str(v) for v in card.recipe.values()]}
        ),
        hide_index=True,
        height="content",
    )
    versions.dataframe(
        pd.DataFrame({"library": list(card.versions), "version": list(card.versions.values())}),
        hide_index=True,
        height="content",
    )
    versions.dataframe(
        pd.DataFrame(
            [
                {"file": file, "bytes": entry.bytes, "SHA-256": entry.sha256}
                for file, entry in card.files.items()
            ]
        ),
        hide_index=True,
        height="content",
    )
    with st.container(horizontal=True):
        offer_file("Card (JSON)", card.to_json(), f"{card.slug}_card.json", key=f"card_{card.slug}")
        offer_file(
            "Folder (ZIP)",
            partial(folder_zip, find_folder(card.slug, *models_roots())),
            f"{card.slug}.zip",
            key=f"folder_{card.slug}",
            help="The network, its figures and a README as the Hugging Face hub reads it. "
            "Unpacked into a folder of models it is one of them.",
        )
