import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that only grows. Bytes are safe once `sync` has resolved, and not before. */
export type GrowingFile = {
  append(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** What the spool needs of a disk; a fake one in the tests loses power, tears sectors and fills up. */
export type Disk = {
  makeFolder(folder: string): Promise<void>
  /** File names, sorted. */
  list(folder: string): Promise<readonly string[]>
  size(folder: string, name: string): Promise<number>
  /** The bytes from `offset`, at most `length`; fewer at the end of the file. */
  read(folder: string, name: string, offset: number, length: number): Promise<Buffer>
  /** A new empty file whose name survives a power loss; refuses one that exists. */
  create(folder: string, name: string): Promise<GrowingFile>
  /** The file holds either the old or the new bytes at every moment, power loss included. */
  replace(folder: string, name: string, bytes: Uint8Array): Promise<void>
  remove(folder: string, name: string): Promise<void>
}

export const nodeDisk: Disk = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  },
  list: async (folder) => (await readdir(folder)).toSorted(),
  size: async (folder, name) => (await stat(join(folder, name))).size,
  read: async (folder, name, offset, length) => {
    const file = await open(join(folder, name), 'r')
    try {
      const bytes = Buffer.alloc(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } finally {
      await file.close()
    }
  },
  create: async (folder, name) => {
    const file = await open(join(folder, name), 'ax', 0o600)
    await syncFolder(folder)
    return {
      append: async (bytes) => {
        let written = 0
        while (written < bytes.length) {
          const { bytesWritten } = await file.write(bytes, written, bytes.length - written)
          written += bytesWritten
        }
      },
      sync: () => file.datasync(),
      close: () => file.close(),
    }
  },
  replace: async (folder, name, bytes) => {
    const draft = `${name}.draft`
    const file = await open(join(folder, draft), 'w', 0o600)
    try {
      await file.writeFile(bytes)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(join(folder, draft), join(folder, name))
    await syncFolder(folder)
  },
  remove: (folder, name) => rm(join(folder, name), { force: true }),
}

/** A new or renamed name is safe only when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
