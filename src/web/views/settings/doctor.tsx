import type { DoctorReport } from '../../../api/routes/doctor.ts'
import { ask } from '../../api.ts'
import { useLoaded } from '../../load.ts'
import { Failure } from '../../ui/failure.tsx'

const MARKS = { ok: '✓', absent: '–', note: '!', broken: '✗' } as const
const WORDS = {
  ok: 'works',
  absent: 'this host does not have it',
  note: 'have a look',
  broken: 'broken',
} as const

/** What works on this host and what does not, and why. */
export const Doctor = () => {
  const { value, error, isLoading, reload } = useLoaded('doctor', (signal) =>
    ask<DoctorReport>('api/doctor', { signal }),
  )
  return (
    <section class="card stack" aria-label="Doctor" aria-busy={isLoading}>
      <div class="bar">
        <h2>Doctor</h2>
        <button type="button" disabled={isLoading} onClick={reload}>
          {isLoading ? 'Looking…' : 'Look again'}
        </button>
      </div>
      <Failure of={error} />
      {value !== undefined && (
        <>
          <p>{value.healthy ? 'Nothing is broken.' : 'Something is broken.'}</p>
          <ul class="findings">
            {value.findings.map(({ check, state, says, advice }) => (
              <li key={`${check} ${says}`} class={`state-${state}`}>
                <span class="mark" title={WORDS[state]} aria-label={WORDS[state]} role="img">
                  {MARKS[state]}
                </span>
                <span>
                  <strong>{check}</strong> {says}
                  {advice !== undefined && <span class="hint"> {advice}</span>}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
