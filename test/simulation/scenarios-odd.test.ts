/** Every second scenario of those that are played: see scenario-suite.ts. */
import { scenarioSuite } from './scenario-suite';

scenarioSuite('odd');
