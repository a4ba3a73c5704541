import type { InfluxDB } from '@influxdata/influxdb-client'
import { TasksAPI, type Runs, type Task } from '@influxdata/influxdb-client-apis'
import { ROLLUP_TIERS } from '../../../catalog/tiers.ts'
import { reasonOf, statusOf } from '../failures.ts'
import { isSameTask, rollupScript, taskName } from '../rollup-script.ts'
import { MARK } from './keep-buckets.ts'
import type { Lacks } from './lacks.ts'

const PAGE = 500

/** All tasks of the organisation that the token may see; without the right to read tasks that is none. */
export const listTasks = async (client: InfluxDB, orgID: string): Promise<readonly Task[]> => {
  const api = new TasksAPI(client)
  const found: Task[] = []
  for (let after: string | undefined; ;) {
    const { tasks = [] } = await api.getTasks({
      orgID,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    found.push(...tasks)
    after = tasks.at(-1)?.id
    if (tasks.length < PAGE || after === undefined) return found
  }
}

/** The tasks of one prefix, by name, with their scripts. */
export const wantedTasks = (prefix: string): ReadonlyMap<string, string> =>
  new Map(ROLLUP_TIERS.map((tier) => [taskName(prefix, tier), rollupScript(prefix, tier)]))

export const taskDescription = (prefix: string): string =>
  `${MARK} for the buckets ${prefix}. A change here is undone at its next start.`

type Options = {
  readonly client: InfluxDB
  readonly orgID: string
  readonly prefix: string
  readonly lacks: Lacks
}

/**
 * Makes missing tasks, puts changed ones back, removes ours that are too many or no longer wanted. Resolves with
 * what is wrong with them.
 */
export const keepTasks = async (options: Options): Promise<readonly string[]> => {
  const { client, orgID, prefix, lacks } = options
  const api = new TasksAPI(client)
  const wanted = wantedTasks(prefix)
  const description = taskDescription(prefix)

  const remove = (taskID: string) =>
    lacks.attempt('remove tasks', () => api.deleteTasksID({ taskID }).catch(unlessGone))

  const make = async (name: string, flux: string) => {
    const body = { orgID, flux, status: 'active' as const, description }
    const made = await lacks.attempt(`make the task ${name}`, () => api.postTasks({ body }))
    if (made === undefined) return
    // who may make tasks but not see them would make another at each start
    try {
      await api.getTasksID({ taskID: made.id })
    } catch (error) {
      lacks.note(`read:tasks, to keep the task ${name} (${reasonOf(error)})`)
      await remove(made.id)
    }
  }

  const before = await listTasks(client, orgID)
  for (const task of before)
    if (task.description === description && !wanted.has(task.name)) await remove(task.id)
  for (const [name, flux] of wanted)
    if (!before.some((task) => task.name === name)) await make(name, flux)

  // listed again: names are not unique, and another replica may have made the same ones meanwhile
  const problems: string[] = []
  const after = await listTasks(client, orgID)
  for (const [name, flux] of wanted) {
    const [task, ...others] = after
      .filter((one) => one.name === name)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    for (const other of others) await remove(other.id)
    if (task === undefined) continue
    if (
      !isSameTask(task.flux, flux) ||
      task.status !== 'active' ||
      task.description !== description
    )
      await lacks.attempt(`mend the task ${name}`, () =>
        api.patchTasksID({ taskID: task.id, body: { flux, status: 'active', description } }),
      )
    else problems.push(...(await failureOf(client, task)))
  }
  return problems
}

/** The sentence of a task whose last run failed. */
export const failureOf = async (client: InfluxDB, task: Task): Promise<readonly string[]> =>
  task.lastRunStatus === 'failed'
    ? [
        `The task ${task.name} failed at its last run: ${await reasonOfRun(client, task)}. PerfWatch rolls up itself where it can.`,
      ]
    : []

/** The error of a task says only that there was one; why is in the log of the run. */
const reasonOfRun = async (client: InfluxDB, task: Task): Promise<string> => {
  const api = new TasksAPI(client)
  const { runs = [] } = await api
    .getTasksIDRuns({ taskID: task.id, limit: 5 })
    .catch((): Runs => ({}))
  const log = runs.find(({ status }) => status === 'failed')?.log ?? []
  const said = log
    .map(({ message = '' }) => message)
    .find((message) => !/^(Started task|Completed\()/.test(message))
  return said ?? task.lastRunError ?? 'no reason given'
}

const unlessGone = (error: unknown) => {
  if (statusOf(error) !== 404) throw error
}
