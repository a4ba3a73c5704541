import { AppError } from '../app-error.ts'
import type { Terminal } from './terminal.ts'

/** More than the longest password there may be; a file given by mistake is not read into memory. */
const MOST_BYTES = 8_192

/**
 * A new password: asked for twice without echo on a terminal, else the first line of standard input. Never an argument:
 * those are seen by everyone on the machine and stay in the shell's history.
 */
export const readNewPassword = async (terminal: Terminal, whose: string): Promise<string> => {
  if (terminal.stdin.isTTY !== true) return firstLineOf(terminal.stdin)
  const first = await prompt(terminal, `Password for ${whose}:`)
  const second = await prompt(terminal, 'The same again:')
  if (first !== second)
    throw new AppError({
      code: 'invalid',
      detail: 'The two passwords differ; nothing was changed. Run the command again.',
    })
  return first
}

const prompt = async (terminal: Terminal, message: string): Promise<string> => {
  const { default: password } = await import('@inquirer/password')
  try {
    // on standard error, so that standard output holds results only
    return await password(
      { message, toggleMask: false },
      { input: terminal.stdin, output: terminal.stderr },
    )
  } catch (cause) {
    throw new AppError({ code: 'conflict', detail: 'Stopped; nothing was changed.', cause })
  }
}

const firstLineOf = async (stdin: Terminal['stdin']): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const piece = Buffer.from(chunk)
    chunks.push(piece)
    bytes += piece.length
    if (bytes > MOST_BYTES || piece.includes('\n')) break
  }
  const line = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)[0] ?? ''
  if (line === '')
    throw new AppError({
      code: 'invalid',
      detail:
        'There is no password on standard input; write one line to it, or run the command in a terminal.',
    })
  return line
}
