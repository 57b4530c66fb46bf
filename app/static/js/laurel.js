/* What the pages do beyond HTML and htmx. All of it is an extra: without this file every page still works. */
(() => {
  "use strict";

  const words = () => document.body.dataset;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.classList.add("icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${words().sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  const ICONS = { points: "coins", gold: "crown", warn: "triangle-alert", brand: "info", error: "circle-alert" };
  const STAYS = 6000;

  /* A toast leaves by itself, unless it tells of a fault or the reader is on it. */
  function toast({ text, tone = "info", symbol, href }) {
    if (!text) return;
    const box = document.createElement("div");
    const said = document.createElement(href ? "a" : "span");
    if (href) said.href = href;
    const close = document.createElement("button");
    box.className = "toast";
    box.dataset.tone = tone;
    said.textContent = text;
    close.className = "icon-button";
    close.type = "button";
    close.dataset.tone = "quiet";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", words().dismissal);
    close.append(icon("x"));
    box.append(icon(symbol || ICONS[tone] || "circle-check"), said, close);
    document.getElementById("toasts").append(box);
    if (tone !== "error") leave(box);
  }

  function leave(box) {
    setTimeout(() => (box.matches(":hover, :focus-within") ? leave(box) : box.remove()), STAYS);
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const text = source ? source.value || source.textContent.trim() : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
      toast({ text: words().copied });
    } catch {
      toast({ text: words().failed, tone: "error" });
    }
  }

  /* Why something was refused, in the server's own words; a failure of the server has none to tell. */
  function refusal(request) {
    if (request.status >= 500) return "";
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    return answer.querySelector(".notice p")?.textContent.trim();
  }

  const openMenus = () => document.querySelectorAll("details.menu[open]");

  function onClick(event) {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
    const pressed = event.target.closest("[data-copy], [data-print], [data-dismiss], [data-opens], [data-closes]");
    if (!pressed) return;
    if ("copy" in pressed.dataset) copy(pressed);
    else if ("print" in pressed.dataset) window.print();
    else if ("dismiss" in pressed.dataset) pressed.closest(".toast, .notice")?.remove();
    else if ("opens" in pressed.dataset) document.getElementById(pressed.dataset.opens)?.showModal();
    else pressed.closest("dialog")?.close();
  }

  /* "/" leads to the search of the page, unless something is being written. */
  function seek(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    const field = document.querySelector("[data-seek]");
    if (!field || !field.offsetParent) return;
    event.preventDefault();
    field.focus();
    field.select();
  }

  function onKey(event) {
    if (event.key === "/") seek(event);
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }

  /* A GET never counts as a visit; the page says once a day that somebody is here. */
  function visit() {
    const address = words().visit;
    if (address) fetch(address, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
  }

  /* A form with one file: choosing or dropping it sends it; one that is too large is refused before it travels. */
  function bring(form) {
    const field = form.querySelector("input[type=file]");
    const [file] = field.files;
    if (!file) return;
    if (file.size <= Number(form.dataset.most)) return form.requestSubmit();
    field.value = "";
    toast({ text: form.dataset.tooLarge, tone: "error" });
  }

  const dropZone = (event) => event.target.closest?.("[data-drop]");

  function onDrag(event) {
    const form = dropZone(event);
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.toggleAttribute("data-over", event.type === "dragover");
  }

  function onDrop(event) {
    const form = dropZone(event);
    if (!form || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    form.removeAttribute("data-over");
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    bring(form);
  }

  function prepare(root) {
    const wanted = root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]");
    wanted?.focus();
    if (root.matches?.("[data-drop]")) root.setAttribute("data-ready", "");
    for (const form of root.querySelectorAll("[data-drop]")) form.setAttribute("data-ready", "");
    for (const field of root.querySelectorAll("[data-time-zone]")) {
      if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    }
  }

  /* A picker beside a field for a colour: what is picked is written there, what is written is shown by the picker. */
  function onColour(event) {
    const chosen = event.target;
    if ("picks" in chosen.dataset) {
      const field = document.getElementById(chosen.dataset.picks);
      if (field && field.value !== chosen.value) field.value = chosen.value;
      return;
    }
    const picker = chosen.id && document.querySelector(`[data-picks="${CSS.escape(chosen.id)}"]`);
    if (picker && /^#[0-9a-f]{6}$/i.test(chosen.value)) picker.value = chosen.value;
  }

  /* What had the focus may be gone once a part of the page is exchanged: then the heading of what stands in its place, or
     around it, takes it, so that whoever reads by keyboard goes on there and not at the top of the page. */
  const around = new WeakMap();

  function hold({ detail }) {
    const at = document.activeElement;
    if (!at || at === document.body || !detail.target?.contains(at)) return;
    const names = [];
    for (let part = at; part && part.id !== "main"; part = part.parentElement) {
      if (part.id) names.push(part.id);
      if (part.hasAttribute("aria-labelledby")) names.push(part.getAttribute("aria-labelledby"));
    }
    around.set(detail.xhr, names);
  }

  function keepFocus({ detail }) {
    const names = around.get(detail.xhr);
    if (!names || document.activeElement !== document.body) return;
    const heading = names
      .map((name) => document.getElementById(name))
      .map((part) => (part?.matches("h1, h2, h3") ? part : part?.querySelector("h1, h2, h3")))
      .find(Boolean);
    const wanted = heading?.querySelector("a") || heading;
    if (!wanted) return;
    if (wanted === heading) heading.tabIndex = -1;
    wanted.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:beforeSwap", hold);
  document.addEventListener("htmx:afterSettle", keepFocus);
  document.addEventListener("input", onColour, true);
  document.addEventListener("change", (event) => {
    const form = event.target.type === "file" && dropZone(event);
    if (form) bring(form);
  });
  for (const moved of ["dragover", "dragleave"]) document.addEventListener(moved, onDrag);
  document.addEventListener("drop", onDrop);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("toast", (event) => toast(event.detail));
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  /* What a page asks by itself (live.js) fails in silence: nobody waits for it, and it asks again. */
  const unasked = (event) => event.detail.requestConfig?.triggeringEvent?.type.startsWith("live:");
  for (const fault of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(fault, (event) => unasked(event) || toast({ text: words().failed, tone: "error" }));
  }
  document.addEventListener("htmx:responseError", (event) => {
    if (unasked(event)) return;
    toast({ text: refusal(event.detail.xhr) || words().failed, tone: "error" });
  });
  for (const box of document.querySelectorAll(".toast:not([data-tone=error])")) leave(box);
  prepare(document);
  visit();
})();
