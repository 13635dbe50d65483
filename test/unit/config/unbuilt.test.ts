/** What is in the model and not in the code is refused by its name, and by nothing else. */
import { complaints } from './site';

it.each(['vgw', 'tgw-vpn'])('refuses path kind %s, and does not ask it for a tunnel', (kind) => {
  const said = complaints((t) => {
    t.connections.paris.paths.b = { kind };
  });
  expect(said).toContainEqual(
    `connections.paris.paths.b.kind: is known but not built yet (path kind ${kind}): use instance`,
  );
  expect(said.filter((line) => line.startsWith('connections.paris.paths.b'))).toHaveLength(1);
});

it('refuses dynamic routing', () => {
  const said = complaints((t) => {
    t.connections.paris.paths.b.routing = 'dynamic';
  });
  expect(said).toEqual(['connections.paris.paths.b.routing: is known but not built yet (routing dynamic): use static']);
});

it('refuses control by API', () => {
  const said = complaints((t) => {
    t.gateways['gw-a'].control = 'api';
  });
  expect(said).toEqual([expect.stringMatching(/^gateways\.gw-a\.control: is known but not built yet \(control api\)/)]);
});

it('refuses another region, and accepts its own', () => {
  const inRegion = (region: string) =>
    complaints((t) => {
      t.connections.paris.routeSets.office.region = region;
    });
  expect(inRegion('us-east-1')).toEqual([expect.stringMatching(/office\.region: is known but not built yet/)]);
  expect(inRegion('eu-central-1')).toEqual([]);
});
