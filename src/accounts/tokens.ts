import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { instant, MINUTE } from '../points/instant.ts'
import type { Accounts, IngestToken } from './accounts.ts'
import { isTaken, type Database } from './database.ts'
import type { OnProblem } from './listeners.ts'
import { isLongerThan, parseName } from './names.ts'
import { hashOfSecret, randomSecret, type RandomBytes } from './random.ts'

/** So that a token that was published by mistake can be found and told apart from others. */
const TOKEN_PREFIX = 'pw_'
const LONGEST_TOKEN = 100
/** `last_used` is as exact as this, so that a push does not write it each time. */
const LAST_USED_EVERY_MS = MINUTE

/** What a token may be bound to: the buckets of a push. */
const TOKEN_DATASETS = ['pushed', 'metrics', 'events', 'logs'] as const

type TokenRow = {
  readonly id: number
  readonly name: string
  readonly dataset: string | null
  readonly host: string | null
  readonly prefix: string | null
  readonly metrics: number
  readonly created_at: number
  readonly last_used: number | null
}

const COLUMNS = 'id, name, dataset, host, prefix, metrics, created_at, last_used'

type Deps = {
  readonly db: Database
  readonly clock: Clock
  readonly random: RandomBytes
  readonly onProblem: OnProblem
}

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
    list: async () =>
      db.all<TokenRow>(`SELECT ${COLUMNS} FROM ingest_token ORDER BY name_key`).map(toToken),
    create: async (given) => {
      const name = parseName(given.name, 'name')
      const dataset = parseDataset(given.dataset)
      const host = parseScope(given.host, 'host')
      const prefix = parseScope(given.prefix, 'prefix')
      const metrics = given.metrics === true
      if (metrics && (dataset ?? host ?? prefix) !== null) {
        throw invalid(
          'metrics: such a token only reads /metrics; leave out dataset, host and prefix',
        )
      }
      const token = `${TOKEN_PREFIX}${randomSecret(random)}`
      try {
        const [row] = db.all<TokenRow>(
          `INSERT INTO ingest_token(name, name_key, hash, dataset, host, prefix, metrics, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
          [
            name.text,
            name.key,
            hashOfSecret(token),
            dataset,
            host,
            prefix,
            metrics ? 1 : 0,
            clock.now(),
          ],
        )
        if (row === undefined) throw unknown()
        return { token, record: toToken(row) }
      } catch (error) {
        throw isTaken(error) ? taken(name.text) : error
      }
    },
    verify: async (value) => {
      if (!value.startsWith(TOKEN_PREFIX) || value.length > LONGEST_TOKEN) return null
      const row = db.first<TokenRow>(`SELECT ${COLUMNS} FROM ingest_token WHERE hash = ?`, [
        hashOfSecret(value),
      ])
      if (row === undefined) return null
      noteUse(row)
      return { ...toToken(row), metrics: row.metrics === 1 }
    },
    remove: async (id) => {
      if (!Number.isSafeInteger(id)) throw unknown()
      if (db.run('DELETE FROM ingest_token WHERE id = ?', [id]) === 0) throw unknown()
    },
  }
}

const toToken = (row: TokenRow): IngestToken => ({
  id: row.id,
  name: row.name,
  dataset: row.dataset,
  host: row.host,
  prefix: row.prefix,
  createdAt: instant(row.created_at),
  lastUsed: row.last_used === null ? null : instant(row.last_used),
})

const parseDataset = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  const dataset = TOKEN_DATASETS.find((known) => known === value)
  if (dataset !== undefined) return dataset
  throw invalid(`dataset must be one of: ${TOKEN_DATASETS.join(', ')}`)
}

const parseScope = (value: unknown, field: string): string | null => {
  if (value === undefined || value === null) return null
  const fits =
    typeof value === 'string' &&
    value !== '' &&
    !isLongerThan(value, 255) &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  if (fits) return value
  throw invalid(`${field} must be 1 to 255 characters long, without control characters`)
}

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
const unknown = () => new AppError({ code: 'not-found', detail: 'Token not found' })
const taken = (name: string) =>
  new AppError({
    code: 'conflict',
    detail: `The token name ${JSON.stringify(name)} is taken; choose another.`,
  })
