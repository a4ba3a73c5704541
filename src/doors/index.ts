import type { Door } from './door.ts'
import { loggerBot } from './logger-bot/door.ts'
import { mood } from './mood/door.ts'
import { performanceMonitor } from './performance-monitor/door.ts'
import { speedlog } from './speedlog/door.ts'

/** Every door; adding one is one line here and its folder beside. */
export const doors = [
  performanceMonitor,
  speedlog,
  mood,
  loggerBot,
] as const satisfies readonly Door[]
