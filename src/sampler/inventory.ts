import { release } from 'node:os'
import { instant, SECOND, toIso } from '../points/instant.ts'
import type { Timers } from './timers.ts'

/** What a machine is, as `GET /api/hosts` shows it; null: not known. */
export type Inventory = {
  /** Name and version: `Debian GNU/Linux 12`. */
  readonly os: string | null
  readonly kernel: string | null
  readonly cpu_model: string | null
  /** Logical processors. */
  readonly cores: number | null
  readonly memory_total_bytes: number | null
  /** ISO 8601, UTC, whole seconds. */
  readonly boot_time: string | null
  /** The hypervisor or container (`KVM`, `Docker`), `none` on bare metal. */
  readonly virtualization: string | null
}

/** What is used of systeminformation. Its answers are texts of other programs: nothing in them is sure. */
export type InventorySource = {
  osInfo(): Promise<{ distro?: unknown; release?: unknown; kernel?: unknown }>
  cpu(): Promise<{ manufacturer?: unknown; brand?: unknown; cores?: unknown }>
  mem(): Promise<{ total?: unknown }>
  system(): Promise<{ virtual?: unknown; virtualHost?: unknown; model?: unknown }>
  time(): { current?: unknown; uptime?: unknown }
}

export type InventoryDeps = {
  readonly timers: Timers
  readonly source?: InventorySource
  /**
   * The text of the host's own os-release where its root is not ours (a container with HOST_ROOT);
   * systeminformation would describe the container.
   */
  readonly osRelease?: string | undefined
}

/** A program that hangs (a firmware table, a network drive) costs its own fact only. */
const DEADLINE_MS = 10_000

/**
 * Asks what the machine is. Spawns some short processes: for the start and once a day, not for samples.
 * Never throws and never takes longer than ten seconds: what fails or is late is null.
 */
export const readInventory = async ({
  timers,
  source: given,
  osRelease,
}: InventoryDeps): Promise<Inventory> => {
  // loaded when it is needed: it is large, and the start does not wait for it
  const source: InventorySource = given ?? (await import('systeminformation')).default
  const ask = <T>(question: () => T | Promise<T>) => inTime(timers, question)
  const [os, cpu, mem, system, time] = await Promise.all([
    ask(() => source.osInfo()),
    ask(() => source.cpu()),
    ask(() => source.mem()),
    ask(() => source.system()),
    ask(() => source.time()),
  ])
  return {
    os: (osRelease === undefined ? null : prettyName(osRelease)) ?? words(os?.distro, os?.release),
    kernel: text(os?.kernel) ?? release(),
    cpu_model: words(cpu?.manufacturer, cpu?.brand),
    cores: count(cpu?.cores),
    memory_total_bytes: count(mem?.total),
    boot_time: bootTime(time),
    virtualization: system === null ? null : virtualizationOf(system),
  }
}

const inTime = <T>(timers: Timers, question: () => T | Promise<T>): Promise<T | null> =>
  new Promise((resolve) => {
    const cancel = timers.after(DEADLINE_MS, () => resolve(null))
    const answered = (answer: T | null) => {
      cancel()
      resolve(answer)
    }
    // a question that throws at once is one that rejects
    Promise.resolve()
      .then(question)
      .then(answered, () => answered(null))
  })

/** A text that says something: programs without an answer give ``, `-` or `unknown`. */
const text = (value: unknown): string | null => {
  if (typeof value !== 'string') return null
  const trimmed = value.replaceAll(/\s+/g, ' ').trim()
  return trimmed === '' || trimmed === '-' || /^(unknown|n\/a)$/i.test(trimmed) ? null : trimmed
}

const words = (...values: readonly unknown[]): string | null =>
  text(values.map((value) => text(value) ?? '').join(' '))

const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null

const bootTime = (time: { current?: unknown; uptime?: unknown } | null): string | null => {
  const now = count(time?.current)
  const uptime = count(time?.uptime)
  if (now === null || uptime === null) return null
  return toIso(instant(Math.round(now / SECOND - uptime) * SECOND))
}

const virtualizationOf = ({
  virtual,
  virtualHost,
  model,
}: {
  virtual?: unknown
  virtualHost?: unknown
  model?: unknown
}): string | null => {
  if (virtual === false) return 'none'
  return virtual === true ? (text(virtualHost) ?? text(model) ?? 'yes') : null
}

const prettyName = (osRelease: string): string | null =>
  text(/^PRETTY_NAME=(["']?)(.*)\1$/m.exec(osRelease)?.[2])
