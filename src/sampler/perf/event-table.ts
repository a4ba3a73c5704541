import type { Vendor } from './perf-host.ts'

/** An event as perf is asked for it, and the name that it prints beside the count. */
export type AskedEvent = { readonly ask: string; readonly prints: string }

/**
 * One way to fill a field: the counts of `events` are added up and multiplied by `factor`.
 * `generic`: the kernel's own name, counted on every kind of core. `model`: from perf's tables of the
 * processor model, which know one kind of core only. `socket`: counted by a unit that all cores of a
 * socket (or of a cache) share, so it cannot be split by core.
 */
export type Candidate = {
  readonly scope: 'generic' | 'model' | 'socket'
  readonly events: readonly AskedEvent[]
  readonly factor: number
  /** perf must print a unit of bytes (MiB): without one the number means something else. */
  readonly bytes: boolean
}

/** Fields of the seed's `perf` object beyond the 17 events, each with its candidates in order. */
export type ExtraField =
  | 'l1i_cache_misses'
  | 'l1d_cache_misses'
  | 'l2_cache_misses'
  | 'llc_misses'
  | 'memory_bandwidth_read_mbps'
  | 'memory_bandwidth_write_mbps'

const MEGABYTE = 1e6
const CACHE_LINE_BYTES = 64

const plain = (name: string): AskedEvent => ({ ask: name, prints: name })

/** perf versions differ in what they print for `pmu/event/`; a label of our own is printed as it is. */
const labelled = (pmu: string, event: string): AskedEvent => {
  const label = `pw_${event}`
  return { ask: `${pmu}/${event},name=${label}/`, prints: label }
}

const count = (scope: Candidate['scope'], ...events: AskedEvent[]): Candidate => ({
  scope,
  events,
  factor: 1,
  bytes: false,
})

/** Memory controllers whose events carry a unit in sysfs; perf prints MiB. */
const traffic = (pmu: string, ...events: string[]): Candidate => ({
  scope: 'socket',
  events: events.map((event) => labelled(pmu, event)),
  factor: 1 / MEGABYTE,
  bytes: true,
})

/** Memory controllers that count transfers of a cache line. */
const lines = (...events: string[]): Candidate => ({
  scope: 'socket',
  events: events.map(plain),
  factor: CACHE_LINE_BYTES / MEGABYTE,
  bytes: false,
})

/** Zen 4 without a driver for the memory controllers: the fabric's twelve stations, near and far socket. */
const fabric = (direction: 'read' | 'write'): Candidate =>
  lines(
    ...['local', 'remote'].flatMap((side) =>
      Array.from({ length: 12 }, (_, i) => `${side}_processor_${direction}_data_beats_cs${i}`),
    ),
  )

/** An ARM core event: by perf's own tables, else as the kernel's PMU names it. */
const arm = (event: string): readonly Candidate[] => [
  count('model', plain(event)),
  count('model', labelled('armv8_pmuv3_0', event)),
  count('model', labelled('armv8_pmuv3', event)),
]

const GENERIC: Partial<Record<ExtraField, readonly Candidate[]>> = {
  l1i_cache_misses: [count('generic', plain('L1-icache-load-misses'))],
  l1d_cache_misses: [count('generic', plain('L1-dcache-load-misses'))],
  llc_misses: [count('generic', plain('LLC-load-misses'))],
}

const BY_VENDOR: Readonly<Record<Vendor, Partial<Record<ExtraField, readonly Candidate[]>>>> = {
  intel: {
    l2_cache_misses: [
      count('model', plain('l2_rqsts.miss')),
      count('model', plain('l2_request.miss')),
    ],
    memory_bandwidth_read_mbps: [
      traffic('uncore_imc', 'cas_count_read'),
      traffic('uncore_imc', 'cas_count_read_sch0', 'cas_count_read_sch1'),
      traffic('uncore_imc', 'data_reads'),
      traffic('uncore_imc_free_running', 'data_read'),
    ],
    memory_bandwidth_write_mbps: [
      traffic('uncore_imc', 'cas_count_write'),
      traffic('uncore_imc', 'cas_count_write_sch0', 'cas_count_write_sch1'),
      traffic('uncore_imc', 'data_writes'),
      traffic('uncore_imc_free_running', 'data_write'),
    ],
  },
  amd: {
    l1i_cache_misses: [count('model', plain('ic_tag_hit_miss.instruction_cache_miss'))],
    l2_cache_misses: [count('model', plain('l2_cache_req_stat.ic_dc_miss_in_l2'))],
    llc_misses: [
      count('socket', plain('l3_lookup_state.l3_miss')),
      count('socket', plain('l3_comb_clstr_state.request_miss')),
    ],
    memory_bandwidth_read_mbps: [lines('umc_cas_cmd.rd'), fabric('read')],
    memory_bandwidth_write_mbps: [lines('umc_cas_cmd.wr'), fabric('write')],
  },
  arm: {
    l1i_cache_misses: arm('l1i_cache_refill'),
    l2_cache_misses: arm('l2d_cache_refill'),
    llc_misses: arm('ll_cache_miss_rd'),
  },
  other: {},
}

const EXTRA_FIELDS: readonly ExtraField[] = [
  'l1i_cache_misses',
  'l1d_cache_misses',
  'l2_cache_misses',
  'llc_misses',
  'memory_bandwidth_read_mbps',
  'memory_bandwidth_write_mbps',
]

export type ExtraSlot = { readonly field: ExtraField; readonly candidates: readonly Candidate[] }

/**
 * What may be tried for each extra field. With a list of cores what a socket shares is left out: it would
 * count the other cores too. On hybrid processors the model's names are left out: they count one kind of core.
 */
export const extraSlots = (
  vendor: Vendor,
  { hybrid, allCores }: { readonly hybrid: boolean; readonly allCores: boolean },
): readonly ExtraSlot[] =>
  EXTRA_FIELDS.map((field) => ({
    field,
    candidates: [...(GENERIC[field] ?? []), ...(BY_VENDOR[vendor][field] ?? [])].filter(
      ({ scope }) => (scope !== 'socket' || allCores) && (scope !== 'model' || !hybrid),
    ),
  }))
