import { statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../points/clock.ts'
import { openHistoryImport } from '../../serve/open-store.ts'
import type { Settings } from '../../settings.ts'
import { nodeDisk, type Disk } from '../../spool/disk.ts'
import { occupiedDays } from '../../store/embedded/occupied.ts'
import { openEmbedded } from '../../store/embedded/open-embedded.ts'
import { SERIES_FILE } from '../../store/embedded/schema.ts'
import type { HistoryImport } from '../../store/history-import.ts'
import type { SeriesStore } from '../../store/store.ts'
import { configOf } from '../data-folder.ts'
import type { SourcePart } from './copy-history.ts'

/** The two ends of a copy. */
export type CopyPlaces = {
  readonly source: SeriesStore
  readonly parts: readonly SourcePart[]
  /** Another text for another file. */
  readonly sourceIdentity: string
  /** Where the source is, for a person. */
  readonly sourceFile: string
  readonly target: HistoryImport
  readonly targetName: string
  /** Where the note of how far it is lies. */
  readonly folder: string
  readonly disk: Disk
  close(): Promise<void>
}

export type CopyHooks = {
  /** Aborted: stop as soon as nothing is lost by it. */
  readonly signal: AbortSignal
  /** Hears why there is a wait for the target. */
  readonly onWait: (why: string) => void
  /** How long to wait for it. */
  readonly patienceMs?: number
}

/** Opens the embedded store of a folder to be read and InfluxDB to be written. Throws an AppError `setup`. */
export const openCopyPlaces = async (settings: Settings, hooks: CopyHooks): Promise<CopyPlaces> => {
  const folder = settings.DATA_DIR
  const sourceFile = join(folder, SERIES_FILE)
  const source = openEmbedded({ folder, clock: systemClock, readOnly: true })
  try {
    const { signal, ...rest } = hooks
    const { target, name } = await openHistoryImport(
      settings,
      await configOf(settings),
      systemClock,
      { ...rest, check: () => signal.throwIfAborted(), wait: (ms) => waitOr(ms, signal) },
    )
    const { ino } = statSync(sourceFile)
    return {
      source,
      parts: occupiedDays(folder),
      sourceIdentity: `${sourceFile} ${ino}`,
      sourceFile,
      target,
      targetName: name,
      folder,
      disk: nodeDisk,
      close: async () => {
        await target.close()
        await source.close()
      },
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Resolves after `ms`, or at once when somebody wants to stop. */
const waitOr = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
