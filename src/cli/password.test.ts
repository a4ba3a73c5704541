import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import pc from 'picocolors'
import { readNewPassword } from './password.ts'

const QUESTIONS = ['Password for alice:', 'The same again:']

/** A terminal whose person types each line once its question is asked. */
const typing = (lines: readonly string[]) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true as const, setRawMode: () => stdin })
  const stdout = new PassThrough()
  // as that of a process, which nobody can end
  const stderr: PassThrough = Object.assign(new PassThrough(), { end: () => stderr })
  // a question is drawn again at every key, and is answered once
  const answers = new Map(QUESTIONS.map((question, index) => [question, lines[index]]))
  let shown = ''
  stderr.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8')
    for (const [question, line] of answers) {
      if (!shown.includes(question) || line === undefined) continue
      answers.delete(question)
      setImmediate(() => stdin.write(line))
    }
  })
  const terminal = {
    out: () => {},
    err: () => {},
    stdin,
    stdout,
    stderr,
    interactive: true,
    size: () => ({ columns: 80, rows: 24 }),
    colours: pc.createColors(false),
  }
  return { terminal, shown: () => shown, result: () => stdout.read() }
}

it('asks twice without showing what is typed, and leaves standard output alone', async () => {
  const { terminal, shown, result } = typing(['correct horse\r', 'correct horse\r'])
  expect(await readNewPassword(terminal, 'alice')).toBe('correct horse')
  expect(shown()).toContain('The same again:')
  expect(shown()).not.toContain('correct')
  expect(result()).toBeNull()
})

it('refuses two that differ', async () => {
  const { terminal } = typing(['correct horse\r', 'other horse\r'])
  await expect(readNewPassword(terminal, 'alice')).rejects.toThrow(
    'The two passwords differ; nothing was changed.',
  )
})

it('stops at Ctrl-C', async () => {
  const { terminal } = typing(['\u0003'])
  await expect(readNewPassword(terminal, 'alice')).rejects.toThrow('Stopped; nothing was changed.')
})
