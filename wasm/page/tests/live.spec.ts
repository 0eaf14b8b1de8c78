// The page of `lockwait watch --page`: the command's own, and against a server that says what the command might.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { ROOT } from './site';

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const HOSTILE = '/drop/<img src=x onerror="window.ran=1">.pdf';

test('the link that the command prints works once, and shows a file that waits and is then taken', async ({ page, browser }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockwait-live-'));
  const [source, dest] = ['in', 'out'].map((name) => join(folder, name)) as [string, string];
  for (const made of [source, dest]) mkdirSync(made);
  const path = join(source, 'order-17.dat');
  writeFileSync(path, 'half of it');
  const held = openSync(path, 'r+');
  const run = spawn(process.env.LOCKWAIT_BIN!, ['watch', source, '--into', dest, '--settle', '0', '--page', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const link = await new Promise<string>((resolve, reject) => {
      let told = '';
      run.stderr.on('data', (text: Buffer) => {
        told += text.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=\w+/.exec(told);
        if (found) resolve(found[0]);
      });
      run.once('exit', () => reject(new Error(`the command ended: ${told}`)));
    });
    const elsewhere: string[] = [];
    page.on('request', (request) => void (request.url().startsWith(new URL(link).origin) || request.url().startsWith('data:') || elsewhere.push(request.url())));
    await page.goto(link);
    expect(page.url()).toBe(`${new URL(link).origin}/`);
    await expect(page.getByRole('status')).toHaveText('live');
    await expect(page.locator('h1')).toHaveText('1 file waits, 0 taken');
    await expect(page.locator('section').first()).toContainText('order-17.dat');
    expect(await page.evaluate(() => document.cookie)).toBe('');

    const stranger = await (await browser.newContext()).newPage();
    expect((await stranger.goto(link))!.status()).toBe(403);
    await expect(stranger.locator('body')).toContainText('it works only once');
    await stranger.goto(new URL('/', link).href);
    await expect(stranger.getByRole('status')).toContainText('this browser has not used the link');
    await stranger.context().close();

    // The same browser comes back without the link.
    await page.reload();
    await expect(page.getByRole('status')).toHaveText('live');
    await expect(page.locator('section').first()).toContainText('order-17.dat');
    closeSync(held);
    await expect(page.locator('h1')).toHaveText('0 files wait, 1 taken');
    const event = page.locator('section').last().locator('tbody tr');
    await expect(event).toContainText('acquired');
    await expect(event).toContainText('order-17.dat');
    expect(readFileSync(join(dest, 'order-17.dat'), 'utf8')).toBe('half of it');
    expect(elsewhere).toEqual([]);

    run.kill('SIGTERM');
    await expect(page.getByRole('status')).not.toHaveText('live');
  } finally {
    run.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

test('the running router is shown as it is told, and text is only text', async ({ page }) => {
  const asked: string[] = [];
  let reader: ServerResponse | undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    if (url.pathname === '/events') {
      reader = response.writeHead(200, { 'content-type': 'text/event-stream' });
      reader.flushHeaders();
    } else {
      response.writeHead(200, { 'content-type': TYPES[extname(url.pathname)] ?? 'text/plain' }).end(readFileSync(join(ROOT, 'dist', url.pathname)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const elsewhere: string[] = [];
  page.on('request', (request) => void (request.url().startsWith(address) || request.url().startsWith('data:') || elsewhere.push(request.url())));
  await page.goto(`${address}/live.html`);
  await expect.poll(() => reader !== undefined).toBe(true);
  await expect(page.getByRole('status')).toHaveText('live');

  const say = (event: string, data: unknown) => reader!.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const since = new Date(Date.now() - 90_000).toISOString();
  say('state', {
    waiting: [
      { path: HOSTILE, since, attempts: 42, code: 'errno:11', verdict: { advice: 'act', kind: 'scanner', confidence: 'high', reasons: [], holders: [] } },
      { path: '/drop/b.pdf', since, attempts: 1, code: 'errno:11', verdict: null },
    ],
    taken: 7,
  });
  say('line', { at: since, event: 'lock-held', id: 6067, severity: 'warning', path: HOSTILE, waited_ms: 31_000, attempts: 42, code: 'errno:11', verdict: { advice: 'act', kind: 'scanner', confidence: 'high', reasons: [], holders: [{ name: '<b>clamd</b>', pid: 12, access: 'read' }] } });
  await expect(page.locator('h1')).toHaveText('2 files wait, 7 taken; 1 needs you');
  await expect(page.locator('section').first()).toContainText(HOSTILE);
  await expect(page.locator('section').last()).toContainText('<b>clamd</b>');
  expect(await page.locator('#app img, #app b').count()).toBe(0);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  await page.screenshot({ path: join(ROOT, 'pictures', 'live.png') });

  say('state', { waiting: [], taken: 9 });
  await expect(page.locator('h1')).toHaveText('0 files wait, 9 taken');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  expect(asked).toContain('GET /events');
  expect(asked.every((request) => request.startsWith('GET '))).toBe(true);
  expect(elsewhere).toEqual([]);
  reader!.end();
  server.closeAllConnections();
  server.close();
});
