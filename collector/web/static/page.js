"use strict";
/* The theme that the reader chose, before anything is drawn. */
const themes = {
  get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
  set: (name) => { try { localStorage.setItem("theme", name); } catch { /* not remembered */ } },
};
const root = document.documentElement;
if (themes.get()) root.dataset.theme = themes.get();

function chooseTheme() {
  const button = document.getElementById("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    themes.set(root.dataset.theme);
  });
}

/* A select of the filter applies at once; the button stays for those without a script. */
function applyFilters() {
  for (const form of document.querySelectorAll("form.filter")) {
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });
  }
  /* After the way back a browser shows what was chosen last: the figures are of the address. */
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form.filter")) {
      for (const field of form.elements) field.disabled = false;
      form.reset();
    }
  });
}

/* A time of the desk's own zone, as all others on the page, or of the browser's if it does not know
that zone; with its day unless it is of the last hours. */
function clockTime(at) {
  const day = Date.now() - at < 12 * 3600_000 ? {} : { weekday: "short", day: "numeric", month: "short" };
  const form = { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return at.toLocaleString(root.lang, { ...form, timeZone: root.dataset.zone });
  } catch {
    return at.toLocaleString(root.lang, form);
  }
}

/* Every so many seconds the page is fetched anew, and its parts that live are exchanged. */
function keepFresh(seconds) {
  const lost = document.getElementById("lost");
  let shownAt = new Date();

  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(seconds * 1000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!fresh.querySelector("[data-live]")) throw new Error("another page, such as a login");
      exchange(fresh);
      shownAt = new Date();
      lost.textContent = "";
    } catch {
      const text = `${lost.dataset.text} ${clockTime(shownAt)}.`;
      if (lost.textContent !== text) lost.textContent = text;
    }
  }

  setInterval(refresh, seconds * 1000);
  document.addEventListener("due", refresh);
  document.addEventListener("visibilitychange", refresh);
}

/* A form that answers while its sliders move. The address follows them, so that it can be shared. */
function answerAtOnce(form) {
  const said = document.getElementById("status");
  let waiting, asking;
  form.querySelector("button").hidden = true;

  function say(slider) {
    const place = Math.round((slider.value - slider.min) / slider.step);
    const text = slider.dataset.texts.split("|")[place];
    if (text === undefined) return;
    slider.setAttribute("aria-valuetext", text);
    slider.closest("label").querySelector("output").textContent = text;
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const mine = asking.signal;
    const query = new URLSearchParams(new FormData(form));
    for (const each of form.querySelectorAll("[data-in-force]")) {
      if (Number(each.value) === Number(each.dataset.inForce)) query.delete(each.name);
    }
    const address = `?${query}`;
    said.textContent = form.dataset.working;
    try {
      const answer = await fetch(address, { signal: mine, headers: { Accept: "text/plain, */*;q=.9" } });
      if (answer.status === 503) {
        said.textContent = form.dataset.busy;
        waiting = setTimeout(ask, 1000 * (Number(answer.headers.get("Retry-After")) || 2));
        return;
      }
      const text = await answer.text();
      said.textContent = answer.ok ? "" : text;
      if (!answer.ok) return;
      history.replaceState(null, "", address);
      const fresh = new DOMParser().parseFromString(text, "text/html");
      exchange(fresh);
      follow(fresh);
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = form.dataset.busy;
    }
  }

  form.addEventListener("input", (event) => {
    say(event.target);
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); ask(); });
}

/* Links and hidden fields that carry the question along take it from a fresh page. */
function follow(fresh) {
  const links = (page) => page.querySelectorAll("header a, footer a");
  links(fresh).forEach((each, n) => links(document)[n]?.setAttribute("href", each.getAttribute("href")));
  const filter = document.querySelector("form.filter");
  filter?.querySelectorAll("[type=hidden]").forEach((each) => each.remove());
  filter?.append(...fresh.querySelectorAll("form.filter [type=hidden]"));
}

function exchange(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (!other || other.innerHTML === part.dataset.seen) continue;
    const focused = document.activeElement;
    const place = part.contains(focused) ? alike(part, focused).indexOf(focused) : -1;
    const { scrollLeft, scrollTop } = focused;
    const unfolded = new Set([...part.querySelectorAll("details[open][id]")].map((each) => each.id));
    const markup = other.innerHTML;
    part.replaceChildren(...other.childNodes);
    part.dataset.seen = markup;
    for (const each of part.querySelectorAll("details")) if (unfolded.has(each.id)) each.open = true;
    const again = place < 0 ? null : alike(part, focused)[place];
    if (again) {
      again.focus({ preventScroll: true });
      Object.assign(again, { scrollLeft, scrollTop });
    }
  }
}

/* The elements of a part that are the same as another one, to the reader: a keyboard that stands on
a link must neither lose its place nor hold back what is new. */
function alike(part, other) {
  const names = ["id", "href", "aria-label", "aria-labelledby", "aria-describedby"];
  const name = (each) => names.map((key) => each.getAttribute(key)).join("|");
  return [...part.querySelectorAll(other.localName)].filter((each) => name(each) === name(other));
}

/* Business time that is left passes only while its calendar is open; the server says when that
changes. The reader's own clock may be wrong: only the time since the page was made is used. */
function countDown() {
  let due = false;
  for (const each of document.querySelectorAll(".ticking")) {
    each.since ??= performance.now();
    const { left, open, changes } = each.dataset;
    const passed = (performance.now() - each.since) / 1000;
    const change = changes === "" ? Infinity : Number(changes);
    const ran = open === "1" ? Math.min(passed, change) : Math.max(0, passed - change);
    const rest = Math.round(left - ran);
    const [whole, two] = [Math.abs(rest), (n) => String(n).padStart(2, "0")];
    const sign = left >= 0 && rest < 0 ? "\u2212" : ""; /* used up since the server said what is left */
    const text = `${sign}${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
    if (each.textContent !== text) each.textContent = text;
    if (left >= 0 && rest < 0 && !each.told) each.told = due = true;
  }
  if (due) document.dispatchEvent(new Event("due"));
}

addEventListener("DOMContentLoaded", () => {
  chooseTheme();
  applyFilters();
  for (const form of document.querySelectorAll("form[data-at-once]")) answerAtOnce(form);
  const every = Number(document.body.dataset.every);
  if (every) keepFresh(every);
  if (every) setInterval(countDown, 1000);
});
