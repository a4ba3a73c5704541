import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processEnvironment } from '../settings.ts'
import type { Rooms } from './rooms.ts'

/** The real rooms. Each is loaded when it is opened: importing them here would cost every command the start of all. */
export const systemRooms: Rooms = {
  serve: async (settings) => (await import('../main.ts')).serve(settings),
  openAccounts: async (settings) => (await import('./data-folder.ts')).openAccountsOf(settings),
  openStore: async (settings, access) =>
    (await import('./data-folder.ts')).openStoreOf(settings, access),
  openCopy: async (settings, hooks) =>
    (await import('./copy/places.ts')).openCopyPlaces(settings, hooks),
  about: async (settings) => (await import('./data-folder.ts')).factsOf(settings),
  serverRuns: async (folder) =>
    existsSync(folder) && (await import('../store/embedded/lock.ts')).isFolderLocked(folder),
  storeExists: async (settings) => (await import('./data-folder.ts')).isStoreThere(settings),
  storeDamage: async (settings) => (await import('./data-folder.ts')).damageIn(settings),
  restore: async (settings, backup, options) =>
    (await import('../serve/open-store.ts')).restoreBackup(settings, backup, {
      ...options,
      path: processEnvironment()['PATH'] ?? '',
    }),
  storeNotes: async (settings) => (await import('./data-folder.ts')).notesOn(settings),
  sampleOnce: async (settings) => (await import('./host-sampling.ts')).takeSample(settings),
  watch: async (settings, intervalMs, onSample) =>
    (await import('./host-sampling.ts')).watchHost(settings, intervalMs, onSample),
  explainPerf: async (settings) => (await import('./host-sampling.ts')).perfReport(settings),
  influxAccess: async (settings, reader) =>
    (await import('../serve/influx-access.ts')).influxAccess(settings, reader),
  wait: (ms) => sleep(ms),
}
