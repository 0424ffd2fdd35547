/* The session has ended: sign in over the page, which keeps what was typed, and go on with what was sent. */
(() => {
  const dialog = document.getElementById("again"), box = document.getElementById("again-body"), meta = document.querySelector("meta[name=csrf]");
  let waiting = null, button = null;
  document.addEventListener("submit", e => { button = e.submitter; }, true);
  document.addEventListener("console:expired", e => {
    const here = location.pathname + location.search;
    if (!dialog) return location.assign("/login?next=" + encodeURIComponent(here));
    if (dialog.open) return;
    waiting = e.target.closest?.("form");
    htmx.ajax("GET", "/login?next=/signed-in", { source: box, target: box, swap: "innerHTML" });
  });
  document.addEventListener("htmx:afterSwap", e => {
    if (e.detail.target !== box) return;
    const email = box.querySelector("[name=email]");
    if (email && !email.value) email.value = meta?.dataset.me ?? "";
    if (!dialog.open) { dialog.append(document.querySelector(".corner")); dialog.showModal(); }
    (box.querySelector("[data-error-summary]") || box.querySelector("[autofocus]") || box.querySelector("input:not([type=hidden])"))?.focus();
  });
  // What was wrong with a password or code is told in the same place.
  document.addEventListener("htmx:beforeSwap", e => {
    const d = e.detail;
    if (d.target === box && (d.xhr.getResponseHeader("content-type") || "").startsWith("text/html")) { d.shouldSwap = true; d.isError = false; }
  });
  dialog?.addEventListener("close", () => {
    const under = document.getElementById("dialog");
    (under?.open ? under : document.body).append(dialog.querySelector(".corner") ?? "");
    box.replaceChildren();
  });
  document.addEventListener("console:signed-in", e => {
    const form = waiting;
    waiting = null;
    dialog?.close();
    // The page is somebody else's: it is made anew for who is here now.
    if (e.detail.me !== meta.dataset.me) return location.reload();
    meta.content = e.detail.csrf;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = e.detail.csrf;
    if (form?.isConnected && form.hasAttribute("hx-post")) form.requestSubmit(form.contains(button) || button?.form === form ? button : null);
    else document.dispatchEvent(new CustomEvent("console:toast", { detail: { text: "Signed in again. Go on where you were." } }));
  });
})();
