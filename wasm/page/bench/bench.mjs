// How fast the page is, measured in Chromium against the built files, as JSON; `cargo xtask bench page` runs it.
//
// `node bench.mjs FILE`: milliseconds from the page's opening until the engine is ready, from the file's choice to the first
// answer and to the last, the peak of the renderer's memory, and the longest task of the main thread; then, on a page
// without anything else, how long the browser takes to hand the file over, and the WebAssembly for bytes that are there,
// at first and again. `node bench.mjs`: with 100,000 attempts in 5,000 episodes of our own
// making, frames a second while the timeline pans and while the table scrolls, and the time from a keystroke in the
// search to the painted answer.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const PACKAGE = join(DIST, '..', '..', 'pkg');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
};
/** Milliseconds that panning and scrolling are watched. */
const WATCHED = 4_000;

/** Notes when files are chosen, when there are answers, and how long tasks of the main thread take. */
function watch() {
  const seen = { chosen: 0, first: 0, last: 0, longest: 0 };
  window.seen = seen;
  const reset = () => Object.assign(seen, { chosen: performance.now(), first: 0, last: 0, longest: 0 });
  window.addEventListener('change', (event) => event.target.type === 'file' && reset(), true);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
  }).observe({ type: 'longtask' });
  new MutationObserver(() => {
    if (!seen.chosen) return;
    if (!seen.first && document.querySelector('.action')) seen.first = performance.now();
    const buttons = [...document.querySelectorAll('.sources button')].map((button) => button.textContent);
    if (!seen.last && buttons.some((text) => text.includes('Add files'))) seen.last = performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

/** Peak memory of the page's process in bytes, worker and WebAssembly included. */
async function peak(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
    return kib ? Number(kib[1]) * 1024 : 0;
  });
  return Math.max(0, ...sizes);
}

async function give(page, file) {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  await (await chooser).setFiles(file);
  await page.waitForFunction(() => window.seen.last > 0, undefined, { timeout: 600_000 });
}

/** A fresh browser for each: its peak is its own. */
async function withPage(address, work) {
  const browser = await chromium.launch(CHROMIUM);
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
    await page.addInitScript(watch);
    await page.goto(address);
    // The engine is unpacked from the opening on, and long done when a person has found the file.
    await page.waitForFunction(() => performance.getEntriesByName('engine-ready').length > 0);
    return await work(page, browser);
  } finally {
    await browser.close();
  }
}

/** What of the time is the browser's, and what the WebAssembly's. */
async function apart(address, file) {
  const browser = await chromium.launch(CHROMIUM);
  try {
    const page = await browser.newPage();
    await page.goto(`${address}package/`);
    await page.setInputFiles('input', file);
    return await page.evaluate(async () => {
      const [file] = document.querySelector('input').files;
      const { default: init, Examination } = await import('./lockwait_wasm.js');
      await init({ module_or_path: fetch('lockwait_wasm_bg.wasm') });
      const PIECE = 1 << 22;
      const AHEAD = 3;
      const timed = async (work) => {
        const before = performance.now();
        await work();
        return Math.round(performance.now() - before);
      };
      const pieces = [];
      const handed_over_ms = await timed(async () => {
        const coming = [];
        const ask = (at) => at < file.size && coming.push(file.slice(at, at + PIECE).arrayBuffer());
        for (let at = 0; at < AHEAD * PIECE; at += PIECE) ask(at);
        for (let at = 0; at < file.size; at += PIECE) {
          pieces.push(new Uint8Array(await coming.shift()));
          ask(at + AHEAD * PIECE);
        }
      });
      const examined = () => timed(() => {
        const examination = new Examination();
        examination.begin(file.name);
        for (const piece of pieces) examination.feed(piece);
        examination.end();
        const report = examination.report();
        const { json } = report;
        report.free();
        examination.free();
        if (!json) throw new Error('no report');
      });
      return { handed_over_ms, engine_first_ms: await examined(), engine_again_ms: await examined() };
    });
  } finally {
    await browser.close();
  }
}

async function read(address, file) {
  const parts = await apart(address, file);
  return withPage(address, async (page, browser) => {
    await give(page, file);
    const { chosen, first, last, longest } = await page.evaluate(() => window.seen);
    const ready = await page.evaluate(() => performance.getEntriesByName('engine-ready')[0].startTime);
    const round = Math.round;
    return {
      ...parts,
      ready_ms: round(ready),
      first_answer_ms: round(first - chosen),
      total_ms: round(last - chosen),
      peak_bytes: await peak(browser),
      // The browser reports tasks from 50 ms on; 0 is: none was as long.
      longest_task_ms: round(longest),
    };
  });
}

/** 5,000 episodes of 20 attempts each, of 250 files, over a day. */
function crowd() {
  const begin = Date.UTC(2026, 2, 2);
  const lines = [];
  for (let episode = 0; episode < 5_000; episode += 1) {
    const path = `D:\\drop\\in\\batch-${episode % 250}\\ORDERS-${episode % 250}.edi`;
    const from = begin + Math.floor(episode / 250) * 4_320_000 + (episode % 250) * 9_137;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      lines.push([from + attempt * (250 + (episode % 7) * 600), `[ERR] Drop.Taker: The process cannot access the file '${path}' because it is being used by another process.`]);
    }
    lines.push([from + 20 * (250 + (episode % 7) * 600), `[INF] Drop.Taker: successfully moved '${path}' after retrying`]);
  }
  lines.sort((a, b) => a[0] - b[0]);
  return lines.map(([at, text]) => `${new Date(at).toISOString().replace('T', ' ').replace('Z', ' +00:00')} ${text}\n`).join('');
}

/** Does `step` in every frame for a while; says how many frames there were. */
const frames = `async (step, watched) => {
  const times = [];
  const end = performance.now() + watched;
  await new Promise((done) => {
    const frame = (now) => {
      times.push(now);
      step(times.length);
      if (performance.now() < end) requestAnimationFrame(frame); else done();
    };
    requestAnimationFrame(frame);
  });
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const length = times.at(-1) - times[0];
  return { fps: Math.round((gaps.length / length) * 10_000) / 10, worst_frame_ms: Math.round(Math.max(...gaps)) };
}`;

async function look(address, file) {
  return withPage(address, async (page) => {
    await give(page, file);
    await page.waitForFunction(() => document.querySelector('.outcome table')?.getAttribute('aria-busy') === 'false', undefined, { timeout: 120_000 });
    const shown = await page.evaluate(() => ({
      episodes: Number(document.querySelector('.shown').textContent.replace(/\D/g, '')),
      attempts: Number(document.querySelector('.outcome td').textContent.replace(/\D/g, '')),
    }));
    await page.locator('.lanes').scrollIntoViewIfNeeded();
    const pan = {};
    // All attempts in sight; then the whole time in a tenth of it.
    for (const [name, presses] of [['half', 2], ['tenth', 5]]) {
      await page.locator('.lanes').focus();
      await page.keyboard.press('0');
      for (let press = 0; press < presses; press += 1) await page.keyboard.press('+');
      pan[name] = await page.evaluate(`(async () => {
        const lanes = document.querySelector('.lanes');
        const box = lanes.getBoundingClientRect();
        const [x, y] = [box.left + box.width * 0.6, box.top + 150];
        const send = (type, to, target) => target.dispatchEvent(new MouseEvent(type, { clientX: to, clientY: y, bubbles: true, cancelable: true, view: window, buttons: 1 }));
        send('mousedown', x, lanes);
        const measured = await (${frames})((frame) => send('mousemove', x + 200 * Math.sin(frame / 20), window), ${WATCHED});
        send('mouseup', x, window);
        return measured;
      })()`);
    }
    await page.keyboard.press('0');
    await page.waitForTimeout(300);
    const scroll = await page.evaluate(`(${frames})((frame) => { document.querySelector('.grid').scrollTop = frame * 97; }, ${WATCHED})`);
    const search = await page.evaluate(async () => {
      const input = document.querySelector('.search input');
      const times = [];
      for (const text of ['o', 'orders-1', 'orders-17', 'batch win32', 'nothing like it', '']) {
        const before = performance.now();
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
        times.push(Math.round(performance.now() - before));
      }
      return times;
    });
    return { ...shown, pan, scroll, search_ms: search };
  });
}

const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  try {
    const packed = /^\/package\/(.*)$/.exec(path);
    const body = packed ? (packed[1] ? readFileSync(join(PACKAGE, packed[1])) : '<input type="file">') : readFileSync(join(DIST, path === '/' ? 'index.html' : path));
    response.writeHead(200, { 'content-type': TYPES[extname(path) || '.html'] ?? 'text/plain' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${server.address().port}/`;
const scratch = mkdtempSync(join(tmpdir(), 'lockwait-bench-'));
try {
  const [file] = process.argv.slice(2);
  const log = join(scratch, 'crowd.log');
  if (!file) writeFileSync(log, crowd());
  console.log(JSON.stringify(await (file ? read(address, resolve(file)) : look(address, log)), null, 2));
} finally {
  rmSync(scratch, { recursive: true });
  server.close();
}
