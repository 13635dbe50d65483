/**
 * The same assertions on the local cloud's fakes and on moto, an AWS emulator that we did not write. The subjects are
 * our adapters, the state machine's own expressions and the runbooks' own steps; error codes are part of the contract.
 *
 * moto is optional (`pip install 'moto[server]'`). What it does otherwise than AWS documents is listed, not followed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { differences } from './differences';
import {
  desiredStateContract,
  gatewayContract,
  journalContract,
  leaseContract,
  reportsContract,
} from './dynamodb-suite';
import { patternsContract } from './events-suite';
import { fakes, fakesInMemory } from './fakes';
import { changingInstancesContract, readingInstancesContract } from './instances-suite';
import { alarmsContract, metricsContract } from './metrics-suite';
import { moto, motoOptions } from './moto';
import { isMotoInstalled } from './moto-server';
import { fenceContract, switchesContract } from './moto-switches';
import { namesContract, unwitnessedNamesContract } from './names-suite';
import { observedContract } from './observed-suite';
import { parametersContract } from './parameters-suite';
import { runbookApis, updateStates } from './product-calls';
import { rolesContract } from './roles-suite';
import { routesContract } from './routes-suite';
import { commandsContract, executionsContract, recordsContract, systemsManagerContract } from './runs-suite';
import { answered, type Cloud } from './site';
import { telemetryContract, unwitnessedTelemetryContract } from './telemetry-suite';
import { tokensContract } from './tokens-suite';
import { topicsContract } from './topics-suite';
import { prefixListContract, transitContract, unwitnessedContract } from './transit-suite';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const clouds: readonly Cloud[] = isMotoInstalled() ? [fakes, moto] : [fakes];

if (!clouds.includes(moto)) {
  console.warn("!!! NO moto_server ON THE PATH: nothing went over the wire here (pip install 'moto[server]')");
  describe('moto', () => {
    it.skip("holds the same contract (pip install 'moto[server]')", () => {});
  });
}

describe.each(clouds)('$name', (cloud) => {
  beforeAll(() => cloud.open());
  afterAll(() => cloud.close());

  describe('routes', () => routesContract(cloud));
  describe("a transit gateway's routes", () => transitContract(cloud));
  describe('prefix lists', () => prefixListContract(cloud));
  describe('what is asked about VPN connections', () => telemetryContract(cloud));
  if (cloud === fakes)
    describe('what moto does not show of connections of AWS', () => {
      unwitnessedContract(cloud);
      unwitnessedTelemetryContract(cloud);
    });
  describe('reading gateways', () => readingInstancesContract(cloud));
  describe('repairing gateways', () => changingInstancesContract(cloud));
  tablesContract(cloud);
  describe('canary metrics', () => metricsContract(cloud));
  describe('alarms on gateways', () => alarmsContract(cloud));
  describe('event patterns', () => patternsContract(cloud));
  describe('tokens of leases', () => tokensContract(cloud));
  describe('identities', () => parametersContract(cloud));
  describe('a name in DNS', () => {
    namesContract(cloud);
    if (cloud === fakes) unwitnessedNamesContract(cloud);
  });
  describe('executions', () => executionsContract(cloud));
  describe('commands on a machine', () => commandsContract(cloud));
  describe('records of incidents', () => recordsContract(cloud));
  describe('notices', () => topicsContract(cloud));
  describe('roles of other accounts', () => rolesContract(cloud));
  if (cloud === moto) describe('what breaking the glass switches', () => switchesContract(motoOptions));
  if (cloud === moto) describe('a fence at a role', () => fenceContract(motoOptions));
  if (cloud === fakes) describe('systems manager', () => systemsManagerContract(cloud));

  describe('known differences', () => {
    it.each(differences)('$what', async ({ what, show, parts, documented, moto: differs }) => {
      const seen = await show(await cloud.site(...parts), cloud);
      if (cloud !== moto) return expect(seen).toEqual(documented);
      expect([differs, documented]).toContainEqual(seen);
      if (isDeepStrictEqual(seen, documented)) console.warn(`!!! THIS moto HAS MENDED: ${what}; take the row out`);
    });
  });
});

describe('fakes, tables in memory', () => {
  beforeAll(() => fakesInMemory.open());
  tablesContract(fakesInMemory);
});

function tablesContract(cloud: Cloud): void {
  describe('the lease of a connection', () => leaseContract(cloud));
  describe('the lease of a gateway', () => gatewayContract(cloud));
  describe('what people ask for', () => desiredStateContract(cloud));
  describe('the journal', () => journalContract(cloud));
  describe('what was heard of a gateway', () => observedContract(cloud));
  describe('canary reports', () => reportsContract(cloud));
}

describe('completeness', () => {
  it('has had an answer to every command that an adapter imports', () => {
    const files = readdirSync(join(root, 'adapters'), { recursive: true, encoding: 'utf8' });
    const imported = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...read(`adapters/${file}`).matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-/g)].flatMap(([, names]) =>
          names!.split(',').map((name) => name.trim()),
        ),
      );
    const commands = new Set(imported.filter((name) => name.endsWith('Command') && !name.startsWith('type ')));
    expect(commands.size).toBeGreaterThan(14);
    expect([...commands].filter((name) => !answered.has(name))).toEqual([]);
  });

  it('has had an answer to every API that a runbook calls', () => {
    expect(runbookApis.size).toBeGreaterThan(8);
    expect([...runbookApis].filter((api) => !answered.has(`${api.split('.')[1]}Command`))).toEqual([]);
  });

  it('names every update of the state machine in its DynamoDB part', () => {
    const suite = read('test/contract/dynamodb-suite.ts');
    expect(updateStates.length).toBeGreaterThan(10);
    expect(updateStates.filter((state) => !suite.includes(`'${state}'`))).toEqual([]);
  });

  it('is told whole in docs/FIDELITY.md: every known difference, in the same words', () => {
    const page = read('docs/FIDELITY.md').replace(/\s+/g, ' ');
    expect(differences.filter(({ what }) => !page.includes(what)).map(({ what }) => what)).toEqual([]);
  });
});
