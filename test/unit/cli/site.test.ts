/** `switchback site`: writes what deploys, and nothing else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSite } from '../../../cli/site';
import { readConfigFile } from '../../../config/read';

const outputs = join(__dirname, '../../../examples/greenfield/outputs.json');
let folder: string;
let told: jest.SpyInstance;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchback-site-'));
  told = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  told.mockRestore();
  rmSync(folder, { recursive: true });
});

it('writes a configuration that reads back, and says what it guards and how far it may go', () => {
  const out = join(folder, 'switchback.yaml');
  expect(writeSite({ outputs, out })).toBe(0);
  expect(readConfigFile(out).connections['paris']!.mode).toBe('observe');
  expect(told).toHaveBeenCalledWith(expect.stringContaining('gateways gw-a, gw-b; connections paris (mode observe)'));
});

it('writes nothing that would not deploy', () => {
  const file = JSON.parse(readFileSync(outputs, 'utf8'));
  delete file['switchback-network'].SiteGateway2;
  const broken = join(folder, 'outputs.json');
  writeFileSync(broken, JSON.stringify(file));
  const out = join(folder, 'switchback.yaml');
  expect(() => writeSite({ outputs: broken, out })).toThrow(/paths\.b\.gateway/);
  expect(existsSync(out)).toBe(false);
});
