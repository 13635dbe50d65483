/**
 * Two VPCs of ours on real packets: a gateway that dies at one end is answered at both, and answers come back by the path
 * that packets leave by, as the gateways' own counters say. Root on Linux; `npm run test:lab`.
 */
import { labScenario, play } from '../../lab/play';
import { onPackets } from './machine';

onPackets('moves both ends off a gateway that has died at the far one, and takes both home', async () => {
  const { surprises, darkMs, failback, ways } = await play(labScenario('two-vpcs-gateway-dies'), {
    seed: 1,
    withHops: false,
  });
  expect(surprises).toEqual([]);
  expect(darkMs).toBeGreaterThan(0);
  expect(darkMs).toBeLessThan(5_000);
  expect(failback).toMatchObject({ lostProbes: 0, tcpSurvived: true });
  const alike = ways.flatMap(({ out, back }) => (out !== null && out === back ? [out] : []));
  expect(alike.filter((path, i) => path !== alike[i - 1])).toEqual(['a', 'b', 'a']);
});
