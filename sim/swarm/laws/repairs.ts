/**
 * Laws about repairs: whom they may touch, whom they may not, and how often. An automation is judged when it claims its
 * gateway: before that it may touch nothing, and one that is refused there never does.
 */

import { laws } from '../../../core/decide/invariants';
import type { Memory, RungRun } from '../../../core/store/memory';
import type { Connection, Deployment } from '../../../core/words/domain';
import { isOver } from '../../../core/words/ends';
import { instancesOf } from '../../../core/words/gateways';
import type { Policy } from '../../../core/words/policy';
import type { Rung } from '../../../core/words/rungs';
import { dayMs, minuteMs, secondMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import type { AutomationRun } from '../../../local-cloud/services/ssm/automation';
import { rungOf } from '../../ends';
import { drainOf, lease, number, text } from '../items';
import type { Law, Scene } from '../law';

interface AutomationStart {
  readonly ClientToken: string;
  readonly DocumentName: string;
  readonly Parameters: Readonly<Record<string, readonly string[]>>;
}

interface Claim {
  readonly ExpressionAttributeValues: { readonly ':execution': { readonly S: string } };
}

interface AddressMove {
  readonly AllocationId: string;
  readonly NetworkInterfaceId: string;
}

interface Start {
  readonly connection: Connection;
  readonly run: RungRun;
  readonly rung: Rung;
  /** It touches this one tunnel and no other. */
  readonly isTunnelOnly: boolean;
}

/** What an automation does to the instance it repairs. */
const touches = ['RebootInstances', 'StopInstances', 'StartInstances', 'SendCommand'];

/** A rung is decided on what was recorded a moment before it starts. */
const commandRaceMs = 10 * secondMs;

export class RepairLaws implements Law {
  /** By the automation's id. */
  private readonly started = new Map<string, AutomationStart>();
  private readonly claimed = new Set<string>();
  private readonly starts: { readonly connection: string; readonly rung: Rung; readonly at: number }[] = [];

  /** What was declared before, and when another deployment took its place. */
  private readonly replaced: { readonly deployment: Deployment; readonly at: number }[] = [];
  private deployed: Deployment;

  constructor(private readonly scene: Scene) {
    this.deployed = scene.deployment;
  }

  onCall({ by, operation, input }: CallRecord, output: unknown): void {
    this.noteDeployment();
    if (operation === 'StartAutomationExecution') {
      const { AutomationExecutionId: id } = output as { AutomationExecutionId: string };
      if (!this.started.has(id)) this.onStart(id, input as AutomationStart);
    }
    // At an end elsewhere a function claims for the document, before that touches anything.
    const isClaim = operation === 'UpdateItem' && (by === 'automation' || by.includes('RepairsClaim'));
    if (isClaim) this.onClaim((input as Claim).ExpressionAttributeValues[':execution'].S);
    if (by !== 'automation') return;
    if (operation === 'AssociateAddress') this.onSwap(input as AddressMove);
    if (touches.includes(operation)) this.onTouch(operation, input as { readonly InstanceIds: readonly string[] });
  }

  private onStart(id: string, start: AutomationStart): void {
    this.started.set(id, start);
    if (this.orderOf(start) !== null) this.onOrder(start);
    else if (this.journalledStart(start) === null)
      this.scene.broken(laws.journalled, `${start.DocumentName} was started before it was journalled`);
  }

  /** The gateway that an order is for; null: it is a repair. */
  private orderOf({ DocumentName, Parameters }: AutomationStart): string | null {
    const rung = rungOf(this.scene.deployment, DocumentName);
    return rung === 'drain' || rung === 'undrain' || rung === 'attract' ? String(Parameters['Gateway']) : null;
  }

  /**
   * An order mends nothing and stands in no budget. Given beside a rescue, it may be a moment ahead of the journal of the
   * connection: then the gateway's item has its token.
   */
  private onOrder(start: AutomationStart): void {
    const token = text(this.scene.items.at(`gateway#${this.orderOf(start)}`, 'lease'), 'clientToken');
    const journalled = this.journalledStart(start);
    if (journalled === null && token !== start.ClientToken)
      this.scene.broken(laws.journalled, `${start.DocumentName} was ordered before it was journalled`);
    if (journalled?.connection.mode === 'observe')
      this.scene.broken(laws.observe, `${start.DocumentName} for ${journalled.connection.name} in mode observe`);
  }

  /** Said twice when the first answer was lost. */
  private onClaim(id: string): void {
    if (this.claimed.has(id)) return;
    this.claimed.add(id);
    const asked = this.started.get(id)!;
    const start = this.journalledStart(asked);
    const order = this.orderOf(asked);
    if (order !== null) this.alone(order, asked.DocumentName);
    else if (start === null || start.run.endedAt !== null)
      this.scene.broken(laws.journalled, `${asked.DocumentName} begins when its rung is over`);
    else this.onRepair(start);
  }

  private onTouch(operation: string, { InstanceIds }: { readonly InstanceIds: readonly string[] }): void {
    for (const instanceId of InstanceIds) {
      const running = this.runningOn(instanceId);
      if (running.length > 0 && !running.some(({ id }) => this.claimed.has(id)))
        this.scene.broken(laws.oneHolder, `${operation} of ${instanceId} by an automation that has not claimed it`);
    }
  }

  private runningOn(instanceId: string): AutomationRun[] {
    const runs = [...this.scene.cloud.automations.values()];
    return runs.filter((run) => !run.isOver && String(run.parameters['InstanceId']) === instanceId);
  }

  /** A replacement takes minutes to launch: by the swap somebody may work over the old instance again. */
  private onSwap({ AllocationId, NetworkInterfaceId }: AddressMove): void {
    const { deployment, truth, cloud } = this.scene;
    const gateway = Object.values(instancesOf(deployment)).find((one) => one.address?.allocationId === AllocationId)!;
    if (NetworkInterfaceId === gateway.routeInterfaceId) return;
    for (const connection of Object.values(deployment.connections)) {
      for (const set of Object.values(connection.routeSets)) {
        const used = cloud.world.pathOf(connection.name, set.name);
        if (used === null || !isOver(connection.paths[used]!, gateway.name)) continue;
        if (truth.workedUntilNow(connection.name, used, this.lookBackMs(connection) + minuteMs))
          this.scene.broken(
            laws.besideTraffic,
            `swap of ${gateway.name}, while ${connection.name}/${set.name} works over it`,
          );
      }
    }
  }

  private journalledStart({ ClientToken, Parameters }: AutomationStart): Start | null {
    for (const connection of Object.values(this.scene.deployment.connections)) {
      const memory = text(this.scene.items.at(...lease(connection.name)), 'memory');
      const run = memory && (JSON.parse(memory) as Memory).rungs.find((one) => one.clientToken === ClientToken);
      if (run) return { connection, run, rung: run.rung, isTunnelOnly: Parameters['Shared']?.[0] === 'true' };
    }
    return null;
  }

  private onRepair(start: Start): void {
    const { scene } = this;
    const { connection, run } = start;
    const { path, gateway, rung } = run;
    const what = `${rung} of ${gateway} for ${connection.name}/${path}`;
    if (connection.mode !== 'repair') scene.broken(laws.observe, `${what} in mode ${connection.mode}`);
    const drain = drainOf(scene.items.at(...lease(connection.name)), path);
    // One that was journalled before the drain is a running repair, however long its start is held up.
    if (drain !== null && drain.until > scene.now() && run.startedAt - drain.since > commandRaceMs)
      scene.broken(laws.drained, what);
    const isMachine = scene.deployment.gateways[gateway]?.kind === 'instance';
    if (isMachine) this.alone(gateway, what);
    // What is planned on a tunnel is judged by the tunnel's own laws: the other one carries meanwhile.
    if ((run.purpose ?? 'repair') === 'repair') {
      this.besideTraffic(start, what);
      this.workingPath(start, what);
    }
    this.budget(start, what);
  }

  /** One repair at a time per gateway, whoever asks. */
  private alone(gateway: string, what: string): void {
    const machine = this.scene.cloud.world.machineOf(gateway);
    const running = this.runningOn(machine.id).filter(({ id }) => this.claimed.has(id));
    if (running.length > 1)
      this.scene.broken(laws.oneHolder, `${what}: ${running.map((r) => r.documentName).join(' beside ')}`);
  }

  /** On a shared gateway a tunnel's own restart touches no other tunnel; every other rung takes the whole machine. */
  private besideTraffic({ connection, run, isTunnelOnly }: Start, what: string): void {
    const { deployment, truth, cloud } = this.scene;
    for (const other of Object.values(deployment.connections)) {
      if (isTunnelOnly && other.name !== connection.name) continue;
      for (const set of Object.values(other.routeSets)) {
        const used = cloud.world.pathOf(other.name, set.name);
        if (used === null || !isOver(other.paths[used]!, run.gateway)) continue;
        if (!this.isNewlyLedOver(other, used) && truth.workedThroughout(other.name, used, this.lookBackMs(other)))
          this.scene.broken(laws.besideTraffic, `${what}, while ${other.name}/${set.name} works over it`);
      }
    }
  }

  private workingPath({ connection, run }: Start, what: string): void {
    const { truth } = this.scene;
    const working = Object.keys(connection.paths).filter((path) =>
      truth.workedThroughout(connection.name, path, this.lookBackMs(connection)),
    );
    const isLast = working.length === 1 && working[0] === run.path;
    if (isLast && !this.isNewlyLedOver(connection, run.path)) this.scene.broken(laws.workingPath, what);
  }

  /** What users felt while their routes led elsewhere is held against this path until the canaries report anew. */
  private isNewlyLedOver(connection: Connection, path: string): boolean {
    const { truth, cloud } = this.scene;
    return Object.keys(connection.routeSets).some(
      (set) =>
        cloud.world.pathOf(connection.name, set) === path &&
        !truth.ledThroughout(connection.name, set, path, reportedWithinMs(connection)),
    );
  }

  /** Spent when it was decided: an acknowledgement that arrives between that and the start does not lift it. */
  private budget({ connection, run, rung }: Start, what: string): void {
    const { scene } = this;
    this.starts.push({ connection: connection.name, rung, at: run.startedAt });
    const acknowledgedAt = number(scene.items.at(...lease(connection.name)), 'acknowledgedAt');
    const counted = this.starts.filter(
      (one) => one.connection === connection.name && one.at > Math.max(acknowledgedAt, scene.now() - dayMs),
    );
    const replaced = counted.filter((one) => one.rung === 'replace').length;
    const policies = this.policiesInForce(connection);
    const repairsMax = Math.max(...policies.map(({ repairs24hMax }) => repairs24hMax));
    const replacesMax = Math.max(...policies.map(({ replaces24hMax }) => replaces24hMax));
    if (counted.length > repairsMax) scene.broken(laws.budgets, `${what} is repair ${counted.length} of ${repairsMax}`);
    if (replaced > replacesMax) scene.broken(laws.budgets, `${what} is replacement ${replaced} of ${replacesMax}`);
  }

  /** An automation of this start has claimed its gateway. */
  hasBegun(clientToken: string): boolean {
    return [...this.started].some(([id, { ClientToken }]) => ClientToken === clientToken && this.claimed.has(id));
  }

  private noteDeployment(): void {
    const { deployment } = this.scene;
    if (deployment === this.deployed) return;
    this.replaced.push({ deployment: this.deployed, at: this.scene.now() });
    this.deployed = deployment;
  }

  /** A run under way goes on with the function versions it began with, and so with the policy of their day. */
  private policiesInForce({ name, policy }: Connection): Policy[] {
    const running = this.scene.cloud.stepfunctions.executions.filter(({ status }) => status === 'RUNNING');
    const earlier = this.replaced.filter(({ at }) => running.some(({ startedAt }) => startedAt <= at));
    return [policy, ...earlier.flatMap(({ deployment }) => deployment.connections[name]?.policy ?? [])];
  }

  /** What a canary says is this old at most when a rung starts on it. */
  private lookBackMs(connection: Connection): number {
    return 30 * secondMs + reportedWithinMs(connection);
  }
}

/** No report that counts is about rounds older than this. */
function reportedWithinMs({ policy }: Connection): number {
  return policy.silentAfterMs + (policy.downAfterRounds + 2) * policy.roundIntervalMs;
}
