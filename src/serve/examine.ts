import { execFile } from 'node:child_process'
import { AppError } from '../app-error.ts'
import { DoctorReport } from '../api/routes/doctor.ts'

/** It takes samples and looks at every collector; a collector that hangs is given up after seconds. */
const PATIENCE_MS = 60_000

/**
 * `perfwatch doctor` of this server's data folder, in a process of its own: it opens what the server holds open, and
 * what it finds must not be coloured by what the server knows. Who asks while it runs gets the same report.
 */
export const examiner = (command: readonly string[], folder: string) => {
  let running: Promise<DoctorReport> | undefined
  return (): Promise<DoctorReport> =>
    (running ??= examine([...command, 'doctor', '--json', '--data-dir', folder]).finally(() => {
      running = undefined
    }))
}

const examine = (args: readonly string[]): Promise<DoctorReport> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      // exit code 1 says that something is broken, and the report says what
      const report = DoctorReport.safeParse(jsonOf(stdout))
      if (report.success) return resolve(report.data)
      const cause = error ?? new Error(stderr)
      reject(
        new AppError({
          code: 'unavailable',
          detail: 'doctor has not answered. Run `perfwatch doctor` on the server.',
          retryAfterSeconds: 60,
          cause,
        }),
      )
    })
  })

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
