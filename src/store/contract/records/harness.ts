import { instant, type Instant } from '../../../points/instant.ts'
import type { NewRecord, StoredRecord } from '../../../points/record.ts'
import type { RecordQuery, RecordStore } from '../../records.ts'
import type { SeriesStore } from '../../store.ts'
import type { StoreHarness, StoreTraits } from '../harness.ts'

export type RecordedStore = SeriesStore & { readonly records: RecordStore }

/** As for the store; `compact` also brings about what a store does to old records, such as an index. */
export type RecordHarness = Omit<StoreHarness, 'store' | 'reopen' | 'openBackup'> & {
  readonly store: RecordedStore
  reopen(): Promise<RecordedStore>
  openBackup(): Promise<RecordedStore>
}

export type OpenRecordHarness = () => Promise<RecordHarness>
export type RecordTraits = Pick<StoreTraits, 'deletesItself' | 'backsUp'> & {
  /** Deletes nothing because a clock is wrong. */
  readonly guardsClock: boolean
}

export const line = (
  at: number,
  msg: string,
  { level = 'info', user = 'ann', seq }: { level?: string; user?: string; seq?: number } = {},
): NewRecord => ({
  measurement: 'log',
  tags: { user, level },
  at: instant(at),
  fields: { msg },
  ...(seq === undefined ? {} : { seq }),
})

export const event = (
  at: number,
  duration_ms: number,
  { project = 'shop', metric = 'load' }: { project?: string; metric?: string } = {},
): NewRecord => ({
  measurement: 'event_duration',
  tags: { project, metric },
  at: instant(at),
  fields: { duration_ms },
})

export const mood = (at: number, text: string, user = 'ann'): NewRecord => ({
  measurement: 'mood',
  tags: { user },
  at: instant(at),
  fields: { mood: text },
})

export const EVER = { from: instant(Date.UTC(1700, 0)), to: instant(Date.UTC(2200, 0)) }

/** All log lines, oldest first, unless told otherwise. */
export const logs = (over: Partial<RecordQuery> = {}): RecordQuery => ({
  dataset: 'logs',
  measurement: 'log',
  range: EVER,
  tags: {},
  order: 'oldest first',
  limit: 1_000,
  ...over,
})

export const EVENTS = { dataset: 'events', measurement: 'event_duration', range: EVER } as const
export const MOODS = { dataset: 'journal', measurement: 'mood', range: EVER } as const

/** Records without their numbers. */
export const unnumbered = (records: readonly StoredRecord[]): readonly NewRecord[] =>
  records.map(({ measurement, tags, at, fields }) => ({ measurement, tags, at, fields }))

export const messages = (records: readonly StoredRecord[]): readonly unknown[] =>
  records.map(({ fields }) => fields['msg'])

/** All values of all blocks. */
export const allValues = async (
  store: RecordStore,
  ...[selection, field]: Parameters<RecordStore['values']>
): Promise<readonly (readonly [Instant, number])[]> => {
  const all: (readonly [Instant, number])[] = []
  for await (const { at, value } of store.values(selection, field))
    at.forEach((time, i) => all.push([instant(time), value[i] ?? Number.NaN]))
  return all
}
