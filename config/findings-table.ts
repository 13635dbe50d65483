/** The table of docs/CONFIGURATION.md, made from the one that judges. */
import { findings, type Level } from './findings';

const levels: readonly Level[] = ['error', 'warning', 'note'];

/** Rows in the order of the table, the worst first. */
function findingsTable(): string {
  const rows = levels.flatMap((level) =>
    Object.entries(findings)
      .filter(([, kind]) => kind.level === level)
      .map(([name, { when }]) => `| ${level} | \`${name}\` | ${when} |`),
  );
  return ['| level | name | when |', '|---|---|---|', ...rows].join('\n');
}

/** The document with its table replaced: all from the heading's row to the first line that is none. */
export function withFindingsTable(document: string): string {
  const table = /\| level \| name \| when \|\n(\|.*\n)*/;
  if (!table.test(document))
    throw new Error('The document has no table "| level | name | when |": put its heading back');
  return document.replace(table, () => `${findingsTable()}\n`);
}
