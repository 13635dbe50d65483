/**
 * Programs that a test needs and a machine may lack. What is missing is named (`it.skip`, so that the reporter repeats it
 * as the last line of the run) and never fails: a bare machine is not a fault of ours.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Daemons live outside an ordinary user's PATH. */
const folders = (): string[] => [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

const isRunnable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Those of `names` that are nowhere, in their order. */
export const missingPrograms = (...names: string[]): string[] =>
  names.filter((name) => !folders().some((folder) => isRunnable(join(folder, name))));
