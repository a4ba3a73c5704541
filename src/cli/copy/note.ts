import { z } from 'zod'
import type { HistoryPart, Taken } from '../../store/history-import.ts'
import { DAY } from '../../points/instant.ts'
import type { Disk } from '../../spool/disk.ts'

/** What has been copied of one day (UTC) of one part. */
const CopiedDay = z.object({
  /** All rows before this are done. Milliseconds. */
  to: z.number(),
  /** When the run began that has read them. Milliseconds. */
  readAt: z.number(),
  rows: z.number(),
  values: z.number(),
  tooOld: z.number(),
  refused: z.number(),
  why: z.string().optional(),
})
export type CopiedDay = z.infer<typeof CopiedDay>

const Note = z.object({
  /** The file that is read, and the store that is written: with another one all begins anew. */
  source: z.string(),
  target: z.string(),
  /** How much the source had. */
  stock: z.string(),
  /** By part, then by the start of the day. */
  days: z.record(z.string(), z.record(z.string(), CopiedDay)),
  /** Hours whose windows are to be made again. */
  again: z.array(z.number()),
})
type Note = z.infer<typeof Note>

export const NOTE_FILE = 'copy-to-influx.json'

/** How far a copy is: on the disk after each `save`, so that the same command goes on wherever it was ended. */
export type CopyNote = {
  day(part: HistoryPart, day: number): CopiedDay | undefined
  /** Adds to a day; `to`: its rows before this are done. */
  add(part: HistoryPart, day: number, rows: number, taken: readonly Taken[], to: number): void
  /** The next run copies the day once more. */
  forget(part: HistoryPart, day: number): void
  days(part: HistoryPart): readonly (readonly [day: number, CopiedDay])[]
  rollAgain(hour: number): void
  again(): readonly number[]
  rolled(): void
  rows(): number
  save(): Promise<void>
}

type Options = {
  readonly disk: Disk
  readonly folder: string
  readonly about: Pick<Note, 'source' | 'target' | 'stock'>
  readonly now: number
  /** Forgets an earlier run. */
  readonly restart: boolean
}

const nameOf = ({ dataset, tier }: HistoryPart): string => `${dataset} ${tier}`

export const openNote = async (options: Options): Promise<CopyNote> => {
  const { disk, folder, about, now } = options
  const before = options.restart ? undefined : await read(disk, folder)
  const goesOn =
    before !== undefined && before.source === about.source && before.target === about.target
  const days = new Map<string, Map<number, CopiedDay>>()
  if (goesOn)
    for (const [part, own] of Object.entries(before.days))
      days.set(
        part,
        new Map(
          Object.entries(own)
            .map(([day, copied]) => [Number(day), copied] as const)
            // the source has grown: rows may have come into what was young then
            .filter(([day, { readAt }]) => before.stock === about.stock || readAt >= day + 2 * DAY),
        ),
      )
  const again = new Set<number>(goesOn ? before.again : [])

  return {
    day: (part, day) => days.get(nameOf(part))?.get(day),
    add: (part, day, rows, taken, to) => {
      const own = days.get(nameOf(part)) ?? new Map<number, CopiedDay>()
      days.set(nameOf(part), own)
      const known = own.get(day)
      const sum = (of: 'values' | 'tooOld' | 'refused') =>
        taken.reduce((total, one) => total + one[of], known?.[of] ?? 0)
      const why = taken.find((one) => one.why !== undefined)?.why ?? known?.why
      own.set(day, {
        to,
        readAt: known?.readAt ?? now,
        rows: (known?.rows ?? 0) + rows,
        values: sum('values'),
        tooOld: sum('tooOld'),
        refused: sum('refused'),
        ...(why === undefined ? {} : { why }),
      })
    },
    forget: (part, day) => void days.get(nameOf(part))?.delete(day),
    days: (part) => [...(days.get(nameOf(part)) ?? [])].toSorted(([a], [b]) => a - b),
    rollAgain: (hour) => void again.add(hour),
    again: () => [...again].toSorted((a, b) => a - b),
    rolled: () => again.clear(),
    rows: () =>
      [...days.values()].reduce(
        (total, own) => [...own.values()].reduce((sum, { rows }) => sum + rows, total),
        0,
      ),
    save: () => {
      const note: Note = {
        ...about,
        days: Object.fromEntries(
          [...days].map(([part, own]) => [part, Object.fromEntries(own)] as const),
        ),
        again: [...again],
      }
      return disk.replace(folder, NOTE_FILE, Buffer.from(JSON.stringify(note)))
    },
  }
}

/** A note that is missing or damaged is none: copying twice changes nothing. */
const read = async (disk: Disk, folder: string): Promise<Note | undefined> => {
  if (!(await disk.list(folder)).includes(NOTE_FILE)) return undefined
  const bytes = await disk.read(folder, NOTE_FILE, 0, await disk.size(folder, NOTE_FILE))
  try {
    return Note.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined
  }
}
