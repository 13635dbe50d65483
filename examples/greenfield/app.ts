/**
 * A new installation, first stack: a VPC with two VPN gateways towards one partner. Yours to copy and change.
 * Commands, in order, are in README.md; the second stack, Switchback itself, comes from the first one's outputs.
 */
import { App } from 'aws-cdk-lib';
import type { Software } from '../../infra/greenfield/software';
import { GreenfieldStack } from '../../infra/greenfield/stack';

/**
 * Amazon Linux 2023 has no strongSwan of its own: built once, here at first boot. Production bakes an image instead.
 * The checksum is that of the file its author signed (key 948F 158A 4E76 A27B F3D0 7532 DF42 C170 B34D BA77).
 */
export const software: Software = {
  from: 'release',
  version: '6.1.0',
  sha256: 'fe6c97481298767213cfc2e9a1da29fdd8018d481ff4cb9cf0283099654f20d4',
};

export const app = new App();

new GreenfieldStack(app, 'switchback-network', {
  env: { region: 'eu-central-1' },
  zones: ['eu-central-1a', 'eu-central-1b'],
  cidr: '10.0.0.0/16',

  software,
  protect: false, // Termination protection: true once the stack is complete, then deploy again. See README.md.

  gateways: ['gw-a', 'gw-b'],
  connections: {
    paris: {
      mode: 'observe', // Every rule runs and is announced, nothing is written. Then divert, then repair.
      remote: ['172.16.0.0/16'],
      targets: ['172.16.0.10:443', '172.16.0.11:443'],
      routeSets: { office: { home: 'a' } }, // Or one a zone: { east: { home: 'a', zone: 'eu-central-1a' }, west: … }
      // Two devices of the partner's. The keys are yours to create: see README.md.
      paths: {
        a: { gateway: 'gw-a', peer: '198.51.100.20', key: { secret: 'switchback/paris-a' } },
        b: { gateway: 'gw-b', peer: '198.51.100.30', key: { secret: 'switchback/paris-b' } },
      },
    },
  },
});
