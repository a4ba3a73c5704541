import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../points/clock.ts'
import { describeStore } from '../store.contract.ts'
import { openEmbedded } from './open-embedded.ts'
import { openInTemporary } from './testing/open-in-temporary.ts'

describeStore(
  'the embedded store',
  async () => {
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
  },
  { deletesItself: true, backsUp: true, keepsAnyText: true, meansAnyNumbers: true },
)
