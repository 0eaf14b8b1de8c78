// Text of the evidence is only ever text; and nothing leaves the page.

import { choose, expect, type Form, given, saved, test } from './site';

const SCRIPT = '<script>window.ran = 1</script>';
const PICTURE = '<img src=x onerror="window.ran = 2">';
const NAMES = [`C:\\in\\${SCRIPT}.dat`, `C:\\in\\"><svg onload=window.ran=3>.dat`, `C:\\in\\\u202etxt.exe\u202c${PICTURE}.dat`, '=HYPERLINK("javascript:window.ran=4")'];

function hostileLog(): string {
  const lines = NAMES.flatMap((path) =>
    [0, 1, 2].map((second) => `2026-03-02 09:00:0${second}.000 +00:00 [ERR] ${PICTURE}: The process cannot access the file '${path}' because it is being used by another process. The file is locked by: "${SCRIPT} (12)"`));
  return `${lines.sort().join('\n')}\n`;
}

/** Process Monitor keeps every name as it is. */
function hostileRows(): string {
  const heading = ['Time of Day', 'Process Name', 'PID', 'Operation', 'Path', 'Result', 'Detail'];
  const rows = NAMES.flatMap((path) =>
    [0, 1, 2].map((second) => [`9:00:0${second}.0000000 AM`, `${PICTURE}.exe`, '12', 'CreateFile', path, 'SHARING VIOLATION', `Desired Access: Generic Read, ShareMode: ${SCRIPT}`]));
  return [heading, ...rows.sort()].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
}

for (const form of ['static', 'single'] satisfies Form[]) {
  test(`names and messages that are HTML and script are shown as text by the ${form} page`, async ({ open }) => {
    const page = await open(form);
    await choose(page, [given(`${PICTURE}.log`, hostileLog()), given(`${SCRIPT}.csv`, hostileRows())]);
    await expect(page.locator('.source .path').first()).toHaveText(`${PICTURE}.log`);
    const rows = page.locator('.body .row');
    // An episode for each name, and those of the other file.
    await expect(rows.nth(NAMES.length)).toBeVisible();
    const count = await rows.count();
    for (let row = 0; row < count; row += 1) {
      await rows.nth(row).click();
      await expect(page.locator('#detail pre').first()).toContainText('<img src=x onerror=');
    }
    await page.getByText('The timeline in words').click();
    await page.locator('.lanes').hover({ position: { x: 500, y: 40 } });
    await expect(page.locator('.body')).toContainText('<script>window.ran = 1</script>.dat');
    // A character that turns text round is shown, and turns nothing.
    expect(await page.locator('#app').innerText()).not.toContain('\u202e');
    expect(await page.locator('#app script, #app img, #app iframe, #app svg[onload], #app a[href^="javascript"]').count()).toBe(0);
    expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  });
}

test('a report to import whose texts are HTML and script is shown as text', async ({ open }) => {
  const page = await open();
  await choose(page, [given('a.log', hostileLog())]);
  const report = JSON.parse(await saved(page, 'JSON')) as { summary: { sentence: string }; inputs: { name: string; warnings: string[] }[]; episodes: { actor: string; verdict: { reasons: { name: string; weight: number; text: string }[]; needs?: string } }[] };
  report.summary.sentence = SCRIPT;
  report.inputs[0]!.name = PICTURE;
  report.inputs[0]!.warnings = [SCRIPT];
  for (const episode of report.episodes) {
    episode.actor = PICTURE;
    episode.verdict.needs = SCRIPT;
    episode.verdict.reasons.push({ name: PICTURE, weight: 1, text: SCRIPT });
  }
  await page.getByRole('button', { name: 'Start again' }).click();
  await choose(page, [given('report.json', JSON.stringify(report))]);
  await page.locator('.body .row').first().click();
  await expect(page.locator('h1')).toHaveText(SCRIPT);
  await expect(page.locator('#detail')).toContainText(PICTURE);
  expect(await page.locator('#app script, #app img').count()).toBe(0);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
});

for (const form of ['static', 'single'] satisfies Form[]) {
  test(`neither the ${form} page nor its worker can send anything`, async ({ page, address, open }, info) => {
    // Only to reach the page: what follows breaks its rules on purpose.
    await open(form);
    page.removeAllListeners('console');
    page.removeAllListeners('request');
    await expect.poll(() => page.workers().length).toBe(1);
    const asked: string[] = [];
    await page.context().route(/./, (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    const attempt = async (to: string) => {
      const tries = [
        () => fetch(to).then(() => 'sent'),
        () => new Promise<string>((resolve, reject) => {
          const socket = new WebSocket(to.replace('http', 'ws'));
          socket.onopen = () => resolve('sent');
          socket.onerror = reject;
        }),
        () => new Promise<string>((resolve, reject) => {
          const source = new EventSource(to);
          source.onopen = () => resolve('sent');
          source.onerror = reject;
        }),
      ];
      return Promise.all(tries.map((one) => Promise.resolve().then(one).catch(() => 'refused')));
    };
    const refused = ['refused', 'refused', 'refused'];
    for (const to of [address, 'http://192.0.2.1/']) {
      expect(await page.evaluate(attempt, to)).toEqual(refused);
      expect(await page.workers()[0]!.evaluate(attempt, to)).toEqual(refused);
    }
    expect(asked, info.title).toEqual([]);
    const rules = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    for (const rule of ["default-src 'none'", "connect-src 'none'", "base-uri 'none'", "form-action 'none'"]) expect(rules).toContain(rule);
    expect(rules!.replace("'wasm-unsafe-eval'", '')).not.toMatch(/unsafe|http|\*/);
  });
}
