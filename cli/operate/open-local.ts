/** `--local`: the scenario that was asked for, played up to its minute. */
import type { JsonObject } from '../../local-cloud/template/json';
import { loadScenario } from '../../sim/scenario';
import { ensureBundles } from '../bundles';
import { type LocalFooting, localFooting } from './local';
import type { SessionOptions } from './session';

export const localSeed = 7;
/** All is quiet in it for two minutes, and its users are on their home path. */
export const usualScenario = 'gateway-stopped';

/** `own`: see localFooting. */
export async function openLocal({ local, at }: SessionOptions, own?: JsonObject): Promise<LocalFooting> {
  ensureBundles();
  return localFooting(loadScenario(local === undefined || local === true ? usualScenario : local), at, localSeed, own);
}
