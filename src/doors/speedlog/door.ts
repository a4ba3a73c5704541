import type { Door } from '../door.ts'
import { speedlogSurface } from './routes.ts'

const EVENT_PATH = /^\/[^/]+\/event\/$/

export const speedlog: Door = {
  name: 'speedlog',
  portSetting: 'SPEEDLOG_PORT',
  open: speedlogSurface,
  // browsers report here
  cors: ({ EVENT_CORS_ORIGINS }) => ({
    origins: EVENT_CORS_ORIGINS,
    covers: (path) => EVENT_PATH.test(path),
  }),
}
