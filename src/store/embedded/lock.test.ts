import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './lock.ts'
import { temporaryFolder } from './testing/open-in-temporary.ts'

describe('the lock of a data folder', () => {
  let folder: string
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('refuses a second server, and names the first', () => {
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        name: 'AppError',
        code: 'setup',
        message: `DATA_DIR: ${folder} is in use by another PerfWatch server (pid ${process.pid}); stop it or choose another folder.`,
      }),
    )
    lock.release()
    lock.release()
    lockFolder(folder).release()
  })

  it('is free as soon as the server that had it is killed', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import Database from ${JSON.stringify(import.meta.resolve('libsql'))}
         const db = new Database(${JSON.stringify(join(folder, 'server.lock'))})
         db.exec('BEGIN EXCLUSIVE')
         console.log('locked')
         setInterval(() => {}, 1000)`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await once(child.stdout, 'data')
    writeFileSync(join(folder, 'server.pid'), `${child.pid ?? 0}\n`)
    expect(() => lockFolder(folder)).toThrow(`(pid ${child.pid ?? 0})`)
    child.kill('SIGKILL')
    await once(child, 'exit')
    lockFolder(folder).release()
  })

  it('makes a missing folder, and says when it cannot', () => {
    lockFolder(join(folder, 'new', 'folder')).release()
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(() => lockFolder(join(file, 'folder'))).toThrow(
      expect.objectContaining({
        code: 'setup',
        message: expect.stringMatching(
          /^DATA_DIR: .*file\/folder cannot be used \(.*\); name a folder that can be written to\.$/,
        ),
      }),
    )
  })
})
