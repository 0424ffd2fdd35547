/* What is fetched when it is opened: menus and rows that hold only a link yet. After a failure the next opening tries again. */
(() => {
  let dots = null; // of the row whose menu is open: one menu serves all rows of a list

  document.addEventListener("click", e => {
    const button = e.target.closest?.("[popovertarget=row-menu]"), menu = button?.popoverTargetElement;
    if (!button || dots === button && menu.matches(":popover-open")) return;
    dots = button;
    if (menu.matches(":popover-open")) { e.preventDefault(); menu.hidePopover(); menu.showPopover({ source: button }); }
  });
  document.addEventListener("toggle", e => {
    const box = e.target;
    if (e.newState !== "open" || !window.htmx) return;
    const ofRow = box.id === "row-menu", link = ofRow ? dots?.closest("tr").querySelector("th a") : box.querySelector(":scope > [data-fetch] a");
    if (!link) return;
    if (ofRow) box.replaceChildren();
    if (box.popover) { box.role = "group"; box.ariaLabel = ofRow ? dots.ariaLabel : link.textContent; }
    const target = box.popover ? box : link.parentElement;
    htmx.ajax("GET", link.getAttribute("href"), { source: target, target, swap: box.popover ? "innerHTML" : "outerHTML", headers: { "HX-Target": box.id || "fetched" } });
  }, true);
})();
