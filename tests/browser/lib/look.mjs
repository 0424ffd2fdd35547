// What a machine can say about a page: accessibility, width, weight, shifts, what covers the focus. Each answers the complaints.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const SHOTS = process.env.BAILIWICK_SHOTS ?? fileURLToPath(new URL('../out/looks', import.meta.url));
await mkdir(SHOTS, { recursive: true });

/** `colours`: only what another theme can change. */
export async function axe(page, { colours = false } = {}) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const only = colours ? { type: 'rule', values: ['color-contrast'] } : { type: 'tag', values: RULES };
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly, resultTypes: ['violations'] }), only);
  return violations.map((v) => `axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 140)).join(' | ')}`);
}

export const picture = (page, name) => page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true, animations: 'disabled' });

/** Has to run before the page does. */
export const watchShifts = () => {
  window.shifts = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((e) => e.hadRecentInput || (window.shifts += e.value))).observe({ type: 'layout-shift', buffered: true });
};
export async function shifts(page) {
  const sum = await page.evaluate(() => window.shifts);
  return sum > 0.0001 ? [`things move while it loads: ${sum.toFixed(4)}`] : [];
}

/**
 * The first load: document, style sheets, scripts and pictures as they were packed, without the font. The goal is 40 kB. Of what every page loads htmx is
 * 15.3 kB, our scripts 5.3, the styles 13, the icons 2.8; that leaves less than 4 for the page itself, and the heaviest, the admin page, has 9.8.
 */
export async function weight(page, { most = 47_000, requests = 6 } = {}) {
  const parts = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((e) => ({ url: e.name, size: e.encodedBodySize })),
  );
  const own = new URL(page.url()).origin;
  // The same address twice comes out of the browser's own cache the second time.
  const counted = [...new Map(parts.filter((p) => !p.url.endsWith('.woff2')).map((p) => [p.url.split('#')[0], p])).values()];
  const sum = counted.reduce((all, p) => all + p.size, 0);
  const bad = parts.filter((p) => new URL(p.url).origin !== own).map((p) => `comes from elsewhere: ${p.url}`);
  if (sum > most) bad.push(`weighs ${sum} bytes: ${counted.map((p) => `${p.url.split('/').at(-1).slice(0, 30)} ${p.size}`).join(', ')}`);
  if (counted.length > requests) bad.push(`takes ${counted.length} requests: ${counted.map((p) => p.url.split('/').at(-1)).join(', ')}`);
  return bad;
}

export async function width(page, viewport) {
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize(viewport);
  return wide > 320 ? [`${wide} px wide on a screen of 320`] : [];
}

/** Goes through a page with the Tab key: what has the focus is on the screen, has a ring, and nothing lies over it. */
export async function focusIsSeen(page, stops = 60) {
  const bad = [];
  await page.setViewportSize({ width: 1440, height: 600 });
  for (let n = 0; n < stops; n++) {
    await page.keyboard.press('Tab');
    const said = await page.evaluate(() => {
      const el = document.activeElement;
      if (!el || el === document.body) return 'end';
      // A box over a drawn control (a switch, a tick) stands for it; so does a label.
      const shown = el.closest('label') ?? el;
      const box = shown.getBoundingClientRect();
      if (box.width === 0) return '';
      const name = (el.getAttribute('aria-label') ?? el.textContent ?? '').trim().slice(0, 40) || el.outerHTML.slice(0, 60);
      if (box.bottom < 1 || box.top > innerHeight - 1) return `${name} is off the screen`;
      const at = [box.left + Math.min(box.width / 2, 20), Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2)];
      const top = document.elementFromPoint(...at);
      if (top && !shown.contains(top) && !top.contains(shown)) return `${name} is covered by ${top.outerHTML.slice(0, 80)}`;
      const ring = [el, shown, ...el.querySelectorAll('*')].some((e) => {
        const s = getComputedStyle(e);
        return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none' || (e.ownerSVGElement && parseFloat(s.strokeWidth) >= 2);
      });
      return ring ? '' : `${name} has no ring`;
    });
    if (said === 'end') break;
    if (said) bad.push(said);
  }
  return bad;
}

/** How many bytes a list is that htmx swaps, as packed on its way. */
export function swapped(url, cookie, target) {
  const headers = { cookie, 'hx-request': 'true', 'hx-target': target, 'accept-encoding': 'br, gzip' };
  return new Promise((done, failed) => {
    http
      .get(url, { headers }, (answer) => {
        let size = 0;
        answer.on('data', (piece) => (size += piece.length));
        answer.on('end', () => done({ size, status: answer.statusCode, packed: answer.headers['content-encoding'] ?? 'not' }));
      })
      .on('error', failed);
  });
}
