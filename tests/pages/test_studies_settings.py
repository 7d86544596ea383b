"""What a study is read with, changed on its page: the cost is said before, and nothing is lost."""

import pytest

from fer_core.studies.change import ReadingCost, reading_cost
from fer_core.studies.progress import progress_of
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from tests.pages.studies import ran, studies_page, words
from ui.studies.settings import cost_words


def test_networks_are_changed_after_the_cost_is_said_and_changed_back(drawn_study: Study) -> None:
    before = drawn_study.settings
    page = studies_page(study="drawn", section="queue")
    assert "Read with tiny, tiny_b; haar; every frame" in page.expander[0].label.replace("\\", "")
    key = f"studies_change_networks_drawn_{before.readings_key}"
    page.multiselect(key=key).set_value(["tiny"])
    page = ran(page.run())
    assert "Nothing has to be read.** All of it was read so before. Start reading" in words(page)
    assert drawn_study.settings == before  # only said
    page = ran(page.button(key="studies_change").click().run())
    assert drawn_study.settings.slugs == ("tiny",)
    assert progress_of(drawn_study).seconds_done == 0
    key = f"studies_change_networks_drawn_{drawn_study.settings.readings_key}"
    page.multiselect(key=key).set_value(["tiny", "tiny_b"])
    page = ran(page.run())
    assert "Nothing has to be read.** All of it was read so before. What was read" in words(page)
    ran(page.button(key="studies_change").click().run())
    assert drawn_study.settings == before
    assert progress_of(drawn_study).is_read


def test_a_threshold_reads_nothing_again(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="queue")
    ran(page.slider(key="studies_unsure_drawn_tiny").set_value(0.95).run())
    first, second = drawn_study.settings.networks
    assert (first.unsure_threshold, second.unsure_threshold) == (
        0.95,
        choose_settings(["tiny_b"]).networks[0].unsure_threshold,
    )
    assert progress_of(drawn_study).is_read


def test_no_network_cannot_be(drawn_study: Study) -> None:
    page = studies_page(study="drawn", section="queue")
    key = f"studies_change_networks_drawn_{drawn_study.settings.readings_key}"
    page.multiselect(key=key).set_value([])
    assert "No network chosen" in words(ran(page.run()))


def test_the_cost_follows_from_what_was_read(drawn_study: Study) -> None:
    now = reading_cost(drawn_study, drawn_study.settings)
    assert (now.anew_s, now.further_s, now.kept_s) == (0.0, 0.0, 0.0)
    other = drawn_study.settings.model_copy(update={"every": 2})
    cost = reading_cost(drawn_study, other)
    assert cost.anew_s == pytest.approx(cost.of_seconds)
    assert cost.process_s is None  # nobody has read yet: rows were written by the test
    anew = ReadingCost(60.0, 0.0, 0.0, 120.0, 0.5, ("compact",))
    assert anew.process_s == 30.0
    assert "1:00 of 2:00 has to be read anew**; one process takes about 0:30" in cost_words(anew)
    further = ReadingCost(0.0, 90.0, 0.0, 120.0, None, ("compact",))
    assert "1:30 of 2:00 has to be read by compact alone**" in cost_words(further)
