"""Variants: the table on disk, what is compared with what, and recipes in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from fer_core import charts
from fer_core.errors import ModelError
from fer_core.evaluation.families import read_family
from fer_core.evaluation.recipe_words import differing_settings, training_in_words
from fer_core.evaluation.summary import read_summaries, read_summary
from fer_core.evaluation.variants import (
    BASELINE,
    OURS,
    VARIANTS_FILE,
    Trial,
    ablation_trials,
    changed_settings,
    enter_variant,
    published_trials,
    read_variants,
    seed_difference,
)
from fer_core.runs.recipe import Augmentation, Recipe
from tests.seeds import write_seeds
from tests.tiny import N, tiny_variant, write_tiny_folder


def test_a_row_comes_back_as_it_was_entered(tmp_path: Path) -> None:
    assert read_variants(tmp_path) == []
    row = tiny_variant("flip24")
    path = enter_variant(tmp_path, row)
    assert read_variants(tmp_path) == [row]
    head = path.read_text().splitlines()[0].split(",")
    assert head[:9] == [
        "slug", "variant", "recipe", "seed", "epochs", "public_accuracy", "public_macro_f1",
        "train_seconds", "processor",
    ]  # fmt: skip


def test_a_second_training_replaces_the_row_of_the_first(tmp_path: Path) -> None:
    for row in (tiny_variant("b"), tiny_variant("a"), tiny_variant("b", "sampler")):
        enter_variant(tmp_path, row)
    enter_variant(tmp_path, tiny_variant("b").model_copy(update={"public_accuracy": 0.55}))
    rows = read_variants(tmp_path)
    assert [(r.slug, r.variant, r.public_accuracy) for r in rows] == [
        ("a", "published", 0.5),
        ("b", "published", 0.55),
        ("b", "sampler", 0.5),
    ]
    assert [path.name for path in tmp_path.iterdir()] == [VARIANTS_FILE]


@pytest.mark.parametrize(
    "text", ["slug,variant\na,b\n", "no table at all\nx\n", "slug,settings\na,{no json\n"]
)
def test_a_damaged_table_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / VARIANTS_FILE
    path.write_text(text)
    with pytest.raises(ModelError, match=r"variants\.csv"):
        read_variants(tmp_path)
    with pytest.raises(ModelError, match=r"variants\.csv"):
        enter_variant(tmp_path, tiny_variant("a"))
    assert path.read_text() == text


def test_what_is_compared_with_what(tiny_models: Path) -> None:
    models, _ = read_summaries(tiny_models)
    rows = [tiny_variant("tiny"), tiny_variant("gone"), tiny_variant("tiny", "bn_tiny_sampler")]
    published = published_trials(rows, models)
    assert [[(t.slug, t.how) for t in group] for group in published] == [
        [("gone", "as published")],
        [("tiny", "as published"), ("tiny", OURS)],
    ]
    ours = published[1][1]
    summary = next(model for model in models if model.slug == "tiny")
    assert ours.accuracy == summary.metrics.public_test.accuracy
    assert (ours.n, ours.epochs, ours.title) == (N, 3, "Tiny tiny")
    (ablation,) = ablation_trials(rows, models)
    assert [t.how for t in ablation] == [OURS, "bn tiny sampler"]
    # With a training that changes nothing, the others are compared with that one.
    (ablation,) = ablation_trials([*rows, tiny_variant("tiny", BASELINE)], models)
    assert [t.how for t in ablation] == ["nothing changed", "bn tiny sampler"]
    assert ablation[0].title == "Tiny tiny"


def _trial(**settings: object) -> Trial:
    return Trial("a", "A", "so", 10, 0.5, 0.4, 0.6, 0.4, 3, 1.0, "a test", settings)


def test_recipes_in_words() -> None:
    plain = _trial(optimizer="adadelta", learning_rate=1.0, schedule="constant", batch_size=128)
    ours = _trial(
        optimizer="adam", learning_rate=0.003, schedule="cosine", warmup_epochs=2, batch_size=64,
        averaging=0.998, l2=1e-5, balance="weights",
        augmentation={"flip": True, "rotation_degrees": 8, "shift": 0.06},
    )  # fmt: skip
    changes = {topic: (before, after) for topic, before, after in changed_settings(plain, ours)}
    assert changes["Optimizer"] == (
        "Adadelta at 1, kept constant",
        "Adam at 0.003, falling along a cosine to 0 after 2 epochs of warm-up",
    )
    assert changes["Training faces"] == (
        "as they are",
        "mirrored, turned by up to 8°, shifted by up to 6 %",
    )
    assert changes["Against overfitting"][1] == "L2 1e-05, the network's own dropout"
    assert changes["Class balance"][1] == "mistakes on rare classes count more"
    assert "Input" not in changes
    assert changed_settings(plain, plain) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"batch_size": 32}, {"optimizer": "adam"}, {"learning_rate": 0.2}, {"momentum": 0.5},
        {"schedule": "cosine"}, {"warmup_epochs": 1}, {"l2": 1e-3}, {"label_smoothing": 0.2},
        {"mixup": 0.2}, {"averaging": 0.9}, {"balance": "sampler"}, {"sides_px": (24, 48)},
        {"teacher": "compact"}, {"epochs": 9}, {"side_px": 96}, {"dropout": 0.3},
        {"initial": "unit_variance"}, {"standardise": False}, {"network": {"excite": True}},
        {"votes": 0.5}, {"start_share": 0.5}, {"restoration": "completed"},
        {"teacher": "compact", "teacher_reads": "each_batch", "teacher_views": 2},
        *({"augmentation": Augmentation(**{name: 0.5})}
          for name in Augmentation.model_fields if name != "flip"),
        {"augmentation": Augmentation(flip=True)},
    ],
    ids=str,
)  # fmt: skip
def test_no_setting_of_a_recipe_goes_untold(changed: dict[str, object]) -> None:
    usual = Recipe(epochs=5, learning_rate=0.1)
    other = usual.model_copy(update=changed)
    before, after = (
        replace(_trial(**recipe.model_dump(mode="json")), epochs=recipe.epochs)
        for recipe in (usual, other)
    )
    assert len(changed_settings(before, after)) == 1


def test_every_setting_of_a_recipe_is_among_those() -> None:
    told = {
        "batch_size", "optimizer", "learning_rate", "momentum", "schedule", "warmup_epochs", "l2",
        "label_smoothing", "mixup", "averaging", "balance", "sides_px", "teacher", "teacher_share",
        "teacher_temperature", "epochs", "augmentation", "source", "side_px", "dropout", "initial",
        "standardise", "network", "votes",
        "teacher_reads", "teacher_views", "start_share", "restoration",
    }  # fmt: skip
    assert set(Recipe.model_fields) == told, "say the new setting in fer_core.evaluation.variants"


def test_bars_say_what_they_cost(tiny_models: Path) -> None:
    models, _ = read_summaries(tiny_models)
    rows = [tiny_variant("tiny"), tiny_variant("gone")]
    figure = charts.variants_figure(published_trials(rows, models))
    assert [trace.name for trace in figure.data] == ["as published", OURS]
    published, ours = figure.data
    assert list(published.x) == ["gone", "Tiny tiny"]
    assert list(published.y) == [0.5, 0.5]
    assert published.customdata[0] == ["95 %: 40.0% to 60.0%", N, 32, 100.0, "a test"]
    assert list(ours.x) == ["Tiny tiny"]
    assert not charts.variants_figure([]).data
    assert not charts.ablation_figure([]).data
    ablation = charts.ablation_figure(published_trials(rows, models)[1])
    assert [trace.name for trace in ablation.data] == ["accuracy", "macro-F1"]
    assert next(iter(ablation.data[1].y)) == 0.4
    assert "as published" in charts.figure_csv(figure)


def test_only_what_differs_among_trainings() -> None:
    plain, ours = (
        training_in_words({"batch_size": size, "learning_rate": 0.1}, epochs=9, seed=seed)
        for size, seed in ((32, 0), (64, 1))
    )
    assert differing_settings({"a": plain, "b": plain}) == {}
    assert differing_settings({"a": plain}) == {}
    assert differing_settings({"a": plain, "b": ours}) == {
        "Batch": {"a": "32 faces", "b": "64 faces"},
        "Seed": {"a": "0", "b": "1"},
    }
    strange = differing_settings({"a": plain, "imported": {}})
    assert list(strange) == list(plain)
    assert strange["Epochs"] == {"a": "9", "imported": None}


def test_seeds_of_a_variant_stand_together_until_its_recipe_changes(tmp_path: Path) -> None:
    row = tiny_variant("a", "wider")
    for seed, accuracy in enumerate((0.50, 0.52, 0.54)):
        enter_variant(tmp_path, row.model_copy(update={"seed": seed, "public_accuracy": accuracy}))
    rows = read_variants(tmp_path)
    assert [known.seed for known in rows] == [0, 1, 2]
    ((trial,),) = ablation_trials(rows, [])
    assert trial.seeds == (0.50, 0.52, 0.54)
    assert (trial.low, trial.high) == (0.50, 0.54)
    assert trial.accuracy == pytest.approx(0.52)
    enter_variant(tmp_path, tiny_variant("a", "wider", learning_rate=0.5))
    assert [known.seed for known in read_variants(tmp_path)] == [0], "another recipe is no seed"


def test_seeds_say_whether_a_difference_is_more_than_chance() -> None:
    base = [
        tiny_variant("a", "none").model_copy(update={"seed": seed, "public_accuracy": accuracy})
        for seed, accuracy in enumerate((0.50, 0.51, 0.52))
    ]
    near, far = (
        tiny_variant("a", name).model_copy(update={"public_accuracy": accuracy})
        for name, accuracy in (("near", 0.53), ("far", 0.60))
    )
    ((first, *others),) = ablation_trials([*base, near, far], [])
    inside, beyond = (seed_difference(first, other) for other in others)
    assert inside is not None
    assert beyond is not None
    assert (inside.within_chance, beyond.within_chance) == (True, False)
    assert seed_difference(others[0], others[1]) is None, "one seed each says nothing"


def test_seeds_stand_for_what_ships_where_the_recipe_is_the_same(tmp_path: Path) -> None:
    folder = write_tiny_folder(tmp_path, "tiny")
    write_seeds(folder, {0: 0.56, 1: 0.58})
    family = read_family(folder)
    assert family is not None
    rows = [tiny_variant("tiny")]
    same = replace(
        family, card=family.card.model_copy(update={"recipe": family.seeds[0].recipe, "epochs": 3})
    )
    ((_, ours),) = published_trials(rows, [read_summary(folder)], {"tiny": family})
    assert ours.seeds == (), "trained otherwise: batches of 64"
    summary = read_summary(folder)
    ((_, ours),) = published_trials(rows, [summary], {"tiny": same})
    assert ours.seeds == (0.56, 0.58)
    assert ours.accuracy == pytest.approx(0.57)
