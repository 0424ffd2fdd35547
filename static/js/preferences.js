/* Preferences: the theme changes at once while it is being saved, and the browser's time zone is offered. */
(() => {
  const root = document.documentElement;
  const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

  document.addEventListener("click", e => {
    const choice = e.target.closest(".themes button");
    if (choice) {
      root.dataset.theme = choice.value;
      try { localStorage.setItem("theme", choice.value); } catch { /* private mode */ }
      for (const b of choice.form.querySelectorAll("button")) b.setAttribute("aria-pressed", b === choice);
    }
    // The moon: whatever is not seen now, by way of the same form.
    if (e.target.closest("[data-theme-toggle]")) {
      const seen = root.dataset.theme === "dark" || root.dataset.theme !== "light" && dark();
      document.querySelector(`.themes button[value=${seen ? "light" : "dark"}]`)?.click();
    }
  });

  // Saved from the menu while the profile is open: its form is not behind because of that.
  document.addEventListener("console:me", e => {
    const rev = document.querySelector("#profile-form [name=rev]");
    if (rev) rev.value = e.detail.rev;
    const chosen = document.querySelector(`#preferences-form [name=theme][value=${root.dataset.theme}]`);
    if (chosen) chosen.checked = true;
  });

  const offer = document.querySelector("[data-offer-zone]");
  const field = offer && document.getElementById(offer.dataset.offerZone);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && zone && field.value !== zone && [...field.options].some(o => o.value === zone)) {
    offer.querySelector("b").textContent = zone.replaceAll("_", " ");
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => { field.value = zone; offer.hidden = true; field.focus(); });
  }
})();
