/**
 * `npm run conformance -- DIR`: runs every recorded case in DIR through our Step Functions runner and compares status,
 * output, error, cause and the history event by event. Prints one line per case that failed or was skipped, then the
 * count; exits with 1 if any failed, or if DIR holds no case at all.
 */
import { judge, readCases } from './asl-recorded-case';

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined) {
    console.error('usage: npm run conformance -- DIR');
    return 2;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const recorded of readCases(folder)) {
    const verdict = await judge(recorded);
    counts[verdict.kind]++;
    if (verdict.kind === 'failed') console.log(`FAILED  ${recorded.name}: ${verdict.difference}`);
    if (verdict.kind === 'skipped') console.log(`SKIPPED ${recorded.name}: ${verdict.feature}`);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 || counts.passed + counts.skipped === 0 ? 1 : 0;
}

main(process.argv[2]).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  },
);
