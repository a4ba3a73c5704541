import { instant, MINUTE, type Instant } from '../../points/instant.ts'
import { toPoints } from '../../points/to-points.ts'
import { createMemoryStore, type MemoryStore } from '../../testing/memory-store.ts'
import type { Rooms } from '../rooms.ts'
import { makeSyntheticHost } from '../seed/synthetic-host.ts'
import { CLI_NOW } from './run-cli.ts'

/** A store in memory with a sample a minute of each host, from `from` to CLI_NOW, rolled up. */
export const demoStore = async (
  from: Instant,
  hosts: readonly string[] = ['here'],
): Promise<MemoryStore> => {
  const store = createMemoryStore({ clock: { now: () => CLI_NOW } })
  for (const [index, host] of hosts.entries()) {
    const made = makeSyntheticHost({ host, seed: index + 1 })
    for (let at: number = from; at < CLI_NOW; at += MINUTE)
      await store.write('metrics', toPoints(made.sampleAt(instant(at))))
  }
  await store.rollUp()
  return store
}

/** Rooms whose folder has this store and belongs to a host called `here`. */
export const roomsOf = (store: MemoryStore): Partial<Rooms> => ({
  openStore: async () => store,
  about: async () => ({ host: 'here', samplingIntervalMs: MINUTE }),
})
