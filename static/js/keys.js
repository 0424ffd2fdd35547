/* Keyboard: single keys, which rest while somebody types and can be switched off in the preferences. */
(() => {
  const typing = e => e.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  let going = 0; // when `g` was pressed: the next letter says where to

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.documentElement.dataset.keys === "off") return;
    if (typing(e) || document.querySelector("dialog[open]")) return;
    const after = e.timeStamp - going < 1500;
    going = 0;
    if (after && /^[a-z]$/i.test(e.key)) {
      const link = document.querySelector(`#nav [data-key="${e.key.toLowerCase()}"]`);
      if (link) { e.preventDefault(); link.click(); }
    } else if (e.key === "g") {
      going = e.timeStamp;
    } else if (e.key === "/") {
      const field = document.querySelector("main input[type=search]");
      e.preventDefault();
      if (field) { field.focus(); field.select(); } else document.dispatchEvent(new CustomEvent("console:palette"));
    } else if (e.key === "?") {
      e.preventDefault();
      htmx.ajax("GET", "/shortcuts", { target: "#dialog-body", swap: "innerHTML" });
    }
  });
})();
