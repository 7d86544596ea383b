"""What can be read on every page, light and dark: contrast and size of text, order of headings."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from tests.browser.stage import Server
from tests.browser.test_navigation import PHONE, TITLES, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LEAST = 4.5
"""WCAG 2.2, 1.4.3, for text of this size."""

CONTRASTS = """
() => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = rgb => {
        const [r, g, b] = rgb.map(value => value / 255).map(
            value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
            if (alpha === 1) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const contrast = element => {
        const style = getComputedStyle(element);
        const chart = element instanceof SVGElement;
        const [r, g, b, alpha = 1] = numbers(chart ? style.fill : style.color);
        let share = chart ? alpha * Number(style.fillOpacity) : alpha;
        for (let at = element; at; at = at.parentElement)
            share *= Number(getComputedStyle(at).opacity);
        const back = behind(element.closest("svg") ?? element);
        const [one, two] = [
            light([r, g, b].map((value, i) => share * value + (1 - share) * back[i])), light(back),
        ];
        return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    };
    const chart = ".js-plotly-plot";
    const texts = [
        "[data-testid=stCaptionContainer] p", "[data-testid=stImageCaption]",
        "[data-testid=stWidgetLabel] p", "[data-testid=stMetricLabel] p", "h1", "h2",
        `${chart} [class$=tick] text`, `${chart} .g-xtitle text`, `${chart} .g-ytitle text`,
        `${chart} .legendtext`, `${chart} .gtitle`,
    ];
    return texts.flatMap(text => [...document.querySelectorAll(text)]
        .filter(element => element.checkVisibility())
        .map(element => [text, element.textContent.slice(0, 30), contrast(element)]));
}
"""

LEVELS = """
() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter(heading => heading.checkVisibility())
    .map(heading => Number(heading.tagName[1]))
"""


CHART, LABEL = ".js-plotly-plot [class$=tick] text", "[data-testid=stWidgetLabel] p"
LAST = {
    "": "[data-testid=stMetricLabel] p",
    "Live": "[data-testid=stCaptionContainer] p",
    "Photos": LABEL,
    "Videos": LABEL,
    "Compare_models": CHART,
    "Look_inside": LABEL,
    "Data": CHART,
    "Studies": LABEL,
    "Train": LABEL,
    # Its faces are there only where a data set is.
    "Class_room": "h1",
}
"""What comes late on each page: Streamlit fetches the code for charts and widgets when needed."""


def opened(page: Page, server: Server, address: str, last: str) -> None:
    """Open a page, until all of it is there."""
    page.goto(f"{server.url}/{address}")
    page.locator(last).locator("visible=true").first.wait_for(timeout=60_000)
    settled(page)
    for chart in page.get_by_test_id("stPlotlyChart").all():
        chart.locator(".main-svg").first.wait_for(timeout=60_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_chart_labels_can_be_read(
    open_page: Callable[..., Page], server: Server, theme: str
) -> None:
    page = open_page("/")
    page.emulate_media(color_scheme=theme)
    for address, last in LAST.items():
        opened(page, server, address, last)
        found = page.evaluate(CONTRASTS)
        assert last in {kind for kind, _, _ in found}
        assert [entry for entry in found if entry[2] < LEAST] == []


COVERED = """
() => [...document.querySelectorAll(".js-plotly-plot")].flatMap(chart => {
    const [title, tools] = [".gtitle", ".modebar"].map(part => chart.querySelector(part));
    if (!title || !tools) return [];
    const [a, b] = [title.getBoundingClientRect(), tools.getBoundingClientRect()];
    const apart = a.right <= b.left || a.bottom <= b.top || b.bottom <= a.top;
    return apart ? [] : [title.textContent];
})
"""


def test_on_a_phone_no_tool_covers_a_title(open_page: Callable[..., Page], server: Server) -> None:
    page = open_page("/")
    page.set_viewport_size(PHONE)
    for address in ("Data", "Compare_models?view=Curves", "Look_inside"):
        opened(page, server, address, LAST[address.partition("?")[0]])
        assert page.evaluate(COVERED) == []


SIZES_PX = {33.6, 21.6, 16.0, 14.0}
"""Titles and figures; headings; text; labels, captions and code: see `.streamlit/config.toml`."""

TYPE = """
() => {
    const texts = document.createTreeWalker(
        document.querySelector("[data-testid=stMain]"), NodeFilter.SHOW_TEXT);
    const found = {};
    while (texts.nextNode()) {
        const words = texts.currentNode.textContent.trim();
        const element = texts.currentNode.parentElement;
        const style = getComputedStyle(element);
        if (!words || !element.checkVisibility() || element.closest("svg, style, script")
            || style.fontFamily.includes("Material")) continue;
        found[style.fontSize] ??= words.slice(0, 40);
    }
    return found;
}
"""


def test_headings_leave_no_level_out_and_type_has_four_sizes(
    open_page: Callable[..., Page], server: Server
) -> None:
    page = open_page("/")
    for address, last in (*LAST.items(), ("Compare_models?view=Cards", "h2")):
        opened(page, server, address, last)
        levels = page.evaluate(LEVELS)
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        sizes = page.evaluate(TYPE)
        other = {size: at for size, at in sizes.items() if float(size[:-2]) not in SIZES_PX}
        assert other == {}, f"/{address}"


def test_every_page_is_looked_at() -> None:
    assert set(LAST) == {"", *TITLES.values()}
