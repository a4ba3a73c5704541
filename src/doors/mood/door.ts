import type { Door } from '../door.ts'
import { moodSurface } from './routes.ts'

export const mood: Door = {
  name: 'mood',
  portSetting: 'MOOD_PORT',
  open: moodSurface,
}
