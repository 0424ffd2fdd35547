/* Runs before first paint. A signed-in page says the theme of its person; a signed-out one takes the last that was seen here. */
(() => {
  const root = document.documentElement;
  root.dataset.js = "";
  try { if (root.dataset.theme) localStorage.setItem("theme", root.dataset.theme); else if (localStorage.getItem("theme")) root.dataset.theme = localStorage.getItem("theme"); } catch { /* private mode */ }
})();
