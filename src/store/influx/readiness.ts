import { randomBytes } from 'node:crypto'
import { AppError } from '../../app-error.ts'
import type { Disk } from '../../spool/disk.ts'
import { SHELVES, type Shelf } from './buckets.ts'
import type { Server } from './client.ts'
import type { Connection } from './connection.ts'
import { isUnreachable } from './failures.ts'
import type { BucketPlan } from './provision/bucket-plan.ts'
import type { FoundBucket } from './provision/keep-buckets.ts'
import { provision, type Provisioned } from './provision/provision.ts'
import { readTokens } from './provision/tokens-file.ts'
import type { StateBook } from './state.ts'

/** Whether InfluxDB has everything that we need, and what it has. */
export type Readiness = {
  /** Provisions; at the start and now and then. Throws an AppError `setup`. */
  makeReady(): Promise<void>
  /**
   * Goes on without InfluxDB after `makeReady` has failed: when it is only away and an earlier start was there, points
   * are taken into the spool. Throws the failure otherwise.
   */
  goOnWithout(failure: unknown): Promise<void>
  isReady(): boolean
  problems(): readonly string[]
  bucket(shelf: Shelf): FoundBucket | undefined
  setBucket(shelf: Shelf, bucket: FoundBucket): void
  isLeftAlone(shelf: Shelf): boolean
  operatorToken(): string | undefined
}

type Options = {
  readonly server: Server
  readonly token: string | undefined
  readonly mode: 'auto' | 'check'
  readonly folder: string
  readonly disk: Disk
  readonly connection: Connection
  readonly state: StateBook
  readonly plans: () => readonly BucketPlan[]
  /** Buckets are others than they were. */
  readonly onOthers: () => void
}

export const createReadiness = (options: Options): Readiness => {
  const { server, token, mode, folder, disk, connection, state } = options
  const buckets = new Map<Shelf, FoundBucket>()
  let found: Provisioned | undefined

  const idOf = (tier: Shelf['tier']): string => {
    const shelf = SHELVES.find((one) => one.dataset === 'metrics' && one.tier === tier)
    return (shelf && buckets.get(shelf)?.id) ?? ''
  }

  return {
    makeReady: async () => {
      found = await provision({
        server,
        token,
        mode,
        folder,
        disk,
        plans: options.plans(),
        randomText: () => randomBytes(24).toString('base64url'),
        refused: connection.refused(),
      })
      const isOther = [...found.buckets].some(
        ([shelf, { id }]) => (buckets.get(shelf)?.id ?? id) !== id,
      )
      for (const [shelf, bucket] of found.buckets) buckets.set(shelf, bucket)
      if (isOther) options.onOthers()
      state.reconcile({ raw: idOf('raw'), '1m': idOf('1m'), '5m': idOf('5m'), '1h': idOf('1h') })
      await state.save()
      connection.use(found.tokens)
    },
    goOnWithout: async (failure) => {
      const isAway = failure instanceof AppError && isUnreachable(failure.cause)
      if (!isAway || !state.isKnown()) throw failure
      const scoped = (await readTokens(disk, folder))?.scoped
      const tokenOf = (role: 'writer' | 'roller' | 'reader') =>
        mode === 'check' ? token : scoped?.[role]?.token
      const [writer, roller, reader] = [tokenOf('writer'), tokenOf('roller'), tokenOf('reader')]
      if (writer === undefined || roller === undefined || reader === undefined) throw failure
      connection.use({ writer, roller, reader, operator: undefined })
    },
    isReady: () => found !== undefined,
    problems: () => found?.problems ?? [],
    bucket: (shelf) => buckets.get(shelf),
    setBucket: (shelf, bucket) => void buckets.set(shelf, bucket),
    isLeftAlone: (shelf) => found?.leftAlone.has(shelf) !== false,
    operatorToken: () => found?.tokens.operator,
  }
}
