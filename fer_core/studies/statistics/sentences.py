"""Findings in sentences that a learner of English reads once, with their numbers."""

from collections import Counter
from collections.abc import Sequence
from functools import singledispatch

import numpy as np
import pandas as pd

from fer_core.emotions import LABELS, UNSURE
from fer_core.metrics.significance import ALPHA
from fer_core.studies.statistics.agreement import CoderAgreement, Coefficient
from fer_core.studies.statistics.bootstrap import FEWEST
from fer_core.studies.statistics.comparison import ConditionComparison
from fer_core.studies.statistics.correction import CorrectedShares
from fer_core.studies.statistics.course import Course
from fer_core.studies.statistics.networks import Survival

# fmt: off
_WORDS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
)
# fmt: on

_FINE_BELOW = 10.0
"""Points: an interval narrower than this is worth a decimal."""

_MOST_CLASSES = 3


@singledispatch
def sentence(finding: object) -> str:
    """One finding in a sentence or two.

    Args:
        finding: a `ConditionComparison`, `Survival`, `CorrectedShares`, `Course` or
            `CoderAgreement`.

    Raises:
        TypeError: anything else.
    """
    raise TypeError(f"no sentence for {type(finding).__name__}")


def in_words(count: int, noun: str) -> str:
    """A number and its noun, spelled out up to twenty: ``one participant``, ``31 networks``."""
    word = _WORDS[count] if count < len(_WORDS) else f"{count:,}"
    return f"{word} {noun}" if count == 1 else f"{word} {noun}s"


def measure_words(measure: str) -> str:
    """What a measure is called beside a figure; a share by its state alone."""
    kind, _, word = measure.partition("_")
    if kind == "share":
        return word
    return f"{word}, mean probability" if kind == "mean" else "valence index"


def _topic(measure: str) -> str:
    kind, _, word = measure.partition("_")
    if kind == "share":
        return f"how long {'the network was unsure' if word == UNSURE else f'{word} was shown'}"
    return f"the mean probability of {word}" if kind == "mean" else "the valence index"


def _was_more(measure: str) -> str:
    kind, _, word = measure.partition("_")
    if kind == "share":
        return "the network was unsure longer" if word == UNSURE else f"{word} was shown longer"
    return f"{_topic(measure)} was higher"


def _amount(measure: str, value: float, low: float, high: float) -> str:
    """A size with its unit and interval: ``12 points of the time more (95 % interval 7 to 17)``."""
    if measure == "valence":
        return f"{value:.2f} more{_interval(low, high, 1, 2)}"
    unit = " of the time" if measure.startswith("share") else ""
    digits = _digits(low, high)
    return f"{100 * value:.{digits}f} points{unit} more{_interval(low, high, 100, digits)}"


def _digits(low: float, high: float) -> int:
    return 1 if 100 * (high - low) < _FINE_BELOW else 0


def _interval(low: float, high: float, scale: float, digits: int) -> str:
    if not np.isfinite(low):
        return ""
    return f" (95 % interval {_plain(scale * low, digits)} to {_plain(scale * high, digits)})"


def _plain(value: float, digits: int) -> str:
    """A number with a real minus, and none before 0."""
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _p(value: float) -> str:
    if value < 0.001:
        return "p under 0.001"
    return f"p {value:.3f}" if value < 0.01 else f"p {value:.2f}"


@sentence.register
def _of_comparison(finding: ConditionComparison) -> str:
    conditions = f"under {finding.first} and {finding.second}"
    if not np.isfinite(finding.p):
        return (
            f"{_capital(_topic(finding.measure))} {conditions} cannot be compared:"
            f" {_too_little(finding)}."
        )
    upwards = finding.difference > 0
    more, less = (finding.second, finding.first)[:: 1 if upwards else -1]
    low, high = (finding.low, finding.high) if upwards else (-finding.high, -finding.low)
    average = f"on average {_amount(finding.measure, abs(finding.difference), low, high)}"
    family = in_words(finding.family, "comparison")
    verdict = f"{_p(finding.p_holm)} after Holm's correction over {family}"
    if finding.found:
        return f"{_who(finding, upwards, more, less)}: {average}, {verdict}."
    if finding.p_least > ALPHA:
        return (
            f"Whether there is a difference in {_topic(finding.measure)} {conditions} cannot be"
            f" said: {_few(finding)}, the test over {family} cannot give a p under"
            f" {finding.p_least:.2g}. What was seen: {average} under {more}."
        )
    return (
        f"No difference was found in {_topic(finding.measure)} {conditions}: {average} under"
        f" {more}, {verdict}. That does not show that there is none."
    )


def _too_little(finding: ConditionComparison) -> str:
    if min(finding.n_first, finding.n_second) < 2:
        return (
            f"{in_words(finding.n_first, 'participant')} under {finding.first} and"
            f" {in_words(finding.n_second, 'participant')} under {finding.second} are too few"
        )
    return "within each condition all participants are alike, so chance cannot be judged"


def _few(finding: ConditionComparison) -> str:
    moved = finding.higher + finding.lower
    if moved == finding.n_first:
        return f"with {in_words(finding.n_first, 'participant')}"
    some = _WORDS[moved] if moved else "none"
    return f"where it differs in {some} of {in_words(finding.n_first, 'participant')}"


def _who(finding: ConditionComparison, upwards: bool, more: str, less: str) -> str:
    happened = _was_more(finding.measure)
    if finding.design == "within":
        count = finding.higher if upwards else finding.lower
        return (
            f"In {count} of {finding.n_first} participants {happened} under {more} than under"
            f" {less}"
        )
    n_more, n_less = (finding.n_second, finding.n_first)[:: 1 if upwards else -1]
    return (
        f"Among {n_more} participants under {more} {happened} than among {n_less} others under"
        f" {less}"
    )


@sentence.register
def _of_survival(finding: Survival) -> str:
    own, all_ = finding.comparisons[0], finding.comparisons
    conditions = f"under {own.first} and {own.second}"
    if finding.verdict == "none":
        return (
            f"None of the {in_words(len(all_), 'network')} finds a difference in"
            f" {_topic(own.measure)} {conditions}."
        )
    if finding.verdict == "reversed":
        up = [c.network for c in all_ if c.difference > 0]
        down = [c.network for c in all_ if c.difference < 0]
        return (
            f"The finding depends on the network: by {_listed(up)} {_was_more(own.measure)} under"
            f" {own.second}, by {_listed(down)} under {own.first}."
        )
    more, less = (own.second, own.first)[:: 1 if all_[0].difference >= 0 else -1]
    sizes = sorted(abs(comparison.difference) for comparison in all_)
    scale, digits, unit = (1, 2, "") if own.measure == "valence" else (100, 0, " points")
    reach = f"{scale * sizes[0]:.{digits}f} to {scale * sizes[-1]:.{digits}f}{unit}"
    seen = f"by {_all_of(len(all_))} {_was_more(own.measure)} under {more} than under {less}"
    if finding.verdict == "survives":
        return (
            f"The finding survives the network: {seen}, by {reach}, and each of these differences"
            " holds after Holm's correction."
        )
    without = [comparison.network for comparison in all_ if not comparison.found]
    return (
        f"The finding is weaker with another network: {seen}, by {reach}, but with"
        f" {_listed(without)} the difference does not hold after Holm's correction."
    )


def _all_of(count: int) -> str:
    return "both networks" if count == 2 else f"all {in_words(count, 'network')}"


@sentence.register
def _of_correction(finding: CorrectedShares) -> str:
    order = np.argsort(-np.abs(finding.corrected), kind="stable")[:_MOST_CLASSES]
    if not finding.second:
        parts = [
            f"{LABELS[i]} {_percent(finding.corrected[i])} of the time"
            f"{_interval(finding.low[i], finding.high[i], 100, 0)}, not"
            f" {_percent(finding.said[i])}"
            for i in order
        ]
        return (
            f"Corrected by what {finding.network} takes for what, the longest shown under"
            f" {finding.condition} were {'; '.join(parts)}."
        )
    i = int(order[0])
    upwards = finding.corrected[i] > 0
    sign = 1 if upwards else -1
    more, less = (finding.second, finding.condition)[::sign]
    low, high = sorted((sign * finding.low[i], sign * finding.high[i]))
    amount = _amount(f"share_{LABELS[i]}", abs(finding.corrected[i]), low, high)
    return (
        f"Corrected by what {finding.network} takes for what, {LABELS[i]} was shown longer under"
        f" {more} than under {less}: on average {amount}; as read it was"
        f" {_plain(100 * sign * finding.said[i], _digits(low, high))}."
    )


@sentence.register
def _of_course(finding: Course) -> str:
    if not np.isfinite(finding.mean).any():
        return f"No face was seen around the onset under {finding.condition}."
    top = int(np.nanargmax(finding.mean))
    seconds = finding.seconds[top]
    when = f"{abs(seconds):.1f} s {'after' if seconds >= 0 else 'before'} the onset"
    scale, digits, unit = (1, 2, "") if finding.measure == "valence" else (100, 0, " %")
    band = (
        f" (95 % band {_plain(scale * finding.band_low[top], digits)} to"
        f" {_plain(scale * finding.band_high[top], digits)})"
        if np.isfinite(finding.band_low[top])
        else ""
    )
    return (
        f"Under {finding.condition} the mean course of {measure_words(finding.measure)} is highest"
        f" {when}: {_plain(scale * finding.mean[top], digits)}{unit}{band}, over"
        f" {in_words(finding.participants, 'participant')}."
    )


@sentence.register
def _of_agreement(finding: CoderAgreement) -> str:
    seconds = finding.confusion.sum() * finding.step_s
    if not seconds:
        return "There is no moment that both gave a word, so agreement cannot be said."
    drawn = in_words(finding.units, finding.unit)
    words = (
        f"The two gave the same word in {_percent(finding.agreement.value)} of {seconds:,.0f} s"
        f"{_interval(finding.agreement.low, finding.agreement.high, 100, 0)}."
    )
    if not np.isfinite(finding.kappa.value):
        return f"{words} Only one word occurs, so agreement beyond chance cannot be said."
    return (
        f"{words} Beyond chance: Cohen's kappa {_coefficient(finding.kappa)}, Krippendorff's alpha"
        f" {_coefficient(finding.alpha)}, over {drawn}."
    )


def _coefficient(figure: Coefficient) -> str:
    return f"{_plain(figure.value, 2)}{_interval(figure.low, figure.high, 1, 2)}"


def participants_sentence(figures: pd.DataFrame) -> str:
    """How many participants there are in words, under which conditions, and whether they are few.

    Args:
        figures: as `figures.participant_figures` gives, of any number of networks.
    """
    people = figures.groupby("participant", observed=True)["condition"].unique()
    if people.empty:
        return "No participant has been read."
    groups = Counter(tuple(sorted(conditions)) for conditions in people).most_common()
    total = _capital(in_words(len(people), "participant"))
    verb = "was" if len(people) == 1 else "were"
    if len(groups) == 1:
        words = f"{total} {verb} read under {_listed(groups[0][0])}."
    else:
        where = ", ".join(f"{count} under {_listed(names)}" for names, count in groups)
        words = f"{total} {verb} read: {where}."
    if len(people) < FEWEST:
        words += (
            f" That is few: under {_WORDS[FEWEST]} participants an interval is too narrow, and no"
            " test within participants can reach 0.05."
        )
    return words


def quality_sentence(conditions: pd.DataFrame) -> str:
    """What was unsure and without a face under each condition.

    Args:
        conditions: as `figures.condition_figures` gives, of one network.
    """
    parts = [
        f"under {condition} {_percent(no_face)} of the time had no face, and in"
        f" {_percent(unsure)} of the rest the network was unsure"
        for condition, no_face, unsure in conditions.drop_duplicates("condition")[
            ["condition", "no_face", "unsure"]
        ].itertuples(index=False)
    ]
    return f"{_capital('; '.join(parts))}." if parts else "Nothing has been read."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else str(last)
