/**
 * Laws about the lease: one holder per connection and per gateway, and a lease that changes hands only when its holder
 * is gone or its time is up.
 */
import { laws } from '../../../core/decide/invariants';
import type { Memory } from '../../../core/store/memory';
import { limits } from '../../../core/words/policy';
import type { Item, ItemChange } from '../../../local-cloud/services/dynamodb/dynamodb';
import { type Attribute, lease, number, text } from '../items';
import { type Law, type Scene, stateOf } from '../law';
import type { RepairLaws } from './repairs';

export class LeaseLaws implements Law {
  constructor(
    private readonly scene: Scene,
    private readonly repairs: Pick<RepairLaws, 'hasBegun'>,
  ) {}

  onItem({ keys, oldImage, newImage }: ItemChange): void {
    const { pk, sk } = keys as Readonly<Record<string, Attribute>>;
    if (sk?.S !== 'lease' || newImage === undefined) return;
    if (pk?.S?.startsWith('connection#')) this.connection(pk.S.slice('connection#'.length), oldImage, newImage);
    if (pk?.S?.startsWith('gateway#')) this.gateway(pk.S.slice('gateway#'.length), oldImage, newImage);
  }

  private connection(name: string, before: Item | undefined, after: Item): void {
    const { scene } = this;
    const [old, now] = [text(before, 'holder'), text(after, 'holder')];
    const [oldToken, token] = [number(before, 'token'), number(after, 'token')];
    const isTaken = now !== undefined && (now !== old || token !== oldToken);
    if (token !== oldToken + (isTaken ? 1 : 0))
      scene.broken(laws.oneHolder, `${name}: token went from ${oldToken} to ${token}`);
    if (number(after, 'signals') < number(before, 'signals'))
      scene.broken(
        laws.signals,
        `${name}: signals went from ${number(before, 'signals')} to ${number(after, 'signals')}`,
      );
    this.remembered(name, text(before, 'memory'), text(after, 'memory'));
    if (old !== undefined && now === undefined) this.freed(name, old);
    if (old === undefined || now === undefined || now === old) return;
    const run = scene.cloud.stepfunctions.executions.find(({ arn }) => arn === old);
    const isOver = number(before, 'leaseUntil') + limits.leaseGraceMs < scene.now();
    if (run?.status === 'RUNNING' && !isOver)
      scene.broken(
        laws.oneHolder,
        `${name}: ${now.split(':').at(-1)} took the lease from a run that holds it and runs`,
      );
    if (!isOver && number(before, 'writeUntil') + limits.leaseGraceMs > scene.now())
      scene.broken(laws.oneHolder, `${name}: taken over while a writer may be under way`);
  }

  /**
   * What was spent stays spent for a day, longer than any incident here; a rung under way is not forgotten. A repair that
   * never claimed its gateway has touched nothing, and spends nothing.
   */
  private remembered(name: string, before: string | undefined, after: string | undefined): void {
    if (before === undefined || after === undefined || before === after) return;
    const [old, now] = [JSON.parse(before) as Memory, JSON.parse(after) as Memory];
    for (const kind of Object.keys(old.budgets) as (keyof Memory['budgets'])[]) {
      const isSpared = (at: number): boolean =>
        (kind === 'repairs' || kind === 'replaces') &&
        old.rungs.some((rung) => rung.startedAt === at && !this.repairs.hasBegun(rung.clientToken));
      const lost = old.budgets[kind].filter((at) => !now.budgets[kind].includes(at) && !isSpared(at));
      // Those that nothing asks about any more may go: the newest alone use up any budget that a site here may declare.
      const isUsedUp = now.budgets[kind].length >= (kind === 'moves' ? limits.movesCountedMax : limits.budgetKeptMin);
      if (lost.length > 0 && !isUsedUp)
        this.scene.broken(laws.budgets, `${name}: ${lost.length} ${kind} are forgotten`);
    }
    const open = old.rungs.find(({ endedAt }) => endedAt === null);
    const isKept = open === undefined || now.rungs.some(({ clientToken }) => clientToken === open.clientToken);
    if (!isKept && this.isRunning(name, open.clientToken))
      this.scene.broken(laws.journalled, `${name}: the running ${open.rung} of ${open.path} is forgotten`);
  }

  private isRunning(connection: string, clientToken: string): boolean {
    const { items, cloud } = this.scene;
    const { M } = (items.at(...lease(connection))?.['automation'] ?? {}) as Attribute;
    return M?.['clientToken']?.S === clientToken && cloud.automations.get(M['id']?.S ?? '')?.isOver === false;
  }

  /** Only its holder gives a lease back, and only at its end. */
  private freed(name: string, holder: string): void {
    const run = this.scene.cloud.stepfunctions.executions.find(({ arn }) => arn === holder);
    if (run?.status !== 'RUNNING' || ['ReleaseLease', 'DropLease'].includes(stateOf(run))) return;
    this.scene.broken(laws.oneHolder, `${name}: the lease was freed under its holder, which is in ${stateOf(run)}`);
  }

  private gateway(name: string, before: Item | undefined, after: Item): void {
    const [old, now] = [text(before, 'holder'), text(after, 'holder')];
    if (old === undefined || now === undefined || old === now) return;
    if (number(before, 'until') > this.scene.now())
      this.scene.broken(laws.oneHolder, `gateway ${name} went from ${old} to ${now} while held`);
  }
}
