import type { Door } from '../door.ts'
import { loggerBotSurface } from './routes.ts'

export const loggerBot: Door = {
  name: 'logger-bot',
  portSetting: 'LOGGER_BOT_PORT',
  open: loggerBotSurface,
}
