import { createServer } from 'node:net'
import { broken, note, ok, type Check, type Finding } from './finding.ts'

/** Whether the server could listen. `serverRuns`: one holds the data folder, so that it may well be ours that listens. */
export const portCheck = (
  { HOST, PORT }: { readonly HOST: string; readonly PORT: number },
  serverRuns: () => Promise<boolean>,
): Check => ({
  name: 'Port',
  run: async () => {
    const code = await failureToListen(HOST, PORT)
    return [findingOf(code, HOST, PORT, await serverRuns())]
  },
})

/** The code of the failure; null: it works. */
const failureToListen = (host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(null))
    })
  })

const findingOf = (
  code: string | null,
  host: string,
  port: number,
  serverRuns: boolean,
): Finding => {
  const where = `${host}:${port}`
  switch (code) {
    case null:
      return ok('Port', `${where} is free`)
    case 'EADDRINUSE':
      return serverRuns
        ? ok('Port', `${where} is in use while the server runs`)
        : broken(
            'Port',
            `${where} is in use by another program.`,
            'Set PORT to another one, or end that program.',
          )
    case 'EACCES':
      return broken('Port', `${where} may not be used by this user.`, 'Set PORT to 1024 or more.')
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return broken(
        'Port',
        `HOST ${host} is no address of this machine.`,
        'Set HOST to 127.0.0.1, or to an address of this machine.',
      )
    default:
      return note(
        'Port',
        `${where} cannot be tried (${code}).`,
        'Start the server to see whether it can listen.',
      )
  }
}
