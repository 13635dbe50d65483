/**
 * Laws about what people asked for: machines that they switch off in their quiet hours stay off, `failback: manual` waits
 * for a word, and a command for a gateway is for every path over it or for none.
 */

import { laws } from '../../../core/decide/invariants';
import type { Memory } from '../../../core/store/memory';
import type { Connection, Path } from '../../../core/words/domain';
import { choiceOf, gatewaysOfPath, isOver } from '../../../core/words/ends';
import { secondMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import { gatewayDrainer } from '../habits';
import { drainOf, lease, text } from '../items';
import { inTrouble, type Law, moveAskedFor, type Scene, slowedMs } from '../law';
import { leftSince } from '../quiet-hours';

/** EC2 says so late that a machine was stopped: what was decided before may still begin. */
const shownWithinMs = 40 * secondMs;
/** Left alone for so long, it was there to be started. */
const leftMs = 20 * secondMs;

export class AskedLaws implements Law {
  /** Of each command for a gateway, by its author's reason: the paths that were drained by it, ever. */
  private readonly drained = new Map<string, Set<string>>();

  constructor(private readonly scene: Scene) {}

  onTick(): void {
    const { scene } = this;
    for (const connection of Object.values(scene.deployment.connections)) {
      for (const gateway of Object.values(connection.paths).flatMap(gatewaysOfPath)) {
        const since = leftSince(scene, connection, gateway);
        if (since !== null && scene.now() - since > leftMs && connection.mode === 'repair') scene.judged(laws.quiet);
      }
    }
  }

  onLanded({ operation, input }: CallRecord): void {
    if (operation !== 'StartAutomationExecution' || inTrouble(this.scene)) return;
    const { ClientToken: token } = input as { readonly ClientToken: string };
    for (const connection of Object.values(this.scene.deployment.connections)) {
      const memory = text(this.scene.items.at(...lease(connection.name)), 'memory');
      const run = memory && (JSON.parse(memory) as Memory).rungs.find(({ clientToken }) => clientToken === token);
      if (!run) continue;
      const since = leftSince(this.scene, connection, run.gateway);
      if (since !== null && run.startedAt > since + shownWithinMs + slowedMs(this.scene))
        this.scene.broken(laws.quiet, `${run.rung} of ${run.gateway} for ${connection.name}/${run.path}`);
    }
  }

  onInvocation(functionName: string, _: string, payload: string): void {
    const request = moveAskedFor(functionName, payload);
    if (request?.decision.kind !== 'failback') return;
    const connection = this.scene.deployment.connections[request.connection];
    if (connection?.policy.failback !== 'manual') return;
    this.scene.judged(laws.word);
    for (const { routeSet } of request.decision.moves)
      if (!this.isGiven(connection, routeSet))
        this.scene.broken(laws.word, `${connection.name}/${routeSet} goes home, and nobody said so`);
  }

  /** A person names both ends' sets by one name. */
  private isGiven({ name, routeSets }: Connection, routeSet: string): boolean {
    const { storm, now, startedAt } = this.scene;
    const choice = choiceOf({ name: routeSet, end: routeSets[routeSet]?.end });
    return storm.steps.some(
      (step) =>
        step.do === 'command' &&
        startedAt + step.at <= now() &&
        ['failback', 'drill'].includes(String(step.input['trigger'])) &&
        step.input['connection'] === name &&
        (step.input['routeSet'] ?? choice) === choice,
    );
  }

  onConnections(): void {
    const { deployment, items } = this.scene;
    for (const { name, paths } of Object.values(deployment.connections)) {
      for (const path of Object.keys(paths)) {
        const drain = drainOf(items.at(...lease(name)), path);
        if (drain?.requestedBy !== gatewayDrainer) continue;
        for (const gateway of this.askedOf(paths[path]!, drain.reason))
          this.note(`${gateway}: ${drain.reason}`, `${name}/${path}`);
      }
    }
  }

  /** Of a path's gateways, at either end, those that the command was for. */
  private askedOf({ gateway, far }: Path, reason: string): readonly string[] {
    if (far === undefined) return [gateway];
    const commands = this.scene.storm.steps.flatMap((step) => (step.do === 'command' ? [step.input] : []));
    const asked = commands.filter((input) => input['reason'] === reason).map((input) => input['gateway']);
    return [gateway, far.gateway].filter((one) => asked.includes(one));
  }

  private note(key: string, path: string): void {
    this.drained.set(key, (this.drained.get(key) ?? new Set()).add(path));
  }

  atEnd(): void {
    const { connections } = this.scene.deployment;
    for (const [key, drained] of this.drained) {
      this.scene.judged(laws.together);
      const [gateway] = key.split(': ');
      const over = Object.values(connections).flatMap(({ name, paths }) =>
        Object.values(paths).flatMap((path) => (isOver(path, gateway) ? [`${name}/${path.name}`] : [])),
      );
      const missed = over.filter((path) => !drained.has(path));
      if (missed.length > 0)
        this.scene.broken(laws.together, `${key}: ${[...drained].join(', ')} drained, ${missed.join(', ')} not`);
    }
  }
}
