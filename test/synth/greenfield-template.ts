/**
 * The greenfield example's network stack, synthesized, and its outputs as a deployment would write them: every
 * reference becomes the id that examples/greenfield/outputs.json shows.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type GreenfieldProps, GreenfieldStack } from '../../infra/greenfield/stack';

export const root = join(__dirname, '../..');

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes, read by path.
export type Resource = { readonly Type: string; readonly Properties: any };
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export const props: GreenfieldProps = {
  env: { region: 'eu-central-1' },
  zones: ['eu-central-1a', 'eu-central-1b'],
  cidr: '10.0.0.0/16',
  software: { from: 'image' },
  gateways: ['gw-a', 'gw-b'],
  connections: {
    paris: {
      remote: ['172.16.0.0/16'],
      targets: ['172.16.0.10:443'],
      routeSets: { office: { home: 'a' } },
      paths: {
        a: { gateway: 'gw-a', peer: '198.51.100.20', key: { secret: 'vpn/a' } },
        b: { gateway: 'gw-b', peer: '198.51.100.30', key: { parameter: '/vpn/b' } },
      },
    },
  },
};

/** Synthesized with the project's own flags: they change templates. */
export function templateOf(changed: Partial<GreenfieldProps> = {}): Template {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  const app = new App({ context, analyticsReporting: false, builtinCloudFormationValidation: false });
  new GreenfieldStack(app, 'network', { ...props, ...changed });
  return app.synth().getStackByName('network').template as Template;
}

export function ofType(template: Template, type: string): [id: string, resource: Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** What a deployment might have made of each resource; the rest by its logical id. */
const made: Readonly<Record<string, string>> = {
  'AWS::Region': 'eu-central-1',
  NetworkVpc: 'vpc-00000000000000001',
  Networkworkloads1table: 'rtb-00000000000000001',
  Networkworkloads2table: 'rtb-00000000000000002',
  Networkworkloads1: 'subnet-00000000000000001',
  Networkworkloads2: 'subnet-00000000000000002',
  Networkcanaryromea: 'subnet-0ca0000000000001a',
  Networkcanaryromeatable: 'rtb-0ca0000000000001a',
  Networkcanaryromeb: 'subnet-0ca0000000000001b',
  Networkcanaryromebtable: 'rtb-0ca0000000000001b',
  Networkcanaryparisa: 'subnet-0ca0000000000000a',
  Networkcanaryparisatable: 'rtb-0ca0000000000000a',
  Networkcanaryparisb: 'subnet-0ca0000000000000b',
  Networkcanaryparisbtable: 'rtb-0ca0000000000000b',
  'VpnCanaryGuard.GroupId': 'sg-0ca00000000000001',
  ...gateway('a', '1', '10.0.0.10', '203.0.113.10', 'switchback-network-VpngwaRole57CD455F-a1b2c3d4e5f6'),
  ...gateway('b', '2', '10.0.1.10', '203.0.113.20', 'switchback-network-VpngwbRoleEDCCA284-f6e5d4c3b2a1'),
};

function gateway(letter: string, place: string, privateIp: string, publicIp: string, role: string) {
  const id = (prefix: string): string => `${prefix}-0${letter.repeat(15)}1`;
  return {
    [`Networkgateways${place}`]: id('subnet'),
    [`Vpngw${letter}Instance`]: id('i'),
    [`Vpngw${letter}Outside`]: id('eni'),
    [`Vpngw${letter}Outside.PrimaryPrivateIpAddress`]: privateIp,
    [`Vpngw${letter}Address.AllocationId`]: id('eipalloc'),
    [`Vpngw${letter}Address.PublicIp`]: publicIp,
    [`Vpngw${letter}Replacement`]: id('lt'),
    [`Vpngw${letter}Replacement.LatestVersionNumber`]: '1',
    [`Vpngw${letter}Role`]: role,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** References and joins put in, as CloudFormation would. */
export function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (!isRecord(value)) return value;
  if (typeof value['Ref'] === 'string') return idOf(value['Ref']);
  if (Array.isArray(value['Fn::GetAtt'])) return idOf(...(value['Fn::GetAtt'] as [string, string]));
  if (Array.isArray(value['Fn::Join'])) return (resolved(value['Fn::Join'][1]) as string[]).join('');
  if ('Fn::Base64' in value) return resolved(value['Fn::Base64']);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each)]));
}

/** CDK's hash at the end of a logical id says nothing here. */
export function idOf(logicalId: string, attribute?: string): string {
  const name = [logicalId.replace(/[0-9A-F]{8}$/, ''), attribute].filter(Boolean).join('.');
  return made[name] ?? name;
}
