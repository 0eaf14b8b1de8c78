import { defineConfig } from 'vite';
import { virtual } from './build/virtual.ts';

export const common = defineConfig({
  base: './',
  plugins: [virtual()],
  // That packing the engine takes seconds is known.
  worker: { format: 'iife', plugins: () => [virtual()], rollupOptions: { checks: { pluginTimings: false } } },
});

/** The static page, and the page of `lockwait watch --page`. */
export default defineConfig({
  ...common,
  build: {
    target: 'es2022',
    // Preloading asks by fetch, which the page's policy forbids.
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: ['index.html', 'live.html'], checks: { pluginTimings: false } },
  },
});
