/** The local cloud with our world behind it, and our functions in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaredIds, identityParameter, replacementText } from '../core/gateways/identity';
import type { Deployment, GatewayIdentity, GatewayName } from '../core/words/domain';
import { instanceAt } from '../core/words/gateways';
import { clientPatience, type InvocationContext, type World } from '../functions/world';
import { type Lag, Latencies } from '../local-cloud/latency';
import { LocalCloud, type LocalCloudOptions } from '../local-cloud/local-cloud';
import type { OpenBundle } from '../local-cloud/services/lambda/function-code';
import type { SsmDurations } from '../local-cloud/services/ssm/durations';
import type { TemplateSource } from '../local-cloud/template/template';
import type { Durations } from './network/durations';
import { placeReplacement } from './network/ground';
import { portOf } from './network/port';
import { publishTunnels } from './network/tunnel-publisher';
import { PhysicalWorld } from './world';

export interface SimulatedCloudOptions extends Omit<LocalCloudOptions, 'world' | 'ssmDurations' | 'open' | 'patience'> {
  readonly deployment: Deployment;
  readonly durations?: Partial<Durations & SsmDurations>;
  /** How EC2's Describe lags its writes. */
  readonly lag?: Lag;
}

/** What our bundles export: a handler for a world and the configuration that lies beside the code. */
type CreateHandler = (
  world: World,
  deployment: Deployment,
) => (event: unknown, context: InvocationContext) => Promise<unknown>;

const openOurs: OpenBundle = ({ exports: { createHandler }, directory }) => {
  if (typeof createHandler !== 'function') return undefined;
  const deployment = JSON.parse(readFileSync(join(directory, 'switchback.json'), 'utf8')) as Deployment;
  return (world) => (createHandler as CreateHandler)(world, deployment);
};

export class SimulatedCloud extends LocalCloud {
  readonly world: PhysicalWorld;

  constructor({ deployment, durations, lag, ...options }: SimulatedCloudOptions) {
    const { clock, seed, latencies = new Latencies(seed) } = options;
    const world = new PhysicalWorld(deployment, { clock, seed, durations, lag, slowness: () => latencies.slowness });
    const behind = { world: portOf(world), ssmDurations: durations };
    const archive = deployment.installation?.archive;
    const buckets = archive === undefined ? [] : [{ name: archive.bucket, hasLock: archive.lock !== undefined }];
    super({ ...options, buckets, latencies, ...behind, open: openOurs, patience: clientPatience });
    this.world = world;
  }

  override start(): void {
    super.start();
    publishTunnels(this.world, this.cloudwatch);
  }

  /** The stack is updated, and what its configuration declares is so from now on. */
  async deployAgain(source: TemplateSource, deployment: Deployment): Promise<void> {
    this.world.redeploy(deployment);
    await this.redeploy(source);
  }

  /** A gateway that one of our replacements has stood for since long before the beginning. */
  replacedLongAgo(gateway: GatewayName, ids: GatewayIdentity): void {
    const declared = instanceAt(this.world.deployment, gateway);
    placeReplacement(declared, ids, this.world);
    const Value = replacementText({ ...ids, replaced: declaredIds(declared), former: [declared] });
    const Name = identityParameter(this.world.deployment, gateway);
    this.ssm.parameters.put({ Name, Value, Type: 'String', Overwrite: true });
    for (const id of Object.values(ids)) this.tags.set(id, [{ Key: 'switchback:gateway', Value: gateway }]);
  }
}
