import { describe, expect, it } from 'vitest'
import { VERSION } from '../version.ts'
import { runCli } from './testing/run-cli.ts'
import { wantsColours } from './terminal.ts'

const COMMANDS = [
  'serve',
  'sample',
  'query',
  'compare',
  'logs',
  'user',
  'token',
  'project',
  'doctor',
  'seed',
  'backup',
  'restore',
  'copy',
  'rollup',
]

describe('perfwatch', () => {
  it.each([['--version'], ['-V']])('%s prints the version', async (option) => {
    expect(await runCli([option])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' })
  })

  it('--help lists every command and the exit codes', async () => {
    const { code, out, err } = await runCli(['--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    expect(out).toContain('Exit codes:')
  })

  it.each(COMMANDS)('%s --help has examples, also with a wrong setting', async (command) => {
    const { code, out, err } = await runCli([command, '--help'], { environment: { PORT: 'abc' } })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('Examples:')[1]).toContain(`perfwatch ${command}`)
  })

  it.each([
    [[], 'Usage: perfwatch'],
    [['user'], 'Usage: perfwatch user'],
    [['quer'], '(Did you mean query?)'],
    [['nonsense'], "unknown command 'nonsense'"],
    [['user', 'ad', 'x'], '(Did you mean add?)'],
    [['doctor', '--jsn'], '(Did you mean --json?)'],
    [['doctor', 'extra'], 'too many arguments'],
    [['seed', '--days'], "'--days <days>' argument missing"],
  ])('%j is a wrong command line', async (argv, sentence) => {
    const result = await runCli(argv)
    expect(result).toMatchObject({ code: 2, out: '' })
    expect(result.err).toContain(sentence)
  })

  it('starts the server with the settings of the environment, the options before them', async () => {
    const started: unknown[] = []
    const serve = async (settings: { PORT: number; HOST: string; LOG_LEVEL: string }) => {
      started.push([settings.PORT, settings.HOST, settings.LOG_LEVEL])
    }
    const result = await runCli(['serve', '--port', '9000'], {
      environment: { PORT: '1', HOST: '::1', LOG_LEVEL: 'warn' },
      rooms: { serve },
    })
    expect(result).toEqual({ code: 0, out: '', err: '' })
    expect(started).toEqual([[9000, '::1', 'warn']])
  })

  it('a wrong setting is one sentence that names it', async () => {
    expect(await runCli(['serve', '--port', 'abc'])).toEqual({
      code: 1,
      out: '',
      err: 'error: PORT: must be a whole number from 0 to 65535.\n',
    })
  })
})

it.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '0' }, false],
  [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
])('on a terminal: %s, with %j: colours %s', (interactive, environment, colours) => {
  expect(wantsColours(interactive, environment)).toBe(colours)
})
