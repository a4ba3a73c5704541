import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { instant, MINUTE } from '../points/instant.ts'
import type { Accounts, IngestToken } from './accounts.ts'
import { isTaken, type Database } from './database.ts'
import type { OnProblem } from './listeners.ts'
import { parseName, titleKeyOfGiven } from './names.ts'
import { hashOfSecret, randomSecret, type RandomBytes } from './random.ts'
import { parseTokenScope } from './token-scope.ts'

/** So that a token that was published by mistake can be found and told apart from others. */
const TOKEN_PREFIX = 'pw_'
const LONGEST_TOKEN = 100
/** `last_used` is as exact as this, so that a push does not write it each time. */
const LAST_USED_EVERY_MS = MINUTE

type TokenRow = {
  readonly id: number
  readonly name: string
  readonly dataset: string | null
  readonly host: string | null
  readonly project: string | null
  readonly prefix: string | null
  readonly agent: number
  readonly metrics: number
  readonly points_per_second: number
  readonly max_series: number
  readonly created_at: number
  readonly last_used: number | null
}

const TOKENS = `SELECT t.id, name, dataset, host, project.title AS project, prefix, agent, metrics,
    points_per_second, max_series, t.created_at, last_used
  FROM ingest_token t LEFT JOIN project ON project.id = project_id`

type Deps = {
  readonly db: Database
  readonly clock: Clock
  readonly random: RandomBytes
  readonly onProblem: OnProblem
}

/** Nothing of them is held in memory: the row is read in some microseconds, and revoked is revoked, by whomever. */
export const createTokens = ({ db, clock, random, onProblem }: Deps): Accounts['tokens'] => {
  const noteUse = (row: TokenRow): void => {
    const now = clock.now()
    if (row.last_used !== null && Math.abs(now - row.last_used) < LAST_USED_EVERY_MS) return
    try {
      db.run('UPDATE ingest_token SET last_used = ? WHERE id = ?', [now, row.id])
    } catch (cause) {
      // A push is not refused for want of a note about it.
      onProblem('The last use of an ingest token could not be noted.', cause)
    }
  }

  return {
    list: async () => db.all<TokenRow>(`${TOKENS} ORDER BY name_key`).map(toToken),
    create: async (given) => {
      const name = parseName(given.name, 'name')
      const scope = parseTokenScope(given)
      const token = `${TOKEN_PREFIX}${randomSecret(random)}`
      const hash = hashOfSecret(token)
      return db.transaction(() => {
        const projectId = (given.project ?? null) === null ? null : projectIdOf(db, given.project)
        try {
          db.run(
            `INSERT INTO ingest_token(name, name_key, hash, dataset, host, project_id, prefix, agent, metrics,
               points_per_second, max_series, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            [
              name.text,
              name.key,
              hash,
              scope.dataset,
              scope.host,
              projectId,
              scope.prefix,
              scope.agent ? 1 : 0,
              scope.metrics ? 1 : 0,
              scope.pointsPerSecond,
              scope.maxSeries,
              clock.now(),
            ],
          )
        } catch (error) {
          throw isTaken(error) ? taken(name.text) : error
        }
        const row = db.first<TokenRow>(`${TOKENS} WHERE hash = ?`, [hash])
        if (row === undefined) throw unknown()
        return { token, record: toToken(row) }
      })
    },
    verify: async (value) => {
      if (!value.startsWith(TOKEN_PREFIX) || value.length > LONGEST_TOKEN) return null
      const row = db.first<TokenRow>(`${TOKENS} WHERE hash = ?`, [hashOfSecret(value)])
      if (row === undefined) return null
      noteUse(row)
      return toToken(row)
    },
    remove: async (id) => {
      if (!Number.isSafeInteger(id)) throw unknown()
      if (db.run('DELETE FROM ingest_token WHERE id = ?', [id]) === 0) throw unknown()
    },
  }
}

const projectIdOf = (db: Database, title: unknown): number => {
  const row = db.first<{ id: number }>(
    'SELECT id FROM project WHERE title_key = ? AND removed_at IS NULL',
    [titleKeyOfGiven(title) ?? ''],
  )
  if (row !== undefined) return row.id
  throw new AppError({ code: 'invalid', detail: 'project must be the title of a project' })
}

const toToken = (row: TokenRow): IngestToken => ({
  id: row.id,
  name: row.name,
  dataset: row.dataset,
  host: row.host,
  project: row.project,
  prefix: row.prefix,
  agent: row.agent === 1,
  metrics: row.metrics === 1,
  pointsPerSecond: row.points_per_second,
  maxSeries: row.max_series,
  createdAt: instant(row.created_at),
  lastUsed: row.last_used === null ? null : instant(row.last_used),
})

const unknown = () => new AppError({ code: 'not-found', detail: 'Token not found' })
const taken = (name: string) =>
  new AppError({
    code: 'conflict',
    detail: `The token name ${JSON.stringify(name)} is taken; choose another.`,
  })
