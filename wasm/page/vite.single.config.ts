import { defineConfig } from 'vite';
import { single } from './build/single.ts';
import { common } from './vite.config.ts';

/** The page as one file that opens from disk. */
export default defineConfig({
  ...common,
  plugins: [...common.plugins!, single('lockwait.html')],
  build: {
    target: 'es2022',
    modulePreload: false,
    emptyOutDir: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4000,
    rollupOptions: { input: 'index.html', output: { codeSplitting: false }, checks: { pluginTimings: false } },
  },
});
