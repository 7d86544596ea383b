"""The tab Cost: accuracy against work, size and time."""

import streamlit as st

from fer_core import charts
from ui.compare.chosen import Chosen
from ui.compare.leaderboard import measured_times
from ui.widgets.figure import show_figure


def cost(chosen: Chosen) -> None:
    """Accuracy against what a network costs, with those that none other beats."""
    speed = measured_times()
    choices: dict[charts.Cost, str] = {
        "multiply_accumulates": "work a face",
        "parameters": "parameters",
        "megabytes": "MB",
    }
    if speed:
        choices["relative_time"] = "relative time a face"
    by_work: charts.Cost = "multiply_accumulates"
    by = st.segmented_control(
        "Cost is",
        list(choices),
        default=by_work,
        format_func=choices.__getitem__,
        required=True,
        key="cost",
        bind="query-params",
    )
    if speed and by == "relative_time":
        how = (
            f"One face at a time, one thread, on {speed.processor}. Reference: one detection "
            f"({speed.detector}, 320 × 240) and one face of {speed.yardstick_model}, "
            f"{speed.yardstick_ms:.1f} ms in the same run: ratios to it travel between machines."
            + (" Crosses: external packages, timed in turns with it." if speed.external else "")
        )
    else:
        how = (
            "Work and milliseconds do not go quite together: memory traffic and layer shapes "
            "count as well."
        )
    rows = [chosen.everyone[key] for key in chosen.figures]
    if missing := [
        chosen.titles[key]
        for key in chosen.ticked
        if charts.cost_of(chosen.everyone[key], by, speed) is None
    ]:
        how += f" Not known of {' and '.join(missing)}."
    show_figure(
        charts.cost_figure(rows, chosen.figures, by, ticked=list(chosen.ticked), speed=speed),
        "cost",
        f"{chosen.measured_on()}, 95 % bootstrap intervals. Filled: no other network is both "
        f"cheaper and better (the Pareto front, dotted). {how}",
    )
