// Plotly's code keeps a browser busy for half a second when it begins. It begins when the rest of the
// page is there: an import map puts a module in its place that has it fetched and read, and waits for
// `mienSettled` (`page.js`). `CHARTS` is its address, as `ui/head/__init__.py` found it.
const real = new URL(CHARTS, document.baseURI).href;
const later = "data:text/javascript," + encodeURIComponent(`
    const link = document.createElement("link");
    document.head.append(Object.assign(link, {rel: "modulepreload", href: "${real}"}));
    await window.mienSettled();
    const charts = await import("${real}");
    export default charts.default;
`);
const map = document.createElement("script");
map.type = "importmap";
map.textContent = JSON.stringify({
    imports: {[real]: later},
    scopes: {[later]: {[real]: real}},  // to the waiting module it is itself
});
document.currentScript.after(map);
