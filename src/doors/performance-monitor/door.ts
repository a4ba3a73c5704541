import type { Door } from '../door.ts'
import { performanceMonitorSurface } from './routes.ts'

export const performanceMonitor: Door = {
  name: 'performance-monitor',
  portSetting: 'PERFORMANCE_MONITOR_PORT',
  open: performanceMonitorSurface,
}
