/**
 * The one reader of tunnels, before what both daemons were recorded to say, by every awk that is here: mawk, gawk (Amazon
 * Linux's), busybox's, and the original. The real strongSwan stands before it in test/contract/strongswan.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPrograms } from '../../programs';

const program = join(__dirname, '../../../infra/greenfield/files/tunnel-state.awk');
const recorded = (name: string): string => readFileSync(join(__dirname, 'recordings', `${name}.txt`), 'utf8');
const noTunnel = 'list-sas reply {}\n';

const awks = [['awk'], ['mawk'], ['gawk', '--posix'], ['busybox', 'awk'], ['original-awk']].filter(
  ([name]) => missingPrograms(name!).length === 0,
);

describe.each(awks)('by %s', (awk, ...options) => {
  const read = (said: string, names?: string) => {
    const asked = names === undefined ? [] : ['-v', `names=${names}`];
    const { status, stdout } = spawnSync(awk!, [...options, ...asked, '-f', program], {
      input: said,
      encoding: 'utf8',
    });
    return { status, lines: stdout.split('\n').slice(0, -1) };
  };
  const lines = (said: string, names?: string): readonly string[] => {
    const { status, lines: all } = read(said, names);
    expect(status).toBe(0);
    return all;
  };

  it('counts names, whatever a rekey shows of them', () => {
    expect(lines(recorded('strongswan-two-tunnels'))).toEqual(['aws-2 1 0 0', 'aws-1 1 0 0']);
    // Its IKE_SA is REKEYING before a silent peer; the child under it passes on.
    expect(lines(recorded('strongswan-ike-rekeying'))).toEqual(['aws-2 1 0 0', 'aws-1 1 0 0']);
    expect(lines(recorded('strongswan-child-rekeyed'))).toEqual(['paris-a 1 84 84']);
    expect(lines(recorded('libreswan-4'))).toEqual(['aws-1 1 336 336', 'aws-2 1 0 263']);
    expect(lines(recorded('libreswan-5'))).toEqual([
      'aws-1 1 5228 5549',
      'aws-2 1 90686439 20123851430',
      'road 1 12295525 673668',
    ]);
  });

  it('answers about the names it is asked for, in that order, and no others', () => {
    expect(lines(recorded('strongswan-two-tunnels'), 'aws-1 gone aws-2')).toEqual([
      'aws-1 1 0 0',
      'gone 0 0 0',
      'aws-2 1 0 0',
    ]);
    expect(lines(recorded('libreswan-5'), 'aws-2')).toEqual(['aws-2 1 90686439 20123851430']);
  });

  it.each(['INSTALLED', 'REKEYING', 'REKEYED'])('takes a child that is %s for one that passes', (state) => {
    expect(lines(recorded('strongswan-two-tunnels').replaceAll('INSTALLED', state), 'aws-1')).toEqual(['aws-1 1 0 0']);
  });

  it.each(['CREATED', 'INSTALLING', 'DELETING', 'DELETED', 'RETRYING', 'ROUTED'])(
    'takes no child that is %s',
    (state) => {
      expect(lines(recorded('strongswan-two-tunnels').replaceAll('INSTALLED', state), 'aws-1')).toEqual([
        'aws-1 0 0 0',
      ]);
    },
  );

  it('is not taken in by the state of the IKE_SA, by one without children, nor by an identity', () => {
    const [aws2 = ''] = recorded('strongswan-two-tunnels').split('\n');
    const childless = aws2.replace(/child-sas .*/, 'child-sas {}}}');
    expect(lines(`${childless}\n${noTunnel}`)).toEqual(['aws-2 0 0 0']);
    const named = childless.replace('remote-id=198.51.100.21', 'remote-id=CN={6f1d}, O=a state=INSTALLED b {c}');
    expect(lines(`${named}\n${noTunnel}`)).toEqual(['aws-2 0 0 0']);
  });

  it('says that no tunnel is up where the daemon says so', () => {
    expect(lines(noTunnel, 'aws-1 aws-2')).toEqual(['aws-1 0 0 0', 'aws-2 0 0 0']);
    expect(lines('', 'aws-1')).toEqual(['aws-1 0 0 0']); // Libreswan's way to say it.
    expect(lines(noTunnel)).toEqual([]);
  });

  it.each([
    ['is cut off between two messages', recorded('strongswan-two-tunnels').split('\n').slice(0, 1).join('\n')],
    ['is cut off within one', `${recorded('strongswan-two-tunnels').slice(0, 900)}\n${noTunnel}`],
    ['is meant for people', 'aws-2: #2, ESTABLISHED, IKEv2, e897da9a19ca9d08_i* 38f0379ef1582d15_r\n'],
    ['refuses', 'list-sas reply {success=no errmsg=busy}\n'],
  ])('writes nothing where the text %s', (_, said) => {
    expect(read(said, 'aws-1')).toEqual({ status: 3, lines: [] });
  });
});

it('can stand in a Systems Manager document, between the quotes of a shell', () => {
  const code = readFileSync(program, 'utf8').replace(/^[ \t]*#.*\n/gm, '');
  expect(code).not.toMatch(/'|\{\{|\}\}|\$\{/);
});
