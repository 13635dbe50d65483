/** A deployment in the local cloud whose alarms are as new as the stack: the first minutes, as nobody has warmed them. */
import type { Deployment } from '../../core/words/domain';
import { minuteMs } from '../../core/words/time';
import { VirtualClock } from '../../local-cloud/clock';
import { simulationStart } from '../../local-cloud/latency';
import { SimulatedCloud, type SimulatedCloudOptions } from '../../sim/simulated-cloud';
import { synthesisFor } from '../../sim/synthesis-cache';

export interface Deployed {
  readonly cloud: SimulatedCloud;
  /** Lets time pass until so many minutes after the deploy. */
  until(minutes: number): Promise<void>;
  /** What people were sent, oldest first: subjects. */
  heard(): string[];
  /** By the end of its name. */
  alarm(end: string): string | undefined;
}

export async function deploy(deployment: Deployment, options: Partial<SimulatedCloudOptions> = {}): Promise<Deployed> {
  const clock = new VirtualClock(simulationStart);
  const source = synthesisFor(deployment);
  const cloud = new SimulatedCloud({ source, deployment, clock, seed: 7, tables: 'memory', isFirst: true, ...options });
  await cloud.open();
  cloud.start();
  return {
    cloud,
    until: (minutes) => clock.runUntil(simulationStart + minutes * minuteMs),
    heard: () => cloud.topics.inbox.map(({ subject }) => subject ?? ''),
    alarm: (end) => Object.entries(cloud.cloudwatch.alarms.states()).find(([name]) => name.endsWith(end))?.[1],
  };
}

/** As a person with a shell does. The answer takes its time, so nobody waits for it here. */
export function start(cloud: SimulatedCloud, input: object): void {
  const request = { stateMachineArn: cloud.stepfunctions.onlyMachineArn, input: JSON.stringify(input) };
  void cloud.front.call({ role: 'operator', by: 'ana' }, 'stepfunctions', 'StartExecution', request);
}
