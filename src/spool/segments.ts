import type { Position } from './cursor.ts'
import type { Disk, GrowingFile } from './disk.ts'
import { scanRecords, type FoundRecord } from './record.ts'

const NAME = /^(\d{10})\.seg$/
export const segmentName = (number: number): string => `${String(number).padStart(10, '0')}.seg`

export type Place = { readonly segment: number; readonly offset: number; readonly bytes: number }

export type Segments = {
  /** Stretches that were no records, and torn ends, found by `unsent`. */
  readonly damaged: number
  readonly torn: number
  /** The records behind the cursor, in order. To be read once, before the first `append`. */
  unsent(): AsyncGenerator<{ readonly segment: number; readonly record: FoundRecord }>
  /** Resolves with the place of each record once all of them are safe on the disk. */
  append(records: readonly Buffer[]): Promise<readonly Place[]>
  /** Of all files that are there. */
  bytes(): number
  removeBefore(position: Position): Promise<void>
  close(): Promise<void>
}

/**
 * Append-only files, numbered. A start never writes to an old one, so a torn end stays where it is and does no
 * harm; a file whose write or sync failed is left alone too, since what a failed sync has lost cannot be known.
 */
export const openSegments = async (options: {
  readonly disk: Disk
  readonly folder: string
  readonly from: Position
  readonly segmentBytes: number
}): Promise<Segments> => {
  const { disk, folder, from, segmentBytes } = options
  const sizes = new Map<number, number>()
  for (const name of await disk.list(folder)) {
    const number = Number(NAME.exec(name)?.[1] ?? Number.NaN)
    if (Number.isNaN(number)) continue
    if (number < from.segment) await disk.remove(folder, name)
    else sizes.set(number, await disk.size(folder, name))
  }
  let last = Math.max(from.segment, ...sizes.keys())
  let file: GrowingFile | undefined
  const found = { damaged: 0, torn: 0 }

  const abandon = async () => {
    const left = file
    file = undefined
    await left?.close().catch(() => undefined)
  }

  const current = async (): Promise<GrowingFile> => {
    if (file !== undefined && (sizes.get(last) ?? 0) >= segmentBytes) await abandon()
    if (file !== undefined) return file
    last += 1
    const made = await disk.create(folder, segmentName(last))
    sizes.set(last, 0)
    file = made
    return made
  }

  return {
    get damaged() {
      return found.damaged
    },
    get torn() {
      return found.torn
    },
    unsent: async function* () {
      for (const [segment, size] of [...sizes].toSorted(([a], [b]) => a - b)) {
        const scan = scanRecords(await disk.read(folder, segmentName(segment), 0, size))
        found.damaged += scan.damaged
        if (scan.tornBytes > 0) found.torn += 1
        for (const record of scan.records)
          if (segment > from.segment || record.offset >= from.offset) yield { segment, record }
      }
    },
    append: async (records) => {
      const to = await current()
      const places: Place[] = []
      let offset = sizes.get(last) ?? 0
      for (const record of records) {
        places.push({ segment: last, offset, bytes: record.length })
        offset += record.length
      }
      try {
        await to.append(records.length === 1 && records[0] ? records[0] : Buffer.concat(records))
        sizes.set(last, offset)
        await to.sync()
      } catch (error) {
        sizes.set(last, offset)
        await abandon()
        throw error
      }
      return places
    },
    bytes: () => [...sizes.values()].reduce((sum, size) => sum + size, 0),
    removeBefore: async (position) => {
      for (const number of sizes.keys()) {
        if (number >= position.segment) continue
        await disk.remove(folder, segmentName(number))
        sizes.delete(number)
      }
    },
    close: abandon,
  }
}
