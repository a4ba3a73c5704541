import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../points/clock.ts'
import { describeRecords } from '../records.contract.ts'
import { describeStore } from '../store.contract.ts'
import { openEmbedded } from './open-embedded.ts'
import { openInTemporary } from './testing/open-in-temporary.ts'

const open = async () => {
  const h = openInTemporary()
  const copies = join(h.folder, 'copies')
  mkdirSync(copies)
  return {
    get store() {
      return h.store
    },
    start: h.start,
    pass: h.pass,
    setWall: h.setWall,
    settle: async () => void (await h.store.rollUp()),
    compact: () => h.store.seal(),
    reopen: h.reopen,
    backupFile: join(copies, 'series.db'),
    openBackup: async () => openEmbedded({ folder: copies, clock: systemClock }),
    close: h.close,
  }
}
const traits = { deletesItself: true, backsUp: true, keepsAnyText: true, meansAnyNumbers: true }

describeStore('the embedded store', open, traits)
describeRecords('the embedded store', open, { ...traits, guardsClock: true })
