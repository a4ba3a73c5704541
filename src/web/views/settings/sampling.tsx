import type { ConfigView } from '../../../api/routes/config.ts'
import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { useLoaded } from '../../load.ts'
import type { User } from '../../session.ts'
import { Outcome } from '../../ui/outcome.tsx'
import { ConfigForm, type Control } from './config-form.tsx'

const CONTROLS: readonly Control[] = [
  { name: 'sampling_interval_seconds', label: 'A sample every, seconds', kind: 'number', least: 1 },
  { name: 'perf_events_enabled', label: 'Hardware counters', kind: 'flag' },
  { name: 'perf_events_cpu_cores', label: 'Counted on these cores', kind: 'text' },
  { name: 'perf_events_interval_ms', label: 'Counted every, ms', kind: 'number', least: 100 },
]

/** How often and what is measured; applied at once. */
export const Sampling = ({ user }: { readonly user: User }) => {
  const config = useLoaded('config', (signal) => ask<ConfigView>('api/config', { signal }))
  const action = useAction()
  return (
    <section class="card stack" aria-label="Sampling">
      <h2>What is measured</h2>
      {config.value !== undefined && (
        <ConfigForm
          config={config.value}
          controls={CONTROLS}
          mayChange={user.role === 'admin'}
          isBusy={action.isBusy}
          onSubmit={(change) =>
            void action.run(async () => {
              await ask('api/config', { method: 'PUT', body: change })
              config.reload()
              return 'Saved, and applied.'
            })
          }
        />
      )}
      <Outcome of={{ error: config.error ?? action.error, done: action.done }} />
    </section>
  )
}
