import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { instant } from '../points/instant.ts'
import type { Accounts, Project, User } from './accounts.ts'
import { isTaken, type Database } from './database.ts'
import { keyOfGiven, parseTitle, titleKeyOfGiven } from './names.ts'
import { liveUser } from './user-rows.ts'

type ProjectRow = {
  readonly id: number
  readonly title: string
  readonly owner: string
  readonly owner_id: number
  readonly token_required: number
  readonly created_at: number
}

/** The owner may be a removed account: it keeps its row, and its projects. */
const LIVE = `SELECT project.id, title, username AS owner, owner_id, token_required, project.created_at
  FROM project
  JOIN user ON user.id = owner_id WHERE project.removed_at IS NULL`

/** Its owner, viewers and admins; to another client it is as unknown as one that never was. */
export const mayReadProject = (user: User, project: Project): boolean =>
  user.role !== 'client' || user.id === project.ownerId

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
  find: async (title) => {
    const row = db.first<ProjectRow>(`${LIVE} AND title_key = ?`, [titleKeyOfGiven(title) ?? ''])
    return row === undefined ? null : toProject(row)
  },
  titleOf: async (id) =>
    Number.isSafeInteger(id)
      ? (db.first<{ title: string }>('SELECT title FROM project WHERE id = ?', [id])?.title ?? null)
      : null,
  create: async ({ title: given, ownerId, tokenRequired }) => {
    const title = parseTitle(given)
    return db.transaction(() => {
      if (liveUser(db, ownerId) === undefined) throw notFound('User not found')
      try {
        db.run(
          `INSERT INTO project(title, title_key, owner_id, token_required, created_at)
           VALUES (?, ?, ?, ?, ?)`,
          [title.text, title.key, ownerId, tokenRequired === true ? 1 : 0, clock.now()],
        )
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
  ownerId: row.owner_id,
  tokenRequired: row.token_required === 1,
  createdAt: instant(row.created_at),
})

const notFound = (detail: string) => new AppError({ code: 'not-found', detail })
const unknownProject = () => notFound('Project not found')
const taken = (title: string) =>
  new AppError({ code: 'conflict', detail: `The title ${title} is taken; choose another.` })
