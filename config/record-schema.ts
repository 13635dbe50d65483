/**
 * The name in DNS that follows a gateway, as it is written: one A record with one address, in a public zone of Route 53.
 */
import type { Fields } from './fields';

/** For as long, after all else, peers go on calling a machine that is gone. */
const ttlSecondsMax = 60;

export const recordField = (f: Fields) =>
  f.group({
    zone: f
      .text(/^Z[A-Z0-9]{1,31}$/, 'is no id of a hosted zone: write one like Z0123456789ABCDEFGHIJ')
      .describe('The public hosted zone in Route 53, Z…, in the same account.'),
    name: f
      .text(
        /^(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
        'is no full name: write one like vpn-a.example.net, in small letters, without a dot at its end',
      )
      .describe('The whole name, e.g. vpn-a.example.net: an A record with one address.'),
    ttl: f
      .whole(
        1,
        ttlSecondsMax,
        `must be a number of seconds, at most ${ttlSecondsMax}: for as long peers go on calling a machine that is gone; write ${ttlSecondsMax}`,
        ttlSecondsMax,
      )
      .default(ttlSecondsMax)
      .describe('For how many seconds peers may keep the answer.'),
  });
