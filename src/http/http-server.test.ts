import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { closer } from './http-server.ts'

test('a request that never ends is cut when patience does', async () => {
  const server = createServer(() => undefined)
  const close = closer(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const asked = new Promise((resolve) => server.once('request', resolve))
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await asked
  await close(20)
  await closed
  expect(server.listening).toBe(false)
})
