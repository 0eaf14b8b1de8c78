// One file of it all: the script and the style stand in the page, and its policy allows them by their hashes.

import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export function single(name: string): Plugin {
  return {
    name: 'lockwait-single',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const page = files.find((file) => file.type === 'asset' && file.fileName.endsWith('.html'));
      const style = files.find((file) => file.type === 'asset' && file.fileName.endsWith('.css'));
      const scripts = files.filter((file) => file.type === 'chunk');
      const [script] = scripts;
      if (page?.type !== 'asset' || style?.type !== 'asset' || script?.type !== 'chunk' || files.length !== 3) {
        throw new Error(`one page, one script and one style are expected, not ${files.map((file) => file.fileName)}`);
      }
      // In a script, '<\/' and '\x3c!--' say the same and end nothing.
      const code = script.code.trim().replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '\\x3c!--');
      const rules = String(style.source).trim();
      let html = String(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/, '');
      html = html.replace(/script-src 'self'/, () => `script-src ${hash(code)}`);
      html = html.replace(/style-src 'self'/, () => `style-src ${hash(rules)}`);
      html = html.replace(/img-src 'self' data:/, () => 'img-src data:');
      html = html.replace('</head>', () => `<style>${rules}</style>\n</head>`);
      html = html.replace('</body>', () => `<script type="module">${code}</script>\n</body>`);
      for (const file of files) delete bundle[file.fileName];
      this.emitFile({ type: 'asset', fileName: name, source: html });
    },
  };
}
