/** One line of `/proc/<pid>/mounts`. */
export type Mount = { readonly device: string; readonly at: string; readonly type: string }

export const parseMounts = (text: string): readonly Mount[] =>
  text.split('\n').flatMap((line) => {
    const [device, at, type] = line.split(' ', 3)
    return device === undefined || at === undefined || type === undefined || type === ''
      ? []
      : [{ device: unescaped(device), at: unescaped(at), type }]
  })

/** The kernel writes blank, tab, newline, backslash and `#` as `\` and three octal digits. */
const unescaped = (word: string): string =>
  word.includes('\\')
    ? word.replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      )
    : word

/** File systems that keep data but have no device below `/dev`. */
const WITHOUT_DEVICE = new Set([
  'zfs',
  'ubifs',
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  '9p',
  'virtiofs',
  'ceph',
  'fuse.ceph',
  'fuse.sshfs',
  'fuse.glusterfs',
  'glusterfs',
  'lustre',
  'beegfs',
])

/** On something below `/dev`, and yet nothing that fills up: images that are always full, and views. */
const NEVER_FILL = new Set(['squashfs', 'iso9660', 'udf', 'erofs', 'cramfs', 'romfs', 'fuse'])

/** What container runtimes bind in from the host: the device is real, the mount point is a single file. */
const BOUND_FILES = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'])

/**
 * The mounts whose fullness matters: on a block device, or of a type that keeps data elsewhere; and `/` also where
 * it is an overlay, since a container has nothing else. A device that is mounted several times (bind mounts, btrfs
 * subvolumes) counts once, at its shortest mount point; of two mounts on one point the later one hides the other.
 */
export const realFileSystems = (mounts: readonly Mount[]): readonly Mount[] => {
  const visible = new Map(mounts.map((mount) => [mount.at, mount]))
  const byDevice = new Map<string, Mount>()
  for (const mount of visible.values()) {
    if (!isReal(mount)) continue
    const other = byDevice.get(mount.device)
    if (other === undefined || mount.at.length < other.at.length) byDevice.set(mount.device, mount)
  }
  return [...byDevice.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

const isReal = ({ device, at, type }: Mount): boolean => {
  if (NEVER_FILL.has(type) || BOUND_FILES.has(at) || /^\/(?:proc|sys|dev)(?:\/|$)/.test(at))
    return false
  if (type === 'overlay') return at === '/'
  return device.startsWith('/dev/') || WITHOUT_DEVICE.has(type)
}

/**
 * Mounts that stop answering together: those of one server, or one ZFS pool. undefined for a local device, which
 * answers from memory.
 */
export const answersWith = ({ device, type }: Mount): string | undefined => {
  if (device.startsWith('/dev/') || type === 'overlay') return undefined
  const host = /^(?:\/\/)?[^/:]+/.exec(device)
  return host?.[0] ?? device
}
