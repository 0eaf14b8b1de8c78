// Looking at the evidence: by keyboard, by link, in every width and colour.

import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, expect, isRead, test } from './site';
import { SAMPLES } from './native';

async function showSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Show a sample' }).click();
  await isRead(page);
  await expect(page.locator('.body .row').first()).toBeVisible();
}

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let step = 0; step < 80; step += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`Tab never came to ${selector}`);
}

test('the sample answers in one click: what needs action, why, and who held it', async ({ open }) => {
  const page = await open();
  await showSample(page);
  await expect(page.locator('h1')).toContainText('need you');
  const group = page.locator('.group', { hasText: 'a backup holds the file' });
  await expect(group).toContainText('Move the backup to another time');
  await group.locator('button.path').first().click();
  await expect(page.locator('#detail')).toContainText('known-backup');
  await expect(page.locator('#detail .holders')).toContainText('VeeamAgent.exe (process 7340)');
  await expect(page.locator('#detail pre').first()).toContainText('SHARING VIOLATION');
  await expect(page.locator('#detail')).toContainText('STATUS_SHARING_VIOLATION');
});

test('everything is done by the keyboard alone', async ({ open }) => {
  const page = await open();
  await tabTo(page, '.drop .buttons button:last-child');
  await page.keyboard.press('Enter');
  await isRead(page);
  await tabTo(page, '.lanes');
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/zoom=0\.\d+-0\.\d+/);
  await page.keyboard.press('0');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const said = page.locator('.timeline [aria-live]');
  await expect(said).toContainText('held');
  const path = (await said.innerText()).split(':').slice(0, 2).join(':');
  await page.keyboard.press('Enter');
  await expect(page.locator('#detail')).toBeFocused();
  await expect(page.locator('#detail h2')).toHaveText(path);
  await tabTo(page, '.what-if input');
  await page.keyboard.press('Shift+Tab');
  await page.locator('.search input').focus();
  await page.keyboard.type('invoice');
  await expect(page.locator('.shown')).toHaveText(/^24 of/);
  await tabTo(page, '.grid');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.locator('#detail')).toBeFocused();
  await expect(page.locator('#detail h2')).toContainText('invoice-4733.xml');
});

test('a link restores the view, and contains nothing of the evidence', async ({ open }) => {
  const page = await open();
  await showSample(page);
  await page.getByRole('button', { name: 'Held', exact: true }).click();
  await page.locator('.chips .chip.act').click();
  await page.getByLabel('Kind').selectOption('backup');
  await page.locator('.search input').fill('orders veeam');
  await page.locator('.body .row').nth(2).click();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.locator('#policy-quiet').focus();
  await page.keyboard.press('ArrowRight');
  const wanted = { sort: 'held-', advice: 'act', kind: 'backup', policy: 'quiet:10s' };
  await expect.poll(() => page.evaluate(() => Object.fromEntries(new URLSearchParams(location.hash.slice(1))))).toMatchObject(wanted);
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('zoom=');
  const link = await page.evaluate(() => location.hash);
  expect(link).toMatch(/^#[a-z0-9=&.:+-]+$/);
  for (const word of ['orders', 'veeam', 'drop', 'edi', '7340', '2026']) expect(link.toLowerCase()).not.toContain(word);
  const path = await page.locator('#detail h2').innerText();

  await page.goto('about:blank');
  await open('static', link);
  await showSample(page);
  await expect(page.locator('#detail h2')).toHaveText(path);
  await expect(page.locator('.cell.held[role=columnheader]')).toHaveAttribute('aria-sort', 'descending');
  await expect(page.locator('.chips .chip.act')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByLabel('Kind')).toHaveValue('backup');
  await expect(page.locator('output[for=policy-quiet]')).toHaveText('10s');
  expect(await page.evaluate(() => location.hash)).toBe(link);
});

test('another policy is answered at once, and one that cannot be is refused with words', async ({ open }) => {
  const page = await open();
  await showSample(page);
  const attempts = page.locator('.outcome tr', { hasText: 'Attempts' }).locator('td.strong');
  await expect(attempts).toHaveText(/\d/);
  await expect(page.locator('.outcome table')).toHaveAttribute('aria-busy', 'false');
  const before = await attempts.innerText();
  await page.locator('#policy-retry').focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
  await expect(attempts).not.toHaveText(before);
  await expect(page.locator('.outcome code.policy')).toContainText('retry = "2s"');
  await page.keyboard.press('End');
  await expect(page.locator('.outcome .fault')).toContainText('retry_cap');
  await page.getByRole('button', { name: 'Defaults' }).click();
  await expect(attempts).toHaveText(before);
  await expect(page.locator('.outcome .fault')).toHaveText('');
});

test('the brush of the timeline filters the table, and is taken back', async ({ open }) => {
  const page = await open();
  await showSample(page);
  const all = await page.locator('.shown').innerText();
  await page.locator('.timeline').scrollIntoViewIfNeeded();
  const strip = (await page.locator('.overview svg').boundingBox())!;
  await page.mouse.move(strip.x + strip.width * 0.4, strip.y + 18);
  await page.mouse.down();
  await page.mouse.move(strip.x + strip.width * 0.45, strip.y + 18);
  await page.mouse.move(strip.x + strip.width * 0.5, strip.y + 18);
  await page.mouse.up();
  await expect(page.locator('.shown')).toHaveText(/^\d+ of 44 episodes$/);
  await page.getByRole('button', { name: 'Only the time shown above' }).click();
  await expect(page.locator('.shown')).toHaveText(all);
});

test('the timeline is moved by dragging and zoomed by Control and wheel', async ({ open }) => {
  const page = await open();
  await showSample(page);
  await page.locator('.timeline').scrollIntoViewIfNeeded();
  const lanes = (await page.locator('.lanes').boundingBox())!;
  const [x, y] = [lanes.x + lanes.width * 0.6, lanes.y + 150];
  const zoom = () => page.evaluate(() => /zoom=([\d.]+)-([\d.]+)/.exec(location.hash)?.slice(1).map(Number) ?? [0, 1]);
  await page.mouse.move(x, y);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -400);
  await page.keyboard.up('Control');
  await expect.poll(async () => (await zoom())[0]).toBeGreaterThan(0);
  const [from, to] = await zoom();
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await zoom())[0]).toBeLessThan(from!);
  const [left, right] = await zoom();
  expect(right! - left!).toBeCloseTo(to! - from!, 4);
});

for (const [look, width, scheme] of [['light', 1280, 'light'], ['dark', 1280, 'dark'], ['narrow', 320, 'light']] as const) {
  test(`axe finds nothing serious, and nothing is wider than the page: ${look}`, async ({ open, page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await open();
    const check = async (where: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    };
    await check('welcome');
    await page.getByText('Nothing leaves this page, and you can check that').click();
    await page.getByRole('button', { name: 'Paste text' }).click();
    await check('welcome, opened');
    await showSample(page);
    await page.locator('.body .row').first().click();
    await expect(page.locator('#detail')).toContainText('Raw records');
    await page.getByText('The timeline in words').click();
    await page.locator('.chips .chip.act').click();
    await check('answer');
  });
}

test('the theme is chosen by a button', async ({ open }) => {
  const page = await open();
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const theme = page.getByRole('button', { name: /^Theme/ });
  await theme.click();
  const light = await colour();
  await theme.click();
  await expect(theme).toHaveText(/dark/);
  expect(await colour()).not.toBe(light);
});

test('nothing shifts while the answer comes in', async ({ open }) => {
  const page = await open();
  await page.evaluate(() => {
    const seen = window as unknown as { shift: number };
    seen.shift = 0;
    // What a person's click changes at once is no shift.
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
        if (!entry.hadRecentInput) seen.shift += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await choose(page, [join(SAMPLES, 'wire.pcap'), join(SAMPLES, 'procmon.csv')]);
  await expect(page.locator('.body .row').first()).toBeVisible();
  // 0.1 is where Web Vitals begin to call a page shifting.
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.1);
});
