/**
 * The state machine's definition as it is deployed: `statemachines/failover.asl.json`, which says each idea once, with
 * its own parts and the numbers of core filled in.
 *
 *     "Seconds": "${WaitOutWriteSeconds}"       a number of `numbers`, below
 *     "Retry": "${RetryDynamoDb}"               what the file's "Parts" has under that name
 *     "{% ${Now} + ${LeaseMs} %}"               both, inside a longer text
 *     { "...": "${WriteRoutes}", "Next": "A" }  all fields of a part, under the object's own
 *
 * Only `deployedNames` are left open: CloudFormation knows them. Everything that reads the machine (the construct, the
 * swarm, the model checker, the tests) reads it from here.
 */
import { readFileSync } from 'node:fs';
import { packagePath } from '../config/package-files';
import { limits } from '../core/words/policy';
import { secondMs } from '../core/words/time';

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** What CloudFormation fills in: names that one deployment gives out. */
export const deployedNames = ['StateTable', 'AssessFunction', 'ApplyFunction', 'NoticeTopic'] as const;
export type DeployedName = (typeof deployedNames)[number];

const seconds = (ms: number): number => ms / secondMs;

/** Every number that the machine shares with the code, the model or the other numbers; its reason stands in core. */
export const numbers: Readonly<Record<string, number>> = {
  LeaseMs: limits.leaseMs,
  LeaseGraceMs: limits.leaseGraceMs,
  LeaseOverSeconds: seconds(limits.leaseMs + limits.leaseGraceMs),
  AbsentAfterMs: limits.absentAfterMs,
  AbsentAfterSeconds: seconds(limits.absentAfterMs),
  DecisionAgeMaxMs: limits.decisionAgeMaxMs,
  // A task waits a little longer than its function may take: the answer of one that needed all its time still comes.
  AssessTaskSeconds: seconds(limits.assessMs) + 2,
  ApplyTaskSeconds: seconds(limits.applyMs) + 5,
  ApplySeconds: seconds(limits.applyMs),
  RequestLandsSeconds: seconds(limits.requestLandsMs),
  // A second more than what is waited for can last: at the very instant both may happen, in either order.
  WaitOutWriteSeconds: seconds(limits.applyMs + limits.requestLandsMs) + 1,
  WaitOutWriterSeconds: seconds(limits.applyMs + limits.leaseGraceMs) + 1,
  RunSeconds: seconds(limits.runMs),
  RunRelievedMs: limits.runRelievedMs,
  TurnsRelievedMin: limits.turnsRelievedMin,
  TurnsMax: limits.turnsMax,
  ToldAgainMs: limits.toldAgainMs,
  RefusalToldAgainMs: limits.refusalToldAgainMs,
};

/** A file that cannot be deployed; the message names the place, what stands there, and what may. */
class DefinitionUnfillable extends Error {
  override readonly name = 'DefinitionUnfillable';
}

export const definitionFile = packagePath('statemachines/failover.asl.json');

/** The deployed text, two spaces an indent. */
export function failoverDefinition(file: string = definitionFile): string {
  return JSON.stringify(fillDefinition(readFileSync(file, 'utf8'), file), null, 2);
}

const placeholder = /\$\{(\w+)\}/g;
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Exported for its test. */
export function fillDefinition(written: string, file = 'the definition'): JsonObject {
  const { Parts = {}, ...definition } = JSON.parse(written) as JsonObject;
  const wrong = (place: string, what: string): DefinitionUnfillable =>
    new DefinitionUnfillable(`${file}: ${place} ${what}`);
  if (!isObject(Parts)) throw wrong('Parts', 'is no object: write each part under its name');
  const parts: JsonObject = Parts;
  const twice = Object.keys(parts).find((name) => name in numbers || deployedNames.includes(name as DeployedName));
  if (twice !== undefined) throw wrong(`Parts.${twice}`, 'is the name of something else, too: call it another name');

  /** `inside`: the parts that are being filled, from the outermost. */
  const named = (name: string, place: string, inside: readonly string[]): Json => {
    if (inside.includes(name))
      throw wrong(place, `contains itself: ${[...inside, name].join(' -> ')}; one of them must be written out`);
    const part = parts[name];
    if (part !== undefined) return fill(part, `Parts.${name}`, [...inside, name]);
    const number = numbers[name];
    if (number !== undefined) return number;
    if (deployedNames.includes(name as DeployedName)) return `\${${name}}`;
    const known = [...Object.keys(parts), ...Object.keys(numbers), ...deployedNames];
    throw wrong(place, `writes \${${name}}, which is none of ${known.join(', ')}`);
  };
  const filledText = (text: string, place: string, inside: readonly string[]): Json => {
    const whole = /^\$\{(\w+)\}$/.exec(text)?.[1];
    if (whole !== undefined) return named(whole, place, inside);
    return text.replace(placeholder, (_, name: string) => {
      const value = named(name, place, inside);
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      throw wrong(place, `writes \${${name}} inside a text, but that part is none: it can only stand alone`);
    });
  };
  const fill = (value: Json, place: string, inside: readonly string[]): Json => {
    if (typeof value === 'string') return filledText(value, place, inside);
    if (Array.isArray(value)) return value.map((item: Json, i) => fill(item, `${place}[${i}]`, inside));
    if (!isObject(value)) return value;
    const { '...': spread, ...own } = value;
    const base = spread === undefined ? {} : fill(spread, `${place}."..."`, inside);
    if (!isObject(base)) throw wrong(`${place}."..."`, 'has no fields to take: name a part that is an object');
    const fields = Object.entries(own).map(([key, item]) => [key, fill(item, `${place}.${key}`, inside)] as const);
    return { ...base, ...Object.fromEntries(fields) };
  };
  return Object.fromEntries(Object.entries(definition).map(([key, item]) => [key, fill(item, key, [])]));
}
