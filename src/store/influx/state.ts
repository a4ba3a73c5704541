import { z } from 'zod'
import type { RollupTier } from '../../catalog/tiers.ts'
import { instant, type Instant } from '../../points/instant.ts'
import type { Disk } from '../../spool/disk.ts'

/**
 * What must be remembered beside InfluxDB: how far each tier is known to be rolled up, and where retention has cut
 * raw rows. Milliseconds.
 */
const State = z.object({
  /** Of the buckets that the marks are about: other buckets, other marks. */
  buckets: z.record(z.string(), z.string()),
  marks: z.object({
    '1m': z.number().optional(),
    '5m': z.number().optional(),
    '1h': z.number().optional(),
  }),
  rawCut: z.number().optional(),
  /** When InfluxDB was told last how long to keep what. */
  retentionAt: z.number().optional(),
  /** Numbers of records below this have been given. */
  nextSeq: z.number().optional(),
})
type State = z.infer<typeof State>

const FILE = 'influx-state.json'

export type StateBook = {
  mark(tier: RollupTier): number | null
  /** Undefined forgets it. */
  setMark(tier: RollupTier, at: number | undefined): void
  rawCut(): number
  /** Only grows. */
  raiseRawCut(at: number): void
  retentionAt(): Instant | null
  setRetentionAt(at: number): void
  nextSeq(): number
  setNextSeq(next: number): void
  /** Whether an earlier start has found everything in InfluxDB. */
  isKnown(): boolean
  /** Forgets what is about buckets of other ids, which somebody has deleted and made anew. */
  reconcile(ids: { readonly raw: string } & Readonly<Record<RollupTier, string>>): void
  /** Writes it when something has changed. */
  save(): Promise<void>
}

/** A file that is missing or damaged is an empty one: then everything is found out again. */
export const openState = async (disk: Disk, folder: string): Promise<StateBook> => {
  let state = await read(disk, folder)
  let changed = false
  const change = (next: Partial<State>) => {
    state = { ...state, ...next }
    changed = true
  }
  let saving = Promise.resolve()
  const write = async () => {
    if (!changed) return
    changed = false
    try {
      await disk.replace(folder, FILE, Buffer.from(JSON.stringify(state)))
    } catch (error) {
      changed = true
      throw error
    }
  }
  return {
    mark: (tier) => state.marks[tier] ?? null,
    setMark: (tier, at) => {
      if (state.marks[tier] !== at) change({ marks: { ...state.marks, [tier]: at } })
    },
    rawCut: () => state.rawCut ?? -Infinity,
    raiseRawCut: (at) => {
      if (at > (state.rawCut ?? -Infinity)) change({ rawCut: at })
    },
    retentionAt: () => (state.retentionAt === undefined ? null : instant(state.retentionAt)),
    setRetentionAt: (retentionAt) => change({ retentionAt }),
    nextSeq: () => state.nextSeq ?? 0,
    setNextSeq: (nextSeq) => change({ nextSeq }),
    isKnown: () => Object.keys(state.buckets).length > 0,
    reconcile: ({ raw, ...tiers }) => {
      const buckets = { raw, ...tiers }
      if (state.buckets['raw'] !== raw) change({ marks: {}, rawCut: undefined })
      for (const tier of ['1m', '5m', '1h'] as const)
        if (state.buckets[tier] !== buckets[tier])
          change({ marks: { ...state.marks, [tier]: undefined } })
      if (JSON.stringify(state.buckets) !== JSON.stringify(buckets)) change({ buckets })
    },
    save: () => {
      // one after the other: whoever has waited finds on the disk what was so when it asked
      saving = saving.then(write, write)
      return saving
    },
  }
}

const read = async (disk: Disk, folder: string): Promise<State> => {
  const empty = { buckets: {}, marks: {} }
  if (!(await disk.list(folder)).includes(FILE)) return empty
  const bytes = await disk.read(folder, FILE, 0, await disk.size(folder, FILE))
  try {
    return State.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return empty
  }
}
