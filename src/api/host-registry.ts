import { z } from '@hono/zod-openapi'
import type { Accounts } from '../accounts/accounts.ts'
import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { MINUTE, SECOND, toIso, type Instant } from '../points/instant.ts'
import type { SeriesStore } from '../store/store.ts'
import { NOT_FOUND } from '../http/refusal.ts'

/** What is known of a machine beside its points; null: not known. */
export const HostInventory = z.object({
  os: z.string().nullable().default(null),
  kernel: z.string().nullable().default(null),
  cpu_model: z.string().nullable().default(null),
  cores: z.number().nullable().default(null),
  memory_total_bytes: z.number().nullable().default(null),
  boot_time: z.string().nullable().default(null),
  virtualization: z.string().nullable().default(null),
})
export type HostInventory = z.infer<typeof HostInventory>

const STATUSES = ['live', 'late', 'silent'] as const
export type HostStatus = (typeof STATUSES)[number]

export const HostView = HostInventory.extend({
  host: z.string(),
  self: z.boolean().openapi({ description: 'The machine that this server runs on' }),
  first_seen: z.string().nullable(),
  last_seen: z.string().nullable(),
  status: z.enum(STATUSES).openapi({
    description:
      'live: a point within 2.5 sampling intervals; late: within 10 minutes; silent: longer ago, or never',
  }),
}).openapi('Host')
export type HostView = z.infer<typeof HostView>

export type HostRegistry = {
  readonly self: string
  /** Every host that has points, and this one; by name. */
  list(): Promise<readonly HostView[]>
  /** The host that a question means: the one it names, or this one; not-found: it has no points here. */
  meant(name: string | undefined): Promise<string>
  /** Keeps what was found out about a machine, over restarts. */
  remember(host: string, inventory: Partial<HostInventory>): Promise<void>
  /** Deletes a host's points and its inventory; not-found: there is none. Until it is done the list leaves it out. */
  remove(host: string): Promise<void>
}

export type HostRegistryDeps = {
  readonly store: Pick<SeriesStore, 'hosts' | 'removeHost'>
  readonly facts: Accounts['facts']
  readonly config: Pick<Accounts['config'], 'get'>
  readonly clock: Clock
  readonly self: string
}

const FACT = 'host:'
const LIVE_INTERVALS = 2.5
const SILENT_AFTER = 10 * MINUTE

/** The state of a host by the age of its newest point; with a long sampling interval "late" ends no sooner than "live". */
export const hostStatus = (ageMs: number, samplingMs: number): HostStatus => {
  if (ageMs <= LIVE_INTERVALS * samplingMs) return 'live'
  return ageMs <= SILENT_AFTER ? 'late' : 'silent'
}

export const createHostRegistry = (deps: HostRegistryDeps): HostRegistry => {
  const { store, facts, config, clock, self } = deps
  const removing = new Set<string>()
  // names never vanish but by remove(): a known one needs no second look
  const known = new Set<string>([self])

  const extents = async () => {
    const hosts = (await store.hosts()).filter(({ host }) => !removing.has(host))
    for (const { host } of hosts) known.add(host)
    return hosts
  }
  const exists = async (host: string): Promise<boolean> =>
    known.has(host) || (await extents()).some((extent) => extent.host === host)

  const view = (host: string, seen: { first: Instant; last: Instant } | undefined): HostView => ({
    host,
    self: host === self,
    first_seen: seen === undefined ? null : toIso(seen.first),
    last_seen: seen === undefined ? null : toIso(seen.last),
    status: hostStatus(
      seen === undefined ? Number.POSITIVE_INFINITY : clock.now() - seen.last,
      config.get().sampling_interval_seconds * SECOND,
    ),
    ...inventoryOf(facts.get(FACT + host)),
  })

  return {
    self,
    async list() {
      const hosts = await extents()
      const views = hosts.map(({ host, firstSeen, lastSeen }) =>
        view(host, { first: firstSeen, last: lastSeen }),
      )
      if (!hosts.some(({ host }) => host === self)) views.push(view(self, undefined))
      return views.sort((a, b) => (a.host < b.host ? -1 : 1))
    },
    async meant(name) {
      if (name === undefined || name === '') return self
      if (await exists(name)) return name
      throw new AppError({ code: 'not-found', detail: NOT_FOUND })
    },
    async remember(host, inventory) {
      await facts.set(FACT + host, JSON.stringify(HostInventory.parse(inventory)))
    },
    async remove(host) {
      if (!(await exists(host))) throw new AppError({ code: 'not-found', detail: NOT_FOUND })
      removing.add(host)
      if (host !== self) known.delete(host)
      try {
        await store.removeHost(host)
        await facts.delete(FACT + host)
      } finally {
        removing.delete(host)
      }
    },
  }
}

const inventoryOf = (json: string | null): HostInventory => {
  const unknown = HostInventory.parse({})
  if (json === null) return unknown
  try {
    return HostInventory.safeParse(JSON.parse(json)).data ?? unknown
  } catch {
    return unknown
  }
}
