import { describe, expect, it } from 'vitest'
import { answersWith, parseMounts, realFileSystems } from './mounts.ts'

const real = (text: string) => realFileSystems(parseMounts(text)).map(({ at }) => at)

it('the octal escapes of the kernel are undone', () => {
  expect(parseMounts(String.raw`/dev/sd\134b1 /srv/my\040\011da\012ta\043 ext4 rw 0 0`)).toEqual([
    { device: String.raw`/dev/sd\b1`, at: '/srv/my \tda\nta#', type: 'ext4' },
  ])
})

it.each([[''], ['\n\n'], ['garbage'], ['two words']])('nothing is mounted in %j', (text) => {
  expect(parseMounts(text)).toEqual([])
})

describe('real file systems', () => {
  it.each([
    ['ext4 on a disk', '/dev/sda1 / ext4 rw 0 0', ['/']],
    ['NTFS by FUSE on a disk', '/dev/sdb1 /mnt/win fuseblk rw 0 0', ['/mnt/win']],
    ['ZFS', 'tank/home /home zfs rw 0 0', ['/home']],
    ['NFS', 'nas:/export /mnt/nas nfs4 rw 0 0', ['/mnt/nas']],
    ['a Windows share', '//nas/share /mnt/share cifs rw 0 0', ['/mnt/share']],
    ['a folder shared by the hypervisor', 'shared /mnt/host virtiofs rw 0 0', ['/mnt/host']],
    ['an overlay as the root of a container', 'overlay / overlay rw 0 0', ['/']],
    ['an overlay elsewhere', 'overlay /var/lib/docker/x/merged overlay rw 0 0', []],
    ['memory', 'tmpfs /tmp tmpfs rw 0 0', []],
    ['an image', '/dev/loop3 /snap/core/1 squashfs ro 0 0', []],
    ['a view by FUSE', '/dev/fuse /etc/pve fuse rw 0 0', []],
    ['a document portal', 'portal /run/user/1/doc fuse.portal rw 0 0', []],
    ['what is mounted when it is looked at', 'auto.misc /misc autofs rw 0 0', []],
    ['a single file of a container', '/dev/sda1 /etc/hosts ext4 rw 0 0', []],
    ['a device node', '/dev/sda1 /dev/termination-log ext4 rw 0 0', []],
    ['a name that only begins like one of these', '/dev/sda1 /devices ext4 rw 0 0', ['/devices']],
  ])('%s', (_, line, expected) => {
    expect(real(line)).toEqual(expected)
  })

  it('a device counts once, at its shortest mount point', () => {
    expect(
      real(
        '/dev/sda2 /home/a/b ext4 rw 0 0\n/dev/sda2 /srv ext4 rw 0 0\n/dev/sda2 /opt/x ext4 rw 0 0',
      ),
    ).toEqual(['/srv'])
  })

  it('of two mounts on one point the later one is seen', () => {
    expect(real('rootfs / rootfs rw 0 0\n/dev/sda1 / ext4 rw 0 0')).toEqual(['/'])
    expect(real('/dev/sda1 /data ext4 rw 0 0\ntmpfs /data tmpfs rw 0 0')).toEqual([])
  })
})

it.each([
  ['/dev/sda1', 'ext4', undefined],
  ['overlay', 'overlay', undefined],
  ['nas:/export/a', 'nfs4', 'nas'],
  ['nas.lan:/export/b', 'nfs', 'nas.lan'],
  ['//files/share', 'cifs', '//files'],
  ['tank/media', 'zfs', 'tank'],
  ['me@far:/home', 'fuse.sshfs', 'me@far'],
  ['shared', 'virtiofs', 'shared'],
])('%s (%s) stops answering together with %s', (device, type, expected) => {
  expect(answersWith({ device, at: '/x', type })).toBe(expected)
})
