/** The laws about what people asked for: that each sees what it is for, and excuses what is no breach. */

import { laws } from '../../../../../core/decide/invariants';
import type { QuietWindow } from '../../../../../core/words/domain';
import { minuteMs, secondMs } from '../../../../../core/words/time';
import { simulationStart } from '../../../../../local-cloud/latency';
import { gatewayDrainer } from '../../../../../sim/swarm/habits';
import type { Scene } from '../../../../../sim/swarm/law';
import { AskedLaws } from '../../../../../sim/swarm/laws/asked';

const connection = {
  name: 'paris',
  mode: 'repair',
  paths: { a: { name: 'a', gateway: 'gw-a' }, b: { name: 'b', gateway: 'gw-b' } },
  routeSets: { office: { name: 'office' }, 'all.ohio': { name: 'all.ohio', end: 'ohio' } },
  policy: { failback: 'manual' },
};
const stoppedAt = simulationStart + minuteMs;
const rung = { clientToken: 'token', gateway: 'gw-a', path: 'a', rung: 'stop-start', startedAt: stoppedAt + minuteMs };

interface Given {
  readonly quiet?: readonly QuietWindow[];
  readonly steps?: readonly object[];
  readonly paths?: object;
  readonly runAt?: number;
  readonly drains?: Readonly<Record<string, string>>;
}

function sceneOf({ quiet, steps = [], paths = connection.paths, runAt = rung.startedAt, drains = {} }: Given) {
  const broken: string[] = [];
  const memory = JSON.stringify({ rungs: [{ ...rung, startedAt: runAt }] });
  const drainOf = (requestedBy: string) => ({
    S: JSON.stringify({ kind: 'soft', since: 0, until: 1, reason: 'rack 0', requestedBy }),
  });
  const M = Object.fromEntries(Object.entries(drains).map(([path, by]) => [path, drainOf(by)]));
  const scene = {
    deployment: {
      gateways: { 'gw-a': { kind: 'instance' } },
      connections: { paris: { ...connection, paths, ...(quiet && { quiet }) } },
    },
    startedAt: simulationStart,
    now: () => runAt + secondMs,
    storm: { steps, troubles: [] },
    items: { at: () => ({ memory: { S: memory }, drains: { M } }) },
    cloud: { world: { machineOf: () => ({ state: 'stopped', stoppingSince: stoppedAt }) } },
    judged: () => {},
    broken: (law: string) => broken.push(law),
  };
  return { broken, law: new AskedLaws(scene as unknown as Scene) };
}

describe('a machine that a person stopped in a quiet window', () => {
  const window = (toMinute: number, timezone = 'UTC', fromMinute = 0): QuietWindow => ({
    days: ['mon'],
    fromMinute,
    toMinute,
    timezone,
  });
  const byHand = [{ at: minuteMs, do: 'stop_instance', gateway: 'gw-a' }];
  const started = (given: Given): string[] => {
    const { broken, law } = sceneOf(given);
    law.onLanded({ operation: 'StartAutomationExecution', input: { ClientToken: 'token' } } as never);
    return broken;
  };

  it.each([
    ['is not repaired in it', { quiet: [window(60)], steps: byHand }, [laws.quiet]],
    ['nor on the clock of another zone', { quiet: [window(120, 'Europe/Berlin', 60)], steps: byHand }, [laws.quiet]],
    ['nor over two windows that touch', { quiet: [window(2), window(60, 'UTC', 2)], steps: byHand }, [laws.quiet]],
    ['is repaired once it has ended', { quiet: [window(2)], steps: byHand }, []],
    ['is repaired where none is declared', { steps: byHand }, []],
    ['is repaired when its host stopped it', { quiet: [window(60)], steps: [] }, []],
    ['may be repaired on what was known before', { quiet: [window(60)], steps: byHand, runAt: stoppedAt + 5_000 }, []],
  ])('%s', (_, given, expected) => {
    expect(started(given)).toEqual(expected);
  });
});

describe('failback: manual', () => {
  const word = (at: number, more: object = {}) => ({
    at,
    do: 'command',
    input: { trigger: 'failback', connection: 'paris', ...more },
  });
  const goesHome = (steps: readonly object[], kind = 'failback', routeSet = 'office'): string[] => {
    const { broken, law } = sceneOf({ steps });
    const decision = { kind, moves: [{ routeSet }] };
    law.onInvocation('FunctionsApply', 'id', JSON.stringify({ connection: 'paris', decision }));
    return broken;
  };

  it.each([
    ['without a word', [], [laws.word]],
    ['with one for another set', [word(1, { routeSet: 'lab' })], [laws.word]],
    ['with one that is yet to come', [word(99 * minuteMs)], [laws.word]],
    ['with one', [word(1)], []],
    ['with one for this set', [word(1, { routeSet: 'office' })], []],
  ])('%s', (_, steps, expected) => {
    expect(goesHome(steps)).toEqual(expected);
  });

  it('goes home at one end by the word for both', () => {
    expect(goesHome([word(1, { routeSet: 'all' })], 'failback', 'all.ohio')).toEqual([]);
    expect(goesHome([word(1, { routeSet: 'office' })], 'failback', 'all.ohio')).toEqual([laws.word]);
  });

  it('asks none of a divert', () => {
    expect(goesHome([], 'divert')).toEqual([]);
  });
});

describe('a command for a gateway', () => {
  const paths = { a: { name: 'a', gateway: 'gw-a' }, b: { name: 'b', gateway: 'gw-a' } };
  const atEnd = (drains: Readonly<Record<string, string>>): string[] => {
    const { broken, law } = sceneOf({ paths, drains });
    law.onConnections();
    law.atEnd();
    return broken;
  };

  it.each([
    ['half recorded', { a: gatewayDrainer }, [laws.together]],
    ['recorded whole', { a: gatewayDrainer, b: gatewayDrainer }, []],
    ['refused', {}, []],
    ['that was for one path, by somebody else', { a: 'ana' }, []],
  ])('%s', (_, drains, expected) => {
    expect(atEnd(drains)).toEqual(expected);
  });

  it('is for the paths over that gateway at whichever end, not for all over the gateways across', () => {
    const over = (gateway: string, far: string) => ({ gateway, far: { gateway: far } });
    const crossed = {
      a: { name: 'a', ...over('gw-a', 'o-a') },
      b: { name: 'b', ...over('gw-b', 'o-a') },
      c: { name: 'c', ...over('gw-a', 'o-c') },
    };
    const brokenBy = (gateway: string, drained: readonly string[]): string[] => {
      const drains = Object.fromEntries(drained.map((path) => [path, gatewayDrainer]));
      const steps = [{ at: 1, do: 'command', input: { gateway, reason: 'rack 0' } }];
      const { broken, law } = sceneOf({ paths: crossed, drains, steps });
      law.onConnections();
      law.atEnd();
      return broken;
    };
    expect([brokenBy('o-a', ['a', 'b']), brokenBy('gw-a', ['a', 'c'])]).toEqual([[], []]);
    expect(brokenBy('o-a', ['a'])).toEqual([laws.together]);
  });
});
