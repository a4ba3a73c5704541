import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { HostPaths } from '../../src/sampler/host-files.ts'

/** The shape of a large server. */
const SHAPE = { cores: 64, interrupts: 512, disks: 12, interfaces: 20, mounts: 40 } as const

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** Writes `/proc` and `/sys` of such a server into a temporary folder: the texts that its kernel would give. */
export const makeLargeHost = (): { readonly paths: HostPaths; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'large-host-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { cores, interrupts, disks, interfaces, mounts } = SHAPE
  const cpuTimes = '81234567 12345 45678901 9876543210 1234567 0 987654 0 0 0'
  write(
    'proc/stat',
    [
      `cpu  ${cpuTimes}`,
      ...times(cores, (core) => `cpu${core} ${cpuTimes}`),
      `intr 98765432109 ${times(interrupts, (irq) => irq * 1_001).join(' ')}`,
      'ctxt 123456789012\nbtime 1700000000\nprocesses 98765432\nprocs_running 12\nprocs_blocked 1\n',
    ].join('\n'),
  )
  write('proc/loadavg', '12.50 11.25 10.00 12/4321 987654\n')
  write('proc/uptime', '8640000.50 400000000.00\n')
  write('proc/sys/fs/file-nr', '34560\t0\t9223372036854775807\n')
  const memory = [
    'MemTotal',
    'MemFree',
    'MemAvailable',
    'Buffers',
    'Cached',
    'SReclaimable',
    'Shmem',
  ]
  write(
    'proc/meminfo',
    [...memory, ...times(45, (line) => `Other${line}`)]
      .map((name) => `${`${name}:`.padEnd(16)} 123456789 kB\n`)
      .join(''),
  )
  write(
    'proc/vmstat',
    times(180, (line) => `counter_${line} 123456789\n`).join('') +
      'pgpgin 98765432\npgpgout 98765432\npswpin 0\npswpout 0\npgfault 98765432109\npgmajfault 98765\n',
  )
  for (const what of ['cpu', 'memory', 'io'])
    write(
      `proc/pressure/${what}`,
      'some avg10=1.50 avg60=1.25 avg300=1.00 total=9876543210\nfull avg10=0.50 avg60=0.25 avg300=0.10 total=987654321\n',
    )
  const columns = '12345678901 98765432 0 0 0 0 0 0 12345678901 98765432 0 0 0 0 0 0'
  write(
    'proc/1/net/dev',
    `Inter-|   Receive\n face |bytes\n${times(interfaces, (index) => `  eth${index}: ${columns}\n`).join('')}`,
  )
  write('proc/1/net/snmp', 'Tcp: RtoAlgorithm MaxConn CurrEstab InSegs\nTcp: 1 -1 4321 987654321\n')
  write(
    'proc/1/net/sockstat',
    'sockets: used 5000\nTCP: inuse 4321 orphan 0 tw 321 alloc 5000 mem 400\n',
  )
  const io = '98765 1234 9876543 12345 98765 1234 9876543 12345 0 54321 24690 0 0 0 0 0 0'
  write(
    'proc/diskstats',
    times(disks, (disk) =>
      ['', 'p1', 'p2'].map((part) => ` 259 0 nvme${disk}n1${part} ${io}\n`).join(''),
    ).join(''),
  )
  write(
    'proc/1/mounts',
    times(mounts, (index) => `/dev/nvme${index}n1p1 /mnt/m${index} ext4 rw,relatime 0 0\n`).join(
      '',
    ) +
      times(
        100,
        (index) => `overlay /var/lib/docker/overlay2/${index}/merged overlay rw 0 0\n`,
      ).join(''),
  )
  for (const index of times(mounts, String))
    mkdirSync(join(folder, `mnt/m${index}`), { recursive: true })
  for (const index of times(interfaces, String))
    write(`sys/class/net/eth${index}/device/vendor`, '0x8086\n')
  for (const index of times(disks, String)) write(`sys/block/nvme${index}n1/size`, '1000215216\n')
  for (const core of times(cores, Number)) {
    const cpu = `sys/devices/system/cpu/cpu${core}`
    write(`${cpu}/topology/physical_package_id`, `${core % 2}\n`)
    write(`${cpu}/topology/core_id`, `${core >> 2}\n`)
    write(`${cpu}/cpufreq/scaling_cur_freq`, '3200000\n')
  }
  for (const socket of [0, 1]) {
    const chip = `sys/class/hwmon/hwmon${socket}`
    write(`${chip}/name`, 'coretemp\n')
    const labels = [`Package id ${socket}`, ...times(16, (core) => `Core ${core}`)]
    labels.forEach((label, index) => {
      write(`${chip}/temp${index + 1}_label`, `${label}\n`)
      write(`${chip}/temp${index + 1}_input`, '51000\n')
    })
  }
  return {
    paths: { proc: join(folder, 'proc'), sys: join(folder, 'sys'), root: folder },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
