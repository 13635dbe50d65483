/**
 * Why a definition is not loaded. A refusal at load is the whole point: a feature the runner does not know must never
 * be skipped in silence and then surprise on AWS.
 */

/** Valid on AWS, perhaps, but not run here. */
export class UnsupportedFeature extends Error {
  override readonly name = 'UnsupportedFeature';

  constructor(
    readonly feature: string,
    /** The state's name, or `the machine`. */
    readonly where: string,
  ) {
    super(`${where} uses ${feature}, which this runner does not support`);
  }
}

/** AWS would refuse it too: a missing target, a broken expression, a field of the wrong type. */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';

  constructor(
    readonly reason: string,
    readonly where: string,
  ) {
    super(`${where}: ${reason}`);
  }
}
