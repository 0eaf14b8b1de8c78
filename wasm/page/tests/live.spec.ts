// The page of `lockwait watch --page`, against a server that says what the command would.

import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { ROOT } from './site';

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const HOSTILE = '/drop/<img src=x onerror="window.ran=1">.pdf';

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
  await page.goto(`${address}/live.html?token=s3cret`);
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
  expect(asked).toContain('GET /events?token=s3cret');
  expect(asked.every((request) => request.startsWith('GET '))).toBe(true);
  expect(elsewhere).toEqual([]);
  reader!.end();
  server.closeAllConnections();
  server.close();
});
