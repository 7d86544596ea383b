"""What a browser measures of itself while a page loads."""

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

OBSERVE = """
window.mienShifts = [];
new PerformanceObserver(list => window.mienShifts.push(...list.getEntries().map(entry => ({
    time: entry.startTime, value: entry.value, input: entry.hadRecentInput,
    what: entry.sources.map(({node, previousRect: from, currentRect: to}) =>
        `${(node?.textContent ?? "").trim().slice(0, 40)}: ${from.y} to ${to.y}`),
})))).observe({type: "layout-shift", buffered: true});
"""

GAP_MS, LONGEST_MS = 1000, 5000
"""Shifts that follow one another within these belong together: https://web.dev/articles/cls"""

CHARTS = '[class*="st-key-chart_"]'
"""Places of charts, as high as they will be before Plotly's code is there."""

USABLE = f"""() => document.querySelector('[data-test-script-state="notRunning"]')
    && document.querySelector('[data-testid="stMain"] h1')
    && [...document.querySelectorAll('[data-testid="stSkeleton"]')].every(
        skeleton => skeleton.closest('{CHARTS}'))
    && performance.now()"""

DRAWN = f"""inWindow => [...document.querySelectorAll('{CHARTS}')].every(place => {{
    const box = place.getBoundingClientRect();
    return place.querySelector(".main-svg") || !box.width
        || (inWindow && (box.top >= innerHeight || box.bottom <= 0));
}}) && performance.now()"""

LONG_TASKS = """from => new Promise(done => {
    new PerformanceObserver(list => done(Math.max(0, ...list.getEntries()
        .filter(task => task.startTime + task.duration > from).map(task => task.duration)))
    ).observe({type: "longtask", buffered: true});
    setTimeout(() => done(0), 500);  // where there was none, nobody is told
})"""


@dataclass(frozen=True, slots=True)
class Loading:
    """How a page loaded.

    Attributes:
        first_paint_ms: from the request to the first text or picture.
        usable_ms: from the request until the script has run and every element is there; a chart is
            drawn, or has its place.
        charts_ms: until the charts in the window are drawn, too.
        complete_ms: until all charts are.
        longest_ms: the longest that a click had to wait after the page was usable, while charts
            were drawn; 0 for less than 50 ms.
        shift: cumulative layout shift, 0 for none; more than 0.1 is felt.
        shifts: what moved, one sentence a shift.
    """

    first_paint_ms: float
    usable_ms: float
    charts_ms: float
    complete_ms: float
    longest_ms: float
    shift: float
    shifts: tuple[str, ...]


def observe(context: BrowserContext) -> None:
    """From now on every page of a context keeps what moves."""
    context.add_init_script(OBSERVE)


def load(page: Page, url: str, rest_ms: int = 1500) -> Loading:
    """Open an address in a page of an observed context, and wait until nothing moves any more.

    Args:
        page: that has not been there.
        url: to open.
        rest_ms: for what comes after the last chart, as pictures do.
    """
    page.goto(url, wait_until="domcontentloaded")
    usable_ms = float(page.wait_for_function(USABLE, timeout=60_000, polling=20).json_value())
    charts_ms, complete_ms = (
        float(page.wait_for_function(DRAWN, arg=only, timeout=60_000, polling=20).json_value())
        for only in (True, False)
    )
    page.wait_for_timeout(rest_ms)
    shifts = [each for each in page.evaluate("window.mienShifts") if not each["input"]]
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return Loading(
        float(page.evaluate(paint)),
        usable_ms,
        charts_ms,
        complete_ms,
        float(page.evaluate(LONG_TASKS, usable_ms)),
        cumulative([(each["time"], each["value"]) for each in shifts]),
        tuple(f"{each['value']:.3f}: {'; '.join(each['what'])}" for each in shifts),
    )


def cumulative(shifts: list[tuple[float, float]]) -> float:
    """The largest sum of shifts of one session window: at most a second apart, five long.

    Args:
        shifts: when, in milliseconds, and how much, in the order of time.
    """
    largest = total = 0.0
    begin = before = float("-inf")
    for time, value in shifts:
        if time - before > GAP_MS or time - begin > LONGEST_MS:
            begin, total = time, 0.0
        before, total = time, total + value
        largest = max(largest, total)
    return largest
