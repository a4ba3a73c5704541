import type { Dashboard } from '@grafana/schema'
import { compare, inDepth, overview } from './hosts.ts'
import { pipeline } from './pipeline.ts'
import { records } from './records.ts'

/** Every dashboard by the name of its file. */
export const DASHBOARDS: ReadonlyMap<string, Dashboard> = new Map([
  ['overview', overview],
  ['host-in-depth', inDepth],
  ['compare', compare],
  ['pipeline', pipeline],
  ['logs-and-events', records],
])
