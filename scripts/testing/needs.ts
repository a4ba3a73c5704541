import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian puts servers, which people's PATH often lacks. */
const ALSO = ['/usr/sbin', '/usr/local/sbin']

/** The program, as it can be started; undefined: this machine has none. */
export const programOf = (command: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), ...ALSO]
    .map((folder) => join(folder, command))
    .find(existsSync)

/** Whether a test has to be left out, and says so; a run that counts (`CI=true`) fails instead. */
export const isMissing = (command: string, what: string): boolean => {
  if (programOf(command) !== undefined) return false
  if (process.env.CI === 'true') throw new Error(`${command} is missing: ${what} cannot be tried.`)
  console.log(`${what} is left out: there is no ${command} here.`)
  return true
}
