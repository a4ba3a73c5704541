import { expect, it } from 'vitest'
import { fakeHostFiles } from '../../testing/fake-host-files.ts'
import { openWholeDisks } from './whole-disks.ts'

const block = (table: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, files]) =>
      Object.entries(files).map(([file, text]) => [`sys/block/${name}/${file}`, `${text}\n`]),
    ),
  )

const size = { size: '1000' }

it.each([
  [
    'disks and their partitions',
    block({ sda: size, nvme0n1: size, mmcblk0: size, xvda1: size }),
    ['sda', 'sda1', 'nvme0n1', 'nvme0n1p1', 'mmcblk0', 'mmcblk0p2', 'xvda1'],
    ['sda', 'nvme0n1', 'mmcblk0', 'xvda1'],
  ],
  [
    'what is made of disks, of memory, or comes and goes',
    block(
      Object.fromEntries(
        ['dm-0', 'md127', 'md_home', 'loop0', 'ram0', 'zram0', 'sr0', 'fd0', 'drbd0', 'zd16'].map(
          (name) => [name, size],
        ),
      ),
    ),
    ['dm-0', 'md127', 'md_home', 'loop0', 'ram0', 'zram0', 'sr0', 'fd0', 'drbd0', 'zd16'],
    [],
  ],
  [
    'one path of a drive with several, and an empty card reader',
    block({ nvme0n1: size, nvme0c0n1: { ...size, hidden: '1' }, sdb: { size: '0' } }),
    ['nvme0n1', 'nvme0c0n1', 'sdb'],
    ['nvme0n1'],
  ],
  [
    'a driver with a slash in its names',
    block({ 'cciss!c0d0': size }),
    ['cciss/c0d0', 'cciss/c0d0p1'],
    ['cciss/c0d0'],
  ],
  [
    'no /sys: by name alone',
    {},
    [
      'vda',
      'vda1',
      'vda2',
      'vdb',
      'nvme0n1',
      'nvme0n1p1',
      'nvme0n2',
      'dm-0',
      'sda',
      'sdaa',
      'sdaa1',
    ],
    ['vda', 'vdb', 'nvme0n1', 'nvme0n2', 'sda', 'sdaa'],
  ],
])('%s', (_, files, names, whole) => {
  expect(names.filter(openWholeDisks(fakeHostFiles(files)))).toEqual(whole)
})

it('/sys is asked once a device, and of one that comes when it comes', () => {
  const files = fakeHostFiles(block({ sda: size }))
  const isWholeDisk = openWholeDisks(files)
  for (let times = 0; times < 3; times++) expect(isWholeDisk('sda')).toBe(true)
  expect(files.asked).toHaveLength(2)
  files.set(block({ sdb: size }))
  expect(isWholeDisk('sdb')).toBe(true)
})
