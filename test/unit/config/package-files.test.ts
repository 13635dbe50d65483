/** The package finds its own folder, whatever depth its code was moved to, and never takes that of its user. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolderFrom, packagePath } from '../../../config/package-files';

const root = join(__dirname, '../../..');

it('finds the files of the package from its sources', () => {
  expect(packagePath('.')).toBe(root);
  expect(readFileSync(packagePath('statemachines/failover.asl.json'), 'utf8')).toContain('"StartAt"');
});

describe('somewhere else', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchback-package-'));
    mkdirSync(join(folder, 'node_modules/switchback/dist/command/parts'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name": "mine"}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds the folder from any depth, over packages of others', () => {
    const own = join(folder, 'node_modules/switchback');
    writeFileSync(join(own, 'package.json'), '{"name": "switchback"}');
    writeFileSync(join(own, 'dist/package.json'), '{"type": "commonjs"}');
    expect(packageFolderFrom(join(own, 'dist/command/parts'))).toBe(own);
  });

  it('says what to do when the code was bundled into something else', () => {
    expect(() => packageFolderFrom(folder)).toThrow(/does not lie in the package switchback.*leave the package out/);
  });
});
