/**
 * Where a gateway's strongSwan comes from, as lines of its first boot. Amazon Linux 2023 has none in its own repository
 * (it has Libreswan), so the author says where from.
 *
 * A release is looked for in several places: strongSwan's own front page keeps current releases only and moves the others
 * into its archive. What is found counts by its checksum, never by its place.
 */

export type Software =
  /** It is in the image already, with nftables and the AWS CLI. What production should use: a repair then needs no mirror. */
  | { readonly from: 'image' }
  /** A release of strongSwan, built at first boot; takes minutes. */
  | ReleaseSoftware
  /** Packages, one after the other: one that adds a repository first. */
  | { readonly from: 'packages'; readonly packages: readonly string[] };

interface ReleaseSoftware {
  readonly from: 'release';
  /** For example 6.1.0. */
  readonly version: string;
  /** SHA-256 of `strongswan-<version>.tar.bz2`, verified by whoever writes it down. */
  readonly sha256: string;
  /**
   * Whole addresses of the same file, looked at first: a bucket of your own, say.
   * @default - strongSwan's site, its archive of superseded releases, its releases on GitHub
   */
  readonly mirrors?: readonly string[];
}

/** All that the greenfield gateway needs; strongSwan's defaults bring parsers and plugins for much more. */
const configureOptions = [
  '--prefix=/usr',
  '--libexecdir=/usr/libexec',
  '--sysconfdir=/etc',
  '--disable-defaults',
  '--enable-charon',
  '--enable-ikev2',
  '--enable-systemd',
  '--enable-swanctl',
  '--enable-vici',
  '--enable-openssl',
  '--enable-nonce',
  '--enable-random',
  '--enable-kdf',
  '--enable-gcm',
  '--enable-aes',
  '--enable-sha1',
  '--enable-sha2',
  '--enable-hmac',
  '--enable-kernel-netlink',
  '--enable-socket-default',
  '--enable-updown',
];

const buildPackages = 'nftables awscli-2 gcc make pkgconf-pkg-config tar bzip2 xz openssl-devel systemd-devel'.split(
  ' ',
);

export function installLines(software: Software): string[] {
  switch (software.from) {
    case 'image':
      return [
        "stage 'find strongSwan, nftables and the AWS CLI in the image'",
        // One by one: of several names `command -v` is content with one.
        ...['swanctl', 'nft', 'aws'].map(
          (program) => `command -v ${program} > /dev/null || { echo "the image has no ${program}"; exit 1; }`,
        ),
      ];
    case 'packages':
      return [
        "stage 'install packages'",
        ...[...software.packages, 'nftables', 'awscli-2'].map((name) => install([checkedPackage(name)])),
      ];
    case 'release':
      return build(software);
  }
}

const install = (names: readonly string[]): string => `again 3 timeout 300 dnf install -y ${names.join(' ')}`;

function build(software: ReleaseSoftware): string[] {
  const { version, sha256 } = software;
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`software.sha256: "${sha256}" is no SHA-256 checksum`);
  return [
    "stage 'install what a build of strongSwan needs'",
    install(buildPackages),
    'mkdir -p /usr/local/src/strongswan && cd /usr/local/src/strongswan',
    `stage 'fetch strongSwan ${version}'`,
    "found=no; why=''",
    `for place in ${placesOf(software).join(' ')}; do`,
    '  echo "Looking at $place"',
    '  if ! again 2 curl -fsSL --connect-timeout 10 --max-time 120 -o archive "$place"; then',
    '    why="$why $place: $(tail -n 1 "$log");"',
    `  elif echo "${sha256}  archive" | sha256sum --check --strict; then`,
    '    found=yes; break',
    '  else',
    '    why="$why $place: another checksum;"',
    '  fi',
    'done',
    'if [ "$found" = no ]; then echo "it is nowhere:$why"; exit 1; fi',
    `stage 'build strongSwan ${version}'`,
    'tar --strip-components=1 -xf archive',
    `./configure ${configureOptions.join(' ')} > configure.log`,
    'make -j"$(nproc)" > make.log',
    'make install > install.log',
    'cd /',
  ];
}

function placesOf({ version, mirrors = [] }: ReleaseSoftware): string[] {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`software.version: "${version}" is no release, e.g. 6.1.0`);
  for (const mirror of mirrors) {
    if (!/^https:\/\/[A-Za-z0-9._/-]+\.tar\.bz2$/.test(mirror))
      throw new Error(`software.mirrors: "${mirror}" is no https address of a .tar.bz2`);
  }
  const file = `strongswan-${version}.tar.bz2`;
  return [
    ...mirrors,
    `https://download.strongswan.org/${file}`,
    `https://download.strongswan.org/old/${version.split('.')[0]}.x/${file}`,
    `https://github.com/strongswan/strongswan/releases/download/${version}/${file}`,
  ];
}

function checkedPackage(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) throw new Error(`"${name}" is no package name`);
  return name;
}
