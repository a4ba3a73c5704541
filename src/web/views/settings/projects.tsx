import type { ProjectView } from '../../../api/views.ts'
import { ask } from '../../api.ts'
import type { User } from '../../session.ts'
import { Form, textsOf } from '../../ui/form.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'
import { useListed } from './listed.ts'

/** Where timing events belong to. */
export const Projects = ({ user }: { readonly user: User }) => {
  const { rows, isBusy, outcome, change, leaving, setLeaving } = useListed<ProjectView>('projects')
  const mayChange = user.role !== 'viewer'

  const add = (form: HTMLFormElement) =>
    change(async () => {
      const { title, token_required } = textsOf(form)
      const body = { title, token_required: token_required !== undefined }
      await ask('api/projects', { method: 'POST', body })
      form.reset()
      return 'Added.'
    })
  const remove = ({ id, title }: ProjectView) => {
    setLeaving(undefined)
    return change(async () => {
      await ask(`api/projects/${id}`, { method: 'DELETE' })
      return `${title} is removed.`
    })
  }

  return (
    <section class="card stack" aria-label="Projects">
      <h2>Projects</h2>
      <p class="hint">Timing events belong to a project, and a project to who made it.</p>
      {rows !== undefined && rows.length > 0 && (
        <Table
          label="Projects, table"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Title', show: ({ title }) => title },
            { title: 'Owner', show: ({ owner }) => owner },
            {
              title: 'Events',
              show: ({ token_required }) => (token_required ? 'with a token' : 'by anyone'),
            },
            { title: 'Made', show: ({ created_at }) => <Moment at={created_at} /> },
            {
              title: '',
              show: (one) =>
                mayChange && (
                  <button type="button" class="danger" onClick={() => setLeaving(one)}>
                    Remove {one.title}
                  </button>
                ),
            },
          ]}
        />
      )}
      {mayChange && (
        <Form onSend={add}>
          <label>
            Title
            <input name="title" required maxLength={64} autocomplete="off" />
          </label>
          <label class="inline">
            <input type="checkbox" name="token_required" />
            Events need a token
          </label>
          <button type="submit" class="primary" disabled={isBusy}>
            Add project
          </button>
        </Form>
      )}
      <Outcome of={outcome} />
      {leaving !== undefined && (
        <Question
          title={`Remove ${leaving.title}?`}
          yes="Remove"
          onNo={() => setLeaving(undefined)}
          onYes={() => void remove(leaving)}
        >
          <p>
            No more events are taken. Those that are there stay for admins, and the title stays
            taken.
          </p>
        </Question>
      )}
    </section>
  )
}
