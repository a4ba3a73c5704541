import { useState } from 'preact/hooks'
import type { TokenView } from '../../../api/views.ts'
import { ask } from '../../api.ts'
import { Form, textsOf } from '../../ui/form.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'
import { useListed } from './listed.ts'

/** What a token is bound to, in words. */
const boundsOf = ({ dataset, host, project, prefix, agent, metrics }: TokenView): string =>
  [
    metrics ? 'reads /metrics' : null,
    agent ? 'agent' : null,
    dataset,
    host === null ? null : `host ${host}`,
    project === null ? null : `project ${project}`,
    prefix === null ? null : `measurements ${prefix}…`,
  ]
    .filter((one) => one !== null)
    .join(', ') || 'pushed points of any name'

/** What programs push with. */
export const Tokens = () => {
  const { rows, isBusy, outcome, change, leaving, setLeaving } = useListed<TokenView>('tokens')
  const [made, setMade] = useState<{ name: string; token: string }>()

  const add = (form: HTMLFormElement) =>
    change(async () => {
      const { kind, name, host, project, prefix } = textsOf(form)
      const body = {
        name,
        host: host === '' ? undefined : host,
        project: project === '' ? undefined : project,
        prefix: prefix === '' ? undefined : prefix,
        ...(kind === 'metrics' && { metrics: true }),
        ...(kind === 'agent' && { agent: true }),
      }
      setMade(await ask<TokenView & { token: string }>('api/tokens', { method: 'POST', body }))
      form.reset()
      return undefined
    })
  const revoke = ({ id, name }: TokenView) => {
    setLeaving(undefined)
    return change(async () => {
      await ask(`api/tokens/${id}`, { method: 'DELETE' })
      return `${name} is revoked.`
    })
  }

  return (
    <section class="card stack" aria-label="Tokens">
      <h2>Ingest tokens</h2>
      <p class="hint">Programs push with them, each bound to what it may write.</p>
      {rows !== undefined && rows.length > 0 && (
        <Table
          label="Tokens, table"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Name', show: ({ name }) => name },
            { title: 'For', show: boundsOf },
            {
              title: 'Points/s',
              isNumber: true,
              show: ({ points_per_second }) => points_per_second,
            },
            { title: 'Series', isNumber: true, show: ({ max_series }) => max_series },
            { title: 'Last used', show: ({ last_used }) => <Moment at={last_used} /> },
            {
              title: '',
              show: (one) => (
                <button type="button" class="danger" onClick={() => setLeaving(one)}>
                  Revoke {one.name}
                </button>
              ),
            },
          ]}
        />
      )}
      {made !== undefined && (
        <div class="made" role="status">
          <p>
            The token <strong>{made.name}</strong>, shown this once:
          </p>
          <p class="group">
            <code>{made.token}</code>
            <button type="button" onClick={() => void navigator.clipboard.writeText(made.token)}>
              Copy
            </button>
            <button type="button" onClick={() => setMade(undefined)}>
              I have kept it
            </button>
          </p>
        </div>
      )}
      <Form onSend={add}>
        <label>
          Name
          <input name="name" required maxLength={64} autocomplete="off" />
        </label>
        <label>
          For
          <select name="kind">
            <option value="push">pushing points</option>
            <option value="agent">the metrics of its host (agent)</option>
            <option value="metrics">reading /metrics</option>
          </select>
        </label>
        <label>
          Only host
          <input name="host" autocomplete="off" />
        </label>
        <label>
          Only project
          <input name="project" autocomplete="off" />
        </label>
        <label>
          Measurements begin with
          <input name="prefix" autocomplete="off" />
        </label>
        <button type="submit" class="primary" disabled={isBusy}>
          Make a token
        </button>
      </Form>
      <Outcome of={outcome} />
      {leaving !== undefined && (
        <Question
          title={`Revoke ${leaving.name}?`}
          yes="Revoke"
          onNo={() => setLeaving(undefined)}
          onYes={() => void revoke(leaving)}
        >
          <p>What pushes with it is refused from then on.</p>
        </Question>
      )}
    </section>
  )
}
