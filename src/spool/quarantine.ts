import { DAY, toIso, windowStart, type Instant } from '../points/instant.ts'
import type { Disk, GrowingFile } from './disk.ts'

/**
 * What a server will never take, in files that a person can read: one a name and day (and start), each line under a
 * comment with the time and the reason. Safe on the disk when `keep` resolves.
 */
export type Quarantine = {
  /** Keeps one line of line protocol. */
  keep(name: string, line: Buffer, why: string): Promise<void>
  /** Notes what was dropped where the lines are not known. */
  note(name: string, why: string): Promise<void>
  /** Lines and notes since the start, also those for which there was no more room. */
  count(): number
  close(): Promise<void>
}

export type QuarantineOptions = {
  readonly disk: Disk
  readonly folder: string
  readonly now: () => Instant
  /** Of one file; what comes beyond is only counted. */
  readonly mostBytes?: number
  /** Of all names together; the oldest are deleted. */
  readonly mostFiles?: number
}

type Open = { readonly file: GrowingFile; readonly day: Instant; bytes: number; full: boolean }

const FULL = '# The file is full; more was refused today and is only counted.\n'

export const openQuarantine = async (options: QuarantineOptions): Promise<Quarantine> => {
  const { disk, folder, now, mostBytes = 10 << 20, mostFiles = 50 } = options
  await disk.makeFolder(folder)
  const open = new Map<string, Open>()
  let count = 0
  let last: Promise<unknown> = Promise.resolve()

  const make = async (name: string, day: Instant): Promise<Open> => {
    const date = toIso(day).slice(0, 10)
    const there = new Set(await disk.list(folder))
    let number = 1
    while (there.has(fileName(name, date, number))) number += 1
    const file = await disk.create(folder, fileName(name, date, number))
    for (const old of tooOld([...there], mostFiles - 1)) await disk.remove(folder, old)
    return { file, day, bytes: 0, full: false }
  }

  const fileFor = async (name: string): Promise<Open> => {
    const day = windowStart(now(), DAY)
    const found = open.get(name)
    if (found?.day === day) return found
    await found?.file.close()
    const made = await make(name, day)
    open.set(name, made)
    return made
  }

  const add = async (name: string, text: Buffer) => {
    const to = await fileFor(name)
    if (to.full) return
    to.full = to.bytes + text.length > mostBytes
    const bytes = to.full ? Buffer.from(FULL) : text
    await to.file.append(bytes)
    to.bytes += bytes.length
    await to.file.sync()
  }

  // one after the other: files are made on the way
  const inTurn = (name: string, text: Buffer): Promise<void> => {
    count += 1
    const mine = last.then(() => add(name, text))
    last = mine.catch(() => undefined)
    return mine
  }

  const comment = (why: string) => `# ${toIso(now())} ${oneLine(why)}\n`

  return {
    keep: (name, line, why) =>
      inTurn(name, Buffer.concat([Buffer.from(comment(why)), line, Buffer.from('\n')])),
    note: (name, why) => inTurn(name, Buffer.from(comment(why))),
    count: () => count,
    close: async () => {
      await last
      for (const { file } of open.values()) await file.close()
    },
  }
}

const fileName = (name: string, date: string, number: number): string =>
  `${date}-${name}-${number}.txt`

/** Names begin with their day, so they sort by age. */
const tooOld = (names: readonly string[], most: number): readonly string[] =>
  names.toSorted().slice(0, Math.max(0, names.length - most))

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
