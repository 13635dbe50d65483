/**
 * Reads `switchback.yaml`: text in, a `Deployment` or every problem out. The one door to configuration; the app, the
 * command line and the simulator all come through here.
 */
import { readFileSync } from 'node:fs';
import { type Alias, type Document, isAlias, isCollection, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Deployment } from '../core/words/domain';
import { causesFirst } from './causes';
import { toDeployment } from './deployment';
import { endsFindings } from './ends-rules';
import { inFile, sidesOf } from './ends-sides';
import { levelOf } from './findings';
import { codeFrame, nameOf, type Place, placeOf } from './places';
import { type Finding, findingsFrom, type Problem, pathText, problemsText, valueAt } from './problems';
import { referenceFindings, wholeFindings } from './references';
import { authorSchema, type WrittenConfig } from './schema';
import { asWritten, type Mended, mend, placeWritten, roundsMax } from './spelling';
import { standbyFindings, standbyTree, standsInFor } from './standby-rules';
import { oldNameFindings } from './thresholds';
import { isExplained, refusals } from './unbuilt';
import { unbuiltField } from './unbuilt-words';
import { warningFindings } from './warnings';

/** What a file comes to. `remarks`: warnings and notes, about what is deployed all the same. */
export interface Configured {
  readonly deployment: Deployment;
  /** A second deployment, which takes over from the first if need be. Absent: none stands by. */
  readonly standby?: Deployment;
  readonly remarks: readonly Problem[];
}

export type ConfigResult =
  | ({ readonly ok: true } & Configured)
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Thrown where there is nobody to hand the problems to; its message lists them. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';

  constructor(
    readonly fileName: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(`${fileName} has ${count}:\n${problemsText(problems)}`);
  }
}

/** A hundred connections fit; the time to find repeated keys grows with the square of their number. */
const textLengthMax = 128 * 1024;

const strictSchema = authorSchema('strict');
const lenientSchema = authorSchema('lenient');

type Placing = (finding: Finding) => { readonly line: number; readonly frame: string } | undefined;
const nowhere: Placing = () => undefined;

/** From a parsed tree (a scenario merges its own over a site's); `placing` finds problems in a file. */
export function deploymentFrom(written: unknown, placing: Placing = nowhere): ConfigResult {
  const { slips, shape, mended } = spelled(written);
  const { tree } = mended;
  const strict = strictSchema.safeParse(tree);
  const lenient: WrittenConfig = strict.success ? strict.data : lenientSchema.parse(tree);
  const sides = sidesOf(lenient);
  const refused = inFile(refusals(sides, tree, shape), lenient);
  const found = causesFirst([
    ...shape,
    ...endsFindings(lenient),
    ...standbyFindings(lenient),
    ...inFile(referenceFindings(sides), lenient),
    ...wholeFindings(lenient),
  ]);
  const left = found.filter((finding) => !isExplained(finding, refused, tree));
  const asMeant = (finding: Finding): Finding => ({ ...finding, at: placeWritten(finding.at, mended.slips) });
  const said = (findings: readonly Finding[]): Problem[] => inOneVoice(findings.map(asMeant), written, placing);
  const problems = [...slips, ...refused.filter(({ isSaid }) => !isSaid), ...left];
  if (!strict.success || problems.length > 0) return { ok: false, problems: said(problems) };
  const deployment = toDeployment(strict.data);
  const remarks = said([...oldNamesIn(strict.data), ...warningFindings(deployment)]);
  if (strict.data.standbyRegion === undefined) return { ok: true, deployment, remarks };
  const second = deploymentFrom(standbyTree(tree as Readonly<Record<string, unknown>>, strict.data));
  if (second.ok)
    return { ok: true, deployment, standby: { ...second.deployment, standsInFor: standsInFor(strict.data) }, remarks };
  const why = second.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  const message = `cannot be: what stands by would be wrong (${why}); mend that, or remove it`;
  return { ok: false, problems: said([{ at: ['standbyRegion'], kind: 'standby-wrong', message }]) };
}

/** What the schema finds, once all that is misspelt is read as it was meant. */
function spelled(written: unknown): { slips: readonly Finding[]; shape: readonly Finding[]; mended: Mended } {
  const slips: Finding[] = [];
  let mended = asWritten(written);
  for (let round = 0; ; round++) {
    const strict = strictSchema.safeParse(mended.tree);
    const shape = (strict.success ? [] : findingsFrom(strict.error.issues, mended.tree)).map(
      (finding): Finding => ({ ...finding, isShape: true }),
    );
    const isSlip = ({ at, meant }: Finding): boolean =>
      meant !== undefined && unbuiltField(String(at.at(-1)), valueAt(mended.tree, at)) === null;
    const news = round < roundsMax ? shape.filter(isSlip) : [];
    if (news.length === 0) return { slips, shape, mended };
    slips.push(...news.map((slip) => ({ ...slip, at: placeWritten(slip.at, mended.slips) })));
    mended = mend(mended, news);
  }
}

function oldNamesIn({ connections }: WrittenConfig): Finding[] {
  return Object.entries(connections).flatMap(([name, { policy }]) =>
    oldNameFindings(policy, ['connections', name, 'policy']),
  );
}

export function parseConfig(text: string, fileName = 'switchback.yaml'): ConfigResult {
  const refused = (message: string): ConfigResult => ({ ok: false, problems: [ofFile(fileName, message)] });
  if (text.length > textLengthMax) return refused(`is longer than ${textLengthMax} characters: deploy in two parts`);
  try {
    return parseDocumentOf(text, fileName);
  } catch (error) {
    // The library's own limits: how deep it recurses, how often an alias may be expanded.
    if (error instanceof RangeError) return refused(tooDeep);
    if (error instanceof ReferenceError) return refused(`has a wrong alias: write its value out (${error.message})`);
    throw error;
  }
}

const ofFile = (path: string, message: string): Problem => ({
  path,
  value: undefined,
  message,
  kind: 'not-yaml',
  level: 'error',
});

function parseDocumentOf(text: string, fileName: string): ConfigResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const textLines = text.split(/\r?\n/);
  const shown = (place: Place) => ({ line: place.line, frame: codeFrame(textLines, place) });
  // Whatever else a parser says after its first error is an echo of that.
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const place = shown({ line, column: col, length: Math.max(1, error.pos[1] - error.pos[0]) });
    return { ok: false, problems: [{ ...ofFile(fileName, yamlText(error)), ...place }] };
  }
  const stray = strayAlias(document);
  if (stray !== null) {
    const message = `has a wrong alias: no &${stray.source} stands above it; write its value out`;
    const { line, col } = lines.linePos(stray.range?.[0] ?? 0);
    const place = shown({ line, column: col, length: stray.source.length + 1 });
    return { ok: false, problems: [{ ...ofFile(fileName, message), ...place }] };
  }
  return deploymentFrom(document.toJS(), (finding) => {
    const place = placeIn(document, lines, finding);
    return place === undefined ? undefined : shown(place);
  });
}

/** The first alias of nothing. */
function strayAlias(document: Document.Parsed): Alias | null {
  let stray: Alias | null = null;
  const anchors = new Set<string>(); // One walk: the library's own question takes one for each alias.
  visit(document, (_key, node) => {
    if (isAlias(node) && !anchors.has(node.source)) {
      stray = node;
      return visit.BREAK;
    }
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.add(node.anchor);
    return undefined;
  });
  return stray;
}

/** The library's own limit, thrown, or found where the text became too deep. */
const tooDeep = 'is nested too deeply: write it flat, as in examples/';

function yamlText({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'holds two documents: remove the second --- and what belongs to it';
  if (code === 'RESOURCE_EXHAUSTION') return tooDeep;
  if (code === 'TAB_AS_INDENT') return 'is not YAML: tabs indent nothing here; use spaces';
  return `is not YAML: ${message}`;
}

function placeIn(document: Document.Parsed, lines: LineCounter, { at, unknown }: Finding): Place | undefined {
  return (unknown === true ? nameOf(document, lines, at) : undefined) ?? placeOf(document, lines, at);
}

/** Throws `ConfigInvalid`. */
export function readConfig(path: string): Configured {
  const result = parseConfig(textIn(path), path);
  if (!result.ok) throw new ConfigInvalid(path, result.problems);
  return result;
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as { code?: string };
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new ConfigInvalid(path, [
      ofFile(path, `cannot be read, ${why}: name another, or start from examples/adopt/switchback.yaml`),
    ]);
  }
}

export const readConfigFile = (path: string): Deployment => readConfig(path).deployment;

/** One problem per place and message, in the order of the file where lines are known. */
function inOneVoice(findings: readonly Finding[], tree: unknown, placing: Placing): Problem[] {
  const seen = new Set<string>();
  const problems = findings.flatMap((finding): Problem[] => {
    const { at, kind, message } = finding;
    const path = pathText(at);
    if (seen.has(`${path} ${message}`)) return [];
    seen.add(`${path} ${message}`);
    return [{ path, value: valueAt(tree, at), message, kind, level: levelOf(kind), ...placing(finding) }];
  });
  // What is written wrongly is the cause more often than what is not there: a field that is misspelt is missing, too.
  const isMissing = ({ value }: Problem): number => (value === undefined ? 1 : 0);
  return problems.sort((x, y) => isMissing(x) - isMissing(y) || (x.line ?? 0) - (y.line ?? 0));
}
