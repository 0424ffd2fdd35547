/* Copy buttons. Where a browser gives no clipboard (an address without HTTPS) the old way by a selection is tried. */
(() => {
  const say = (text, error) => document.dispatchEvent(new CustomEvent("console:toast", { detail: { text, error } }));
  function bySelection(text, button) {
    const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "sr" });
    button.after(field); // beside the button, for nothing outside an open dialog can be selected
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    if (!done) throw new Error("not copied");
  }
  document.addEventListener("click", async e => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy;
    try {
      try { await navigator.clipboard.writeText(text); } catch { bySelection(text, button); }
      say("Copied");
    } catch { say("Copying is blocked here. Select the text and copy it yourself.", true); }
  });
})();
