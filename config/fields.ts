/**
 * The kinds of fields `switchback.yaml` is made of, in two readings.
 *
 * `strict` finds what is wrong with each field. `lenient` never fails: a bad value reads as empty, so that
 * `references.ts` can still check everything that hangs together, and the author sees all mistakes in one go.
 */
import * as z from 'zod';
import { isRecord } from '../core/words/shape';
import { canonicalCidr, isIpv4 } from './addresses';
import { meant } from './nearest';
import { regions } from './regions';
import { unbuiltValue } from './unbuilt-words';

export type Reading = 'strict' | 'lenient';
export type Fields = ReturnType<typeof fieldsFor>;

export function fieldsFor(reading: Reading) {
  const strict = reading === 'strict';

  /** The schema itself, or, read leniently, one that takes `empty` for whatever does not fit. */
  const kept = <S extends z.ZodType>(schema: S, empty: z.output<S>): S =>
    strict ? schema : (schema.catch(empty as never) as unknown as S);

  const maybe = <S extends z.ZodType>(schema: S): z.ZodOptional<S> =>
    strict ? schema.optional() : (z.undefined().or(schema).catch(undefined) as unknown as z.ZodOptional<S>);

  const group = <T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> => {
    // Who puts it in words (problems.ts) knows the field that was written, and says which of these was meant.
    const known = Object.keys(shape)
      .filter((field) => z.globalRegistry.get(shape[field] as z.ZodType)?.deprecated !== true)
      .join(' ');
    const error = (issue: { code?: string }) => (issue.code === 'unrecognized_keys' ? known : undefined);
    if (strict) return z.strictObject(shape, { error });
    const loose = z.object(shape);
    return loose.catch(() => loose.parse({})) as unknown as z.ZodObject<T, z.core.$strict>;
  };

  /** A group of things by name. */
  const named = <V extends z.ZodType>(value: V, what: string): z.ZodRecord<z.ZodString, V> => {
    const mend = `is no name for a ${what}: use a to z, 0 to 9 and -, begin with a letter, at most 31 characters`;
    if (!strict) return kept(z.record(z.string(), value), {});
    // Every record of JavaScript has a `constructor` already.
    const record = z.record(z.string().regex(/^(?!constructor$)[a-z][a-z0-9-]{0,30}$/, mend), value);
    return record.refine((r) => Object.keys(r).length > 0, `is empty: add at least one ${what}`);
  };

  const text = (pattern: RegExp, mend: string) => kept(z.string().regex(pattern, mend), '');
  const whole = (min: number, max: number, mend: string, empty = min) =>
    kept(z.int(mend).min(min, mend).max(max, mend), empty);
  const destination = z.string().superRefine((value, context) => {
    if (/^pl-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value)) return;
    const canonical = canonicalCidr(value);
    if (canonical === value) return;
    context.addIssue(
      canonical === null
        ? 'is no CIDR block or prefix list: write one like 172.16.0.0/16, 2001:db8::/32 or pl-0123456789abcdef0'
        : `is not the canonical form: write ${canonical}`,
    );
  });

  const region = z.string().superRefine((value, context) => {
    // Those of other partitions are refused by name (unbuilt.ts).
    if (regions.includes(value) || unbuiltValue(value) === 'partition') return;
    const near = meant(value, regions);
    context.addIssue(`is no region: ${near === null ? 'write one like eu-central-1' : `did you mean ${near}?`}`);
  });

  return {
    kept,
    maybe,
    group,
    named,
    text,
    whole,
    /** A name defined elsewhere in the file; `references.ts` looks it up. */
    reference: kept(z.string().min(1, 'is empty: write the name of what it is'), ''),
    flag: (value: boolean) => kept(z.boolean().default(value), value),
    /** `built`: those worth recommending, where not all of them are. */
    choice: <const C extends readonly [string, ...string[]]>(
      choices: C,
      usual: C[number],
      built: readonly C[number][] = choices,
    ) => {
      const error = (issue: { code?: string }) =>
        issue.code === 'invalid_value' && built !== choices
          ? `is none of ${built.join(', ')}: write ${built.length === 1 ? 'that' : 'one of these'}`
          : undefined;
      return kept(z.enum(choices, { error }).default(usual as never), usual as never);
    },
    list: <V extends z.ZodType>(value: V, what: string) =>
      kept(z.array(value).min(1, `is empty: add at least one ${what}`), []),
    ec2Id: (prefix: string, what: string) =>
      text(
        new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`),
        `is no ${what}: write one like ${prefix}-0123456789abcdef0`,
      ),
    tableId: text(
      /^(tgw-)?rtb-([0-9a-f]{8}|[0-9a-f]{17})$/,
      "is no route table id: write one like rtb-0123456789abcdef0, or a transit gateway's, tgw-rtb-0123456789abcdef0",
    ),
    /** Two kinds of thing under one name, told apart by a field that only one of them has: `which` says so to people. */
    either: <A extends z.ZodType, B extends z.ZodType>(
      field: string,
      withField: A,
      without: B,
      which: string,
    ): z.ZodType<z.output<A> | z.output<B>> => {
      const kindOf = (value: unknown): A | B => (isRecord(value) && Object.hasOwn(value, field) ? withField : without);
      if (!strict) return z.unknown().transform((value) => kindOf(value).parse(value) as z.output<A> | z.output<B>);
      // Of two that fit as badly the first speaks: the usual one.
      return z.union([without, withField], { error: `must be a group of fields, with ${which}` });
    },
    ipv4: kept(
      z.string().refine(isIpv4, 'is no IPv4 address: write one like 10.0.1.10 (no names: DNS may live behind the VPN)'),
      '',
    ),
    port: whole(1, 65_535, 'must be a port, 1 to 65535'),
    region: kept(region, ''),
    zone: text(/^[a-z]{2,}(-[a-z]+)+-\d[a-f]$/, 'is no availability zone: write one like eu-central-1a'),
    destination: kept(destination, ''),
  };
}
