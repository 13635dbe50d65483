/**
 * What the package offers to a CDK app of somebody else: the construct, a stack around it, and the door to its
 * configuration. All else in the package is its own affair and may change with any release.
 *
 *     import { readConfigFile, Switchback } from 'switchback';
 */
export {
  ConfigInvalid,
  type ConfigResult,
  type Configured,
  deploymentFrom,
  parseConfig,
  readConfig,
  readConfigFile,
} from '../config/read';
export type { Deployment } from '../core/words/domain';
export { addEnds, EndStack, type EndStackProps } from './ends/end-stack';
export { addStandby } from './ends/standby-stack';
export { type NetworkManagerProps, NetworkManagerStack } from './network-events';
export type { NotifyProps } from './observing/notices';
export { SwitchbackStack } from './stack';
export { NobodyTold, Switchback, type SwitchbackProps } from './switchback';
