// What pages do beyond links and forms. Everything works without it.
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// Menus close on Escape, on a click elsewhere, and when another opens.
addEventListener("click", event => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", event => {
  const open = event.key === "Escape" && $("details.menu[open]");
  if (open) { open.open = false; $("summary", open).focus(); }
});

// Links that change the dashboard are followed in place: the page is fetched, its parts are put in.
const parts = ["top", "bar", "main"];
let going = 0;
async function go(href, push) {
  const turn = ++going;
  document.documentElement.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== going) return;
    if (!answer.ok || !parts.every(id => page.getElementById(id))) throw 0;
    const focused = document.activeElement?.id;
    for (const id of parts) document.getElementById(id).replaceWith(page.getElementById(id));
    document.title = page.title;
    if (push) history.pushState(null, "", href);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    start();
  } catch { location.assign(href); }
  document.documentElement.removeAttribute("aria-busy");
}
addEventListener("click", event => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const href = link.getAttribute("href");
  const url = new URL(href, location);
  if (!$("[data-dashboard]") || url.origin !== location.origin || url.pathname !== location.pathname || url.searchParams.has("lang") || href.startsWith("#")) return;
  event.preventDefault();
  go(url.href, true);
});
addEventListener("popstate", () => { if ($("[data-dashboard]")) go(location.href, false); });

// D W M Y choose a period, arrows step, when no field has the focus.
addEventListener("keydown", event => {
  if (event.metaKey || event.ctrlKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.role === "slider") return;
  // Where the layout has no Latin letters, the key's place stands for its letter.
  const key = /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : /^Key([A-Z])$/.exec(event.code)?.[1] ?? event.key;
  const link = $(`a[aria-keyshortcuts~="${CSS.escape(key)}"]`);
  if (link) { event.preventDefault(); link.click(); }
});

// The chart: a slider over its points, which reads the table behind it.
function chart() {
  const box = $(".chart");
  const rows = box ? $$("#chart-data tbody tr") : [];
  if (rows.length < 2) return;
  const points = rows.map(row => ({ y: row.dataset.y, cells: [...row.cells].map(cell => cell.textContent.trim()) }));
  const heads = $$("#chart-data thead th").map(cell => cell.textContent.trim());
  const make = name => { const e = document.createElement("div"); e.className = name; e.hidden = true; box.append(e); return e; };
  const reach = make("reach"), cross = make("cross"), point = make("point"), tip = make("tip");
  reach.hidden = false;
  Object.assign(reach, { tabIndex: 0, role: "slider", ariaLabel: box.dataset.label, ariaValueMin: 1, ariaValueMax: points.length });
  const plot = $("svg.plot", box);
  let at = points.length - 1;
  const say = ({ cells }) => heads.slice(1).map((head, i) => cells[i + 1] && `${head}: ${cells[i + 1]}`).filter(Boolean);
  const tell = () => { reach.ariaValueNow = at + 1; reach.ariaValueText = [points[at].cells[0], ...say(points[at])].join(", "); };
  function show(i) {
    at = Math.max(0, Math.min(points.length - 1, i));
    const width = box.clientWidth, x = at / (points.length - 1) * width;
    cross.style.left = x + "px";
    point.style.left = x + "px";
    const y = points[at].y;
    point.style.top = plot.y.baseVal.value + plot.height.baseVal.value * y / 100 + "px";
    cross.style.bottom = "1.75rem";
    tip.replaceChildren();
    const head = document.createElement("i"); head.textContent = points[at].cells[0]; tip.append(head);
    for (const [n, line] of say(points[at]).entries()) { const e = document.createElement(n ? "div" : "b"); e.textContent = line; tip.append(e); }
    cross.hidden = tip.hidden = false;
    point.hidden = !y;
    tip.style.left = Math.max(0, Math.min(width - tip.offsetWidth, x > width / 2 ? x - tip.offsetWidth - 14 : x + 14)) + "px";
    tell();
  }
  const hide = () => { cross.hidden = point.hidden = tip.hidden = true; };
  reach.addEventListener("pointermove", e => show(Math.round((e.clientX - box.getBoundingClientRect().left) / box.clientWidth * (points.length - 1))));
  reach.addEventListener("pointerleave", () => { if (document.activeElement !== reach) hide(); });
  reach.addEventListener("focus", () => { if (reach.matches(":focus-visible")) show(at); });
  reach.addEventListener("blur", hide);
  reach.addEventListener("keydown", e => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -7, PageUp: 7, Home: -1e9, End: 1e9 }[e.key];
    if (step) { e.preventDefault(); e.stopPropagation(); show(at + step); }
  });
  tell();
}

// The live count, and a new site's wait for its first hit.
async function look() {
  const live = $("[data-live]");
  if (!live || document.hidden) return;
  try {
    const { visitors, text, first } = await (await fetch(live.dataset.live)).json();
    live.toggleAttribute("data-none", !visitors);
    $("span", live).replaceChildren(...text.split(/(\d[\d\s.,]*\d|\d)/).map((part, i) => i % 2 ? Object.assign(document.createElement("b"), { textContent: part }) : part));
    if (first && $("[data-waiting]")) go(location.href, false);
  } catch { /* asked again soon */ }
}
setInterval(() => look(), $("[data-waiting]") ? 2000 : 10000);

addEventListener("click", async event => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard?.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = button.dataset.copied;
});

function start() {
  chart();
  for (const button of $$("[data-copy]")) button.hidden = !navigator.clipboard;
}
start();
