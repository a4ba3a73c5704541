import { useState } from 'preact/hooks'
import type { ConfigPreview, ConfigView, RetentionDetails } from '../../../api/routes/config.ts'
import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { INTERVALS } from '../../interval.ts'
import { useLoaded } from '../../load.ts'
import type { User } from '../../session.ts'
import { Failure } from '../../ui/failure.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'
import { ConfigForm, type Control } from './config-form.tsx'

const CONTROLS: readonly Control[] = [
  { name: 'downsample_after_days', label: 'Raw samples, days', kind: 'number', least: 0 },
  { name: 'retention_days', label: 'Windows, days', kind: 'number', least: 1 },
  {
    name: 'downsample_interval',
    label: 'Windows from this length on are kept that long',
    kind: 'choice',
    options: INTERVALS,
  },
  { name: 'archive_enabled', label: 'Keep windows of 1h for good', kind: 'flag' },
  { name: 'events_retention_days', label: 'Events, days (0: for good)', kind: 'number', least: 0 },
  { name: 'logs_retention_days', label: 'Logs, days (0: for good)', kind: 'number', least: 0 },
  {
    name: 'pushed_retention_days',
    label: 'Pushed points, days (0: for good)',
    kind: 'number',
    least: 0,
  },
]

const megabytes = (mb: number): string =>
  mb >= 1000 ? `${(mb / 1000).toFixed(1)} GB` : `${mb.toFixed(mb < 10 ? 2 : 0)} MB`

const days = (count: number | null): string => (count === null ? 'for good' : `${count} days`)

/** What is kept how long, what it takes, and what a change would cost. */
export const Retention = ({ user }: { readonly user: User }) => {
  const details = useLoaded('retention', (signal) =>
    ask<RetentionDetails>('api/config/retention', { signal }),
  )
  const config = useLoaded('config', (signal) => ask<ConfigView>('api/config', { signal }))
  const action = useAction()
  const [asked, setAsked] = useState<{ change: object; preview: ConfigPreview }>()

  const save = (change: object) =>
    action.run(async () => {
      await ask('api/config', { method: 'PUT', body: change })
      config.reload()
      details.reload()
      return 'Saved.'
    })
  const check = (change: object) =>
    action.run(async () => {
      const preview = await ask<ConfigPreview>('api/config', {
        method: 'PUT',
        query: { preview: true },
        body: change,
      })
      setAsked({ change, preview })
      return undefined
    })

  return (
    <section class="card stack" aria-label="Retention">
      <h2>What is kept</h2>
      <Failure of={details.error} />
      {details.value !== undefined && (
        <>
          <Table
            label="Tiers"
            rows={details.value.tiers}
            keyOf={({ interval }) => interval}
            columns={[
              { title: 'Windows', show: ({ interval }) => interval },
              { title: 'Kept', show: ({ retention_days }) => days(retention_days) },
              { title: 'Size', isNumber: true, show: ({ size_mb }) => megabytes(size_mb) },
              { title: 'Oldest', show: ({ oldest_record }) => <Moment at={oldest_record} /> },
              { title: 'Newest', show: ({ newest_record }) => <Moment at={newest_record} /> },
            ]}
          />
          <p class="hint">{megabytes(details.value.current_data_size_mb)} in all.</p>
        </>
      )}
      {config.value !== undefined && (
        <ConfigForm
          config={config.value}
          controls={CONTROLS}
          mayChange={user.role === 'admin'}
          isBusy={action.isBusy}
          onSubmit={(change) => void check(change)}
        />
      )}
      <Outcome of={action} />
      {asked !== undefined && (
        <Question
          title="Change what is kept?"
          yes={asked.preview.would_delete.length === 0 ? 'Change' : 'Change and delete'}
          onNo={() => setAsked(undefined)}
          onYes={() => {
            setAsked(undefined)
            void save(asked.change)
          }}
        >
          <Cost preview={asked.preview} />
        </Question>
      )}
    </section>
  )
}

const Cost = ({ preview }: { readonly preview: ConfigPreview }) => (
  <>
    {preview.would_delete.length === 0 ? (
      <p>Nothing is deleted now.</p>
    ) : (
      <>
        <p class="error">This is deleted at once, for good:</p>
        <ul>
          {preview.would_delete.map(({ dataset, interval, points, size_mb }) => (
            <li key={`${dataset} ${interval}`}>
              {dataset === 'metrics' ? `windows of ${interval}` : dataset}: {points} rows,{' '}
              {megabytes(size_mb)}
            </li>
          ))}
        </ul>
      </>
    )}
    <p>Then it takes, by what is stored now:</p>
    <ul>
      {preview.will_keep.map(({ interval, retention_days, mb_per_day }) => (
        <li key={interval}>
          {interval}, {days(retention_days)}: {costOf(retention_days, mb_per_day)}
        </li>
      ))}
    </ul>
  </>
)

const costOf = (kept: number | null, perDay: number | null): string => {
  if (perDay === null) return 'not known yet'
  return kept === null ? `${megabytes(perDay * 365)} a year` : megabytes(perDay * kept)
}
