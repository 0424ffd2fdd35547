/* Runs before first paint: keeps a chosen theme (otherwise the system decides) and says that scripts run. */
document.documentElement.dataset.js = "";
try { const t = localStorage.getItem("theme"); if (t) document.documentElement.dataset.theme = t; } catch { /* private mode */ }
