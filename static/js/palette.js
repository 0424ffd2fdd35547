/* The command palette: Ctrl K (or Cmd K) opens it, arrows move, Enter opens. The focus stays in the field. */
(() => {
  const byId = id => document.getElementById(id);
  const hits = () => [...byId("palette-found").querySelectorAll("[role=option]")];
  const marked = () => byId("palette-found").querySelector("[aria-selected=true]");
  let waiting = false, wanted = false; // for what was typed last; Enter was pressed before it came

  function mark(hit) {
    marked()?.setAttribute("aria-selected", "false");
    const field = byId("palette").querySelector("input");
    if (!hit) return field.removeAttribute("aria-activedescendant");
    hit.id ||= `hit-${hits().indexOf(hit)}`;
    hit.setAttribute("aria-selected", "true");
    hit.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", hit.id);
  }
  function open() {
    const palette = byId("palette");
    if (!palette || document.querySelector("dialog[open]")) return;
    document.querySelectorAll("[popover]:popover-open").forEach(p => p.hidePopover());
    palette.querySelector("input").value = "";
    palette.showModal();
    palette.querySelector("input").focus();
    waiting = true; wanted = false;
    htmx.trigger(palette.querySelector("form"), "palette");
  }

  document.addEventListener("console:palette", open);
  document.addEventListener("click", e => {
    const opens = e.target.closest("[data-palette]");
    if (opens && byId("palette") && !e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); open(); }
    if (e.target.closest("#palette-found [role=option]")) byId("palette").close();
  });
  document.addEventListener("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") { e.preventDefault(); return open(); }
    if (!e.target.closest?.("#palette") || e.isComposing) return;
    // A search field would keep the first Esc for emptying itself.
    if (e.key === "Escape") { e.preventDefault(); return byId("palette").close(); }
    const all = hits(), at = all.indexOf(marked());
    if ((e.key === "ArrowDown" || e.key === "ArrowUp") && all.length) {
      e.preventDefault();
      mark(all[(at + (e.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + all.length) % all.length]);
    } else if (e.key === "Enter") {
      e.preventDefault();
      if (waiting) wanted = true; else marked()?.click();
    }
  });
  document.addEventListener("mousemove", e => { const hit = e.target.closest?.("#palette-found [role=option]"); if (hit && hit !== marked()) mark(hit); });
  document.addEventListener("input", e => { if (e.target.closest("#palette")) { waiting = true; wanted = false; mark(null); } });
  document.addEventListener("htmx:afterSettle", e => {
    if (e.detail.target?.id !== "palette-found") return;
    // An answer to fewer letters than stand there now: the one that counts is still on its way.
    const asked = new URLSearchParams(e.detail.pathInfo.finalRequestPath.split("?")[1]).get("q") || "";
    if (asked !== byId("palette").querySelector("input").value) return;
    waiting = false;
    mark(hits()[0]);
    if (wanted) { wanted = false; marked()?.click(); }
  });
  document.addEventListener("htmx:responseError", e => { if (e.detail.target?.id === "palette-found") waiting = wanted = false; });
})();
