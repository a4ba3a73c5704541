import { RECORD_SERIES, type RecordSeries } from '../../catalog/records.ts'
import { instant } from '../../points/instant.ts'
import type { StoredRecord } from '../../points/record.ts'
import type { HistoryImport } from '../../store/history-import.ts'
import type { SeriesStore } from '../../store/store.ts'

/** What has become of the records of one measurement. */
export type CopiedRecords = {
  readonly measurement: string
  readonly copied: number
  /** Older than the target keeps them. */
  readonly tooOld: number
  readonly refused: number
  readonly there: number
}

type Copying = {
  readonly source: Pick<SeriesStore, 'records'>
  readonly target: Pick<HistoryImport, 'putRecords' | 'recordCount'>
  /** Throws when somebody wants to stop. */
  readonly check: () => void
  readonly onRecords: (done: number) => void
}

const PAGE = 5_000
const EVER = { from: instant(-9_000_000_000_000), to: instant(9_000_000_000_001) }

/** How many records there are to copy. */
export const countRecords = async (source: Copying['source']): Promise<number> => {
  let count = 0
  for (const { dataset, measurement } of RECORD_SERIES)
    for (const one of await source.records.series(dataset, measurement, {})) count += one.count
  return count
}

/** Copies events, logs, moods and client samples with their numbers, page by page; a second time changes nothing. */
export const copyRecords = async (copying: Copying): Promise<readonly CopiedRecords[]> => {
  const all: CopiedRecords[] = []
  let before = 0
  for (const series of RECORD_SERIES) {
    const copied = await copyOf(series, copying, before)
    before += copied.copied
    if (copied.copied > 0) all.push(copied)
  }
  return all
}

const copyOf = async (
  { dataset, measurement }: RecordSeries,
  { source, target, check, onRecords }: Copying,
  before: number,
): Promise<CopiedRecords> => {
  let [copied, tooOld, refused] = [0, 0, 0]
  let after: StoredRecord | undefined
  for (;;) {
    check()
    const page = await source.records.find({
      dataset,
      measurement,
      tags: {},
      range: EVER,
      order: 'oldest first',
      limit: PAGE,
      ...(after !== undefined && { after }),
    })
    after = page.at(-1)
    if (after === undefined) break
    const sent = await target.putRecords(dataset, page)
    copied += page.length
    tooOld += sent.tooOld
    refused += sent.refused
    onRecords(before + copied)
  }
  const there = copied === 0 ? 0 : await target.recordCount(dataset, measurement)
  return { measurement, copied, tooOld, refused, there }
}

/** False: some are missing though the target should have them. */
export const isWhole = ({ copied, tooOld, refused, there }: CopiedRecords): boolean =>
  refused === 0 && there >= copied - tooOld
