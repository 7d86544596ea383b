// The menu of a narrow window stays open over the page that was chosen in it, but for browsers that
// call themselves mobile: not in a phone's "desktop site", not in a split screen.
// https://github.com/streamlit/streamlit/issues/7509 (closed). Checked with Streamlit 1.67.
document.addEventListener("click", event => {
    if (!event.target.closest('[data-testid="stSidebarNavLink"]')) return;
    // After Streamlit's own answer to the click: a menu that is closed has no such button.
    setTimeout(() => document.querySelector(
        '[data-testid="stSidebarCollapseButton"] button')?.click());
});

// The page's body says what the frame of the Live page shows, for `page.css`: its empty box, or a
// sentence of what went wrong, of which the server is not told.
const tellVideo = () => {
    const inside = document.querySelector('iframe[title*="webrtc_streamer"]')?.contentDocument;
    const alert = inside?.querySelector('[role="alert"]');
    const empty = inside?.querySelector('[data-testid="VideoLabelIcon"]');
    document.body.toggleAttribute("data-mien-video-alert", Boolean(alert));
    document.body.toggleAttribute("data-mien-video-idle", Boolean(empty && !alert));
};
setInterval(tellVideo, 250);
// A page arrives, for `page.css`, until its script has run and no code of its elements is missing, but
// for charts, whose places are kept; after so long, what there is is shown, though it may still move.
const LONGEST_MS = 15000, PAINT_MS = 60;
let path, quiet, since;
const skeletons = () => [...document.querySelectorAll('[data-testid="stSkeleton"]')]
    .filter(skeleton => !skeleton.closest('[class*="st-key-chart_"]'));
// What has something in it whose code is fetched, up to the page's main part. Told before the
// browser paints: that is when an observer is.
let waiting = new Set();
const tellWaiting = () => {
    const found = new Set();
    for (const skeleton of skeletons()) {
        const main = skeleton.closest('[data-testid="stMain"]');
        for (let node = skeleton.parentElement; main && node !== main; node = node.parentElement) {
            found.add(node);
        }
    }
    for (const node of waiting) if (!found.has(node)) node.removeAttribute("data-mien-waits");
    for (const node of found) node.setAttribute("data-mien-waits", "");
    waiting = found;
};
// No script runs before the server has answered, either: then there is nothing yet.
const isThere = () => !skeletons().length
    && document.querySelector('[data-test-script-state="notRunning"]')
    && document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]');
const changes = new MutationObserver(tellWaiting);
const STATE = "data-test-script-state";
let tellsVideo = 0;
const arrives = on => {
    document.documentElement.toggleAttribute("data-mien-arriving", on);
    // The frame is told of before it has its height: else all under it would move down and up again.
    clearInterval(tellsVideo);
    if (on) tellsVideo = setInterval(tellVideo, 10);
    if (on) changes.observe(document, {childList: true, subtree: true, attributeFilter: [STATE]});
    else changes.disconnect();
};
setInterval(() => {
    if (location.pathname !== path) {
        [path, quiet, since] = [location.pathname, 0, Date.now()];
    }
    quiet = isThere() ? quiet + 1 : 0;
    arrives(quiet < 3 && Date.now() - since < LONGEST_MS);
}, 200);
arrives(true);
window.navigation?.addEventListener("navigate", () => arrives(true));
// For `charts.js`: when the page is there and painted, or has arrived before.
window.mienSettled = () => new Promise(settled => {
    const looks = setInterval(() => {
        if (document.documentElement.hasAttribute("data-mien-arriving") && !isThere()) return;
        clearInterval(looks);
        setTimeout(settled, PAINT_MS);
    }, 20);
});
