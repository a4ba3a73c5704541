import type { InfluxDB } from '@influxdata/influxdb-client'
import { ROLLUP_TIERS, type RollupTier } from '../../../catalog/tiers.ts'
import { bucketName, SHELVES, type Shelf } from '../buckets.ts'
import type { Server } from '../client.ts'
import { statusOf } from '../failures.ts'
import { isSameTask, taskName } from '../rollup-script.ts'
import { asFound, listBuckets, type FoundBucket, type KeptBuckets } from './keep-buckets.ts'
import { failureOf, listTasks, wantedTasks } from './keep-tasks.ts'
import { setup } from './lacks.ts'

/**
 * Looks whether everything is there that somebody else provides, and makes nothing. Throws an AppError `setup` that
 * names each missing bucket and right; what is wrong with tasks is a problem and no reason not to run, since who
 * may not see tasks cannot tell, and rollups are done by us where they fall behind.
 */
export const checkProvisioned = async (
  client: InfluxDB,
  server: Server,
  orgID: string,
): Promise<KeptBuckets> => {
  const { prefix } = server
  const there = new Map((await listBuckets(client, orgID)).map((one) => [one.name, one]))
  const buckets = new Map<Shelf, FoundBucket>()
  const missing: string[] = []
  for (const shelf of SHELVES) {
    const name = bucketName(prefix, shelf)
    const bucket = there.get(name)
    if (bucket === undefined) {
      missing.push(`the bucket ${name} (or the right to read it)`)
      continue
    }
    buckets.set(shelf, asFound(bucket))
    if (!(await mayWrite(client, server.org, name))) missing.push(`the right to write ${name}`)
  }
  const problems = await taskProblems(client, orgID, prefix)
  if (missing.length > 0)
    throw setup(
      `INFLUX_PROVISION=check: in InfluxDB at ${server.url}, organisation ${server.org}, INFLUX_TOKEN lacks ${missing.join('; ')}.${problems.map((one) => ` ${one}`).join('')}`,
    )
  return { buckets, leftAlone: new Set(SHELVES), problems }
}

/** A comment is a write of nothing: only the right to it is looked at. */
const mayWrite = async (client: InfluxDB, org: string, bucket: string): Promise<boolean> => {
  const target = new URLSearchParams({ org, bucket, precision: 'ns' })
  try {
    await client.transport.request(`/api/v2/write?${target.toString()}`, '#', {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
    return true
  } catch (error) {
    if (statusOf(error) === 403 || statusOf(error) === 404) return false
    throw error
  }
}

export const taskProblems = async (
  client: InfluxDB,
  orgID: string,
  prefix: string,
): Promise<readonly string[]> => {
  const tasks = await listTasks(client, orgID)
  const wanted = wantedTasks(prefix)
  const problemsOf = async (tier: RollupTier): Promise<readonly string[]> => {
    const name = taskName(prefix, tier)
    const found = tasks.filter((one) => one.name === name)
    const [task] = found
    if (task === undefined)
      return [
        `INFLUX_TOKEN sees no task ${name}: make it of influx/tasks/perfwatch-${tier}.flux, or give the right read:tasks. PerfWatch rolls up itself meanwhile.`,
      ]
    if (found.length > 1) return [`There are ${found.length} tasks ${name}; one is enough.`]
    if (task.status !== 'active') return [`The task ${name} is not active.`]
    if (!isSameTask(task.flux, wanted.get(name) ?? ''))
      return [`The script of the task ${name} is not that of influx/tasks/perfwatch-${tier}.flux.`]
    return failureOf(client, task)
  }
  return (await Promise.all(ROLLUP_TIERS.map(problemsOf))).flat()
}
