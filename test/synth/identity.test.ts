/**
 * Identity and injection over all documents: what a repair acts on comes from the configuration or from our own journal,
 * is shaped as its document demands, and never reaches a shell as text. No event, tag or command can name a target.
 */
import type { PathAssessment } from '../../core/assess/assessment';
import { repairDecision } from '../../core/decide/ladder';
import type { View } from '../../core/decide/view';
import { kindOf } from '../../core/gateways/kinds';
import { gatewayLeaseFrom, nothingDesired } from '../../core/store/lease';
import { emptyMemory } from '../../core/store/memory';
import type { Deployment, Path } from '../../core/words/domain';
import type { Evidence } from '../../core/words/evidence';
import { instanceAt } from '../../core/words/gateways';
import type { Rung } from '../../core/words/rungs';
import { failoverDefinition } from '../../infra/definition';
import { evidence, instance, t0 } from '../given';
import { complaints } from '../unit/config/site';
import { resources, siteDeployment, synthesizeSite } from './synthesis';

interface Parameter {
  readonly type: string;
  readonly allowedPattern: string;
}

interface Step {
  readonly name: string;
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly mainSteps: readonly Step[];
}

const sites = ['pair', 'shared', 'affinity', 'named'];
const documentsOf = (deployment: Deployment): Record<string, Document> =>
  Object.fromEntries(
    resources(synthesizeSite(deployment), 'AWS::SSM::Document').map(([, { Properties }]) => [
      Properties.Name,
      Properties.Content,
    ]),
  );

/** What the rung would be started with; the assessment says only whose path it is. */
function parametersFor(
  deployment: Deployment,
  connection: string,
  { name, gateway }: Path,
  rung: Rung,
  over: Partial<Evidence> = {},
) {
  const assessed = { path: name, gateway, because: 'x', ownSideBecause: 'y' } as PathAssessment;
  const view = {
    deployment,
    connection: deployment.connections[connection]!,
    evidence: evidence({ gatewayLeases: {}, ...over }),
    memory: emptyMemory,
    desired: nothingDesired,
    automationId: null,
    now: t0,
  } as Partial<View> as View;
  return repairDecision(view, assessed, { rung, tunnel: null }).parameters;
}

function refused(document: Document, parameters: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(parameters).flatMap(([name, values]) =>
    values.every((value) => new RegExp(document.parameters[name]!.allowedPattern).test(value)) ? [] : [name],
  );
}

describe.each(sites)('%s: every rung on every path', (site) => {
  const deployment = siteDeployment(site);
  const documents = documentsOf(deployment);
  const starts = Object.values(deployment.connections).flatMap((connection) =>
    Object.values(connection.paths).flatMap((path) =>
      kindOf(deployment.gateways[path.gateway]!)
        .rungs.filter((rung) => rung !== 'replace' || instanceAt(deployment, path.gateway).launchTemplate !== undefined)
        .map((rung): [string, string, Path, Rung] => [`${connection.name}/${path.name}`, connection.name, path, rung]),
    ),
  );

  it.each(starts)(
    '%s: is started with the parameters its document declares, each in its shape',
    (_, name, path, rung) => {
      const document = documents[deployment.runbooks[rung]]!;
      const parameters = parametersFor(deployment, name, path, rung);
      expect(Object.keys(parameters).sort()).toEqual(Object.keys(document.parameters).sort());
      expect(refused(document, parameters)).toEqual([]);
    },
  );
});

describe('the instance', () => {
  const deployment = siteDeployment('pair');
  const path = deployment.connections['paris']!.paths['a']!;
  const declared = instanceAt(deployment, 'gw-a');
  const forged = 'i-0e0e0e0e0e0e0e0e0';

  it.each(kindOf(declared).rungs)('%s: is the declared one, whatever an event or an instance claims', (rung) => {
    const seen = instance('gw-a', { identity: { instanceId: forged, routeInterfaceId: 'eni-0e0e0e0e0e0e0e0e0' } });
    const parameters = parametersFor(deployment, 'paris', path, rung, {
      observations: { 'gw-a': { instanceId: forged, state: 'stopped', at: t0 } },
      instances: { 'gw-a': seen },
    });
    expect(parameters['InstanceId']).toEqual([declared.instanceId]);
    expect(JSON.stringify(parameters)).not.toContain('0e0e0e0e');
  });

  it.each(kindOf(declared).rungs)(
    '%s: is the one our own replacement journalled, and only in the shape of an id',
    (rung) => {
      const document = documentsOf(deployment)[deployment.runbooks[rung]]!;
      const journalled = (instanceId: string) => {
        const identity = JSON.stringify({ instanceId, routeInterfaceId: 'eni-0123456789abcdef0' });
        return parametersFor(deployment, 'paris', path, rung, {
          gatewayLeases: { 'gw-a': gatewayLeaseFrom('gw-a', { identity }) },
        });
      };
      expect(journalled('i-0123456789abcdef0')['InstanceId']).toEqual(['i-0123456789abcdef0']);
      // Somebody wrote into our table: Systems Manager refuses the start.
      for (const bad of ['i-1; reboot', '$(reboot)', '{{ x }}', '*']) {
        expect([bad, refused(document, journalled(bad))]).toEqual([bad, ['InstanceId']]);
      }
    },
  );
});

it.each(['x; reboot', '$(reboot)', '{{ x }}', "a'b", 'a b', '`id`', '-rf', '', 'A'.repeat(64), 'paris-1.x_y', 'P'])(
  'lets a tunnel be called %j in the configuration exactly where the documents do',
  (tunnel) => {
    const documents = documentsOf(siteDeployment('pair'));
    const isConfigured = complaints((tree) => (tree.connections.paris.paths.a.tunnel = tunnel)).length === 0;
    for (const name of ['switchback-restart-tunnel', 'switchback-on-gateway']) {
      expect([name, new RegExp(documents[name]!.parameters['Tunnel']!.allowedPattern).test(tunnel)]).toEqual([
        name,
        isConfigured,
      ]);
    }
  },
);

it('lets a value into a command only as a parameter of our own command document, by its name', () => {
  for (const [name, { mainSteps }] of Object.entries(documentsOf(siteDeployment('pair')))) {
    for (const { action, inputs } of mainSteps) {
      expect([name, action]).not.toEqual([name, 'aws:executeScript']);
      if (action !== 'aws:runCommand') continue;
      const { Parameters, InstanceIds, ...rest } = inputs;
      expect([name, JSON.stringify(rest)]).toEqual([name, expect.not.stringContaining('{{')]);
      for (const [parameter, value] of Object.entries(Parameters ?? {})) expect(value).toBe(`{{ ${parameter} }}`);
    }
  }
});

it('takes what a document is started with from the last assessment, and nothing from an input', () => {
  const file = failoverDefinition();
  const starting: Record<string, unknown>[] = [];
  JSON.parse(file, (_, value: unknown) => {
    const state = value as { Resource?: unknown } | null;
    if (String(state?.Resource).includes('startAutomationExecution')) starting.push(state as Record<string, unknown>);
    return value;
  });
  expect(starting).toHaveLength(2); // A repair or an order by itself, and the order beside a rescue.
  const decided = String.raw`\(\$exists\(\$decision\.order\) \? \$decision\.order : \$decision\)`;
  for (const { Arguments } of starting)
    expect(Arguments).toEqual({
      DocumentName: expect.stringMatching(new RegExp(String.raw`^{% \(\$assert\(.*\); ${decided}\.document\) %}$`)),
      Parameters: expect.stringMatching(new RegExp(`^{% ${decided}\\.parameters %}$`)),
      ClientToken: expect.stringMatching(new RegExp(`^{% ${decided}\\.clientToken %}$`)),
    });
  const assigned = [...file.matchAll(/"decision": "(\{% [^"]*)"/g)].map(([, expression]) => expression);
  expect([...new Set(assigned)].sort()).toEqual(['{% $decision %}', '{% $states.result.Payload.decision %}']);
});
