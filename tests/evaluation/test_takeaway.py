"""A card for the hub: metadata that it reads, and the folder's own figures."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from fer_core.evaluation.dataset_files import read_evaluation
from fer_core.evaluation.seeds import read_seeds
from fer_core.evaluation.summary import read_metrics
from fer_core.evaluation.takeaway import folder_zip, hub_card
from fer_core.zoo import MODELS, Licence, check_folder
from tests.seeds import write_seeds
from tests.tiny import tiny_card, write_tiny_folder


def metadata(text: str) -> dict[str, object]:
    """What stands between the two lines of ---: JSON, and so YAML."""
    _, head, _ = text.split("---\n", 2)
    found: dict[str, object] = json.loads(head)
    return found


def test_the_figures_are_those_of_the_folder() -> None:
    text = hub_card(MODELS / "triple")
    (index,) = metadata(text)["model-index"]  # type: ignore[misc]
    values = {
        (result["dataset"]["type"], result["dataset"]["split"]): [
            metric["value"] for metric in result["metrics"]
        ]
        for result in index["results"]
    }
    metrics, press = read_metrics(MODELS / "triple"), read_evaluation(MODELS / "triple", "press")
    assert press is not None
    public = metrics.public_test
    assert values[("fer2013", "PrivateTest")] == pytest.approx(
        [metrics.accuracy, metrics.macro_f1], abs=1e-6
    )
    assert values[("fer2013", "PublicTest")] == pytest.approx(
        [public.accuracy, public.macro_f1], abs=1e-6
    )
    assert values[("press", press.split)] == pytest.approx([press.accuracy, press.macro_f1])
    assert f"{metrics.accuracy:.1%} right" in text
    assert 'InferenceSession("model.onnx")' in text


@pytest.mark.parametrize(
    ("weights", "name"),
    [("MIT", "mit"), ("unknown", "unknown"), ("For research only.", "other")],
)
def test_a_licence_is_a_name_that_the_hub_knows_or_other(
    tmp_path: Path, weights: str, name: str
) -> None:
    folder = write_tiny_folder(tmp_path)
    card = tiny_card("tiny", folder, licence=Licence(code="Apache-2.0", weights=weights))
    (folder / "card.json").write_text(card.to_json())
    text = hub_card(folder)
    assert metadata(text)["license"] == name
    assert f"Weights: {weights}" in text


def test_a_family_stands_beside_the_figures_of_the_weights(tmp_path: Path) -> None:
    folder = write_tiny_folder(tmp_path, "tiny")
    assert "seeds" not in hub_card(folder)
    write_seeds(folder, {0: 0.56, 1: 0.58, 2: 0.57})
    text = hub_card(folder)
    assert "Mean ± standard deviation of seeds 0, 1, 2 (recipe bn_tiny, 3 epochs)" in text
    assert "PrivateTest 57.0 % ± 1.0 (56.0 to 58.0), macro-F1 0.520 ± 0.010" in text
    assert "These weights were trained otherwise" in text


def test_the_zip_serves_with_all_that_was_measured(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "triple", tmp_path / "a" / "triple")
    sent = write_seeds(tmp_path / "a" / "triple", {0: 0.54, 1: 0.56, 2: 0.55})
    packed = folder_zip(sent)
    assert packed == folder_zip(sent)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path / "b")
    came = tmp_path / "b" / "triple"
    check_folder(came)
    assert read_evaluation(came, "press") == read_evaluation(sent, "press") is not None
    assert read_seeds(came)[0] == read_seeds(sent)[0]
    assert len(read_seeds(came)[0]) == 3
