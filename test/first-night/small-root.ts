/**
 * A machine on which the first boot runs to its end as it is written: a root of its own (this machine's /usr, everything
 * else empty), a network of its own (with a way out, or really none) and stand-ins for what only Amazon Linux and AWS have.
 * Nothing of it is left behind, and nothing of this machine can be touched.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPrograms } from '../programs';

const namespaces = ['unshare', '--user', '--map-root-user', '--mount', '--net'];

/** Why no such machine can be had here; null: it can. */
export function whyNoRoot(): string | null {
  const missing = missingPrograms('unshare', 'chroot', 'mount', 'ip', 'bash', 'curl', 'tar', 'bzip2', 'sha256sum');
  if (missing.length > 0) return `missing: ${missing.join(', ')}`;
  const { status } = spawnSync(namespaces[0]!, [...namespaces.slice(1), 'mount', '-t', 'tmpfs', 'none', tmpdir()]);
  return status === 0 ? null : 'no namespaces allowed';
}

export interface Answers {
  /** Status by address; what is not named is refused with 404. */
  readonly web?: Readonly<Record<string, 200 | 404>>;
  /** The network has a way out from this try on; null: never. */
  readonly routeFromTry?: number | null;
  /** The keys' store refuses. */
  readonly noKeys?: boolean;
  /** The daemon that was built never answers. */
  readonly deadDaemon?: boolean;
}

export interface Boot {
  readonly status: number | null;
  /** What a person would find in the console's log. */
  readonly console: string;
  readonly log: string;
  /** What CloudFormation was told, in order. */
  readonly signals: readonly { readonly Status: string; readonly Reason: string; readonly UniqueId: string }[];
  /** Programs of Amazon Linux and AWS that were called, with their words. */
  readonly calls: readonly string[];
  has(path: string): boolean;
  read(path: string): string;
}

export class SmallRoot {
  private readonly folder = mkdtempSync(join(tmpdir(), 'switchback-root-'));
  private readonly root = join(this.folder, 'root');

  /** A release as strongSwan lays it out, as far as the boot looks at it; its checksum. */
  release(version: string): string {
    const name = `strongswan-${version}`;
    const source = join(this.folder, name);
    mkdirSync(source);
    this.program(
      join(source, 'configure'),
      'case "$*" in *--enable-systemd*) ;; *) exit 1;; esac\ncp Makefile.in Makefile',
    );
    this.program(join(source, 'make-install'), 'cp swanctl /usr/local/bin/swanctl');
    this.program(join(source, 'swanctl'), `echo "swanctl $*" >> /stand-ins/calls\n[ ! -e /stand-ins/dead ]`);
    writeFileSync(join(source, 'Makefile.in'), 'all:\n\techo built\n');
    spawnSync('tar', ['-C', this.folder, '-cjf', join(this.folder, 'release'), name]);
    return spawnSync('sha256sum', [join(this.folder, 'release')], { encoding: 'utf8' }).stdout.slice(0, 64);
  }

  boot(script: string, answers: Answers = {}): Boot {
    this.layOut(script, answers);
    const [program, ...args] = namespaces;
    const { status, stdout, stderr } = spawnSync(program!, [...args, 'bash', join(this.folder, 'enter')], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], PAUSE: '0' },
    });
    const at = (path: string): string => join(this.root, path);
    const read = (path: string): string => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '');
    const lines = (path: string): string[] => read(path).split('\n').filter(Boolean);
    return {
      status,
      console: stdout + stderr,
      log: read('var/log/switchback-boot.log'),
      signals: lines('stand-ins/signals').map((line) => JSON.parse(line)),
      calls: lines('stand-ins/calls'),
      has: (path) => existsSync(at(path)),
      read,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private layOut(script: string, { web = {}, routeFromTry = 1, noKeys, deadDaemon }: Answers): void {
    rmSync(this.root, { recursive: true, force: true });
    const made = [
      'etc/systemd/system',
      'etc/sysctl.d',
      'var/log',
      'tmp',
      'dev',
      'proc',
      'usr',
      'stand-ins',
      'local/bin',
    ];
    for (const name of [...made, 'local/sbin']) mkdirSync(join(this.root, name), { recursive: true });
    const put = (name: string, text: string): void => writeFileSync(join(this.root, 'stand-ins', name), text);
    put(
      'web',
      Object.entries(web)
        .map(([address, status]) => `${address} ${status}\n`)
        .join(''),
    );
    put('route', routeFromTry === null ? 'never' : String(routeFromTry));
    if (noKeys === true) put('no-keys', '');
    if (deadDaemon === true) put('dead', '');
    for (const [name, body] of Object.entries(standIns)) this.program(join(this.root, 'local/bin', name), body);
    this.program(join(this.root, 'stand-ins/user-data'), script);
    writeFileSync(join(this.folder, 'enter'), this.enter());
  }

  /** The whole of /usr but /usr/local is this machine's, to read only. */
  private enter(): string {
    const { root } = this;
    return `set -e
mount --rbind /usr ${root}/usr
mount --bind ${root}/local ${root}/usr/local
for name in bin sbin lib lib64; do [ -L /$name ] && cp -P /$name ${root}/$name; done
mount --rbind /dev ${root}/dev
mount --rbind /proc ${root}/proc
[ ! -e ${this.folder}/release ] || cp ${this.folder}/release ${root}/stand-ins/release
exec chroot ${root} /usr/bin/env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PAUSE=0 /stand-ins/user-data
`;
  }

  private program(path: string, body: string): void {
    writeFileSync(path, body.startsWith('#!') ? body : `#!/bin/bash\n${body}\n`);
    chmodSync(path, 0o755);
  }
}

const noted = `echo "$(basename "$0") $*" >> /stand-ins/calls`;

/** The web says what it was told to say; without a route it is the real curl that fails, at the real lack of one. */
const curl = `from=$(cat /stand-ins/route); tries=$(cat /stand-ins/tries 2> /dev/null || echo 0); tries=$((tries + 1))
echo $tries > /stand-ins/tries
if [ "$from" = "$tries" ]; then ip link set lo up; ip route add default dev lo; fi
if ! ip -4 route show default | grep -q default; then exec /usr/bin/curl "$@"; fi
out=/dev/null; for last in "$@"; do [ "$before" = -o ] && out=$last; before=$last; done
case "$last" in
  https://ssm.*) exit 0 ;;
  https://signal.example/*)
    for word in "$@"; do case "$word" in @*) { cat "\${word#@}"; echo; } >> /stand-ins/signals ;; esac; done
    exit 0 ;;
esac
echo "curl $last" >> /stand-ins/calls
if grep -q "^$last 200$" /stand-ins/web; then cp /stand-ins/release "$out"; exit 0; fi
echo "curl: (22) The requested URL returned error: 404" >&2
exit 22`;

/** Starting the daemon pulls in its keys, as WantedBy and Before say; the unit's own script is run. */
const systemctl = `${noted}
case "$*" in
  "enable --now strongswan")
    set -a; . /etc/switchback/environment; set +a
    /usr/local/sbin/switchback-fetch-keys > /stand-ins/journal 2>&1 && touch /stand-ins/keys-active
    exit 0 ;;
  "is-active --quiet switchback-keys") [ -e /stand-ins/keys-active ] ;;
esac`;

const standIns: Readonly<Record<string, string>> = {
  curl,
  systemctl,
  dnf: noted,
  nft: noted,
  'cloud-init': noted,
  shutdown: noted,
  sysctl: `${noted}\n[ -f "\${!#}" ]`,
  make: '[ "$1" != install ] || exec ./make-install',
  journalctl: 'tail -n 3 /stand-ins/journal',
  aws: `${noted}
if [ -e /stand-ins/no-keys ]; then
  echo "An error occurred (ResourceNotFoundException): Secrets Manager can't find the specified secret." >&2
  exit 254
fi
echo key`,
};
