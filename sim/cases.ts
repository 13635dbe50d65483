/**
 * Cases that others have written: scenarios in files of their own, and configurations with the verdict they deserve.
 * Finds them in a folder, plays one, and says what is wrong with the result.
 *
 *   DIR/**\/*.yaml                               a scenario, in a site of ours; beside no other kind of case
 *   DIR/**\/scenario.yaml (+ site.yaml)          a scenario, in the site beside it
 *   DIR/**\/switchback.yaml + verdict.yaml       a configuration: accepted, refused, or either; and what is (not) said of it
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { problemText } from '../config/problems';
import { parseConfig } from '../config/read';
import type { Deployment } from '../core/words/domain';
import { loadScenario } from './scenario';
import { simulate } from './simulate';
import { synthesisFor } from './synthesis-cache';

export interface Case {
  readonly name: string;
  readonly kind: 'scenario' | 'verdict';
  readonly file: string;
  /** The configuration a scenario is played in, where it lies beside it. */
  readonly siteFile?: string;
}

export interface Found {
  readonly cases: readonly Case[];
  /** Files that are none, with the reason. */
  readonly strangers: readonly string[];
}

/** What each case is played with; the same for all, so that any of them can be played again. */
const seed = 7;

/** Notes for people, reproductions in code, and what an author has collected: no cases, and nobody expects any. */
const isNote = (name: string): boolean => /\.(md|ts|txt|json|log)$/.test(name) || name.startsWith('.');

export function findCases(folder: string): Found {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !isNote(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const cases = files.flatMap((file) => caseIn(file, folder));
  const taken = new Set(cases.flatMap(({ file, siteFile }) => [file, siteFile]));
  const strangers = files.flatMap((file) => whyStranger(file, taken, folder));
  return { cases, strangers };
}

function caseIn(file: string, folder: string): Case[] {
  const [name, here] = [basename(file), dirname(file)];
  const beside = (other: string): boolean => existsSync(join(here, other));
  const called = relative(folder, here) || basename(here);
  if (name === 'scenario.yaml') {
    const siteFile = join(here, 'site.yaml');
    return [{ name: called, kind: 'scenario', file, ...(beside('site.yaml') && { siteFile }) }];
  }
  if (name === 'switchback.yaml' && beside('verdict.yaml')) return [{ name: called, kind: 'verdict', file }];
  const isPart = beside('scenario.yaml') || beside('switchback.yaml');
  const isLoose = !isPart && name.endsWith('.yaml') && isScenario(file);
  return isLoose ? [{ name: join(relative(folder, here), basename(file, '.yaml')), kind: 'scenario', file }] : [];
}

/** By what it says: any other file of the folder may be a site that a scenario deploys. */
function isScenario(file: string): boolean {
  const tree: unknown = parse(readFileSync(file, 'utf8'));
  return typeof tree === 'object' && tree !== null && 'durationMax' in tree;
}

function whyStranger(file: string, taken: ReadonlySet<string | undefined>, folder: string): string[] {
  if (taken.has(file)) return [];
  const where = relative(folder, file);
  const beside = (other: string): boolean => taken.has(join(dirname(file), other));
  switch (basename(file)) {
    case 'verdict.yaml':
      return beside('switchback.yaml') ? [] : [`${where}: no switchback.yaml beside it`];
    case 'switchback.yaml':
      return [`${where}: no verdict.yaml beside it`];
    case 'site.yaml':
      return [`${where}: no scenario.yaml beside it`];
    default:
      if (beside('scenario.yaml')) return []; // What a step of it deploys, say.
      return [`${where}: no scenario (it has no durationMax), and no scenario.yaml or switchback.yaml of a case`];
  }
}

/** How the case fails; an empty list: it passes. */
export async function playCase({ kind, file, siteFile }: Case): Promise<readonly string[]> {
  try {
    return kind === 'verdict' ? judgeConfiguration(file) : await playScenario(file, siteFile);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function playScenario(file: string, siteFile: string | undefined): Promise<readonly string[]> {
  const scenario = loadScenario(file, siteFile === undefined ? {} : { siteFile });
  const { expectations } = await simulate(scenario, { seed, tables: 'memory', playsOut: true });
  if (expectations.length === 0) return ['it expects nothing'];
  return expectations.filter(({ ok }) => !ok).map(({ what, saw }) => `${what}; saw: ${saw}`);
}

const verdictSchema = z.strictObject({
  verdict: z.enum(['accepted', 'refused', 'either']),
  /** Each must be part of what a refusal says. */
  mentions: z.array(z.string()).default([]),
  notMentions: z.array(z.string()).default([]),
  /** Each must be part of what an accepted one is warned of. */
  warns: z.array(z.string()).default([]),
});

function judgeConfiguration(file: string): readonly string[] {
  const verdictFile = join(dirname(file), 'verdict.yaml');
  const read = verdictSchema.safeParse(parse(readFileSync(verdictFile, 'utf8')));
  if (!read.success) return read.error.issues.map(({ path, message }) => `verdict.yaml: ${path.join('.')}: ${message}`);
  const { verdict, mentions, notMentions, warns } = read.data;
  const { said, remarks } = judgedFile(file);
  const isAccepted = said.length === 0;
  const text = said.join('\n');
  const has = (part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  const warned = remarks.join('\n').toLowerCase();
  const wrong = verdict !== 'either' && (verdict === 'accepted') !== isAccepted;
  return [
    ...(wrong ? [`it should be ${verdict}${isAccepted ? '; it is accepted' : `; it is refused: ${text}`}`] : []),
    // A configuration that is accepted has no complaints to compare.
    ...(isAccepted ? [] : mentions.filter((part) => !has(part)).map((part) => `'${part}' is not said; saw: ${text}`)),
    ...notMentions.filter(has).map((part) => `'${part}' is said: ${text}`),
    ...(isAccepted ? warns.filter((part) => !warned.includes(part.toLowerCase())) : []).map(
      (part) => `'${part}' is not warned of; saw: ${warned}`,
    ),
  ];
}

/** What is said against it when it is read, or when it is synthesized; and what is only to be minded. */
function judgedFile(file: string): { readonly said: readonly string[]; readonly remarks: readonly string[] } {
  const result = parseConfig(readFileSync(file, 'utf8'), basename(file));
  if (!result.ok) return { said: result.problems.map(problemText), remarks: [] };
  const remarks = result.remarks.map((remark) => `${remark.level} ${remark.kind}: ${problemText(remark)}`);
  try {
    return { said: foreignArns(result.deployment), remarks };
  } catch (error) {
    return { said: [error instanceof Error ? error.message : String(error)], remarks };
  }
}

/** In China and in GovCloud an ARN of the partition `aws` names nothing: what holds one deploys, and fails on the day. */
function foreignArns(deployment: Deployment): readonly string[] {
  const { template } = synthesisFor(deployment);
  if (!/^(cn|us-gov|us-iso)/.test(deployment.region) || !JSON.stringify(template).includes('arn:aws:')) return [];
  throw new Error('It is accepted, and its template names resources in another partition (arn:aws:)');
}
