/** What the documents for speakers hold beside their own lines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../config/package-files';

/** Without its comments, which no machine needs: a document has a limit. */
const programOf = (file: string): string =>
  readFileSync(join(packagePath('runbooks'), file), 'utf8').replace(/^[ \t]*#.*\n/gm, '');

/** By the names that the documents write for them. */
export const speakerPrograms = (): Readonly<Record<string, string>> => ({
  SpeakerState: programOf('speaker-state.awk'),
  TunnelFlow: programOf('tunnel-flow.awk'),
});
