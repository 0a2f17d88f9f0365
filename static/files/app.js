// Cordboard in the browser. Every page works without this file: links are links, forms are forms. What is here makes the same
// things quicker (keys, palette, copying) or fresher (relative times, live regions). No framework; htmx does the swapping.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const typing = (el) => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(checkbox|radio|button|submit)$/.test(el.type));

// make builds an element: make("button", {class: "btn", type: "button"}, "Close").
function make(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

// --- Times: kept fresh, with the reader's own time beside UTC. The steps are those of relative() in views/ui/time.go. -----------

function ago(then, now = Date.now()) {
  const seconds = Math.floor(Math.abs(now - then) / 1000), future = then > now;
  if (seconds < 10 && !future) return "just now";
  let words;
  if (seconds < 60) words = seconds + " s";
  else if (seconds < 3600) words = Math.floor(seconds / 60) + " min";
  else if (seconds < 48 * 3600) words = Math.floor(seconds / 3600) + " h";
  else if (seconds < 60 * 86400) words = Math.floor(seconds / 86400) + " d";
  else return day(new Date(then));
  return future ? "in " + words : words + " ago";
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n) => String(n).padStart(2, "0");
const day = (d) => `${d.getUTCDate()} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
const utc = (d) => `${day(d)}, ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} UTC`;
const local = (d) => `${d.getDate()} ${months[d.getMonth()]} ${d.getFullYear()}, ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())} local`;
let exactTimes = false; // key t: the page shows the exact times

function freshen() {
  for (const el of $$("time[datetime]")) {
    const date = new Date(el.dateTime);
    if (isNaN(date)) continue;
    if ("exact" in el.dataset) {
      if (!el.dataset.done) el.title = local(date), el.dataset.done = "1";
      continue;
    }
    const text = exactTimes ? local(date) : ago(date.getTime());
    if (el.textContent !== text) el.textContent = text;
    el.title = local(date) + "\n" + utc(date);
  }
}

// --- Small things -----------------------------------------------------------------------------------------------------------

function toast(text) {
  $(".toast")?.remove();
  const el = make("p", { class: "toast", role: "status" }, text);
  document.body.append(el);
  setTimeout(() => el.remove(), 4000);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling); // plain http has no clipboard: select it for Ctrl+C
    return;
  }
  button.classList.add("done");
  toast("Copied " + button.dataset.copy);
  setTimeout(() => button.classList.remove("done"), 1500);
}

function setTheme(theme) {
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax`;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const b of $$(".theme button")) b.setAttribute("aria-pressed", String(b.value === theme));
}

// summarise keeps the line beside "Review plan" in step with the ticks.
function summarise(form) {
  const out = $("[data-summary]", form);
  const chosen = (name) => new Set($$(`input[name="${name}"]:checked`, form).map((el) => el.value)).size;
  const bind = chosen("bind"), unbind = chosen("unbind");
  const words = [bind && `Bind ${bind}`, unbind && `${bind ? "unbind" : "Unbind"} ${unbind}`].filter(Boolean).join(", ");
  const text = words || ($("#numbers", form)?.value.trim() ? "The pasted numbers" : "Nothing chosen yet");
  if (out && out.textContent.trim() !== text) out.textContent = text;
}

// address shows the URL of a new PBX while its sub-domain is typed; what was found out of another one goes.
function address(form) {
  const place = $("#address", form), sub = $("#subDomain", form).value.trim().toLowerCase(), domain = place.dataset.domain;
  const url = sub && domain ? sub + "." + domain : "", out = $("[data-url]", place);
  if (out.textContent === url) return;
  out.textContent = url;
  for (const said of $$("[data-verdict]", place)) said.hidden = true;
}

// --- Palette and key sheet --------------------------------------------------------------------------------------------------

const pages = () => $$(".side nav a").map((a) => ({ label: [...a.childNodes].find((node) => node.nodeType === Node.TEXT_NODE).data.trim(), href: a.getAttribute("href"), hint: "Page" }));
const acts = () => [
  ...$$(".acts a, .truth ~ .action a").map((a) => ({ label: a.textContent.trim(), href: a.getAttribute("href"), hint: "On this page" })),
  { label: "Light theme", run: () => setTheme("light"), hint: "Theme" },
  { label: "Dark theme", run: () => setTheme("dark"), hint: "Theme" },
  { label: "System theme", run: () => setTheme("auto"), hint: "Theme" },
  { label: "Keyboard shortcuts", run: openSheet, hint: "?" },
];

function ownResults(query) {
  const words = query.toLowerCase();
  const list = make("ul");
  for (const item of [...pages(), ...acts()]) {
    if (words && !item.label.toLowerCase().includes(words)) continue;
    const link = make("a", { href: item.href || "#" }, make("span", {}, item.label), make("small", {}, item.hint));
    if (item.run) link.addEventListener("click", (e) => { e.preventDefault(); $("dialog.pal").close(); item.run(); });
    list.append(make("li", {}, link));
  }
  return list.children.length ? [make("section", {}, make("h2", {}, "Pages and actions"), list)] : [];
}

function openPalette() {
  let dialog = $("dialog.pal");
  if (!dialog) {
    const input = make("input", { type: "text", "aria-label": "Find a PBX, a number, a page or an action", placeholder: "PBX, number in any format, page or action", autocomplete: "off", spellcheck: "false" });
    const results = make("div", { class: "pal-r" });
    dialog = make("dialog", { class: "pal", "aria-label": "Command palette" }, input, results);
    document.body.append(dialog);
    // Results that come late do not take the focus away from where the arrows have brought it.
    const show = (...found) => {
      const at = results.contains(document.activeElement) && document.activeElement.getAttribute("href");
      results.replaceChildren(...found);
      if (at) ($$("a", results).find((a) => a.getAttribute("href") === at) || input).focus();
    };
    let turn = 0;
    const search = async () => {
      const mine = ++turn, query = input.value.trim();
      const own = ownResults(query);
      if (!query) return show(...own);
      await new Promise((done) => setTimeout(done, 120));
      if (mine !== turn) return;
      const answer = await fetch("/palette?q=" + encodeURIComponent(query)).catch(() => null);
      if (mine !== turn) return;
      const found = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").body.children : [];
      show(...[...found].filter((el) => el.tagName === "SECTION" || !own.length), ...own);
    };
    input.addEventListener("input", search);
    dialog.addEventListener("keydown", (e) => {
      const links = $$("a", results), at = links.indexOf(document.activeElement);
      if (e.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)]?.focus();
      else if (e.key === "ArrowUp") (at > 0 ? links[at - 1] : input).focus();
      else if (e.key === "Enter" && e.target === input) links[0]?.click();
      else return;
      e.preventDefault();
    });
    dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => { input.value = ""; });
    dialog.search = search;
  }
  dialog.search();
  dialog.showModal();
  $("input", dialog).focus();
}

const sheetRows = [["Ctrl K or ⌘ K", "Command palette"], ["/", "Search"], ["j k", "Next and previous row"], ["Enter", "Open the row"], ["x", "Tick the row"], ["t", "Exact or relative times"], ["g h", "Home"], ["g p", "PBXs"], ["g n", "Numbers"], ["g t", "Trunks"], ["g l", "Plans"], ["g j", "Jobs"], ["g w", "Webhooks"], ["g d", "Drift"], ["g a", "Audit"], ["g s", "Settings"], ["Esc", "Leave a field, close"], ["?", "This sheet"]];

function openSheet() {
  let dialog = $("dialog.keys");
  if (!dialog) {
    const list = make("dl");
    for (const [keys, what] of sheetRows) {
      if (keys.startsWith("g ") && !chordLink(keys[2])) continue;
      list.append(make("div", {}, make("dt", {}, what), make("dd", {}, ...keys.split(" ").map((k) => make(k === "or" ? "span" : "kbd", {}, k)).flatMap((el, i) => (i ? [" ", el] : [el])))));
    }
    const single = make("input", { type: "checkbox" });
    single.checked = keysOn();
    single.addEventListener("change", () => localStorage.setItem("keys", single.checked ? "on" : "off"));
    const close = make("button", { class: "btn", type: "button" }, "Close");
    close.addEventListener("click", () => dialog.close());
    dialog = make("dialog", { class: "keys", "aria-label": "Keyboard shortcuts" }, make("div", { class: "sheet" }, make("h2", {}, "Keyboard shortcuts"), list, make("p", { class: "row" }, make("label", { class: "pick grow" }, single, "Single keys are on"), close)));
    document.body.append(dialog);
  }
  dialog.showModal();
}

// --- Keyboard. Never inside inputs; a single key moves and opens, it destroys nothing. ------------------------------------------

const keysOn = () => localStorage.getItem("keys") !== "off";
const chords = { h: "/", p: "/pbx", n: "/numbers", t: "/trunks", l: "/plans", j: "/jobs", w: "/webhooks", d: "/drift", a: "/audit", s: "/settings" };
const chordLink = (key) => chords[key] && $(`.side nav a[href="${chords[key]}"]`);
let chord = 0; // when g was pressed

const keyRows = () => $$("[data-keys] tbody tr:not(.group), [data-keys] > .pick");
const rowFocus = (row) => $("input:not(:disabled), th a, a", row);

function moveRow(step) {
  const rows = keyRows();
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("sel"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
  rows[at]?.classList.remove("sel");
  next.classList.add("sel");
  rowFocus(next)?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const singleKeys = {
  "/": () => ($("main [data-search]") || $("#find-all"))?.select() ?? ($("main [data-search]") || $("#find-all"))?.focus(),
  "?": openSheet,
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => $(".sel input[type=checkbox]:not(:disabled)")?.click(),
  t: () => { exactTimes = !exactTimes; freshen(); },
  g: () => { chord = Date.now(); },
  Enter: () => { const link = $(".sel th a, .sel a"); if (link && document.activeElement === document.body) link.click(); else return false; },
};

document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k" && $(".side")) {
    e.preventDefault();
    $("dialog[open]")?.close();
    return openPalette();
  }
  if (e.ctrlKey || e.metaKey || e.altKey || $("dialog[open]")) return;
  if (e.key === "Escape") {
    const menu = $(".menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
    else if (typing(document.activeElement)) { e.preventDefault(); document.activeElement.blur(); } // a search field would empty itself
    return;
  }
  if (typing(e.target) || !keysOn()) return;
  if (Date.now() - chord < 1500) {
    chord = 0;
    const link = chordLink(e.key);
    if (link) { e.preventDefault(); link.click(); }
    return;
  }
  const act = singleKeys[e.key];
  if (act && act() !== false) e.preventDefault();
});

// --- Live regions. /events names a topic; the regions that listen to it are fetched again from this page's own address and
// morphed in. A region in which somebody types, or has changed a form, is left alone: a pill offers to load it instead. -------------

let waiting = new Set();
let timer = 0;

const dirtyControl = (el) => (/^(checkbox|radio)$/.test(el.type) ? el.checked !== el.defaultChecked : el.tagName === "SELECT" ? [...el.options].some((o) => o.selected !== o.defaultSelected) : "defaultValue" in el && el.value !== el.defaultValue);

function inUse(region) {
  const focus = document.activeElement;
  if (region.contains(focus) && (typing(focus) || /^(INPUT|BUTTON|SUMMARY)$/.test(focus.tagName))) return true;
  return $$("input, select, textarea", region).some(dirtyControl);
}

function offerReload(region) {
  if (region.previousElementSibling?.classList.contains("moved-pill")) return;
  const load = make("button", { class: "btn sm", type: "button" }, "This changed meanwhile – load it");
  const keeping = $("button[formmethod=get]", region); // asks for the page with what was typed and ticked
  load.addEventListener("click", () => (keeping ? keeping.click() : location.reload()));
  region.before(make("div", { class: "moved-pill", role: "status" }, load));
}

function carryOver(region, fresh) {
  const open = $$("details", region).map((d) => d.open);
  $$("details", fresh).forEach((d, i) => { d.open = d.open || Boolean(open[i]); });
  const selected = $(".sel a", region)?.getAttribute("href");
  if (selected) $$("tbody tr", fresh).find((row) => $("a", row)?.getAttribute("href") === selected)?.classList.add("sel");
}

async function refresh() {
  const topics = waiting;
  waiting = new Set();
  const concerned = () => $$("[data-live][id]").filter((el) => topics.has("*") || el.dataset.live.split(" ").some((t) => topics.has(t)));
  if (!concerned().length) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "HX-Request-Type": "live", "Live-Regions": concerned().map((el) => el.id).join(" ") } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of concerned()) {
    const fresh = page.getElementById(region.id);
    if (!fresh) continue;
    carryOver(region, fresh);
    if (inUse(region)) { offerReload(region); continue; }
    const focused = region.contains(document.activeElement) && document.activeElement.getAttribute("href");
    await htmx.swap({ text: fresh.outerHTML, target: region, swap: "outerMorph" });
    if (focused && document.activeElement.getAttribute("href") !== focused) $(`#${region.id} a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  freshen();
}

function listen() {
  const url = document.body.dataset.events;
  if (!url) return;
  let stream = null, missed = false, busy = false;
  // What is told together is looked at together; what is told without end is looked at again and again.
  const look = async () => {
    timer = 0;
    busy = true;
    await refresh().finally(() => { busy = false; });
    if (waiting.size) timer = setTimeout(look, 300);
  };
  const hear = (topic) => {
    waiting.add(topic);
    if (!timer && !busy) timer = setTimeout(look, 300);
  };
  // A hidden tab holds no connection (browsers allow six to one host); coming back, it looks at everything again.
  const tune = () => {
    if (document.hidden) { stream?.close(); stream = null; missed = true; return; }
    if (stream) return;
    stream = new EventSource(url);
    stream.onmessage = (e) => hear(e.data);
    stream.onerror = () => { missed = true; };
    stream.onopen = () => { if (missed) hear("*"); missed = false; };
  };
  document.addEventListener("visibilitychange", tune);
  addEventListener("pagehide", () => { stream?.close(); stream = null; missed = true; });
  addEventListener("pageshow", tune);
  tune();
}

// --- A slider through the history of a PBX. The form beside it does the same without this file. ----------------------------------

function addSlider(form) {
  const first = Number(form.dataset.first), last = Number(form.dataset.last);
  if (!form.dataset.first || last <= first || $(".slider", form)) return;
  const field = $("input[name=at]", form), steps = 1000;
  const slider = make("input", { type: "range", min: 0, max: steps, "aria-label": "Moment" });
  const moment = () => new Date(first + (Number(slider.value) / steps) * (last - first));
  const place = () => { slider.value = field.value ? Math.round(((Date.parse(field.value + "Z") - first) / (last - first)) * steps) : steps; };
  const tell = () => slider.setAttribute("aria-valuetext", utc(moment()));
  let turn = 0;
  const look = async () => {
    const mine = ++turn, url = form.action + "?at=" + encodeURIComponent(field.value);
    await new Promise((done) => setTimeout(done, 120));
    const answer = mine === turn && (await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null));
    if (!answer || !answer.ok || answer.redirected || mine !== turn) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["picture", "moment"]) $("#" + id).replaceChildren(...page.getElementById(id).childNodes);
    history.replaceState(null, "", url);
    freshen();
  };
  slider.addEventListener("input", () => {
    field.value = moment().toISOString().slice(0, 19);
    tell();
    look();
  });
  field.addEventListener("change", () => { place(); tell(); });
  form.prepend(make("div", { class: "slider" }, slider));
  place();
  tell();
}

// --- Wiring -------------------------------------------------------------------------------------------------------------------

document.addEventListener("click", (e) => {
  const button = e.target.closest("button");
  if (button?.dataset.copy) copy(button);
  if (button?.dataset.act === "help") openSheet();
  leaveMenu(e);
});

// The open menu lies over what is near it: it goes when somebody clicks or tabs elsewhere.
function leaveMenu(e) {
  const menu = $(".menu[open]");
  if (menu && !menu.contains(e.target)) menu.open = false;
}
document.addEventListener("focusin", leaveMenu);

// What gets the focus by a key does not stay under the bar at the foot of the screen.
document.addEventListener("focusin", (e) => {
  const bar = $(".review");
  if (!bar || !e.target.matches(":focus-visible") || !(bar.compareDocumentPosition(e.target) & Node.DOCUMENT_POSITION_PRECEDING)) return;
  const under = e.target.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
  if (under > 0) scrollBy(0, under + 8);
});

document.addEventListener("submit", (e) => {
  if (e.target.matches(".theme")) {
    e.preventDefault();
    setTheme(e.submitter.value);
  }
  // A list that is too long for an address goes in the body.
  if (e.target.id === "ask") e.target.method = new URLSearchParams(new FormData(e.target)).toString().length > 4000 ? "post" : "get";
  if (e.target.matches("[data-once]")) {
    if (e.target.dataset.sent) return e.preventDefault();
    e.target.dataset.sent = "1"; // one press, one plan; the server refuses the second anyway
    e.submitter?.setAttribute("aria-disabled", "true");
  }
});

// What the browser can tell of a field is told when it is left, where the server's words would stand.
document.addEventListener("focusout", (e) => {
  const input = e.target, field = input.closest(".field");
  if (!field || !input.matches("input, textarea") || input.value === input.defaultValue) return;
  if (e.relatedTarget?.closest("button, a")) return; // what is being pressed must not move away
  const wrong = !input.validity.valid, id = input.id + "-error";
  const described = (input.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
  $(".err-t", field)?.remove();
  if (wrong) {
    input.before(Object.assign(document.createElement("p"), { className: "err-t", id, textContent: input.validationMessage }));
    described.push(id);
  }
  field.classList.toggle("err", wrong);
  input.ariaInvalid = wrong || null;
  if (described.length) input.setAttribute("aria-describedby", described.join(" "));
  else input.removeAttribute("aria-describedby");
});

// An ordered choice: a press carries a value up or down, by exchanging it with its neighbour's.
document.addEventListener("click", (e) => {
  const press = e.target.closest("[data-rank]");
  if (!press) return;
  const item = press.closest("li"), other = press.dataset.rank < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  const from = $("select", item), to = $("select", other);
  [from.value, to.value] = [to.value, from.value];
  $(`[data-rank="${press.dataset.rank}"]`, other).focus();
});

// A filter that is not set is not in the address.
document.addEventListener("formdata", (e) => {
  if (e.target.method !== "get") return;
  for (const [name, value] of [...e.formData]) if (value === "") e.formData.delete(name);
});

document.addEventListener("input", (e) => { if (e.target.id === "subDomain") address(e.target.form); });
document.addEventListener("input", (e) => { const form = e.target.closest("[data-picks]") || $("[data-picks]"); if (form?.contains(e.target)) summarise(form); });
document.addEventListener("htmx:after:swap", () => { freshen(); const form = $("[data-picks]"); if (form) summarise(form); });
addEventListener("pageshow", () => { for (const form of $$("[data-sent]")) delete form.dataset.sent; });

for (const form of $$("[data-scrub]")) addSlider(form);
if (!$("[autofocus]")) $("[data-focus]")?.focus();
freshen();
setInterval(freshen, 15000);
listen();
