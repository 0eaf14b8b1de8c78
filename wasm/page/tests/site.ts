// The built page on loopback, and as one file; and a browser that fails the test when anything leaves.

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves the files of `dist`, and nothing else. */
export async function serve(): Promise<{ address: string; server: Server }> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    try {
      const body = readFileSync(join(DIST, path === '/' ? 'index.html' : path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/html; charset=utf-8' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** The page in both of its forms. */
export type Form = 'static' | 'single';

interface Site {
  /** Where the static page is. */
  address: string;
  /** Opens the page; in the end, the test fails if a script failed, a rule was broken, or a request went elsewhere. */
  open: (form?: Form, fragment?: string) => Promise<Page>;
}

export const test = base.extend<Site, { site: string }>({
  site: [
    async ({}, use) => {
      const { address, server } = await serve();
      await use(address);
      server.close();
    },
    { scope: 'worker' },
  ],
  address: async ({ site }, use) => use(site),
  open: async ({ page, site }, use) => {
    const faults: string[] = [];
    let own = site;
    page.on('request', (request) => {
      const url = request.url();
      const local = url.startsWith('blob:') || url.startsWith('data:');
      if (!local && !url.startsWith(own)) faults.push(`a request left the page: ${request.method()} ${url}`);
    });
    page.on('websocket', (socket) => faults.push(`a socket was opened: ${socket.url()}`));
    page.on('pageerror', (error) => faults.push(`a script failed: ${error.message}`));
    page.on('dialog', (dialog) => {
      faults.push(`a dialogue was opened: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`the console says: ${message.text()}`);
    });
    await use(async (form = 'static', fragment = '') => {
      const address = form === 'static' ? site : pathToFileURL(join(DIST, 'lockwait.html')).href;
      own = form === 'static' ? site : address;
      await page.goto(address + fragment);
      return page;
    });
    expect(faults).toEqual([]);
  },
});

export { expect };

/** A file as the browser gets it. */
export interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export const given = (name: string, content: string | Buffer): Given => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.isBuffer(content) ? content : Buffer.from(content),
});

/** Chooses files as a person does, and waits until they are read. */
export async function choose(page: Page, files: string[] | Given[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^(Choose|Add) files$/ }).click();
  await (await chooser).setFiles(files as string[]);
  await isRead(page);
}

export async function isRead(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Add files' })).toBeVisible({ timeout: 30_000 });
}

/** The report as it is saved in that form. */
export async function saved(page: Page, form: 'JSON' | 'CSV' | 'HTML report'): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: form, exact: true }).click();
  return readFileSync(await (await download).path(), 'utf8');
}
