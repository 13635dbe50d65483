/**
 * Public zones of the world's DNS, and what peers make of them: a peer that goes by a name asks again when it may no
 * longer keep its last answer, so it follows a change up to a TTL after the zone's servers do.
 */
import type { VirtualClock } from '../../local-cloud/clock';
import type { Random } from '../../local-cloud/random';
import type { NamesPort, NameZone, RecordSet } from '../../local-cloud/world-port';

export class Names implements NamesPort {
  readonly zones = new Map<string, NameZone>();
  /** The address that peers call, by name. */
  private readonly called = new Map<string, string>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly onCalled: (what: string) => void,
  ) {}

  /** As it stands before anything happens. */
  lay(zoneId: string, name: string, record: RecordSet): void {
    if (this.zones.get(zoneId)?.served.has(name) === true) return;
    const zone = this.zones.get(zoneId) ?? { id: zoneId, name: domainOf(name), served: new Map() };
    this.zones.set(zoneId, zone);
    zone.served.set(name, record);
    this.called.set(name, record.value);
  }

  serve(zoneId: string, name: string, record: RecordSet): void {
    const { served } = this.zones.get(zoneId)!;
    const keptS = served.get(name)?.ttlSeconds ?? 0;
    served.set(name, record);
    this.clock.after(this.random.int(0, keptS * 1_000), `peers ask for ${name}`, () => {
      const { value } = served.get(name)!;
      if (this.called.get(name) === value) return;
      this.called.set(name, value);
      this.onCalled(`peers of ${name} call ${value}`);
    });
  }

  addressCalled(name: string): string | undefined {
    return this.called.get(name);
  }
}

/** The zone that a name of a gateway lies in: its last two words. */
const domainOf = (name: string): string => name.split('.').slice(-2).join('.');
