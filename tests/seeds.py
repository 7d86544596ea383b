"""Made-up seeds of a network, for tests that need a family."""

from pathlib import Path

import numpy as np

from fer_core.evaluation.seeds import SeedFigures, SeedReport, keep_seed
from fer_core.evaluation.summary import History, read_history


def write_seeds(folder: Path, accuracies: dict[int, float], recipe: str = "bn_tiny") -> Path:
    """Seeds of a model folder with these PrivateTest accuracies; gives the folder."""
    history = read_history(folder)
    for seed, accuracy in accuracies.items():
        rng = np.random.default_rng(seed)
        figures = SeedFigures(
            n=60,
            accuracy=accuracy,
            accuracy_low=accuracy - 0.01,
            accuracy_high=accuracy + 0.01,
            accuracy_twin_free=accuracy,
            macro_f1=accuracy - 0.05,
        )
        report = SeedReport(
            slug=folder.name,
            seed=seed,
            weights_sha256=f"{seed:064x}",
            recipe_name=recipe,
            recipe={"batch_size": 128, "source": recipe},
            epochs=len(history),
            best_epoch=2,
            train_seconds=10.0 + seed,
            processor="a test",
            precision="float32",
            dataset_fingerprint="0" * 64,
            public_test=figures,
            private_test=figures,
        )
        logits = {
            name: rng.normal(0, 3, (60, 7)).astype(np.float32)
            for name in ("public_logits", "private_logits")
        }
        moved = history.columns | {"val_accuracy": history["val_accuracy"] + seed / 100}
        keep_seed(folder, report, logits, History(moved))
    return folder
