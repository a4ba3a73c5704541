import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import { openGlance } from './glance.ts'
import type { HostPath } from './host-files.ts'

const paths: readonly HostPath[] = [0, 1, 2, 3].map(
  (core): HostPath => `sys/devices/system/cpu/cpu${core}/cpufreq/scaling_cur_freq`,
)

/** Files that each take some milliseconds to read, and count how they were read. */
const sensors = (readMs: number) => {
  const fake = fakeClock()
  const reads = { now: 0, behind: 0 }
  let value = 1_000
  return {
    fake,
    reads,
    set: (next: number) => {
      value = next
    },
    files: {
      tryRead: () => {
        reads.now++
        fake.block(readMs)
        return `${value}\n`
      },
      pieces: async function* () {
        reads.behind++
        yield `${value}\n`
      },
    },
  }
}

describe('a glance at many small files', () => {
  it('reads them at once while that is quick', () => {
    const { files, fake, reads, set } = sensors(0.1)
    const glance = openGlance(files, fake.clock.monotonic)
    expect(glance(paths)).toEqual([1_000, 1_000, 1_000, 1_000])
    set(2_000)
    expect(glance(paths)).toEqual([2_000, 2_000, 2_000, 2_000])
    expect(reads).toEqual({ now: 8, behind: 0 })
  })

  it('is null for what is not there, or no number', () => {
    const texts: Readonly<Record<string, string | undefined>> = { 'sys/b': 'off\n', 'sys/c': '7\n' }
    const { fake } = sensors(0)
    const glance = openGlance(
      {
        tryRead: (path) => texts[path],
        pieces: async function* () {},
      },
      fake.clock.monotonic,
    )
    expect(glance(['sys/a', 'sys/b', 'sys/c', undefined])).toEqual([null, null, 7, null])
  })

  it('stops at its budget, and reads behind the back of the event loop once that has happened twice', async () => {
    const { files, fake, reads, set } = sensors(4)
    const glance = openGlance(files, fake.clock.monotonic)
    expect(glance(paths)).toEqual([1_000, 1_000, null, null])
    expect(glance(paths)).toEqual([1_000, 1_000, null, null])
    expect(glance(paths)).toEqual([null, null, null, null])
    await fake.advance(1)
    set(2_000)
    expect(glance(paths)).toEqual([1_000, 1_000, 1_000, 1_000])
    await fake.advance(1)
    expect(glance(paths)).toEqual([2_000, 2_000, 2_000, 2_000])
    await fake.advance(1)
    expect(reads).toEqual({ now: 4, behind: 12 })
  })

  it('one slow glance alone changes nothing: the process may just not have been given the processor', () => {
    const { files, fake, reads } = sensors(0.1)
    let stall = false
    const glance = openGlance(
      {
        ...files,
        tryRead: () => {
          if (stall) fake.block(50)
          stall = false
          return files.tryRead()
        },
      },
      fake.clock.monotonic,
    )
    const seen = [true, false, true, false, false].map((stalled) => {
      stall = stalled
      return glance(paths).filter((value) => value !== null).length
    })
    expect(seen).toEqual([1, 4, 1, 4, 4])
    expect(reads.behind).toBe(0)
  })

  it('does not begin to read behind anew while it still reads', async () => {
    const { fake } = sensors(0)
    let opened = 0
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    const glance = openGlance(
      {
        tryRead: () => (fake.block(100), '1'),
        pieces: async function* () {
          opened++
          await held
          yield '5'
        },
      },
      fake.clock.monotonic,
    )
    for (let times = 0; times < 6; times++) glance(paths)
    await fake.advance(1)
    expect(opened).toBe(1)
    release()
    await fake.advance(1)
    expect(glance(paths)).toEqual([5, 5, 5, 5])
  })
})
