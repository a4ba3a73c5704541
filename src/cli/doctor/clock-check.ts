import type { Clock } from '../../points/clock.ts'
import { MINUTE, toIso, type Instant } from '../../points/instant.ts'
import { broken, note, ok, type Check } from './finding.ts'

/** A clock that was never set shows the year of its battery or of its file system. */
const EARLIEST = Date.UTC(2025, 0, 1)
const WATCHED_MS = 400
const STEP_MS = 50

/**
 * The wall clock against the monotonic one for a moment (a step: something sets it), against the year, and against the
 * newest sample that is stored.
 */
export const clockCheck = (
  clock: Clock,
  wait: (ms: number) => Promise<void>,
  newestStored: () => Promise<Instant | null>,
): Check => ({
  name: 'Clock',
  run: async () => {
    const before = clock.now() - clock.monotonic()
    await wait(WATCHED_MS)
    const stepMs = Math.abs(clock.now() - clock.monotonic() - before)
    const now = clock.now()
    if (now < EARLIEST)
      return [broken('Clock', `It says ${toIso(now)}.`, 'Set the clock: timedatectl set-ntp true.')]
    const newest = await newestStored()
    if (newest !== null && newest > now + MINUTE)
      return [
        broken(
          'Clock',
          `The newest sample is of ${toIso(newest)}, which is still to come: the clock was set back.`,
          'Set the clock right; sampling goes on once it has caught up.',
        ),
      ]
    if (stepMs > STEP_MS)
      return [
        note(
          'Clock',
          `It was set by ${Math.round(stepMs)} ms while it was watched.`,
          'See whether two programs set the clock (chrony, systemd-timesyncd, the hypervisor).',
        ),
      ]
    return [ok('Clock', toIso(now))]
  },
})
