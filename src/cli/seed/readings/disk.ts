import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { clamp, pages, rounded, type Random } from '../random.ts'
import type { HostShape } from '../shape.ts'
import type { DiskState } from './state.ts'

const FULL_READ = 220_000_000
const FULL_WRITE = 120_000_000

/** Disks: the total is the sum of the disks; file systems fill slowly and are tidied up each week. */
export const makeDisk = (random: Random, { disks, mounts }: HostShape) => {
  const shares = disks.map((_, index) => 1 / (1 + index * 0.8))
  return ({ io, at }: Activity): { readonly rows: readonly Row[]; readonly state: DiskState } => {
    const devices = disks.map((name, index) => device(random, name, io * (shares[index] ?? 1)))
    const readBytes = rounded(sum(devices, 'read_bytes_per_sec'), 1)
    const writeBytes = rounded(sum(devices, 'write_bytes_per_sec'), 1)
    // grows by a hundredth of its size, then is tidied up
    const kept = 0.01 * ((at / 604_800_000) % 1)
    const fileSystems = mounts.map(({ path, bytes, used }): Row => {
      const usedBytes = pages(bytes * clamp(used + kept, 0, 0.98))
      return {
        measurement: 'filesystem',
        key: path,
        fields: {
          total_bytes: bytes,
          used_bytes: usedBytes,
          usage_percent: rounded((usedBytes / bytes) * 100, 2),
        },
      }
    })
    const total: Row = {
      measurement: 'disk',
      fields: { read_bytes_per_sec: readBytes, write_bytes_per_sec: writeBytes },
    }
    return { rows: [total, ...devices, ...fileSystems], state: { readBytes, writeBytes } }
  }
}

const device = (random: Random, name: string, io: number): Row => {
  // a quiet disk reads nothing for many samples: latency of nothing is nothing
  const reads = random.next() < 0.15 + io * 3
  const read = reads ? rounded(FULL_READ * io * io * random.between(0.5, 1.5) + 4_096, 1) : 0
  const write = rounded(FULL_WRITE * io * io * random.between(0.6, 1.4) + 20_480, 1)
  return {
    measurement: 'disk_device',
    key: name,
    fields: {
      read_bytes_per_sec: read,
      write_bytes_per_sec: write,
      read_iops: rounded(read / 36_000, 1),
      write_iops: rounded(write / 22_000, 1),
      read_latency_ms: reads ? rounded(0.15 + 3.5 * io * random.between(0.6, 1.4), 2) : null,
      write_latency_ms: rounded(0.3 + 6 * io * random.between(0.6, 1.4), 2),
      busy_percent: rounded(clamp(io * 88 * random.between(0.85, 1.15), 0, 100), 2),
    },
  }
}

const sum = (rows: readonly Row[], field: string): number =>
  rows.reduce((total, row) => total + (row.fields[field] ?? 0), 0)
