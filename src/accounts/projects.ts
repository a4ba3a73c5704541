import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { instant } from '../points/instant.ts'
import type { Accounts, Project } from './accounts.ts'
import { isTaken, type Database } from './database.ts'
import { keyOfGiven, parseTitle } from './names.ts'
import { liveUser } from './user-rows.ts'

type ProjectRow = {
  readonly id: number
  readonly title: string
  readonly owner: string
  readonly created_at: number
}

/** The owner may be a removed account: it keeps its row, and its projects. */
const LIVE = `SELECT project.id, title, username AS owner, project.created_at FROM project
  JOIN user ON user.id = owner_id WHERE project.removed_at IS NULL`

export const createProjects = (db: Database, clock: Clock): Accounts['projects'] => ({
  list: async (owner) => {
    const rows =
      owner === undefined
        ? db.all<ProjectRow>(`${LIVE} ORDER BY title_key`)
        : db.all<ProjectRow>(`${LIVE} AND name_key = ? ORDER BY title_key`, [
            keyOfGiven(owner) ?? '',
          ])
    return rows.map(toProject)
  },
  create: async ({ title: given, ownerId }) => {
    const title = parseTitle(given)
    return db.transaction(() => {
      if (liveUser(db, ownerId) === undefined) throw notFound('User not found')
      try {
        db.run('INSERT INTO project(title, title_key, owner_id, created_at) VALUES (?, ?, ?, ?)', [
          title.text,
          title.key,
          ownerId,
          clock.now(),
        ])
      } catch (error) {
        throw isTaken(error) ? taken(title.text) : error
      }
      const row = db.first<ProjectRow>(`${LIVE} AND title_key = ?`, [title.key])
      if (row === undefined) throw unknownProject()
      return toProject(row)
    })
  },
  remove: async (id, options = {}) => {
    if (!Number.isSafeInteger(id)) throw unknownProject()
    const removed =
      options.forget === true
        ? db.run('DELETE FROM project WHERE id = ?', [id])
        : db.run('UPDATE project SET removed_at = ? WHERE id = ? AND removed_at IS NULL', [
            clock.now(),
            id,
          ])
    if (removed === 0) throw unknownProject()
  },
})

const toProject = (row: ProjectRow): Project => ({
  id: row.id,
  title: row.title,
  owner: row.owner,
  createdAt: instant(row.created_at),
})

const notFound = (detail: string) => new AppError({ code: 'not-found', detail })
const unknownProject = () => notFound('Project not found')
const taken = (title: string) =>
  new AppError({ code: 'conflict', detail: `The title ${title} is taken; choose another.` })
