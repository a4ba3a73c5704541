import { createServer, type AddressInfo } from 'node:net'

/** A port of the loopback that nothing listens on, for a program that cannot be asked which one it took. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
