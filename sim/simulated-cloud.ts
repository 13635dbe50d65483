/** The local cloud with our world behind it, and our functions in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaredIds, identityParameter, replacementText } from '../core/gateways/identity';
import type { Deployment, GatewayIdentity, GatewayName } from '../core/words/domain';
import type { End, EndName } from '../core/words/end';
import { endStackName, endsElsewhere } from '../core/words/end-names';
import { instanceAt } from '../core/words/gateways';
import { clientPatience, type InvocationContext, type World } from '../functions/world';
import { Faults } from '../local-cloud/front/faults';
import type { CallRecord } from '../local-cloud/front/front';
import { type Lag, Latencies } from '../local-cloud/latency';
import { LocalCloud, type LocalCloudOptions } from '../local-cloud/local-cloud';
import type { OpenBundle } from '../local-cloud/services/lambda/function-code';
import type { AutomationRun } from '../local-cloud/services/ssm/automation';
import type { SsmDurations } from '../local-cloud/services/ssm/durations';
import { Clouds } from '../local-cloud/services/sts/clouds';
import type { TemplateSource } from '../local-cloud/template/template';
import type { Durations } from './network/durations';
import { placeReplacement } from './network/ground';
import { partOf } from './network/part';
import { portOf } from './network/port';
import { publishTunnels } from './network/tunnel-publisher';
import { PhysicalWorld } from './world';

/** Stacks of the ends that stand elsewhere come with what their functions are made of. */
type WholeSource = Omit<TemplateSource, 'elsewhere'> & { readonly elsewhere?: readonly TemplateSource[] };

export interface SimulatedCloudOptions
  extends Omit<LocalCloudOptions, 'source' | 'world' | 'ssmDurations' | 'open' | 'patience' | 'clouds' | 'faults'> {
  readonly source: WholeSource;
  readonly deployment: Deployment;
  readonly durations?: Partial<Durations & SsmDurations>;
  /** How EC2's Describe lags its writes. */
  readonly lag?: Lag;
  /** A second deployment in the same world, which stands by for this one. @default - there is none */
  readonly standby?: { readonly source: WholeSource; readonly deployment: Deployment };
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

/** What is deployed where: the deployment's own stack, with what stands beside it, and one at each end elsewhere. */
function stacksOf(whole: WholeSource, deployment: Deployment) {
  const apart = endsElsewhere(deployment);
  const isAt = (end: End, { stackName }: TemplateSource): boolean => stackName === endStackName(deployment, end);
  const elsewhere = whole.elsewhere?.filter((stack) => !apart.some((end) => isAt(end, stack)));
  const own = { ...whole, account: deployment.account, ...(elsewhere !== undefined && { elsewhere }) };
  const stackAt = (end: End): TemplateSource => {
    const stack = whole.elsewhere?.find((one) => isAt(end, one));
    if (stack === undefined) throw new Error(`No stack was made for the end ${end.name}`);
    return { ...stack, account: end.account ?? deployment.account };
  };
  return { apart, own, stackAt };
}

/** Each with the part of the world it stands in, as the first deployment names it; null: where that one is. */
function standbyStacks(
  { source, deployment }: NonNullable<SimulatedCloudOptions['standby']>,
  first: Deployment,
): [EndName | null, TemplateSource][] {
  const { apart, own, stackAt } = stacksOf(source, deployment);
  const near = Object.values(deployment.ends ?? {}).find(({ name }) => apart.every((end) => end.name !== name));
  const partAt = (name: EndName): EndName | null =>
    endsElsewhere(first).some((end) => end.name === name) ? name : null;
  if (near === undefined) throw new Error(`${deployment.name} stands at no end`);
  return [
    [partAt(near.name), own],
    ...apart.map((end): [EndName | null, TemplateSource] => [partAt(end.name), stackAt(end)]),
  ];
}

export class SimulatedCloud extends LocalCloud {
  readonly world: PhysicalWorld;
  /** By name of the end that stands in another region or account. */
  readonly ends: ReadonlyMap<EndName, LocalCloud>;
  /** Of the deployment that stands by, and then of what it has at the other end. */
  readonly standby: readonly LocalCloud[];

  constructor({ deployment, durations, lag, source: whole, standby, ...options }: SimulatedCloudOptions) {
    const { clock, seed, latencies = new Latencies(seed) } = options;
    const world = new PhysicalWorld(deployment, { clock, seed, durations, lag, slowness: () => latencies.slowness });
    const { apart, own, stackAt } = stacksOf(whole, deployment);
    const port = portOf(world);
    const behind = { world: apart.length === 0 ? port : partOf(world, port, null), ssmDurations: durations };
    const shared = { clouds: new Clouds(), faults: new Faults(), latencies, open: openOurs, patience: clientPatience };
    const archive = deployment.installation?.archive;
    const buckets = archive === undefined ? [] : [{ name: archive.bucket, hasLock: archive.lock !== undefined }];
    super({ ...options, ...shared, source: own, buckets, ...behind });
    this.world = world;
    let stacks = 0;
    const cloudOf = (source: TemplateSource, at: EndName | null): LocalCloud =>
      new LocalCloud({
        ...{ ...options, ...shared, ssmDurations: durations, seed: seed + ++stacks },
        ...{ source, world: partOf(world, port, at) },
      });
    this.ends = new Map(apart.map((end) => [end.name, cloudOf(stackAt(end), end.name)]));
    this.standby =
      standby === undefined ? [] : standbyStacks(standby, deployment).map(([at, stack]) => cloudOf(stack, at));
  }

  override async open(): Promise<void> {
    await super.open();
    for (const other of [...this.ends.values(), ...this.standby]) await other.open();
  }

  override start(): void {
    super.start();
    for (const other of [...this.ends.values(), ...this.standby]) other.start();
    publishTunnels(this.world, this.cloudwatch);
  }

  /** Of all its clouds, in order of time. */
  get calls(): readonly CallRecord[] {
    if (this.ends.size === 0) return this.front.calls;
    return [this, ...this.ends.values(), ...this.standby]
      .flatMap(({ front }) => front.calls)
      .sort((a, b) => a.at - b.at);
  }

  /** Automations of all its clouds, by id. */
  get automations(): ReadonlyMap<string, AutomationRun> {
    if (this.ends.size === 0) return this.ssm.runs;
    return new Map([this, ...this.ends.values(), ...this.standby].flatMap(({ ssm }) => [...ssm.runs]));
  }

  /** The stacks are updated, and what their configuration declares is so from now on. */
  async deployAgain(source: WholeSource, deployment: Deployment): Promise<void> {
    this.world.redeploy(deployment);
    const { apart, own, stackAt } = stacksOf(source, deployment);
    await this.redeploy(own);
    for (const end of apart) await this.ends.get(end.name)!.redeploy(stackAt(end));
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
