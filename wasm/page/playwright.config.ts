import { defineConfig } from '@playwright/test';

/** Debian's Chromium, which talks to nobody but the tests. */
export const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
};

export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/setup.ts',
  outputDir: 'test-results',
  timeout: 60_000,
  workers: 1,
  reporter: 'list',
  use: { launchOptions: CHROMIUM, viewport: { width: 1280, height: 900 } },
});
