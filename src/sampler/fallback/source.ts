import type { Reading, Row } from '../../points/sample.ts'

export type Answer<K extends string> = Partial<Readonly<Record<K, unknown>>>
export type CoreAnswer = Answer<'load'>
export type InterfaceAnswer = Answer<
  | 'iface'
  | 'rx_bytes'
  | 'tx_bytes'
  | 'rx_errors'
  | 'tx_errors'
  | 'rx_dropped'
  | 'tx_dropped'
  | 'operstate'
>
export type MountAnswer = Answer<'mount' | 'size' | 'used'>

/** What is used of systeminformation; its answers are texts of other programs, so nothing in them is sure. */
export type FallbackSource = {
  currentLoad(): Promise<
    Answer<
      | 'currentLoadUser'
      | 'currentLoadNice'
      | 'currentLoadSystem'
      | 'currentLoadIrq'
      | 'currentLoadIdle'
    > & { readonly cpus?: readonly CoreAnswer[] }
  >
  cpu(): Promise<Answer<'physicalCores'>>
  mem(): Promise<
    Answer<'total' | 'available' | 'buffcache' | 'swaptotal' | 'swapused' | 'swapfree'>
  >
  networkStats(interfaces: string): Promise<readonly InterfaceAnswer[]>
  /** null where the system has no such counters (Windows, BSD). */
  fsStats(): Promise<Answer<'rx' | 'wx'> | null>
  fsSize(): Promise<readonly MountAnswer[]>
  time(): Answer<'uptime'>
}

export type FallbackDeps = {
  readonly source: FallbackSource
  readonly platform: string
  /** Over 1, 5 and 15 minutes. */
  readonly loadAverage?: () => readonly number[]
}

/** Its programs take up to seconds; the sampler gives up then, and asks again when they have ended. */
export const DEADLINE_MS = 10_000
export const ok = (rows: readonly Row[]): Reading => ({ kind: 'ok', rows })

/** The number where there is one. */
export const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null

/** As `number`, where 0 means that it is not known. */
export const count = (value: unknown): number | null => {
  const known = number(value)
  return known === 0 ? null : known
}
