/* Small enhancements on top of plain HTML. Everything is delegated, so swapped-in fragments need no re-init.
   All htmx event names and headers of the browser side are in this file. */
(() => {
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const byId = id => document.getElementById(id);
  const on = (type, sel, fn) => document.addEventListener(type, e => { const t = e.target.closest?.(sel); if (t) fn(t, e); });

  // ── Arrows move inside an open menu ──
  document.addEventListener("keydown", e => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      const pop = e.target.closest?.("[popover]") || $("[popover].pop:popover-open");
      if (!pop || !pop.classList.contains("pop") || e.target.matches("input[type=radio], textarea, select")) return;
      const items = $$(".opt:not(:disabled, :has(> input:disabled))", pop); if (!items.length) return;
      e.preventDefault();
      const at = items.indexOf(document.activeElement?.closest(".opt"));
      const next = at < 0 ? (e.key === "ArrowDown" ? 0 : items.length - 1) : (at + (e.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      (items[next].querySelector("input") || items[next]).focus();
    }
  });
  // A choice in a menu closes it. Links and forms do their own work first.
  on("click", ".pop a.opt, .pop button.opt", t => { const pop = t.closest("[popover]"); setTimeout(() => { if (pop.isConnected && pop.matches(":popover-open")) pop.hidePopover(); }); });

  // ── Toasts: the server puts them into #toasts (or #alerts); they leave after 10 s, errors stay ──
  function toast(text, bad = false) {
    const t = document.importNode(byId("toast-template").content, true).firstElementChild;
    t.classList.toggle("bad", bad); $("p", t).textContent = text;
    if (bad) $("use", t)?.setAttribute("href", $("use", t).getAttribute("href").replace(/#.*/, "#alert-triangle"));
    byId(bad ? "alerts" : "toasts").append(t);
  }
  const leaving = new WeakSet();
  const mind = () => $$("#toasts > .toast").forEach(t => {
    if (leaving.has(t) || t.classList.contains("bad")) return;
    leaving.add(t);
    const leave = () => t.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : t.remove();
    setTimeout(leave, 10000);
  });
  for (const id of ["toasts"]) { const box = byId(id); if (box) new MutationObserver(mind).observe(box, { childList: true }); }
  mind();
  on("click", "[data-dismiss]", t => t.closest(".toast")?.remove());
  document.addEventListener("console:toast", e => toast(e.detail.text ?? e.detail.value, Boolean(e.detail.error)));

  // ── The shared dialog: a plain click on a link with data-dialog fills it; `console:close` or Cancel closes it ──
  on("click", "a[data-dialog]", (t, e) => {
    if (e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || !window.htmx) return;
    e.preventDefault();
    htmx.ajax("GET", t.getAttribute("href"), { source: t, target: "#dialog-body", swap: "innerHTML" });
  });
  const dialog = byId("dialog"), body = byId("dialog-body");
  const close = () => { if (dialog?.open) dialog.close(); };
  // Messages have to be in the modal dialog while it is open: everything outside it is inert.
  const corner = $(".corner");
  dialog?.addEventListener("close", () => { document.body.append(corner); body.replaceChildren(); });
  document.addEventListener("console:close", close);
  on("click", "[data-close]", (t, e) => { const d = t.closest("dialog"); if (d) { e.preventDefault(); d.close(); } });
  let pressed = null; // a drag that starts inside and ends on the backdrop must not close it
  document.addEventListener("pointerdown", e => { pressed = e.target; });
  document.addEventListener("click", e => { if (e.target instanceof HTMLDialogElement && pressed === e.target) e.target.close(); });

  document.addEventListener("htmx:afterSwap", e => {
    if (!dialog || !body.contains(e.detail.target) && e.detail.target !== body) return;
    if (!body.hasChildNodes()) return close();
    // A form is an ordinary one on a page of its own; in here htmx sends it (it reads these when the swap settles).
    for (const f of $$("form[method=post]:not([hx-post])", body)) {
      f.setAttribute("hx-post", f.getAttribute("action")); f.setAttribute("hx-target", "#dialog-body");
      f.setAttribute("hx-swap", "innerHTML"); f.setAttribute("hx-disabled-elt", "find [type=submit]");
      f.setAttribute("hx-disinherit", "*"); // links inside it speak for themselves
    }
    const title = $("h1, h2", body); if (title) dialog.setAttribute("aria-label", title.textContent.trim());
    if (dialog.open) return;
    $$("[popover]:popover-open").forEach(p => p.hidePopover());
    $$("#toasts > .toast:not(.bad)").forEach(t => t.remove()); // what was said before would lie over the buttons
    dialog.append(corner); dialog.showModal();
    ($("[autofocus], [data-error-summary]", body) || $("input:not([type=hidden]), textarea, select", body) || $("button, a", body))?.focus();
  });

  // ── hx-confirm in our own dialog: the first sentence is the title, the rest the consequence ──
  document.addEventListener("htmx:confirm", e => {
    const ask = byId("confirm"); if (!e.detail.question || !ask) return;
    e.preventDefault();
    const by = e.detail.triggeringEvent?.submitter || (e.detail.elt.matches("form") ? $("button:not([type=button])", e.detail.elt) : e.detail.elt);
    const [, first, rest] = /^(.*?[?.!])\s*(.*)$/s.exec(e.detail.question) || [null, e.detail.question, ""];
    $("#confirm-title").textContent = first; $("p", ask).textContent = rest; $("p", ask).hidden = !rest;
    const yes = $("[data-yes]", ask);
    yes.textContent = e.detail.elt.dataset.confirmLabel || by?.textContent.trim() || "Continue";
    yes.classList.toggle("danger", Boolean(by?.closest(".danger, .bad")));
    ask.returnValue = ""; ask.showModal();
    ask.addEventListener("close", () => { if (ask.returnValue === "yes") e.detail.issueRequest(true); }, { once: true });
  });

  // ── Type to confirm: the server compares the word again ──
  const armed = t => { const b = t.form && $("[data-confirm-button]", t.form); if (b) b.disabled = t.value.trim() !== t.dataset.confirm; };
  on("input", "[data-confirm]", armed);

  // ── Selected rows: checkboxes name=id that belong to form.list; the form posts the same without a script ──
  const boxes = form => [...form.elements].filter(c => c.type === "checkbox" && c.name === "id");
  const sync = form => {
    const all = boxes(form), n = all.filter(c => c.checked).length, every = form.elements.all;
    for (const c of all) c.closest("tr")?.classList.toggle("sel", c.checked);
    const head = $$("[data-all]").find(c => c.form === form);
    if (head) { head.checked = n > 0 && n === all.length; head.indeterminate = n > 0 && n < all.length; }
    // Beyond this page only from a page that is taken whole.
    if (every) { const whole = n > 0 && n === all.length; if (!whole) every.checked = false; every.parentNode.hidden = !whole; }
    form.classList.toggle("on", n > 0);
    const label = $("[data-count]", form); if (label) label.textContent = (every?.checked ? every.dataset.total : n) + " selected";
  };
  let last = null;
  document.addEventListener("click", e => {
    const t = e.target; if (!(t instanceof HTMLInputElement) || t.type !== "checkbox" || !t.form?.matches("form.list")) return;
    const form = t.form, all = boxes(form);
    if (t.name === "id") {
      if (e.shiftKey && last && all.includes(last)) {
        const [a, b] = [all.indexOf(last), all.indexOf(t)].sort((x, y) => x - y);
        all.slice(a, b + 1).forEach(c => { c.checked = t.checked; });
      }
      last = t;
    } else if ("all" in t.dataset) all.forEach(c => { c.checked = t.checked; });
    sync(form);
  });
  on("click", "[data-clear]", t => { const f = t.closest("form"); boxes(f).forEach(c => { c.checked = false; }); if (f.elements.all) f.elements.all.checked = false; sync(f); });

  const settle = (el = document) => { $$("form.list").forEach(sync); $$("[data-confirm]", el).forEach(armed); };
  settle();
  document.addEventListener("htmx:load", e => settle(e.detail.elt));
  addEventListener("pageshow", () => $$("form.list").forEach(sync));

  // ── htmx: the CSRF token, where the focus goes, and what to say when a request fails ──
  document.addEventListener("htmx:configRequest", e => {
    // A form has its own; the one of sign-in is of another session than its page.
    const token = e.detail.elt.querySelector?.("input[name=csrf]")?.value ?? $("meta[name=csrf]")?.content;
    if (token && e.detail.verb !== "get") e.detail.headers["X-CSRF-Token"] = token;
  });
  document.addEventListener("htmx:afterSettle", e => {
    const code = e.detail.xhr?.status;
    if (code === 422 || code === 409 || code === 412) {
      const where = e.detail.target?.isConnected ? e.detail.target : document;
      const form = e.detail.elt?.id ? byId(e.detail.elt.id) : null;
      ($("[data-error-summary]", where) || (form && $("[data-error-summary]", form)) || $("[aria-invalid=true]", form || where) || $("[data-error-summary]"))?.focus();
    } else if (e.detail.boosted) { byId("main")?.focus({ preventScroll: true }); scrollTo(0, 0); }
  });
  document.addEventListener("htmx:beforeSwap", e => {
    const d = e.detail, kind = d.xhr.getResponseHeader("content-type") || "";
    // A sentence instead of a fragment is an error to tell, whatever its code.
    if (d.xhr.status >= 400 && !kind.startsWith("text/html")) { d.shouldSwap = false; d.isError = true; return; }
    // A whole page where a fragment was asked for: take its main part and its messages, never a page inside a page.
    if (d.shouldSwap && !d.boosted && /^\s*<!doctype/i.test(d.serverResponse)) {
      const page = new DOMParser().parseFromString(d.serverResponse, "text/html"), main = byId("main");
      if (!main || !page.getElementById("main")) { d.shouldSwap = false; location.assign(d.xhr.responseURL); return; }
      for (const id of ["toasts", "alerts"]) byId(id).append(...$$(`#${id} > .toast`, page).map(t => document.adoptNode(t)));
      if (d.xhr.status < 400 && d.xhr.responseURL && d.xhr.responseURL !== location.href) history.pushState({ htmx: true }, "", d.xhr.responseURL);
      close(); d.target = main; d.selectOverride = "#main"; d.swapOverride = "outerHTML";
    }
  });
  const failed = (text, xhr) => { const id = xhr?.getResponseHeader("x-request-id"); toast(text + (id ? ` Request ${id}.` : ""), true); };
  document.addEventListener("htmx:responseError", e => {
    const xhr = e.detail.xhr, code = xhr.status;
    if (code === 401 && /console:expired/.test(xhr.getResponseHeader("HX-Trigger"))) return;
    const said = (xhr.getResponseHeader("content-type") || "").startsWith("text/plain") ? xhr.responseText.trim() : "";
    failed(said ? said
      : code === 403 ? "You may not do this. Nothing was changed."
      : code === 404 ? "This is not there any more. Reload the page to see what is."
      : code === 429 ? "Too many attempts. Wait a little and try again."
      : code === 503 ? "The service is busy. Nothing was changed; try again in a moment."
      : code >= 500 ? "Something went wrong on the server. Nothing was changed."
      : `The server refused this (${code}). Reload the page and try again.`, xhr);
  });
  document.addEventListener("htmx:sendError", () => failed("The server cannot be reached. Check the connection; nothing was changed."));
  document.addEventListener("htmx:timeout", () => failed("The server did not answer in time. Reload the page to see whether it was done."));
})();
