import type { Blocks, HostFiles, HostPath } from '../sampler/host-files.ts'

export type FakeHostFiles = HostFiles & {
  /** The files that there are; undefined takes one away. */
  set(texts: Readonly<Record<HostPath, string | undefined>>): void
  /** Every path that was read or asked for, in order. */
  readonly asked: readonly HostPath[]
}

/** A host made of texts. `blocks`: what the mounts answer, none where it is left out. */
export const fakeHostFiles = (
  texts: Readonly<Record<HostPath, string>>,
  blocks: (mount: string) => Promise<Blocks> = async (mount) => {
    throw new Error(`${mount} is not there.`)
  },
): FakeHostFiles => {
  const files = new Map<string, string>(Object.entries(texts))
  const asked: HostPath[] = []
  const tryRead = (path: HostPath) => {
    asked.push(path)
    return files.get(path)
  }
  const read = (path: HostPath) => {
    const text = tryRead(path)
    if (text === undefined) throw new Error(`/${path} cannot be read (ENOENT).`)
    return text
  }
  return {
    asked,
    read,
    tryRead,
    readOnce: tryRead,
    pieces: async function* (path) {
      yield read(path)
    },
    list: (path) => {
      const below = [...files.keys()].filter((file) => file.startsWith(`${path}/`))
      return [...new Set(below.map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))]
    },
    exists: (path) => [...files.keys()].some((file) => `${file}/`.startsWith(`${path}/`)),
    blocks,
    close: () => {},
    set: (changed) => {
      for (const [path, text] of Object.entries(changed))
        if (text === undefined) files.delete(path)
        else files.set(path, text)
    },
  }
}
