/**
 * The default buses of other regions, where a deployment has a small stack beside its own. Only rules are read of such a
 * stack, and the roles they hand events on with: those are checked as everywhere.
 */
import { Authority } from '../../iam/authority';
import { NotModelled } from '../../service';
import { type TemplateSource, templateOf } from '../../template/template';
import type { EventParts } from './bus-event';
import { type BusOptions, EventBus } from './events';

type OtherRegionsOptions = Pick<BusOptions, 'clock' | 'latencies' | 'faults' | 'random' | 'front' | 'forward'>;

interface Neighbour {
  readonly region: string;
  readonly authority: Authority;
  readonly bus: EventBus;
}

export class OtherRegions {
  private neighbours: readonly Neighbour[] = [];

  constructor(private readonly options: OtherRegionsOptions) {}

  /** As last deployed. */
  deploy({ elsewhere = [] }: TemplateSource): void {
    const noAssets = {
      assetPath: (key: string): string => {
        throw new Error(`Asset ${key} is asked for by a stack that has none`);
      },
    };
    const nothingElse = (what: string): never => {
      throw new NotModelled('events', `target in another region that ${what}`);
    };
    this.neighbours = elsewhere.map((source) => {
      const template = templateOf({ ...source, ...noAssets });
      const authority = new Authority(template);
      const bus = new EventBus({
        ...this.options,
        template,
        authority,
        invokeAsync: () => nothingElse('is a function'),
        sendToQueue: () => nothingElse('is a queue'),
        publish: () => nothingElse('is a topic'),
      });
      return { region: source.region, authority, bus };
    });
  }

  get authorities(): readonly Authority[] {
    return this.neighbours.map(({ authority }) => authority);
  }

  /** A service speaks there. Without a stack of ours nobody listens. */
  emit(region: string, event: EventParts): void {
    if (this.options.faults.silentRegions.has(region)) return;
    for (const neighbour of this.neighbours) if (neighbour.region === region) neighbour.bus.emit(event);
  }
}
