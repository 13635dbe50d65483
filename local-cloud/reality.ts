/**
 * What may stand behind the local cloud instead of the simulated network: real packets, real daemons, real shells. The
 * lab provides one; without it everything is simulated, on virtual time.
 */
import type { ConnectAttempt, ConnectResult } from './world-port';

export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Reality {
  /**
   * One attempt from this subnet, in real time, by real sockets where that subnet is. Never throws for the network:
   * silence is an answer.
   */
  connect(subnetId: string, target: ConnectAttempt, timeoutMs: number): Promise<ConnectResult>;
  /** A script of a Command document, run on this instance by a real shell with these environment variables. */
  runScript(instanceId: string, script: string, variables: ReadonlyMap<string, string>): Promise<ScriptResult>;
}
