import { expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { fakeHostFiles } from '../../testing/fake-host-files.ts'
import { openMemory } from './memory.ts'

const KIB = 1_024

const fieldsOf = async (kib: Readonly<Record<string, number>>) => {
  const text = Object.entries(kib)
    .map(([name, value]) => `${name}: ${value} kB\n`)
    .join('')
  const reading = await openMemory({ files: fakeHostFiles({ 'proc/meminfo': text }) }).collect({
    at: instant(0),
    monotonicMs: 0,
  })
  return reading.kind === 'ok' ? (reading.rows[0]?.fields ?? {}) : {}
}

it.each([
  ['as the kernel says', { MemAvailable: 70 }, 70],
  [
    'estimated before Linux 3.14: free, buffers, cache, slabs, without tmpfs',
    {},
    10 + 5 + 40 + 8 - 6,
  ],
  ['estimated where slabs are not told apart', { SReclaimable: Number.NaN }, 10 + 5 + 40 - 6],
  ['estimated where tmpfs is larger than the cache', { Shmem: 99 }, 10 + 5],
])('available memory is %s', async (_, given, available) => {
  const kib = { MemTotal: 100, MemFree: 10, Buffers: 5, Cached: 40, SReclaimable: 8, Shmem: 6 }
  const fields = await fieldsOf({ ...kib, ...given })
  expect(fields).toMatchObject({
    available_bytes: available * KIB,
    used_bytes: (100 - available) * KIB,
    usage_percent: 100 - available,
  })
})

it('used memory is not negative where a container is shown more than it has', async () => {
  expect(await fieldsOf({ MemTotal: 100, MemAvailable: 140 })).toMatchObject({
    used_bytes: 0,
    usage_percent: 0,
    available_bytes: 140 * KIB,
  })
})

it('what the kernel does not say is null', async () => {
  const fields = await fieldsOf({ MemTotal: 100, MemAvailable: 40 })
  expect(fields).toMatchObject({
    usage_percent: 60,
    cached_bytes: null,
    buffers_bytes: null,
    shared_bytes: null,
    swap_total_bytes: null,
    swap_percent: null,
    hugepages_total: null,
  })
  expect(new Set(Object.values(await fieldsOf({})))).toEqual(new Set([null]))
})

it('a host without swap uses 0 % of it', async () => {
  expect(await fieldsOf({ SwapTotal: 0, SwapFree: 0 })).toMatchObject({
    swap_total_bytes: 0,
    swap_used_bytes: 0,
    swap_percent: 0,
  })
})
