import { existsSync } from 'node:fs'
import { chmod, open, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../app-error.ts'

/**
 * Copies a live database into a new file: consistent, while commits go on. In a thread, because it takes seconds
 * for a large file and the library blocks; as text, so that it is the same file or bundle that runs it.
 */
const COPY = `
const { workerData } = require('node:worker_threads')
const Database = require(workerData.library)
const db = new Database(workerData.from, { timeout: 10000 })
db.prepare('VACUUM INTO ?').run([workerData.to])
db.close()
`

/** Writes a copy of `from`. Throws an AppError `conflict` where `to` exists, `unavailable` where it cannot be written. */
export const copyDatabase = async (from: string, to: string): Promise<void> => {
  if (existsSync(to))
    throw new AppError({ code: 'conflict', detail: `${to} exists already: name a new file.` })
  const half = `${to}.part`
  try {
    await rm(half, { force: true })
    await runCopy(from, half)
    await chmod(half, 0o600)
    const handle = await open(half, 'r+')
    await handle.sync()
    await handle.close()
    await rename(half, to)
  } catch (cause) {
    await rm(half, { force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError({
      code: 'unavailable',
      detail: `The backup ${to} could not be written (${why}): check its folder and its disk.`,
      cause,
    })
  }
}

const runCopy = (from: string, to: string): Promise<void> =>
  new Promise((done, failed) => {
    const library = createRequire(import.meta.url).resolve('libsql')
    const worker = new Worker(COPY, { eval: true, execArgv: [], workerData: { library, from, to } })
    worker.once('error', failed)
    worker.once('exit', (code) => {
      if (code === 0) done()
      else failed(new Error(`the copying thread ended with ${code}`))
    })
  })
