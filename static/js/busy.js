/* A form that is on its way says so and is not sent twice. htmx switches the buttons of its own forms off; this is for all others. */
(() => {
  document.addEventListener("submit", e => {
    const form = e.target, button = e.submitter;
    if (form.ariaBusy === "true" && !e.defaultPrevented) return e.preventDefault();
    if (e.defaultPrevented || form.method !== "post") return;
    form.ariaBusy = "true";
    if (button) button.ariaDisabled = "true";
    setTimeout(rest, 15000, form); // what was stopped on its way can be sent again
  });
  const rest = form => {
    form.ariaBusy = null;
    for (const button of form.elements) button.ariaDisabled = null;
  };
  // Come back to by the browser's own history: nothing is on its way any more.
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(rest));
})();
