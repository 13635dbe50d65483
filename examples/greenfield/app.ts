/**
 * A new installation, first stack: a VPC with two VPN gateways towards one partner. Yours to copy and change.
 * Commands, in order, are in README.md; the second stack, Switchback itself, comes from the first one's outputs.
 */
import { App } from 'aws-cdk-lib';
import { GreenfieldStack } from '../../infra/greenfield/stack';

export const app = new App();

new GreenfieldStack(app, 'switchback-network', {
  env: { region: 'eu-central-1' },
  zones: ['eu-central-1a', 'eu-central-1b'],
  cidr: '10.0.0.0/16',

  // Amazon Linux 2023 has no strongSwan of its own: built once, here at first boot. Production bakes an image instead.
  software: {
    from: 'archive',
    url: 'https://download.strongswan.org/strongswan-6.0.4.tar.bz2',
    sha256: '79576bb61b9a406cea9eb73d0c565cc6254a6b6d2e7198f44758d2d7c61a7aec',
  },

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
