"use strict";
/* Keeps the wall up to date, and takes every verdict back once it cannot. */
const root = document.documentElement;
try {
  if (!root.dataset.theme && localStorage.getItem("theme")) root.dataset.theme = localStorage.getItem("theme");
} catch { /* not remembered */ }

addEventListener("DOMContentLoaded", () => {
  const every = Number(document.body.dataset.every) * 1000;
  const patience = Math.max(90_000, 6 * every);
  let heardAt = Date.now(); /* when the server last answered */
  let serverTime = now(document), movedAt = Date.now(); /* when its clock last moved on */

  async function refresh() {
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(every) });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!fresh.getElementById("wall")) throw new Error("another page");
      if (files(fresh) !== files(document)) return location.reload(); /* a newer version serves */
      const time = now(fresh);
      if (time !== serverTime) { serverTime = time; movedAt = Date.now(); }
      heardAt = Date.now();
      if (!isOld()) show(fresh);
    } catch {
      lose();
    }
  }

  function isOld() {
    const passed = Math.max(Date.now() - movedAt, 0);
    return passed > patience || Date.now() - heardAt > 3 * every;
  }

  function show(fresh) {
    for (const id of ["clock", "wall"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
    document.querySelector("footer").replaceWith(fresh.querySelector("footer"));
    document.getElementById("lost").textContent = "";
    delete root.dataset.lost;
  }

  function lose() {
    const lost = document.getElementById("lost");
    const text = `${lost.dataset.text} ${clockTime(new Date(Math.min(heardAt, movedAt)))}`;
    if (lost.textContent !== text) lost.textContent = text;
    root.dataset.lost = "";
    for (const each of document.querySelectorAll(".says")) {
      each.className = "says stale";
      each.textContent = document.body.dataset.stale;
    }
    for (const each of document.querySelectorAll(".figures > li")) each.className = "stale";
    for (const each of document.querySelectorAll(".fact")) each.className = "fact stale";
    for (const each of document.querySelectorAll(".fact small")) each.textContent = document.body.dataset.stale;
  }

  setInterval(refresh, every);
  setInterval(() => { if (isOld()) lose(); }, 1000); /* also after the machine slept */
  addEventListener("offline", lose);
  addEventListener("online", refresh);
  document.addEventListener("visibilitychange", refresh);
});

/* A time of the desk's own zone, as the wall's clock, or of the browser's if it does not know that
zone; with its day unless it is of the last hours. */
function clockTime(at) {
  const day = Date.now() - at < 12 * 3600_000 ? {} : { weekday: "short", day: "numeric", month: "short" };
  const form = { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return at.toLocaleString(root.lang, { ...form, timeZone: root.dataset.zone });
  } catch {
    return at.toLocaleString(root.lang, form);
  }
}

const now = (page) => page.getElementById("wall").dataset.now;
const files = (page) => [...page.querySelectorAll("link[rel=stylesheet], script")]
  .map((each) => each.getAttribute("href") || each.getAttribute("src")).join();
