/* Lets open pages know what has changed. One tab of a browser listens and tells the others; whoever it is, each page
   compares where things stand with what it shows itself, so that nothing is missed in between and nothing told twice.
   What changed is told as live:points, live:challenges, live:badges, live:messages, live:programme on the body, and
   live:any. What does not fetch itself, because that would move what is being read, is shown by data-told-by. */
(() => {
  "use strict";

  const { live: address, member, marks } = document.body.dataset;
  if (!address) return;

  const TELLS = {
    seq: ["points", "challenges", "badges", "lines"],
    decisions: ["points", "challenges", "badges", "missed"],
    level: ["points"],
    qualifying: ["points"],
    joined: ["challenges"],
    unread: ["messages"],
    newest: ["messages"],
    programme: ["programme"],
  };
  const SETTLED = 400; // ms after which a page is not just passed through
  const UNSEEN = 60_000; // how long a tab goes on listening that nobody looks at
  const SILENT = 40_000; // a stream that says nothing for so long is dead
  const ASK = 15_000;
  const ASKS = 8; // then it may be that a stream is free
  const LONGEST = 60_000;
  const COMPILED = 1_600; // by then other servers than the one that told have what was published

  const known = JSON.parse(marks);
  const untold = new Set();
  const of = `of=${encodeURIComponent(member)}`;
  const name = `laurel-live-${member}`;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  const jitter = (ms) => ms * (0.75 + Math.random() / 2);

  let isOver = false;
  let heard = null; // the newest marks, as they came
  /* The newest message that was told. What was written before the page was is in its bell; a page that was kept and is
     shown again by the back button says an old one, and waits for the first it hears. */
  let told = performance.getEntriesByType?.("navigation")[0]?.type === "back_forward" ? null : (known.newest ?? null);
  let isLeading = false;
  let source = null;
  let timer = 0; // of what comes next: asking, or trying again
  let watch = 0; // for a stream that has died
  let failures = 0;
  let asks = 0;

  /* Hearing. */

  function hear(theirs) {
    heard = theirs;
    for (const [mark, hints] of Object.entries(TELLS)) {
      if (!(mark in theirs)) continue;
      const isNew = mark in known && known[mark] !== theirs[mark];
      known[mark] = theirs[mark];
      if (isNew && mark === "programme") setTimeout(later, jitter(COMPILED), hints);
      else if (isNew) hints.forEach((hint) => untold.add(hint));
    }
    told ??= theirs.newest;
    tell();
  }

  function later(hints) {
    hints.forEach((hint) => untold.add(hint));
    tell();
  }

  /* A page that nobody looks at is told when somebody does. */
  function tell() {
    if (document.hidden || !untold.size) return;
    const hints = [...untold];
    untold.clear();
    for (const hint of [...hints, "any"]) document.body.dispatchEvent(new CustomEvent(`live:${hint}`));
    for (const line of document.querySelectorAll("[data-told-by]")) {
      if (hints.includes(line.dataset.toldBy)) line.hidden = false;
    }
    if (hints.includes("messages") && known.newest > told) speak();
  }

  async function speak() {
    const after = told;
    told = known.newest;
    channel?.postMessage({ told });
    try {
      const answer = await fetch(`${address}/news?${of}&after=${after}`, { headers: { Accept: "application/json" } });
      if (answer.status !== 200) return;
      for (const { text, tone, icon, href } of await answer.json()) {
        document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone, symbol: icon, href } }));
      }
    } catch {
      // The message stays in the inbox.
    }
  }

  /* Leading. */

  function share(theirs) {
    failures = 0;
    hear(theirs);
    channel?.postMessage({ marks: theirs });
  }

  function listen() {
    if (!isLeading) return;
    hush();
    if (!window.EventSource) return ask();
    const stream = new EventSource(`${address}?${of}`);
    source = stream;
    stay();
    stream.addEventListener("marks", (event) => {
      stay();
      share(JSON.parse(event.data));
    });
    stream.addEventListener("still", stay);
    stream.addEventListener("over", () => end(true));
    stream.addEventListener("error", () => {
      // What the browser does not try again by itself was refused: asking tells why.
      if (stream === source && stream.readyState === EventSource.CLOSED) {
        hush();
        asks = 0;
        ask();
      }
    });
  }

  function stay() {
    clearTimeout(watch);
    watch = setTimeout(() => {
      hush();
      asks = 0;
      ask();
    }, SILENT);
  }

  async function ask() {
    if (!isLeading) return;
    let wait = jitter(ASK);
    try {
      const answer = await fetch(`${address}/marks?${of}`, {
        headers: { Accept: "application/json" },
        redirect: "manual",
        cache: "no-cache",
      });
      if (!isLeading) return;
      if (answer.status === 204 || answer.status === 401) return end(true);
      if (!answer.ok) throw new Error(answer.status);
      share(await answer.json());
      asks += 1;
    } catch {
      failures += 1;
      wait = jitter(Math.min(LONGEST, 1000 * 2 ** failures));
    }
    if (!isLeading || source) return;
    // After a failure the stream is tried again first: the server may just have been started anew.
    timer = setTimeout(failures || asks % ASKS === 0 ? listen : ask, wait);
  }

  function hush() {
    source?.close();
    source = null;
    clearTimeout(timer);
    clearTimeout(watch);
  }

  function lead() {
    isLeading = true;
    listen();
  }

  /* Who leads: one of the tabs that are looked at, or were a moment ago. */

  let wish = null;
  let release = null;
  let unseen = 0;

  function join() {
    clearTimeout(unseen);
    if (isOver || isLeading || wish) return;
    channel?.postMessage({ asks: true });
    if (!navigator.locks) return lead();
    wish = new AbortController();
    navigator.locks
      .request(name, { signal: wish.signal }, () => {
        lead();
        return new Promise((done) => {
          release = done;
        });
      })
      .catch(() => {});
  }

  function leave() {
    clearTimeout(unseen);
    isLeading = false;
    hush();
    wish?.abort();
    release?.();
    wish = release = null;
  }

  /* The sign-in has ended: nothing is asked for any more. */
  function end(says) {
    if (says) channel?.postMessage({ over: true });
    isOver = true;
    leave();
    channel?.close();
  }

  channel?.addEventListener("message", ({ data }) => {
    if (data.over) end(false);
    else if (data.told) told = Math.max(told ?? 0, data.told);
    else if (data.marks) hear(data.marks);
    else if (data.asks && isLeading && heard) channel.postMessage({ marks: heard });
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      unseen = setTimeout(leave, UNSEEN);
    } else {
      join();
      tell();
    }
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => event.persisted && join());
  window.addEventListener("online", () => {
    if (isLeading) listen();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-signs-out]")) end(true);
  });

  /* What is opened, or being written, stays as it is while the part around it is fetched again. */
  if (window.Idiomorph) {
    Idiomorph.defaults.ignoreActiveValue = true;
    Idiomorph.defaults.callbacks.beforeAttributeUpdated = (attribute, element) =>
      !(attribute === "open" && element.matches("details, dialog")) &&
      !(attribute === "aria-current" && element.matches("#standing *"));
    // What was fetched by opening it is there only once, by the name of what was opened.
    Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => !node.matches?.("details[id][hx-get] > :not(summary)");
  }

  setTimeout(join, jitter(SETTLED));
})();
