/**
 * Writes out the steps that move the canaries' pinning routes when a gateway is replaced.
 *
 * A runbook says `forEach: CanaryRoutes` on one step. Automation can neither take `table|destination` apart nor choose
 * between an IPv4, an IPv6 and a prefix list destination, so each route becomes a step of its own: a branch on
 * `Gateway`, then that gateway's steps in a row, then whatever followed. All from configuration, nothing at run time.
 */
import type { Deployment, GatewayName } from '../core/words/domain';

/** Systems Manager refuses a longer document. */
const stepsMax = 100;

export interface Step {
  readonly name: string;
  readonly nextStep?: string;
  readonly forEach?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export function withCanaryRouteSteps(steps: readonly Step[], deployment: Deployment): Step[] {
  const written = steps.flatMap((step) => {
    if (step.forEach === undefined) return [step];
    if (step.forEach !== 'CanaryRoutes')
      throw new Error(`Step ${step.name}: nothing is known to repeat for ${step.forEach}`);
    return stepsForEveryRoute(step, deployment);
  });
  if (written.length <= stepsMax) return written;
  throw new Error(
    `The replace runbook needs ${written.length} steps, Systems Manager allows ${stepsMax}: pin canaries by fewer routes, or leave out launchTemplate on some gateways`,
  );
}

function stepsForEveryRoute({ forEach: _, ...step }: Step, deployment: Deployment): Step[] {
  const after = step.nextStep!;
  const rows = Object.values(deployment.gateways)
    .filter(({ launchTemplate }) => launchTemplate !== undefined)
    .map(({ name }) => ({ gateway: name, steps: stepsOf(step, name, after, deployment) }))
    .filter(({ steps }) => steps.length > 0);
  const branch: Step = {
    name: step.name,
    action: 'aws:branch',
    timeoutSeconds: 10,
    ...(step['maxAttempts'] !== undefined && { maxAttempts: step['maxAttempts'] }),
    // A branch has no onFailure "Continue" worth having: what it cannot decide must take the step's own way out.
    onFailure: step['onFailure'] === 'Continue' ? `step:${after}` : step['onFailure'],
    inputs: {
      Choices: rows.map(({ gateway, steps }) => ({
        NextStep: steps[0]!.name,
        Variable: '{{ Gateway }}',
        StringEquals: gateway,
      })),
      Default: after,
    },
  };
  return [branch, ...rows.flatMap(({ steps }) => steps)];
}

function stepsOf(step: Step, gateway: GatewayName, after: string, deployment: Deployment): Step[] {
  const routes = canaryRoutes(gateway, deployment);
  const nameOf = (i: number) => `${step.name}_${gateway.replaceAll('-', '_')}_${i + 1}`;
  return routes.map(({ table, destination }, i) => ({
    ...step,
    name: nameOf(i),
    nextStep: i + 1 < routes.length ? nameOf(i + 1) : after,
    inputs: { ...step.inputs, RouteTableId: table, ...destinationInput(destination) },
  }));
}

/** The routes that pin canaries to paths over this gateway: host routes, or all that lies behind. */
function canaryRoutes(
  gateway: GatewayName,
  { connections }: Deployment,
): { readonly table: string; readonly destination: string }[] {
  const routes = Object.values(connections).flatMap(({ canaries, paths, routeSets }) =>
    canaries.flatMap(({ watches, pin, routeTableId: table, targets }) => {
      if (watches.kind !== 'path' || table === undefined || paths[watches.path]?.gateway !== gateway) return [];
      const destinations =
        pin === 'target'
          ? targets.map(({ address }) => `${address}/32`)
          : Object.values(routeSets).flatMap((s) => s.destinations);
      return destinations.map((destination) => ({ table, destination }));
    }),
  );
  return [...new Map(routes.map((route) => [`${route.table} ${route.destination}`, route])).values()];
}

function destinationInput(destination: string): Record<string, string> {
  if (destination.startsWith('pl-')) return { DestinationPrefixListId: destination };
  return destination.includes(':') ? { DestinationIpv6CidrBlock: destination } : { DestinationCidrBlock: destination };
}
