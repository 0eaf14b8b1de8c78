// Each format gives the report that the command gives, byte for byte, from the static page and from the single file.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choose, expect, type Form, saved, test } from './site';
import { diagnosed, SAMPLES } from './native';

/** Every file that evidence/examples/samples.rs writes, with the format it is. */
const FORMATS: [string, string][] = [
  ['application.evtx', 'evtx'],
  ['application.evt', 'evt'],
  ['events.xml', 'event-xml'],
  ['events.csv', 'event-csv'],
  ['events.txt', 'event-text'],
  ['wire.pcap', 'pcap'],
  ['wire.pcapng', 'pcapng'],
  ['wire.snoop', 'snoop'],
  ['procmon.csv', 'procmon-csv'],
  ['run.trace', 'lockwait-trace'],
  ['watch.jsonl', 'lockwait-events'],
  ['taker.log', 'text'],
  ['taker.log.gz', 'text'],
  ['wire.pcap.gz', 'pcap'],
];

for (const form of ['static', 'single'] satisfies Form[]) {
  test(`every format gives the command's report, from the ${form} page`, async ({ open }) => {
    const page = await open(form);
    for (const [name, format] of FORMATS) {
      await test.step(name, async () => {
        const wanted = diagnosed(SAMPLES, name);
        // An input of which nothing is read would prove nothing.
        const { inputs, episodes } = JSON.parse(wanted) as { inputs: { format: string }[]; episodes: unknown[] };
        expect(inputs[0]!.format).toBe(format);
        expect(episodes.length).toBeGreaterThan(0);
        await choose(page, [join(SAMPLES, name)]);
        expect(await saved(page, 'JSON'), name).toBe(wanted);
        await page.getByRole('button', { name: 'Start again' }).click();
      });
    }
  });

  test(`two files at once give the command's report of both, from the ${form} page`, async ({ open }) => {
    const page = await open(form);
    await choose(page, [join(SAMPLES, 'taker.log'), join(SAMPLES, 'wire.pcapng')]);
    expect(await saved(page, 'JSON')).toBe(diagnosed(SAMPLES, 'taker.log', 'wire.pcapng'));
    await expect(page.locator('.source')).toHaveCount(2);
  });
}

/** Rows of Process Monitor: 3 MB, so that pages and commands read them in pieces, which end anywhere. */
function longRows(): string {
  const heading = '"Time of Day","Process Name","PID","Operation","Path","Result","Detail"';
  const rows = Array.from({ length: 18_000 }, (_, n) => {
    const clock = new Date(Date.UTC(2026, 2, 2, 1) + n * 250).toISOString().slice(12, 23);
    return `"${clock}0000 AM","taker.exe","4100","CreateFile","D:\\drop\\in\\ORDERS-${n % 90}.edi","SHARING VIOLATION","Desired Access: Generic Read, Delete, Disposition: Open, ShareMode: Read, Write, Delete"`;
  });
  return [heading, ...rows, ''].join('\r\n');
}

test('where a long input is cut into pieces changes nothing', async ({ open }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockwait-page-'));
  writeFileSync(join(folder, 'long.csv'), longRows());
  const page = await open();
  await choose(page, [join(folder, 'long.csv')]);
  const json = await saved(page, 'JSON');
  const { inputs } = JSON.parse(json) as { inputs: { records: number; lock_failures: number }[] };
  expect(inputs[0]).toMatchObject({ records: 18_000, lock_failures: 18_000 });
  expect(json).toBe(diagnosed(folder, 'long.csv'));
});

test('files that are added later are judged together with the first', async ({ open }) => {
  const page = await open();
  await choose(page, [join(SAMPLES, 'procmon.csv')]);
  await choose(page, [join(SAMPLES, 'application.evt')]);
  expect(await saved(page, 'JSON')).toBe(diagnosed(SAMPLES, 'procmon.csv', 'application.evt'));
});

test('the HTML report is one that runs nothing and loads nothing', async ({ open, browser }) => {
  const page = await open();
  await choose(page, [join(SAMPLES, 'wire.pcap')]);
  const html = await saved(page, 'HTML report');
  const sentence = await page.locator('h1').innerText();
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
  const reader = await browser.newPage();
  await reader.setContent(html);
  expect(await reader.locator('h1').innerText()).toBe(sentence);
  expect(await reader.locator('script, img, iframe').count()).toBe(0);
  await reader.close();
});

test('the CSV has a row for each episode, and no cell that a spreadsheet would run', async ({ open }) => {
  const page = await open();
  const line = (path: string) => `2026-03-02 09:00:00.000 +00:00 [ERR] X: The process cannot access the file '${path}' because it is being used by another process.\n`;
  await choose(page, [{ name: 'a.log', mimeType: 'text/plain', buffer: Buffer.from(line('C:\\in\\a, "b".dat') + line('=cmd|calc.dat')) }]);
  const { episodes } = JSON.parse(await saved(page, 'JSON')) as { episodes: unknown[] };
  const rows = (await saved(page, 'CSV')).trimEnd().split('\r\n');
  expect(rows[0]).toMatch(/^\u{feff}path,advice,kind,confidence,first,/u);
  expect(rows.length).toBe(episodes.length + 1);
  for (const row of rows) expect(row).not.toMatch(/(^|,)"?[=+@]/);
});

test('text that is pasted is read', async ({ open }) => {
  const page = await open();
  const text = readFileSync(join(SAMPLES, 'taker.log'), 'utf8');
  await page.getByRole('button', { name: 'Paste text' }).click();
  await page.getByLabel('Lines of a log').fill(text);
  await page.getByRole('button', { name: 'Read this text' }).click();
  const wanted = JSON.parse(diagnosed(SAMPLES, 'taker.log')) as { summary: { sentence: string } };
  await expect(page.locator('h1')).toHaveText(wanted.summary.sentence);
});
