import { textAt, type Sql } from './database.ts'

/** A small value that is kept in the file under a name. */
export const createMemo = <T>(sql: Sql, name: string, otherwise: T) => {
  const read = (): T => {
    const row = sql.first('SELECT value FROM setting WHERE name = ?', [name])
    return row === undefined ? otherwise : (JSON.parse(textAt(row, 0)) as T)
  }
  let value = read()
  return {
    get: (): T => value,
    reload: () => {
      value = read()
    },
    set: (next: T) => {
      sql.run(
        'INSERT INTO setting(name, value) VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
        [name, JSON.stringify(next)],
      )
      value = next
    },
  }
}
