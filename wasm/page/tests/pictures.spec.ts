// Pictures to look at, in the folder 'pictures'.

import { join } from 'node:path';
import { expect, isRead, ROOT, test } from './site';

for (const [look, width, height, scheme] of [['light', 1360, 900, 'light'], ['dark', 1360, 900, 'dark'], ['narrow', 360, 800, 'light']] as const) {
  test(`pictures are taken: ${look}`, async ({ open, page }) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    await open();
    const picture = (name: string, fullPage = false) => page.screenshot({ path: join(ROOT, 'pictures', `${look}-${name}.png`), fullPage });
    await picture('welcome');
    await page.getByRole('button', { name: 'Show a sample' }).click();
    await isRead(page);
    await page.locator('.group button.path').first().click();
    await expect(page.locator('#detail')).toContainText('Raw records');
    await expect(page.locator('.outcome table')).toHaveAttribute('aria-busy', 'false');
    await picture('answer', true);
  });
}
