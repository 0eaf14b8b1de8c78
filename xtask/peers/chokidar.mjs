// chokidar with awaitWriteFinish at its defaults: moves each file of the first folder to the second.
import { renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { watch } from 'chokidar';

const [source, destination] = process.argv.slice(2);
watch(source, { awaitWriteFinish: true })
  .on('add', (path) => renameSync(path, join(destination, basename(path))))
  .on('ready', () => console.log('ready'));
