// Which packages of others a bundle carries, and their licences: whoever passes a bundle on passes those on too.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folders, relative to `root`, of the packages that the chunks of one bundle were made from; sorted. */
export function packageFolders(root, chunks) {
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules ?? {}));
  const folders = modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))]
    .map((folder) => path.relative(root, folder))
    .sort();
}

/** One text: each licence once, under the packages it covers. Throws for a package that names none. */
export function licenceText(root, folders) {
  const covered = new Map();
  for (const folder of [...new Set(folders)].sort()) {
    const full = path.join(root, folder);
    const { name, version, license } = JSON.parse(readFileSync(path.join(full, 'package.json'), 'utf8'));
    const file = readdirSync(full).find((one) => /^(licen[cs]e|copying)(\.|$)/i.test(one));
    if (file === undefined && license === undefined)
      throw new Error(`${name} ${version} names no licence: leave it out`);
    const text = file === undefined ? `Licence: ${license}` : readFileSync(path.join(full, file), 'utf8').trim();
    const notice = existsSync(path.join(full, 'NOTICE')) ? readFileSync(path.join(full, 'NOTICE'), 'utf8').trim() : '';
    const whole = notice === '' ? text : `${text}\n\n${notice}`;
    covered.set(whole, [...(covered.get(whole) ?? []), `${name} ${version}`]);
  }
  const parts = [...covered].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return ['The bundles of this package carry code of these packages, under these licences.\n', ...parts].join(
    `\n${'='.repeat(80)}\n\n`,
  );
}
