"""Learning curves as TensorBoard reads them."""

from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.training.export.formats import export_format
from fer_core.zoo import ModelCard

_TAGS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "accuracy": "accuracy/training",
    "val_accuracy": "accuracy/validation",
    "learning_rate": "learning_rate",
    "seconds": "seconds",
}


@export_format(title="learning curves, for TensorBoard", needs_weights=False)
def tensorboard(folder: Path, card: ModelCard, out: Path) -> Path:
    """A folder ``<slug>`` with an event file: one step an epoch, times as if it began at 0.

    An event file is TFRecords of `Event` messages, and TensorFlow has both; TensorBoard itself,
    which it no longer brings, is needed by nobody but who looks.
    """
    import tensorflow as tf

    from fer_core.evaluation.summary import read_history

    history = read_history(folder) if card.is_measured else None
    if not history:
        raise TrainingError(
            "there are no learning curves",
            where=card.slug,
            expected="a network that was trained by Mien",
            received=f"origin {card.origin}",
            remedy="Export another network, or this one in another format: --format archive.",
        )
    event, summary = tf.compat.v1.Event, tf.compat.v1.Summary
    target = out / card.slug
    target.mkdir(exist_ok=True)
    path = target / f"events.out.tfevents.0000000000.{card.slug}"
    seconds = 0.0
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(event(wall_time=seconds, file_version="brain.Event:2").SerializeToString())
        for row in history.rows():
            seconds += row["seconds"]
            values = [
                summary.Value(tag=tag, simple_value=row[column]) for column, tag in _TAGS.items()
            ]
            writer.write(
                event(
                    wall_time=seconds, step=int(row["epoch"]), summary=summary(value=values)
                ).SerializeToString()
            )
    return target
