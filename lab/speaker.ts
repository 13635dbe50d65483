/**
 * A gateway's speaker as Switchback reaches it: by the two Command documents, run in a real shell beside the real FRR.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { speakerPrograms } from '../infra/speaker-programs';
import { attempt } from './command';
import type { Frr } from './frr';
import type { Namespaces } from './namespaces';

const runbooks = join(__dirname, '../runbooks');

type CommandDocument = 'speaker' | 'read-speaker' | 'rekey-tunnel';

/** What Systems Manager would run; parameters come as variables. */
export function commandScript(document: CommandDocument): string {
  const programs = speakerPrograms();
  const lines: readonly string[] = parse(readFileSync(join(runbooks, `${document}.yaml`), 'utf8')).mainSteps[0].inputs
    .runCommand;
  return lines.join('\n').replace(/\$\{(\w+)\}/g, (written, name: string) => programs[name] ?? written);
}

export interface Said {
  readonly code: number;
  /** The last line's object, of the one neighbour that was asked about; null: there is none. */
  readonly neighbour: Readonly<Record<string, unknown>> | null;
  readonly lines: readonly string[];
}

export class LabSpeaker {
  constructor(
    private readonly spaces: Namespaces,
    readonly host: string,
    readonly frr: Frr,
    readonly as: number,
    /** The neighbour at the far end of the tunnel. */
    readonly neighbour: string,
  ) {}

  order(order: 'drain' | 'undrain', method: string, { quietAt = 20, withinS = 0 } = {}): Promise<Said> {
    const tunnel = { Neighbor: this.neighbour, QuietAt: quietAt, Within: withinS };
    return this.run('speaker', { Order: order, Method: method, ...tunnel });
  }

  read(neighbours = this.neighbour): Promise<Said> {
    return this.run('read-speaker', { Neighbors: neighbours });
  }

  async run(document: CommandDocument, parameters: Readonly<Record<string, unknown>>): Promise<Said> {
    const variables = Object.entries({ As: this.as, ...parameters }).map(([name, value]) => [
      `SSM_${name}`,
      `${value}`,
    ]);
    const env = { PATH: `${this.frr.bin}:${process.env['PATH']}`, ...Object.fromEntries(variables) };
    const words = this.spaces.inside(this.host, ['/bin/sh', '-c', commandScript(document)]);
    const { code, stdout } = await attempt(words, { env, timeoutMs: 60_000 });
    const lines = stdout.trim().split('\n');
    const last = lines.at(-1) ?? '';
    const said = last.startsWith('{') ? JSON.parse(last).neighbors[this.neighbour] : null;
    return { code, neighbour: said ?? null, lines };
  }
}
