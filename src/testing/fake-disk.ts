import type { Disk, GrowingFile } from '../spool/disk.ts'

const SECTOR = 512

type File = { durable: Buffer; unsynced: Buffer }

/** Thrown by every operation after the machine has gone: nothing else may happen then. */
export class MachineGone extends Error {}

export type FakeDisk = Disk & {
  /** After so many more operations the machine is gone in the middle of one. */
  goneAfter(operations: number): void
  /** Every write fails until it is given room again. */
  full(isFull: boolean): void
  /** The process died: what was written stays, synced or not. */
  restartProcess(): void
  /** The power went: of what was not synced any sectors survive, others are zeros, the rest is cut. */
  restartMachine(random: () => number): void
  /** Changes one durable byte of a segment; false: there is none. */
  flip(random: () => number): boolean
  names(): readonly string[]
}

/** A disk in memory that is as unkind as a real one may be. */
export const fakeDisk = (): FakeDisk => {
  const files = new Map<string, File>()
  let left = Number.POSITIVE_INFINITY
  let isFull = false

  const step = async <T>(act: () => T, halfway?: () => void): Promise<T> => {
    await Promise.resolve()
    if (left <= 0) throw new MachineGone('The machine is gone.')
    left -= 1
    if (left <= 0) {
      halfway?.()
      throw new MachineGone('The machine is gone.')
    }
    return act()
  }
  const pathOf = (folder: string, name: string) => `${folder}/${name}`
  const fileOf = (path: string): File => {
    const file = files.get(path)
    if (file === undefined) throw new Error(`ENOENT: ${path}`)
    return file
  }
  const contents = (file: File) => Buffer.concat([file.durable, file.unsynced])
  const room = () => {
    if (isFull) throw new Error('ENOSPC: no space left on device')
  }

  const growing = (path: string): GrowingFile => ({
    append: (bytes) => {
      const write = (part: Uint8Array) => {
        const file = fileOf(path)
        file.unsynced = Buffer.concat([file.unsynced, part])
      }
      const half = bytes.subarray(0, bytes.length >> 1)
      return step(
        () => {
          if (isFull) write(half)
          room()
          write(bytes)
        },
        () => write(half),
      )
    },
    sync: () =>
      step(() => {
        const file = fileOf(path)
        file.durable = contents(file)
        file.unsynced = Buffer.alloc(0)
      }),
    close: () => step(() => undefined),
  })

  return {
    makeFolder: () => step(() => undefined),
    list: (folder) =>
      step(() =>
        [...files.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1))
          .toSorted(),
      ),
    size: (folder, name) => step(() => contents(fileOf(pathOf(folder, name))).length),
    read: (folder, name, offset, length) =>
      step(() => contents(fileOf(pathOf(folder, name))).subarray(offset, offset + length)),
    create: (folder, name) =>
      step(() => {
        room()
        const path = pathOf(folder, name)
        if (files.has(path)) throw new Error(`EEXIST: ${path}`)
        files.set(path, { durable: Buffer.alloc(0), unsynced: Buffer.alloc(0) })
        return growing(path)
      }),
    replace: (folder, name, bytes) =>
      step(() => {
        room()
        files.set(pathOf(folder, name), { durable: Buffer.from(bytes), unsynced: Buffer.alloc(0) })
      }),
    remove: (folder, name) => step(() => void files.delete(pathOf(folder, name))),
    goneAfter: (operations) => {
      left = operations
    },
    full: (now) => {
      isFull = now
    },
    restartProcess: () => {
      left = Number.POSITIVE_INFINITY
      for (const file of files.values()) {
        file.durable = contents(file)
        file.unsynced = Buffer.alloc(0)
      }
    },
    restartMachine: (random) => {
      left = Number.POSITIVE_INFINITY
      for (const file of files.values()) {
        const survived = file.unsynced.subarray(
          0,
          Math.floor(random() * (file.unsynced.length + 1)),
        )
        const torn = Buffer.from(survived)
        for (let at = 0; at < torn.length; at += SECTOR)
          if (random() < 0.3) torn.fill(0, at, Math.min(at + SECTOR, torn.length))
        file.durable = Buffer.concat([file.durable, torn])
        file.unsynced = Buffer.alloc(0)
      }
    },
    flip: (random) => {
      const segments = [...files].filter(
        ([path, { durable }]) => path.endsWith('.seg') && durable.length > 0,
      )
      const file = segments[Math.floor(random() * segments.length)]?.[1]
      if (file === undefined) return false
      const at = Math.floor(random() * file.durable.length)
      file.durable = Buffer.from(file.durable)
      file.durable[at] = (file.durable[at] ?? 0) ^ (1 << Math.floor(random() * 8))
      return true
    },
    names: () => [...files.keys()],
  }
}
