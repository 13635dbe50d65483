/**
 * What AWS's ends of the tunnels say of them: UP or not, and the bytes that came and went, from the daemons themselves by
 * the program that reads tunnels on our own gateways.
 *
 * All ends in one shell: beside a measurement, every process started costs it time.
 */
import { join } from 'node:path';
import { attempt } from './command';
import { now } from './real-time';
import type { VpnTunnel } from './vpn-tunnel';

export interface TunnelReading {
  /** On the clock of the recording. */
  readonly at: number;
  readonly gateway: string;
  readonly outsideAddress: string;
  readonly isUp: boolean;
  /** From the partner, and to it, since the tunnel came up. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const reader = join(__dirname, '../infra/greenfield/files/tunnel-state.awk');

/** A daemon that is not there (111: it refuses, 2: no socket) has no tunnel; one that hangs says nothing, and is left out. */
const script = `
for end in "$@"; do
  name=\${end%%=*} folder=\${end#*=}
  sas=$(STRONGSWAN_CONF=$folder/strongswan.conf timeout 2 swanctl --list-sas --raw 2> /dev/null)
  case $? in
    0) printf '%s\\n' "$sas" | awk -v names="$name" -f "$READER" ;;
    2|111) echo "$name 0 0 0" ;;
  esac
done
true`;

export async function readTunnels(tunnels: readonly VpnTunnel[]): Promise<TunnelReading[]> {
  const at = now();
  const ends = tunnels.map(({ name, near }) => `${name}=${near.folder}`);
  const { stdout } = await attempt(['/bin/sh', '-c', script, 'sh', ...ends], {
    env: { ...process.env, READER: reader },
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): TunnelReading => {
      const [name, up, bytesIn, bytesOut] = line.split(' ');
      const { gateway, outsideAddress } = tunnels.find((one) => one.name === name)!;
      return { at, gateway, outsideAddress, isUp: up === '1', bytesIn: Number(bytesIn), bytesOut: Number(bytesOut) };
    });
}
