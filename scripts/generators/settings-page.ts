import { z } from 'zod'
import { CLI_SETTINGS, FROM_FILE, SETTINGS } from '../../src/settings.ts'
import type { Generator } from '../generate.ts'
import { code, madeFrom, table } from './markdown.ts'

/** Every environment variable with its form and default. */
export const settingsPage: Generator = {
  file: 'docs/settings.md',
  make: () =>
    [
      madeFrom('src/settings.ts'),
      '',
      '# Settings',
      '',
      'Environment variables, read once at the start. One that is not valid stops the start with a sentence that',
      'names it. What a running server can change (sampling, retention) is under `PUT /api/config`.',
      '',
      ...settingsTable(SETTINGS),
      '',
      `${FROM_FILE.map(code).join(', ')} may also come from a file: ${code(`${FROM_FILE[0]}_FILE`)} and so on name one.`,
      '',
      '## The command line',
      '',
      ...settingsTable(CLI_SETTINGS),
      '',
      '`PERFWATCH_TOKEN_FILE` names a file that holds the token.',
      '',
    ].join('\n'),
}

/** The parts of a JSON schema that say what a person may write. */
type Form = {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly format?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

const settingsTable = (settings: Readonly<Record<string, z.ZodType>>): readonly string[] =>
  table(
    ['setting', 'form', 'default', 'what it does'],
    Object.entries(settings).map(([name, schema]) => [
      code(name),
      formText(schema),
      defaultText(schema.parse(undefined)),
      schema.description ?? '',
    ]),
  )

const formText = (schema: z.ZodType): string => {
  if (Array.isArray(schema.parse(undefined))) return 'list, comma between'
  if (typeof schema.parse(undefined) === 'boolean') return '`1` or `0`'
  const form = z.toJSONSchema(schema, { io: 'input' }) as Form
  if (form.enum !== undefined) return form.enum.map(code).join(', ')
  if (form.format === 'uri') return 'URL'
  const least = form.minimum ?? form.exclusiveMinimum
  if (least === undefined) return 'text'
  const range = `${least} to ${form.maximum}`
  return form.exclusiveMinimum === undefined ? range : `over ${range}`
}

const defaultText = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? '`1`' : '`0`'
  return typeof value === 'number' || (typeof value === 'string' && value !== '')
    ? code(String(value))
    : ''
}
