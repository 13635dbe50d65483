/**
 * What real programs answered, by the daemon's state: exit code and the words that matter. Libreswan 4.10 (Debian 12,
 * unpacked beside strongSwan, two plutos in network namespaces); strongSwan 5.9.8 in the lab's.
 */
interface Answer {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}

/** By the start of the command line; the first that fits answers. */
export type Answers = readonly (readonly [string, Answer])[];

const notRunning: Answer = { code: 33, err: 'whack: Pluto is not running (no "/run/pluto/pluto.ctl")' };
const version: Answer = { code: 0, out: 'Libreswan 4.10' };

export const libreswan = {
  alive: [
    ['ipsec --version', version],
    ['ipsec whack --status', { code: 0, out: '000 using kernel interface: xfrm' }],
    ['ipsec whack --name nope --terminate', { code: 0 }],
    ['ipsec whack --name nope --initiate', { code: 21, out: '021 no connection named "nope"' }],
    ['ipsec auto --add nope', { code: 21, err: "conn 'nope': not found (tried aliases)" }],
    [
      'ipsec whack --name paris-a --terminate',
      { code: 0, out: '002 "paris-a": terminating SAs using this connection' },
    ],
    // It says 0 whether the partner accepts or refuses (TS_UNACCEPTABLE), and waits for one that is silent.
    ['ipsec whack --name paris-a --initiate', { code: 0, out: '181 "paris-a" #4: initiating IKEv2 connection' }],
  ],
  silentPartner: [
    ['ipsec --version', version],
    ['ipsec whack --status', { code: 0, out: '000 using kernel interface: xfrm' }],
    ['ipsec whack --name paris-a --terminate', { code: 0 }],
    [
      'ipsec whack --name paris-a --initiate',
      { code: 124, out: '010 "paris-a" #1: STATE_V2_PARENT_I1: retransmission' },
    ],
  ],
  /** By `timeout`: it accepts, and never answers. */
  hangs: [
    ['ipsec --version', version],
    ['ipsec', { code: 124 }],
  ],
  /** Its socket is there or not: the same exit code. */
  dead: [
    ['ipsec --version', version],
    ['ipsec', notRunning],
  ],
} as const satisfies Record<string, Answers>;

const connections = `paris-a: IKEv2, no reauthentication, rekeying every 14400s
  local:  203.0.113.10
  remote: 198.51.100.20
  paris-a: TUNNEL, rekeying every 3600s
    local:  10.0.0.0/16`;

export const strongswan = {
  alive: [
    ['swanctl --stats', { code: 0, out: 'uptime: 4 minutes, since Nov 27 09:42:46 2026' }],
    ['swanctl --list-conns', { code: 0, out: connections }],
    ['swanctl --terminate', { code: 0, out: 'terminate completed successfully' }],
    ['swanctl --initiate', { code: 0, out: 'initiate completed successfully' }],
  ],
  refuses: [['swanctl', { code: 111, err: "Error: connecting to 'default' URI failed: Connection refused" }]],
  hangs: [['swanctl', { code: 124 }]],
  noSocket: [['swanctl', { code: 2, err: "Error: connecting to 'default' URI failed: No such file or directory" }]],
} as const satisfies Record<string, Answers>;
