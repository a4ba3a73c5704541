import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { open, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the host's `/proc`, `/sys` and `/` are seen from here: in a container they are mounted elsewhere. */
export type HostPaths = { readonly proc: string; readonly sys: string; readonly root: string }

/** A file of the host, relative to its `/proc` or `/sys`: `proc/stat`, `sys/class/net`. */
export type HostPath = `proc/${string}` | `sys/${string}`

export type Blocks = {
  readonly blockBytes: number
  readonly blocks: number
  readonly freeBlocks: number
}

/** The host's files as the collectors see them. */
export type HostFiles = {
  /** The whole text. The file stays open for the next time. Throws a sentence where it cannot be read. */
  read(path: HostPath): string
  /** As `read`; undefined where it cannot be read. */
  tryRead(path: HostPath): string | undefined
  /** For what is asked seldom: nothing is kept open. Undefined where it cannot be read. */
  readOnce(path: HostPath): string | undefined
  /** The text piece by piece and off the event loop, for files that are long or slow; breaking off is fine. */
  pieces(path: HostPath): AsyncIterable<string>
  /** The names in a folder; none where there is no such folder. */
  list(path: HostPath): readonly string[]
  exists(path: HostPath): boolean
  /** Of the file system that is mounted there on the host. Can hang for good: NFS without its server. */
  blocks(mount: string): Promise<Blocks>
  close(): void
}

/** Descriptors kept open at most: 1024 is the usual limit of a process, and sockets need some too. */
const KEPT = 512
const PIECE_BYTES = 16_384

/**
 * The real host. `/proc` and `/sys` are read synchronously: the kernel answers from memory within microseconds,
 * and a trip through the thread pool costs ten times as much.
 */
export const openHostFiles = (paths: HostPaths): HostFiles => {
  const kept = new Map<HostPath, number>()
  let buffer = Buffer.allocUnsafe(65_536)

  const fullPath = (path: HostPath) =>
    path.startsWith('proc/') ? join(paths.proc, path.slice(5)) : join(paths.sys, path.slice(4))

  /** Everything from the start. A short read is not the end: the kernel hands out long files page by page. */
  const readAll = (fd: number) => {
    let length = 0
    for (;;) {
      const got = readSync(fd, buffer, length, buffer.length - length, length)
      if (got === 0) return buffer.toString('utf8', 0, length)
      length += got
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2)
    }
  }

  const readFresh = (path: HostPath) => {
    const fd = openSync(fullPath(path), 'r')
    let keep = false
    try {
      const text = readAll(fd)
      keep = kept.size < KEPT
      if (keep) kept.set(path, fd)
      return text
    } finally {
      if (!keep) closeSync(fd)
    }
  }

  const read = (path: HostPath) => {
    const fd = kept.get(path)
    if (fd !== undefined) {
      try {
        return readAll(fd)
      } catch {
        // the device went away, or the process whose file it is: perhaps there is a new one of that name
        kept.delete(path)
        closeSync(fd)
      }
    }
    try {
      return readFresh(path)
    } catch (cause) {
      throw new Error(`${fullPath(path)} cannot be read (${codeOf(cause)}).`, { cause })
    }
  }

  return {
    read,
    tryRead: (path) => {
      // an error that is thrown and caught costs more than the question
      if (!kept.has(path) && !existsSync(fullPath(path))) return undefined
      try {
        return read(path)
      } catch {
        return undefined
      }
    },
    readOnce: (path) => {
      try {
        return readFileSync(fullPath(path), 'utf8')
      } catch {
        return undefined
      }
    },
    pieces: (path) => piecesOf(fullPath(path)),
    list: (path) => {
      try {
        return readdirSync(fullPath(path))
      } catch {
        return []
      }
    },
    exists: (path) => existsSync(fullPath(path)),
    blocks: async (mount) => {
      const { bsize, blocks, bfree } = await statfs(join(paths.root, mount))
      return { blockBytes: bsize, blocks, freeBlocks: bfree }
    },
    close: () => {
      for (const fd of kept.values()) closeSync(fd)
      kept.clear()
    },
  }
}

async function* piecesOf(path: string): AsyncGenerator<string, void> {
  const handle = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield buffer.toString('latin1', 0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)

/** Reads the first of several files that can be read; the one that worked is tried first the next time. */
export const firstReadable = (
  files: Pick<HostFiles, 'read'>,
  paths: readonly [HostPath, ...HostPath[]],
): (() => string) => {
  let best = paths[0]
  return () => {
    try {
      return files.read(best)
    } catch (first) {
      for (const path of paths) {
        if (path === best) continue
        try {
          const text = files.read(path)
          best = path
          return text
        } catch {
          // the first failure tells a person more: it is the file that should be there
        }
      }
      throw first
    }
  }
}
