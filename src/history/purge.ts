import { clientCpu, eventDuration, log, mood } from '../catalog/records.ts'
import type { RecordStore } from '../store/records.ts'

type Remover = Pick<RecordStore, 'remove'>

/** What a person has sent stands under the tag `user`. */
const OF_USERS = [clientCpu, mood, log] as const

/** Deletes all that a user has sent, and the events of their projects. */
export const purgeUser = async (
  records: Remover,
  user: string,
  projects: readonly string[],
): Promise<void> => {
  for (const { dataset, measurement } of OF_USERS)
    await records.remove(dataset, measurement, { user })
  for (const project of projects) await purgeProject(records, project)
}

/** Deletes the events of a project. */
export const purgeProject = (records: Remover, project: string): Promise<void> =>
  records.remove(eventDuration.dataset, eventDuration.measurement, { project })
