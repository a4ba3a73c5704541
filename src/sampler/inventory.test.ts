import { cpus, release, totalmem } from 'node:os'
import { expect, it } from 'vitest'
import { readInventory, type Inventory, type InventorySource } from './inventory.ts'
import { handTime } from './perf/fake-perf.ts'
import { systemTimers } from './timers.ts'

const SOURCE: InventorySource = {
  osInfo: async () => ({ distro: 'Debian GNU/Linux', release: '12', kernel: '6.1.0-28-amd64' }),
  cpu: async () => ({ manufacturer: 'Intel', brand: 'Xeon® Gold  6338', cores: 64 }),
  mem: async () => ({ total: 270_000_000_000 }),
  system: async () => ({ virtual: false, virtualHost: '', model: 'PowerEdge R750' }),
  time: () => ({ current: 1_737_194_400_250, uptime: 3_600.4 }),
}

const WHOLE: Inventory = {
  os: 'Debian GNU/Linux 12',
  kernel: '6.1.0-28-amd64',
  cpu_model: 'Intel Xeon® Gold 6338',
  cores: 64,
  memory_total_bytes: 270_000_000_000,
  boot_time: '2025-01-18T09:00:00Z',
  virtualization: 'none',
}

const NOTHING: Inventory = {
  os: null,
  // Node itself knows it
  kernel: release(),
  cpu_model: null,
  cores: null,
  memory_total_bytes: null,
  boot_time: null,
  virtualization: null,
}

const read = (source: Partial<InventorySource>, osRelease?: string) =>
  readInventory({ timers: handTime().timers, source: { ...SOURCE, ...source }, osRelease })

it('tells what the machine is', async () => {
  expect(await read({})).toEqual(WHOLE)
})

it.each([
  [{ virtual: true, virtualHost: 'KVM', model: 'Standard PC' }, 'KVM'],
  [{ virtual: true, virtualHost: '', model: 'Docker Container' }, 'Docker Container'],
  [{ virtual: true, virtualHost: '-', model: '-' }, 'yes'],
  [{ virtual: false }, 'none'],
  [{ virtual: undefined }, null],
  [{}, null],
])('the virtualization of %j is %s', async (system, virtualization) => {
  expect(await read({ system: async () => system })).toEqual({ ...WHOLE, virtualization })
})

it('prefers the host’s own name of its system, where the root is another', async () => {
  const osRelease = 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\nVERSION_ID="24.04"\n'
  expect((await read({}, osRelease)).os).toBe('Ubuntu 24.04.1 LTS')
  expect((await read({}, 'PRETTY_NAME=Void\n')).os).toBe('Void')
  expect((await read({}, 'ID=odd\n')).os).toBe('Debian GNU/Linux 12')
})

it('knows nothing where nothing is answered, and keeps what is', async () => {
  const empty = async () => ({})
  const silent = { osInfo: empty, cpu: empty, mem: empty, system: empty, time: () => ({}) }
  expect(await read(silent)).toEqual(NOTHING)
  expect(
    await read({
      cpu: async () => ({ manufacturer: '', brand: 'unknown', cores: Number.NaN }),
      mem: async () => ({ total: 0 }),
      osInfo: async () => ({ distro: ' ', release: '-', kernel: 7 }),
    }),
  ).toEqual({
    ...WHOLE,
    os: null,
    kernel: release(),
    cpu_model: null,
    cores: null,
    memory_total_bytes: null,
  })
})

it('does not fail where a question does, at once or later', async () => {
  const broken = {
    osInfo: () => Promise.reject(new Error('no shell')),
    cpu: () => {
      throw new Error('no shell')
    },
    time: () => {
      throw new Error('no clock')
    },
  }
  expect(await read(broken)).toEqual({
    ...WHOLE,
    os: null,
    kernel: release(),
    cpu_model: null,
    cores: null,
    boot_time: null,
  })
})

it('waits ten seconds for an answer and leaves no timer behind', async () => {
  const time = handTime()
  const never = () => new Promise<never>(() => undefined)
  const reading = readInventory({ timers: time.timers, source: { ...SOURCE, cpu: never } })
  await time.settled()
  expect(time.waiting()).toBe(1)
  await time.pass(10_000)
  expect(await reading).toEqual({ ...WHOLE, cpu_model: null, cores: null })
  expect(time.waiting()).toBe(0)
})

it('reads this machine by systeminformation', async () => {
  const { os, cpu_model, virtualization, ...sure } = await readInventory({ timers: systemTimers })
  expect(sure).toEqual({
    kernel: release(),
    cores: cpus().length,
    memory_total_bytes: totalmem(),
    boot_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  })
  // not every machine tells these
  for (const told of [os, cpu_model, virtualization]) expect(told).not.toBe('')
})
