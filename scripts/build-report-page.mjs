// Builds the script and the style of an incident's report, uPlot within: dist/report-page/page.js and page.css. They are
// put into each report as they are, so that it is one file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { packageFolders } from './bundled-packages.mjs';

const root = path.join(import.meta.dirname, '..');
const out = path.join(root, 'dist/report-page');
const own = path.join(root, 'cli/report/browser');

mkdirSync(out, { recursive: true });
const bundle = await rolldown({ input: path.join(own, 'page.ts'), platform: 'browser' });
const { output } = await bundle.write({ file: path.join(out, 'page.js'), format: 'iife', minify: true });
await bundle.close();
const styles = [path.join(root, 'node_modules/uplot/dist/uPlot.min.css'), path.join(own, 'page.css')];
writeFileSync(path.join(out, 'page.css'), styles.map((file) => readFileSync(file, 'utf8')).join('\n'));
writeFileSync(path.join(out, 'bundled-packages.json'), JSON.stringify(packageFolders(root, output)));
