/** The document that makes an adopted gateway publish its tunnels, as deployed: run by a real shell below a root of our own. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../../core/words/domain';
import { instanceAt } from '../../core/words/gateways';
import { fileOf, metricsFiles, metricsSettings } from '../../infra/tunnel-metrics';
import { missingPrograms } from '../programs';
import { resources, siteDeployment, synthesizeSite } from './synthesis';

const site = siteDeployment('pair');
const publishing: Deployment = {
  ...site,
  gateways: { ...site.gateways, 'gw-a': { ...instanceAt(site, 'gw-a'), tunnelMetrics: true } },
};
const named = (deployment: Deployment) =>
  resources(synthesizeSite(deployment), 'AWS::SSM::Document').find(
    ([, { Properties }]) => Properties.Name === 'switchback-install-tunnel-metrics',
  )?.[1].Properties;

const document = named(publishing);
const { parameters, mainSteps } = document.Content;

it('is there where a gateway publishes, and nowhere else', () => {
  expect(document).toMatchObject({ DocumentType: 'Command', TargetType: '/AWS::EC2::Instance' });
  expect(named(site)).toBeUndefined();
});

it('takes only values that a shell cannot misread, as environment variables', () => {
  for (const [name, { allowedPattern, interpolationType }] of Object.entries<Record<string, string>>(parameters)) {
    expect([name, interpolationType]).toEqual([name, 'ENV_VAR']);
    for (const bad of ['x; reboot', '$(reboot)', '{{ x }}', 'a\nb', '`id`', ''])
      expect([name, bad, new RegExp(allowedPattern!).test(bad)]).toEqual([name, bad, false]);
  }
  expect(mainSteps[0].inputs.runCommand[0]).not.toMatch(/\{\{|\}\}/);
});

const missing = missingPrograms('bash', 'sh', 'awk', 'cat', 'chmod', 'mkdir', 'rm', 'tr');
const inShell = missing.length === 0 ? describe : describe.skip;

inShell('on a machine', () => {
  let root: string;
  const at = (path: string): string => join(root, path);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'switchback-metrics-'));
    for (const folder of ['etc/systemd/system', 'programs']) mkdirSync(at(folder), { recursive: true });
    program('systemctl', '');
    program('aws', '');
    program('journalctl', 'echo AccessDenied');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function program(name: string, body: string): void {
    writeFileSync(at(`programs/${name}`), `#!/bin/sh\necho "${name} $*" >> ${root}/calls\n${body}\n`);
    chmodSync(at(`programs/${name}`), 0o755);
  }
  function run(variables: Record<string, string>) {
    const script = mainSteps[0].inputs.runCommand[0].replace(/(?<=[ "=])\/(etc|usr\/local)\b/gm, `${root}/$1`);
    const env = { PATH: `${at('programs')}:${process.env['PATH']}`, ...variables };
    const { status, stdout } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    return { status, said: stdout.trim().split('\n').at(-1) };
  }
  const asked = { SSM_Action: 'install', SSM_Gateway: 'gw-a', SSM_Tunnels: 'aws-1,aws-2' };
  const stands = () =>
    [...metricsFiles.map(({ path }) => path), '/etc/switchback/metrics'].map((path) => existsSync(at(path)));

  it('puts the files of a greenfield gateway in their places, once or twice, and publishes', () => {
    for (let time = 0; time < 2; time++)
      expect(run(asked)).toEqual({ status: 0, said: 'installed: aws-1,aws-2 of gw-a are published once a minute' });
    for (const { file, path, mode } of metricsFiles) {
      // The paths in it are below the root of this test.
      expect(readFileSync(at(path), 'utf8').replaceAll(root, '')).toBe(fileOf(file));
      expect((statSync(at(path)).mode & 0o777).toString(8)).toBe(mode.slice(1));
    }
    expect(readFileSync(at('etc/switchback/metrics'), 'utf8')).toBe(
      metricsSettings({ deployment: 'switchback', region: site.region, gateway: 'gw-a', tunnels: ['aws-1', 'aws-2'] }),
    );
    expect(readFileSync(at('calls'), 'utf8')).toContain(
      'systemctl daemon-reload\nsystemctl enable --now switchback-metrics.timer\nsystemctl start switchback-metrics.service\n',
    );
  });

  it('takes away what it brought, and may be asked to twice', () => {
    run(asked);
    for (let time = 0; time < 2; time++)
      expect(run({ ...asked, SSM_Action: 'uninstall' })).toEqual({
        status: 0,
        said: 'uninstalled: nothing is published any more',
      });
    expect(stands()).toEqual([false, false, false, false, false]);
    expect(readFileSync(at('calls'), 'utf8')).toContain('systemctl disable --now switchback-metrics.timer\n');
  });

  it('leaves the reader to the watch over the tunnels of a greenfield gateway', () => {
    run(asked);
    writeFileSync(at('usr/local/sbin/switchback-watch-tunnels'), '');
    run({ ...asked, SSM_Action: 'uninstall' });
    expect(stands()).toEqual([true, false, false, false, false]);
  });

  it('says what keeps it from publishing: a grant, or an agent that passes no parameters', () => {
    program('systemctl', '[ "$1" != start ]');
    expect(run(asked)).toMatchObject({
      status: 1,
      said: expect.stringMatching(/could not publish: .*PutMetricData in Switch/),
    });
    expect(run({})).toMatchObject({ status: 1, said: expect.stringContaining('3.3.2746.0') });
  });
});
