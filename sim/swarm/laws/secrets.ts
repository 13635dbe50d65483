/**
 * The law of keys: a pre-shared key that AWS hands out is written down nowhere. Every key of the simulated world holds the
 * same canary text, so one look at a text tells; only the answer to who may ask is let by.
 *
 *     logs, metrics, items, notices, what functions are given and fail with, every call's input, every other answer,
 *     histories of executions, steps of automations
 */
import { laws } from '../../../core/decide/invariants';
import type { Deployment } from '../../../core/words/domain';
import { viewsOf } from '../../../core/words/gateways';
import type { Execution, HistoryEvent } from '../../../local-cloud/asl/runner';
import type { CallRecord } from '../../../local-cloud/front/front';
import type { ItemChange } from '../../../local-cloud/services/dynamodb/dynamodb';
import type { Notice } from '../../../local-cloud/services/sns/sns';
import { canaryKey } from '../../network/managed-vpn';
import type { Law, Scene } from '../law';

/** Of any run, a scenario's too. */
interface Watched extends Pick<Scene, 'judged' | 'broken'> {
  readonly cloud: Pick<Scene['cloud'], 'automations' | 'world'>;
}

/**
 * The logical id of the role that may ask; test/synth/watch.test.ts holds the grants to it. And whoever looks at the account
 * with rights of his own (`doctor`, `adopt`): what becomes of the answer is the same law's.
 */
const mayAsk = /Watch|^person\/owner$/;

export class SecretsLaw implements Law {
  constructor(private readonly scene: Watched) {}

  onCall({ operation, role, by, input }: CallRecord, output: unknown): void {
    this.look(`the input of ${operation} by ${by}`, input);
    if (operation !== 'DescribeVpnConnections' || !mayAsk.test(role))
      this.look(`what ${operation} answered ${by}`, output);
    else if (this.hasKeys) this.scene.judged(laws.secrets);
  }

  onLog(functionName: string, line: string): void {
    this.look(`the log of ${functionName}`, line);
  }

  onItem(change: ItemChange): void {
    this.look('an item', change.text);
  }

  onState(event: HistoryEvent, execution: Execution): void {
    this.look(`the history of ${execution.arn}`, event);
  }

  onNotice(notice: Notice): void {
    this.look('a notice', notice);
  }

  onInvocation(functionName: string, _requestId: string, payload: string): void {
    this.look(`what ${functionName} is given`, payload);
  }

  onFunctionFailure(functionName: string, payload: string): void {
    this.look(`how ${functionName} failed`, payload);
  }

  atEnd(): void {
    for (const [id, { documentName, records, failure }] of this.scene.cloud.automations)
      this.look(`automation ${id} of ${documentName}`, [
        failure,
        ...records.map(({ inputs, outputs, failure: why }) => [inputs, outputs, why]),
      ]);
  }

  /** What is reported of the run itself. */
  report(result: unknown): void {
    this.look('the report of the run', result);
  }

  /** Of each deployment, asked once: every call, log line, item and state asks. */
  private readonly hasKeysIn = new WeakMap<Deployment, boolean>();

  private get hasKeys(): boolean {
    const { deployment } = this.scene.cloud.world;
    const known = this.hasKeysIn.get(deployment) ?? Object.keys(viewsOf(deployment)).length > 0;
    this.hasKeysIn.set(deployment, known);
    return known;
  }

  private look(where: string, value: unknown): void {
    if (!this.hasKeys) return;
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    if (text.includes(canaryKey)) this.scene.broken(laws.secrets, `a pre-shared key stands in ${where}`);
  }
}
